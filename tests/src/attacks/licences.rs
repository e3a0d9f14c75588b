//! Licences and certificates that are not what they should be.

use saifu_applet::crypto::ecdsa::SigningKey;
use saifu_applet::crypto::hash::sha256;
use saifu_applet::crypto::{Secret, rsa};
use saifu_wire::answer::LicenceStatus;
use saifu_wire::certificate::{PublicKey, Role};
use saifu_wire::codec::{Bytes, List, Wire};
use saifu_wire::ins::Ins;
use saifu_wire::signed::{Licence, PaymentOrder};
use saifu_wire::{Digest, test_root};

use super::kit::{pay, show, size, sold};
use super::tally::Tally;
use crate::fixture::{
    CardKeys, Draws, PIN, TestCard, TestCenter, certify, customer, price, stored_content,
};

fn refused(t: &mut Tally, card: &mut TestCard, word: u16, licence: &[u8]) {
    t.refused(card, word, Ins::LoadLicence, [0, 0], licence);
}

/// The bytes of a licence whose terms were changed before they were wrapped and signed.
fn changed(center: &TestCenter, keys: &CardKeys, change: impl FnOnce(&mut Licence)) -> Vec<u8> {
    center.deliver_as(keys, 1, &stored_content(), change).licence.to_bytes()
}

/// Bytes that the licence key signed, whatever they are.
fn signed(center: &TestCenter, unsigned: &[u8]) -> Vec<u8> {
    let signature = center.key(Role::Licence, 1).sign(&[unsigned]).expect("a signature");
    [unsigned, &signature].concat()
}

fn unsigned(licence: &[u8]) -> &[u8] {
    &licence[..licence.len() - 64]
}

pub(super) fn li1_a_licence_with_any_bit_flipped_is_refused(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let genuine = changed(&center, &card.keys(), |_| ());
    for bit in (0..genuine.len() * 8).step_by(size(9, 1)) {
        let mut forged = genuine.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        refused(t, &mut card, 0x6A80, &forged);
    }
    assert!(card.send(Ins::LoadLicence, 0, 0, &genuine).is_ok());
    t.accepted();
}

pub(super) fn li2_a_licence_for_another_card_or_key_is_refused(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let (mut other, _) = customer(0xCB, 0);
    let (keys, others) = (card.keys(), other.keys());
    refused(t, &mut card, 0x6A80, &changed(&center, &others, |_| ()));
    refused(t, &mut card, 0x6A80, &changed(&center, &keys, |terms| terms.card = others.card));
    let key_of_other = Digest(sha256(&[&others.encryption.to_object()]));
    let own = CardKeys { encryption: others.encryption.clone(), ..keys.clone() };
    refused(t, &mut card, 0x6A80, &changed(&center, &own, |_| ()));
    let named = changed(&center, &keys, |terms| terms.card_key = key_of_other);
    refused(t, &mut card, 0x6A80, &named);
    assert!(other.send(Ins::LoadLicence, 0, 0, &changed(&center, &others, |_| ())).is_ok());
    t.accepted();
}

pub(super) fn li3_a_licence_that_another_key_signed_is_refused(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let genuine = changed(&center, &card.keys(), |_| ());
    let root = SigningKey::from_scalar(&Secret::new(test_root::ROOT_PRIVATE)).expect("the root");
    let roles = [Role::Credit, Role::Receipt, Role::Payment, Role::Administration];
    let others = [center.key(Role::Licence, 2), TestCenter::new(0xC2).key(Role::Licence, 1), root];
    for key in roles.map(|role| center.key(role, 1)).iter().chain(&others) {
        let signature = key.sign(&[unsigned(&genuine)]).expect("a signature");
        refused(t, &mut card, 0x6A80, &[unsigned(&genuine), &signature].concat());
    }
}

pub(super) fn li4_a_licence_of_an_unknown_or_retired_key_is_refused(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let keys = card.keys();
    refused(t, &mut card, 0x6A80, &changed(&center, &keys, |terms| terms.signer = 2));
    show(&mut card, center.body(Role::Licence, 2), |body| body.retires_below = 2);
    refused(t, &mut card, 0x6A80, &changed(&center, &keys, |_| ()));
    let old = certify(center.body(Role::Licence, 1)).content();
    t.refused(&mut card, 0x6A80, Ins::VerifyCertificate, [0x00, 0xBE], &old);
}

pub(super) fn li5_the_wrapped_key_of_one_licence_in_the_terms_of_another_is_refused(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let keys = card.keys();
    let [one, two] = [1, 2].map(|number| center.deliver(&keys, number).licence);
    let mut mixed = two.message().clone();
    mixed.wrapped_key = one.message().wrapped_key.clone();
    let forged = [center.sign(Role::Licence, mixed.clone()).unsigned(), two.signature()].concat();
    refused(t, &mut card, 0x6A80, &forged);
    // Even if the center itself had signed the mixture, the label does not fit.
    refused(t, &mut card, 0x6A80, &center.sign(Role::Licence, mixed).to_bytes());
    assert!(card.load_licence(&two).is_ok());
    t.accepted();
}

pub(super) fn li6_prices_are_there_exactly_when_something_is_to_be_paid(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let keys = card.keys();
    let wrong: [fn(&mut Licence); 3] = [
        |terms| terms.prices = List(vec![]),
        |terms| terms.payment = PaymentOrder::AlreadyPaid,
        |terms| terms.prices = List(vec![price(300), price(0)]),
    ];
    for change in wrong {
        refused(t, &mut card, 0x6A80, &changed(&center, &keys, change));
    }
    let (mut card, center, _) = sold(|terms| terms.prices = List(vec![price(u64::MAX)]));
    card.verify(PIN).unwrap();
    t.refused(&mut card, 0x6985, Ins::Debit, [0, 0], &pay(&center, 1, 0, 1));
}

