//! What the tests of commands share: a card in use, a center, and the APDUs between them.

extern crate std;

mod administration;
mod center;
pub(crate) mod content;
pub(crate) mod cuts;
pub(crate) mod holds;
mod issuer;
pub(crate) mod sale;

pub(crate) use administration::ADMINISTRATION;
pub(crate) use center::{TestCenter, purse};
pub(crate) use issuer::{CERTIFIED, certify, public_rsa};

use alloc::vec::Vec;
use std::sync::OnceLock;

use saifu_wire::apdu::Command;
use saifu_wire::applet::{AID, Applet};
use saifu_wire::certificate::{PublicKey, Role};
use saifu_wire::codec::Bytes;
use saifu_wire::ins::Ins;
use saifu_wire::personalise::{KEY_ENCRYPTION, KEY_SIGNATURE, Limits};
use saifu_wire::{CardId, test_root};

use crate::Card;
use crate::crypto::ecdsa::{SigningKey, VerifyingKey};
use crate::crypto::rsa::{KeySize, PrivateKey};
use crate::crypto::{Secret, SecretVec};
use crate::memory::records::{CardRecord, PinRecord, SecretKeyRecord};
use crate::memory::{Change, Key, Store};
use crate::platform::ram::RamPlatform;

/// The PIN of test cards.
pub(crate) const PIN: &[u8] = b"1234";

/// The limits of test cards.
pub(crate) const LIMITS: Limits =
    Limits { per_payment: 5_000, per_payment_without_pin: 100, total_without_pin: 150 };

/// A card, with channel 0 selected, and a way to talk to it.
pub(crate) struct TestCard {
    pub(crate) card: Card<RamPlatform>,
}

impl TestCard {
    /// A card as the factory makes it.
    pub(crate) fn blank(seed: u8) -> Self {
        Self::with_power(RamPlatform::new(seed))
    }

    /// A card in use; what SCP03 would have stored is put there directly.
    pub(crate) fn in_use(seed: u8) -> Self {
        let mut store = Store::recover(RamPlatform::new(seed));
        store.initialise().unwrap();
        let mut change = personalisation(store.card());
        change.activate();
        store.commit(change).unwrap();
        Self::with_power(store.into_platform())
    }

    /// A card that gets power, and whose applet is selected on channel 0; it takes its self-test
    /// for passed.
    pub(crate) fn with_power(platform: RamPlatform) -> Self {
        let mut card = Self { card: Card::with_self_test(platform, || Ok(())) };
        card.select();
        card
    }

    pub(crate) fn id(&self) -> CardId {
        self.card.store().card()
    }

    /// The key with which the card's signatures are verified.
    pub(crate) fn verifier(&self) -> VerifyingKey {
        VerifyingKey::from_point(&signature_key(self.id()).public_point()).unwrap()
    }

    /// Selects the applet on channel 0; the answer without its status word, and the word.
    pub(crate) fn select(&mut self) -> (Vec<u8>, u16) {
        let select = command(Ins::Select, 0x04, 0x00, &AID, Some(256));
        let mut answer = Vec::new();
        self.card.select(0, &select, &mut answer);
        split(answer)
    }

    /// Sends an APDU on the channel that its class names.
    pub(crate) fn transmit(&mut self, apdu: &[u8]) -> (Vec<u8>, u16) {
        let channel = apdu.first().and_then(|cla| saifu_wire::apdu::Class::parse(*cla));
        let mut answer = Vec::new();
        self.card.transmit(channel.map_or(0, |class| class.channel), apdu, &mut answer);
        split(answer)
    }

    /// Sends a command with an extended Le; the answer's data, or the status word.
    pub(crate) fn send(&mut self, ins: Ins, p1: u8, p2: u8, data: &[u8]) -> Result<Vec<u8>, u16> {
        match self.transmit(&command(ins, p1, p2, data, Some(65_536))) {
            (answer, 0x9000) => Ok(answer),
            (answer, word) => {
                assert!(answer.is_empty(), "{}: {word:04X} with data", ins.name());
                Err(word)
            }
        }
    }

    /// Sends a command that must be refused, and must change nothing stored; only a wrong PIN
    /// costs a try, which is in the slots.
    pub(crate) fn refused(&mut self, ins: Ins, p1: u8, p2: u8, data: &[u8]) -> u16 {
        let before = self.card.store().platform().image().clone();
        let word = self.send(ins, p1, p2, data).unwrap_err();
        let after = self.card.store().platform().image();
        assert!(after.outside == before.outside, "{}", ins.name());
        assert!(is_wrong_pin(word) || after.slots == before.slots, "{}", ins.name());
        word
    }

    pub(crate) fn verify(&mut self, pin: &[u8]) -> Result<Vec<u8>, u16> {
        self.send(Ins::Verify, 0x00, 0x81, pin)
    }

    /// Takes the power away and gives it back.
    pub(crate) fn power_cycle(self) -> Self {
        let mut platform = self.card.into_platform();
        platform.restore_power();
        Self::with_power(platform)
    }
}

/// A command APDU; its lengths are extended where they must be.
pub(crate) fn command(ins: Ins, p1: u8, p2: u8, data: &[u8], le: Option<usize>) -> Vec<u8> {
    let extended = le.is_some_and(|le| le > 256);
    Command { cla: ins.cla(), ins: ins.code(), p1, p2, data, le, extended }.to_bytes()
}

/// 63Cx: a PIN was wrong, or none was given.
fn is_wrong_pin(word: u16) -> bool {
    word & 0xFFF0 == 0x63C0
}

fn split(mut answer: Vec<u8>) -> (Vec<u8>, u16) {
    let word = answer.split_off(answer.len() - 2);
    (answer, u16::from_be_bytes(word.try_into().unwrap()))
}

/// `Ksig` of a test card.
pub(crate) fn signature_key(card: CardId) -> SigningKey {
    let mut scalar = [0x5A; 32];
    scalar[16..].copy_from_slice(&card.0);
    SigningKey::from_scalar(&Secret::new(scalar)).unwrap()
}

/// `Kus` of every test card, made once for all tests.
pub(crate) fn encryption_key() -> &'static PrivateKey {
    static KEY: OnceLock<PrivateKey> = OnceLock::new();
    KEY.get_or_init(|| issuer::make_rsa(1, KeySize::Rsa2048))
}

/// What personalisation stores.
fn personalisation(card: CardId) -> Change {
    let point = signature_key(card).public_point();
    let certificate = |role, key| Bytes(certify(issuer::body(card.0, role, 1, key)).to_bytes());
    let record = CardRecord {
        root: test_root::pinned().unwrap(),
        limits: LIMITS,
        signature_certificate: certificate(Role::CardSignature, PublicKey::P256(point)),
        encryption_certificate: certificate(Role::CardEncryption, public_rsa(encryption_key())),
    };
    let mut change = Change::new();
    change.put(Key::Card, &record);
    change.put(Key::Pin, &PinRecord::new(PIN).unwrap());
    let scalar = SecretVec::new(signature_key(card).to_scalar().expose().to_vec());
    change.put(Key::SecretKey(KEY_SIGNATURE), &SecretKeyRecord { key: scalar });
    let primes = encryption_key().to_bytes();
    change.put(Key::SecretKey(KEY_ENCRYPTION), &SecretKeyRecord { key: primes });
    change
}
