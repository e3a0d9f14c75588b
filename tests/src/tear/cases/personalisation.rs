//! Personalisation (§14), each command on a secure channel of its own.

use saifu_vsmartcard::personalise::{ChannelError, SecureChannel, TestIssuer};
use saifu_wire::Wire;
use saifu_wire::certificate::{PublicKey, Role};
use saifu_wire::ins::Ins;
use saifu_wire::personalise::{InitialiseRequest, KEY_ENCRYPTION, KEY_SIGNATURE, Personalisation};

use super::super::case::Case;
use super::super::seen::Answer;
use super::super::world::World;
use crate::fixture::TestCard;

/// The bytes of a block of STORE DATA.
const BLOCK_BYTES: usize = 200;

pub(super) fn cases() -> Vec<Case> {
    let mut world = World::of(TestCard::blank(0xCE));
    let channel = step(&world, "INITIALIZE UPDATE, EXTERNAL AUTHENTICATE", &[]);
    let card = InitialiseRequest { card: world.card.id() }.to_bytes();
    let initialise = step(&world, "INITIALISE", &[(Ins::Initialise, 0, 0, &card)]);
    does(&mut world, &initialise);
    let make = |world: &World, name, key, data: &[u8]| {
        step(world, name, &[(Ins::GenerateKeyPair, 0x80, key, data)])
    };
    let name = "GENERATE ASYMMETRIC KEY PAIR, Ksig";
    let signature = make(&world, name, KEY_SIGNATURE, &[]);
    let signature_key = does(&mut world, &signature);
    let name = "GENERATE ASYMMETRIC KEY PAIR, Kus";
    let encryption = make(&world, name, KEY_ENCRYPTION, &2048_u16.to_be_bytes());
    let encryption_key = does(&mut world, &encryption);
    let store = store(&world, &signature_key, &encryption_key);
    does(&mut world, &store);
    let activate = step(&world, "SET STATUS", &[(Ins::SetStatus, 0x80, 0x05, &[])]);
    vec![
        encryption.unseen().again(0x6985).drawn(),
        channel.unseen(),
        initialise.again(0x6985),
        signature.unseen().again(0x6985).drawn(),
        store,
        activate.again(0x6985),
    ]
}

/// A command with its data: instruction, P1, P2, data.
type Sent<'a> = (Ins, u8, u8, &'a [u8]);

/// Commands that are sent on a channel opened for them.
fn step(world: &World, name: &str, sent: &[Sent<'_>]) -> Case {
    let owned = |(ins, p1, p2, data): &Sent<'_>| (*ins, *p1, *p2, data.to_vec());
    let sent: Vec<_> = sent.iter().map(owned).collect();
    Case::new(name, world, move |card| {
        on_channel(card, |channel| {
            let send =
                |(ins, p1, p2, data): &(Ins, u8, u8, Vec<u8>)| channel.send(*ins, *p1, *p2, data);
            let answers: Result<Vec<_>, _> = sent.iter().map(send).collect();
            answers.map(|mut answers| answers.pop().unwrap_or_default())
        })
    })
}

/// STORE DATA of everything a card in use needs, block by block.
fn store(world: &World, signature: &[u8], encryption: &[u8]) -> Case {
    let issuer = TestIssuer::new().expect("the test root");
    let order = world.card.order();
    let certify = |key: &[u8], role| {
        let key = PublicKey::parse(key).expect("a public key");
        issuer.certify(&order, &key, role).expect("a certificate")
    };
    let data = Personalisation {
        root: issuer.root(),
        pin: order.pin.clone(),
        limits: order.limits.clone(),
        signature_certificate: certify(signature, Role::CardSignature),
        encryption_certificate: certify(encryption, Role::CardEncryption),
    };
    let data = data.to_bytes();
    let last = data.len().div_ceil(BLOCK_BYTES) - 1;
    let blocks = data.chunks(BLOCK_BYTES).enumerate().map(|(number, block)| {
        (Ins::StoreData, if number == last { 0x80 } else { 0x00 }, number as u8, block)
    });
    step(world, "STORE DATA", &blocks.collect::<Vec<_>>())
}

/// Has the world's card carry a command out.
fn does(world: &mut World, case: &Case) -> Vec<u8> {
    (case.act)(&mut world.card).expect("a command of personalisation")
}

fn on_channel(
    card: &mut TestCard,
    act: impl FnOnce(&mut SecureChannel<'_>) -> Result<Vec<u8>, ChannelError>,
) -> Answer {
    let issuer = TestIssuer::new().expect("the test root");
    let keys = issuer.card_keys(&card.id());
    let transmit = &mut |apdu: &[u8]| card.transmit(apdu);
    let opened = SecureChannel::open(transmit, &keys, issuer.key_version(), [7; 8]);
    opened.and_then(|mut channel| act(&mut channel)).map_err(|error| match error {
        ChannelError::Refused { status, .. } => status,
        // Not a status word: nothing that a card answers.
        _ => 0,
    })
}
