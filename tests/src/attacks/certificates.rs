//! Certificates that are not what they should be, and what they leave of keys before them.

use saifu_applet::crypto::ecdsa::SigningKey;
use saifu_wire::certificate::{Body, Certificate, Date, Name, PublicKey, Role};
use saifu_wire::ins::Ins;
use saifu_wire::tlv;

use super::kit::{pay, set_time, show, size, sold};
use super::tally::Tally;
use crate::fixture::{PIN, TIME, TestCard, TestCenter, certify, customer};

fn refused(t: &mut Tally, card: &mut TestCard, content: &[u8]) {
    t.refused(card, 0x6A80, Ins::VerifyCertificate, [0x00, 0xBE], content);
}

/// A card, and what a second key of its center's certificate says.
fn card() -> (TestCard, TestCenter, Body) {
    let (card, center) = customer(0xCA, 1_000);
    (card, center, center.body(Role::Credit, 2))
}

/// The genuine certificate is taken.
fn taken(t: &mut Tally, card: &mut TestCard, body: Body) {
    show(card, body, |_| ());
    t.accepted();
}

pub(super) fn li4_certificates_of_other_authorities_and_past_ones_are_refused(t: &mut Tally) {
    let (mut card, center, body) = card();
    let changes: [fn(&mut Body); 3] = [
        |body| body.authority = Name::new(b"DESOMEBODY00001").expect("a name"),
        |body| body.authority = body.holder,
        |body| body.retires_below = 3,
    ];
    for change in changes {
        let mut changed = body.clone();
        change(&mut changed);
        refused(t, &mut card, &certify(changed).content());
    }
    for substitute in [center.key(Role::Licence, 1), center.key(Role::Receipt, 1)] {
        let own = Certificate::sign(body.clone(), |bytes| substitute.sign(&[bytes]));
        refused(t, &mut card, &own.expect("a signature").content());
    }
    set_time(&mut card, &center, TIME + 1_000);
    let day = |day| Date::new(26, 11, day).expect("a day");
    let past = Body { effective: day(1), expires: day(20), ..body.clone() };
    refused(t, &mut card, &certify(past).content());
    taken(t, &mut card, body);
}

pub(super) fn li4_a_certificate_with_any_bit_flipped_is_refused(t: &mut Tally) {
    let (mut card, _, body) = card();
    let genuine = certify(body.clone()).content();
    for bit in (0..genuine.len() * 8).step_by(size(7, 1)) {
        let mut forged = genuine.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        refused(t, &mut card, &forged);
    }
    taken(t, &mut card, body);
}

pub(super) fn li14_a_certificate_in_another_encoding_is_refused(t: &mut Tally) {
    let (mut card, _, body) = card();
    let certificate = certify(body.clone());
    let (signed, signature) = (certificate.signed(), tlv::object(0x5F37, certificate.signature()));
    let (head, rest) = (&signed[..2], &signed[4..]);
    assert_eq!(signed[2], 0x81, "the body has 128 to 255 bytes");
    let with_length = |length: &[u8]| [head, length, rest, &signature].concat();
    let wrong = [
        [&signature, signed].concat(),
        [signed, &signature, &signature].concat(),
        [signed, signed, &signature].concat(),
        signed.to_vec(),
        signature.clone(),
        with_length(&[0x82, 0x00, signed[3]]),
        with_length(&[0x83, 0x00, 0x00, signed[3]]),
        with_length(&[signed[3]]),
        with_length(&[0x80]),
        with_length(&[0x84, 0xFF, 0xFF, 0xFF, 0xFF]),
        with_length(&[0x88, 0, 0, 0, 0, 0, 0, 0, signed[3]]),
        with_length(&[0x81, signed[3] + 1]),
        with_length(&[0x81, signed[3] - 1]),
        certificate.to_bytes(),
        [signed, &signature, &[0]].concat(),
    ];
    for content in wrong {
        refused(t, &mut card, &content);
    }
    let whole = certificate.content();
    for shorter in 1..whole.len() {
        refused(t, &mut card, &whole[..shorter]);
    }
    taken(t, &mut card, body);
}