pub(super) fn li6_a_price_of_an_unknown_kind_is_refused(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let mut bytes = unsigned(&changed(&center, &card.keys(), |_| ())).to_vec();
    let price = price(300).to_bytes();
    let at = bytes.windows(price.len()).position(|window| window == price).expect("the price");
    for kind in (0..=0xFF).filter(|kind| !(1..=6).contains(kind)) {
        bytes[at] = kind;
        refused(t, &mut card, 0x6A80, &signed(&center, &bytes));
    }
}

pub(super) fn li7_what_is_not_exactly_a_licence_is_refused_though_it_is_signed(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let licence = changed(&center, &card.keys(), |_| ());
    let good = unsigned(&licence);
    for version in (0..=0xFF).filter(|version| *version != good[4]) {
        let other = [&good[..4], &[version], &good[5..]].concat();
        refused(t, &mut card, 0x6A80, &signed(&center, &other));
    }
    for shorter in 0..good.len() {
        refused(t, &mut card, 0x6A80, &signed(&center, &good[..shorter]));
    }
    for longer in [1, 2, 64, 1_000] {
        let trailing = [good, &vec![0; longer]].concat();
        refused(t, &mut card, 0x6A80, &signed(&center, &trailing));
    }
    for other in [b"SRCT", b"SCRD", b"STIM", b"SOPN"] {
        refused(t, &mut card, 0x6A80, &signed(&center, &[other, &good[4..]].concat()));
    }
    let length = good.len() - 256 - 2;
    for lie in [[0x00, 0x00], [0x00, 0xFF], [0x01, 0x01], [0xFF, 0xFF]] {
        let lying = [&good[..length], &lie, &good[length + 2..]].concat();
        refused(t, &mut card, 0x6A80, &signed(&center, &lying));
    }
}

/// Ciphertexts that do not open to the key that the terms commit to.
fn unopenable(keys: &CardKeys, label: &[u8; 32], key: &[u8; 32]) -> Vec<Vec<u8>> {
    let PublicKey::Rsa { modulus, exponent } = &keys.encryption else { panic!("an RSA key") };
    let public = rsa::PublicKey::from_parts(modulus, exponent).expect("Kup");
    let wrap = |label: &[u8], key: &[u8]| {
        let mut random = Draws::new("li8").source();
        public.wrap_oaep(&mut random, label, key).expect("a wrapped key")
    };
    let moved = |by: i8| {
        let mut number = modulus.clone();
        let last = number.len() - 1;
        number[last] = number[last].wrapping_add_signed(by);
        number
    };
    let good = wrap(label, key);
    let ones = [&vec![0; 255][..], &[1]].concat();
    let mut all = vec![vec![0; 256], ones, moved(-1), moved(0), moved(1), vec![], vec![0x5A; 256]];
    all.extend([good[..255].to_vec(), [&[0], &good[..]].concat(), wrap(b"another label", key)]);
    all.extend([0, 16, 31].map(|length| wrap(label, &key[..length])));
    all.push(wrap(label, &[&key[..], &[0]].concat()));
    all.push(wrap(label, &[0x5A; 32]));
    all
}

pub(super) fn li8_li9_wrapped_keys_that_do_not_open_are_refused_alike(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let keys = card.keys();
    let delivery = center.deliver(&keys, 1);
    let terms = delivery.licence.message().clone();
    let label = sha256(&[&terms.terms()]);
    for wrapped in unopenable(&keys, &label, delivery.key.expose()) {
        let licence = Licence { wrapped_key: Bytes(wrapped), ..terms.clone() };
        let signed = center.sign(Role::Licence, licence).to_bytes();
        refused(t, &mut card, 0x6A80, &[unsigned(&signed), &[1; 64][..]].concat());
        refused(t, &mut card, 0x6A80, &signed);
    }
    assert!(card.load_licence(&delivery.licence).is_ok());
    t.accepted();
}

pub(super) fn li10_the_same_licence_again_tells_its_state_and_resets_nothing(t: &mut Tally) {
    let (mut card, center, delivery) = sold(|terms| terms.uses = 1);
    card.buy(&center, 1).unwrap();
    for left in [1, 0] {
        let stored = card.image();
        let state = card.load_licence(&delivery.licence).unwrap();
        assert_eq!((state.status, state.uses_left), (LicenceStatus::Paid, left));
        assert!(card.image() == stored);
        t.accepted();
        let _ = card.open_stream(&center, 1, &delivery.header);
    }
    let open = super::kit::opening(&center, 1, &delivery.header);
    t.refused(&mut card, 0x6985, Ins::OpenStream, [0, 0], &open);
}

pub(super) fn li11_another_licence_of_the_same_number_is_6a89(t: &mut Tally) {
    let (mut card, center, delivery) = sold(|_| ());
    let keys = card.keys();
    let changes: [fn(&mut Licence); 3] = [
        |terms| terms.prices = List(vec![price(1)]),
        |terms| terms.uses = 9,
        |terms| terms.time += 1,
    ];
    for change in changes {
        refused(t, &mut card, 0x6A89, &changed(&center, &keys, change));
    }
    assert!(card.load_licence(&delivery.licence).is_ok());
    t.accepted();
}

pub(super) fn st10_a_key_other_than_the_one_committed_to_is_refused(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let keys = card.keys();
    for byte in 0..32 {
        let other = |terms: &mut Licence| terms.commitment.0[byte] ^= 1;
        refused(t, &mut card, 0x6A80, &changed(&center, &keys, other));
    }
}
