//! A center as a card knows it: its keys, and what it signs.

extern crate std;

use alloc::vec::Vec;
use std::sync::OnceLock;

use saifu_wire::certificate::{Body, Certificate, PublicKey, Role};
use saifu_wire::codec::List;
use saifu_wire::ins::Ins;
use saifu_wire::signed::{Credit, Message, Opening, Signed};
use saifu_wire::value::{Kind, PurseTerms, ScopeKind, Unit};
use saifu_wire::{AccountId, CardId, CenterId, Digest, LoadId};

use super::TestCard;
use super::issuer::{body, certify, make_rsa, public_rsa};
use crate::crypto::Secret;
use crate::crypto::ecdsa::SigningKey;
use crate::crypto::rsa::{KeySize, PrivateKey};

/// A center.
pub(crate) struct TestCenter {
    pub(crate) id: CenterId,
}

impl TestCenter {
    pub(crate) fn new(seed: u8) -> Self {
        Self { id: CenterId([seed; 16]) }
    }

    pub(crate) fn account(&self) -> AccountId {
        AccountId([self.id.0[0] ^ 0x80; 16])
    }

    /// The signing key of a role.
    pub(crate) fn key(&self, role: Role, sequence: u32) -> SigningKey {
        let mut scalar = [self.id.0[0]; 32];
        scalar[0] = role as u8;
        scalar[1..5].copy_from_slice(&sequence.to_be_bytes());
        SigningKey::from_scalar(&Secret::new(scalar)).unwrap()
    }

    /// `Kcs` of every test center.
    pub(crate) fn payment_key() -> &'static PrivateKey {
        static KEY: OnceLock<PrivateKey> = OnceLock::new();
        KEY.get_or_init(|| make_rsa(2, KeySize::Rsa2048))
    }

    /// What the certificate of a role says.
    pub(crate) fn body(&self, role: Role, sequence: u32) -> Body {
        let key = match role {
            Role::Payment => public_rsa(Self::payment_key()),
            _ => PublicKey::P256(self.key(role, sequence).public_point()),
        };
        body(self.id.0, role, sequence, key)
    }

    pub(crate) fn certificate(&self, role: Role, sequence: u32) -> Certificate {
        certify(self.body(role, sequence))
    }

    /// Shows a certificate of each role to the card.
    pub(crate) fn introduce(&self, card: &mut TestCard) {
        for role in [Role::Licence, Role::Credit, Role::Receipt, Role::Payment] {
            let content = self.certificate(role, 1).content();
            card.send(Ins::VerifyCertificate, 0x00, 0xBE, &content).unwrap();
        }
    }

    /// Signs a message with the first key of a role.
    pub(crate) fn sign<M: Message>(&self, role: Role, message: M) -> Signed<M> {
        Signed::sign(message, |unsigned| self.key(role, 1).sign(&[unsigned])).unwrap()
    }

    /// The opening of an account with these purses.
    pub(crate) fn opening(&self, card: CardId, sequence: u32, purses: &[PurseTerms]) -> Opening {
        Opening {
            center: self.id,
            signer: 1,
            card,
            account: self.account(),
            sequence,
            time: 1_800_000_000,
            purses: List(purses.to_vec()),
        }
    }

    /// The next load of purse 1.
    pub(crate) fn load(&self, card: CardId, sequence: u64, amount: u64) -> Credit {
        Credit {
            center: self.id,
            signer: 1,
            card,
            account: self.account(),
            purse: 1,
            kind: Kind::BitCash,
            unit: Unit::new("JPY").unwrap(),
            sequence,
            amount,
            load: LoadId([sequence as u8; 16]),
            time: 1_800_000_000,
            refunded_token: Digest::ZERO,
            refunded_licence: 0,
        }
    }

    /// Sends a signed opening or credit; the card's answer.
    pub(crate) fn send<M: Message>(
        &self,
        card: &mut TestCard,
        ins: Ins,
        message: M,
    ) -> Result<Vec<u8>, u16> {
        card.send(ins, 0, 0, &self.sign(Role::Credit, message).to_bytes())
    }

    /// A card in use that knows the center, with an account and purse 1, loaded.
    pub(crate) fn customer(&self, seed: u8, balance: u64) -> TestCard {
        let mut card = TestCard::in_use(seed);
        self.introduce(&mut card);
        let opening = self.opening(card.id(), 0, &[purse(1)]);
        self.send(&mut card, Ins::OpenAccount, opening).unwrap();
        if balance > 0 {
            let load = self.load(card.id(), 1, balance);
            self.send(&mut card, Ins::Credit, load).unwrap();
        }
        card
    }
}

/// A purse of bit cash that pays for anything and holds up to 10,000 yen.
pub(crate) fn purse(number: u32) -> PurseTerms {
    PurseTerms {
        purse: number,
        kind: Kind::BitCash,
        unit: Unit::new("JPY").unwrap(),
        scope: ScopeKind::Any,
        scope_id: [0; 16],
        face_amount: 0,
        max_balance: 10_000,
        not_after: 0,
    }
}