pub(super) fn li15_weak_keys_are_refused(t: &mut Tally) {
    let (mut card, center, body) = card();
    let payment = center.body(Role::Payment, 2);
    let PublicKey::Rsa { modulus, exponent } = payment.key.clone() else { panic!("an RSA key") };
    let even = [&modulus[..255], &[modulus[255] & !1]].concat();
    let exponents = [vec![3], vec![1], vec![2], vec![1, 0, 0], vec![0, 1, 0, 1], vec![]];
    let moduli = [modulus[..128].to_vec(), [&[0x7F], &modulus[1..]].concat(), even, vec![]];
    let weak_exponents = exponents.into_iter().map(|exponent| (modulus.clone(), exponent));
    let weak_moduli = moduli.into_iter().map(|modulus| (modulus, exponent.clone()));
    for (modulus, exponent) in weak_exponents.chain(weak_moduli) {
        let key = PublicKey::Rsa { modulus, exponent };
        refused(t, &mut card, &certify(Body { key, ..payment.clone() }).content());
    }
    let mut off = center.key(Role::Credit, 2).public_point();
    off[64] ^= 1;
    for point in [off, [4; 65], [0; 65]] {
        let key = PublicKey::P256(point);
        refused(t, &mut card, &certify(Body { key, ..body.clone() }).content());
    }
    let crossed = Body { key: payment.key.clone(), ..body.clone() };
    refused(t, &mut card, &certify(crossed).content());
    taken(t, &mut card, payment);
}

pub(super) fn id7_a_new_key_strands_nothing_before_a_later_one_retires_it(t: &mut Tally) {
    let (mut card, center, delivery) = sold(|_| ());
    for role in [Role::Licence, Role::Credit, Role::Receipt, Role::Payment] {
        show(&mut card, center.body(role, 2), |_| ());
    }
    let token = card.buy(&center, 1).unwrap();
    card.load_licence(&delivery.licence).unwrap();
    card.credit(&center.load(card.id(), 1, 2, 500)).unwrap();
    card.acknowledge(&center.receipt(&token, 1)).unwrap();
    t.accepted();
    for role in [Role::Licence, Role::Credit, Role::Receipt] {
        show(&mut card, center.body(role, 3), |body| body.retires_below = 2);
    }
    let keys = card.keys();
    let licence = center.deliver(&keys, 2).licence.to_bytes();
    t.refused(&mut card, 0x6A80, Ins::LoadLicence, [0, 0], &licence);
    let load = center.load(card.id(), 1, 3, 500).to_bytes();
    t.refused(&mut card, 0x6A80, Ins::Credit, [0, 0], &load);
    let receipt = center.receipt(&token, 1).to_bytes();
    t.refused(&mut card, 0x6A80, Ins::Acknowledge, [0, 0], &receipt);
}

pub(super) fn pa14_a_payment_key_that_is_unknown_retired_or_another_centers_is_not_paid_to(
    t: &mut Tally,
) {
    let (mut card, center, _) = sold(|terms| terms.center_key.0[0] ^= 1);
    card.verify(PIN).unwrap();
    t.refused(&mut card, 0x6A80, Ins::Debit, [0, 0], &pay(&center, 1, 0, 1));
    let (mut card, center, _) = sold(|_| ());
    let retires = |body: &mut Body| {
        body.retires_below = 2;
        body.key = other_payment_key();
    };
    show(&mut card, center.body(Role::Payment, 2), retires);
    card.verify(PIN).unwrap();
    t.refused(&mut card, 0x6A80, Ins::Debit, [0, 0], &pay(&center, 1, 0, 1));
    let (mut card, center, _) = sold(|_| ());
    let newer = |body: &mut Body| body.key = other_payment_key();
    show(&mut card, center.body(Role::Payment, 2), newer);
    assert!(card.buy(&center, 1).is_ok(), "an older one is paid to until it is retired");
    t.accepted();
}

/// A payment key that no licence names: the modulus of a card.
fn other_payment_key() -> PublicKey {
    customer(0xCB, 0).0.keys().encryption
}

pub(super) fn id1_no_card_certifies_anybody(t: &mut Tally) {
    let (mut card, _, body) = card();
    let (scalar, _) = card.private_keys();
    let scalar = scalar.as_slice().try_into().expect("32 bytes");
    let own = SigningKey::from_scalar(&saifu_applet::crypto::Secret::new(scalar)).expect("Ksig");
    let forged = Certificate::sign(body.clone(), |bytes| own.sign(&[bytes])).expect("a signature");
    refused(t, &mut card, &forged.content());
    for role in [Role::CardSignature, Role::CardEncryption] {
        refused(t, &mut card, &certify(Body { role, ..body.clone() }).content());
    }
}
