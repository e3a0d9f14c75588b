//! Signed things that were changed on their way.

use saifu_tests::fixture::{TestCard, buyer, customer};
use saifu_wire::ins::Ins;

use crate::kit::account_for;

/// The order of P-256.
const ORDER: [u8; 32] = [
    0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
    0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
];

/// The same with the other signature that is right: s replaced by n - s.
fn turned(signed: &[u8]) -> Vec<u8> {
    let mut out = signed.to_vec();
    let start = out.len() - 32;
    let mut borrow = 0;
    for at in (0..32).rev() {
        let digit = i16::from(ORDER[at]) - i16::from(out[start + at]) - borrow;
        borrow = i16::from(digit < 0);
        out[start + at] = digit.rem_euclid(256) as u8;
    }
    out
}

/// The same command with the turned signature: the same answer, and nothing changed.
fn is_the_same_thing(card: &mut TestCard, ins: Ins, signed: &[u8], answer: &[u8]) {
    assert_ne!(turned(signed), signed);
    let stored = card.image();
    for bytes in [turned(signed), signed.to_vec()] {
        assert_eq!(card.send(ins, 0, 0, &bytes).unwrap(), answer, "{}", ins.name());
    }
    assert!(card.image() == stored, "{} changed what is stored", ins.name());
    let mut other = turned(signed);
    let last = other.len() - 1;
    other[last] ^= 1;
    assert_eq!(card.refused(ins, 0, 0, &other), 0x6A80);
}

#[test]
fn li1_a_licence_with_any_byte_flipped_is_refused() {
    let (mut card, center) = customer(0xCA, 1_000);
    let genuine = center.deliver(&card.keys(), 1).licence.to_bytes();
    for at in 0..genuine.len() {
        let mut forged = genuine.clone();
        forged[at] ^= 1 << (at % 8);
        assert_eq!(card.refused(Ins::LoadLicence, 0, 0, &forged), 0x6A80, "byte {at}");
    }
    assert!(card.send(Ins::LoadLicence, 0, 0, &genuine).is_ok());
}

#[test]
fn li2_a_licence_for_another_card_is_refused() {
    let (mut card, center) = customer(0xCA, 1_000);
    let (mut other, _) = customer(0xCB, 0);
    let delivery = center.deliver(&other.keys(), 1);
    let licence = delivery.licence.to_bytes();
    assert_eq!(card.refused(Ins::LoadLicence, 0, 0, &licence), 0x6A80);
    assert!(other.load_licence(&delivery.licence).is_ok());
}

#[test]
fn id3_a_licence_with_the_other_signature_is_the_same_licence() {
    let (mut card, center) = customer(0xCA, 1_000);
    let licence = center.deliver(&card.keys(), 1).licence.to_bytes();
    let answer = card.send(Ins::LoadLicence, 0, 0, &licence).unwrap();
    is_the_same_thing(&mut card, Ins::LoadLicence, &licence, &answer);
    assert_eq!(card.see(&center).unwrap().licences.len(), 1);
}

#[test]
fn id3_a_credit_with_the_other_signature_is_loaded_once() {
    let (mut card, center) = customer(0xCA, 1_000);
    let credit = turned(&center.load(card.id(), 1, 2, 500).to_bytes());
    let answer = card.send(Ins::Credit, 0, 0, &credit).unwrap();
    is_the_same_thing(&mut card, Ins::Credit, &credit, &answer);
    assert_eq!(account_for(&mut card, &center, 1_500).balance(1), 1_500);
}

#[test]
fn id3_a_receipt_with_the_other_signature_takes_out_the_same_token() {
    let (mut card, center) = buyer(0xCA, 1_000, 1..=1);
    let token = card.buy(&center, 1).unwrap();
    let receipt = turned(&center.receipt(&token, 1).to_bytes());
    assert!(card.send(Ins::Acknowledge, 0, 0, &receipt).unwrap().is_empty());
    is_the_same_thing(&mut card, Ins::Acknowledge, &receipt, &[]);
    account_for(&mut card, &center, 1_000);
}

#[test]
fn id3_an_opening_with_the_other_signature_opens_nothing_twice() {
    let (mut card, center) = customer(0xCA, 1_000);
    let opening = center.opening(card.id(), 1, &[saifu_tests::fixture::money_purse(9)]).to_bytes();
    let answer = card.send(Ins::OpenAccount, 0, 0, &opening).unwrap();
    is_the_same_thing(&mut card, Ins::OpenAccount, &opening, &answer);
}
