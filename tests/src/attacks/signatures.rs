//! Signed things that were changed on their way.

use crate::fixture::{TestCard, buyer, customer};
use saifu_wire::ins::Ins;

use super::kit::account_for;
use super::tally::Tally;

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
fn is_the_same_thing(t: &mut Tally, card: &mut TestCard, ins: Ins, signed: &[u8], answer: &[u8]) {
    assert_ne!(turned(signed), signed);
    let stored = card.image();
    for bytes in [turned(signed), signed.to_vec()] {
        assert_eq!(card.send(ins, 0, 0, &bytes).unwrap(), answer, "{}", ins.name());
        t.accepted();
    }
    assert!(card.image() == stored, "{} changed what is stored", ins.name());
    let mut other = turned(signed);
    let last = other.len() - 1;
    other[last] ^= 1;
    t.refused(card, 0x6A80, ins, [0, 0], &other);
}

pub(super) fn id3_a_licence_with_the_other_signature_is_the_same_licence(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let licence = center.deliver(&card.keys(), 1).licence.to_bytes();
    let answer = card.send(Ins::LoadLicence, 0, 0, &licence).unwrap();
    is_the_same_thing(t, &mut card, Ins::LoadLicence, &licence, &answer);
    assert_eq!(card.see(&center).unwrap().licences.len(), 1);
}

pub(super) fn id3_a_credit_with_the_other_signature_is_loaded_once(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let credit = turned(&center.load(card.id(), 1, 2, 500).to_bytes());
    let answer = card.send(Ins::Credit, 0, 0, &credit).unwrap();
    is_the_same_thing(t, &mut card, Ins::Credit, &credit, &answer);
    assert_eq!(account_for(&mut card, &center, 1_500).balance(1), 1_500);
}

pub(super) fn id3_a_receipt_with_the_other_signature_takes_out_the_same_token(t: &mut Tally) {
    let (mut card, center) = buyer(0xCA, 1_000, 1..=1);
    let token = card.buy(&center, 1).unwrap();
    let receipt = turned(&center.receipt(&token, 1).to_bytes());
    assert!(card.send(Ins::Acknowledge, 0, 0, &receipt).unwrap().is_empty());
    is_the_same_thing(t, &mut card, Ins::Acknowledge, &receipt, &[]);
    account_for(&mut card, &center, 1_000);
}

pub(super) fn id3_an_opening_with_the_other_signature_opens_nothing_twice(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let opening = center.opening(card.id(), 1, &[crate::fixture::money_purse(9)]).to_bytes();
    let answer = card.send(Ins::OpenAccount, 0, 0, &opening).unwrap();
    is_the_same_thing(t, &mut card, Ins::OpenAccount, &opening, &answer);
}
