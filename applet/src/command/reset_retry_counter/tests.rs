use alloc::vec;
use alloc::vec::Vec;

use super::*;
use saifu_wire::certificate::Role;
use saifu_wire::codec::Bytes;
use saifu_wire::ins::Ins;
use saifu_wire::{CardId, Wire};

use crate::platform::MemoryFailed;
use crate::platform::ram::{Cut, Leaves, RamPlatform};
use crate::test_kit::{ADMINISTRATION, PIN, TestCard};

const NEW: &[u8] = b"2580";

fn order(card: CardId, sequence: u64) -> UnblockOrder {
    UnblockOrder { signer: 1, card, sequence }
}

fn request(order: UnblockOrder, pin: &[u8]) -> Vec<u8> {
    signed_request(&ADMINISTRATION.sign(Role::Administration, order), pin)
}

fn signed_request(order: &Signed<UnblockOrder>, pin: &[u8]) -> Vec<u8> {
    let (order, new_pin) = (Bytes(order.to_bytes()), Bytes(pin.to_vec()));
    UnblockRequest { order, new_pin }.to_bytes()
}

fn unblock(card: &mut TestCard, sequence: u64, pin: &[u8]) -> Result<Vec<u8>, u16> {
    let data = request(order(card.id(), sequence), pin);
    card.send(Ins::ResetRetryCounter, 0x00, 0x81, &data)
}

fn refused(card: &mut TestCard, data: &[u8]) -> u16 {
    card.refused(Ins::ResetRetryCounter, 0x00, 0x81, data)
}

fn blocked() -> TestCard {
    let mut card = TestCard::administrated(1);
    for _ in 0..3 {
        card.verify(b"9999").unwrap_err();
    }
    assert_eq!(card.verify(PIN), Err(0x6983));
    card
}

#[test]
fn a_blocked_card_has_a_new_pin_and_three_tries() {
    let mut card = blocked();
    assert_eq!(unblock(&mut card, 1, NEW), Ok(vec![]));
    let mut card = card.power_cycle();
    assert_eq!(card.verify(&[]), Err(0x63C3));
    assert_eq!(card.verify(PIN), Err(0x63C2));
    assert_eq!(card.verify(NEW), Ok(vec![]));
}

#[test]
fn a_card_that_is_not_blocked_gets_a_new_pin_and_nobody_stays_verified() {
    let mut card = TestCard::administrated(1);
    card.select_on(1);
    card.verify_on(1, PIN).unwrap();
    card.verify(PIN).unwrap();
    unblock(&mut card, 1, NEW).unwrap();
    assert_eq!(card.verify(&[]), Err(0x63C3));
    assert_eq!(card.verify_on(1, &[]), Err(0x63C3), "on another channel");
}

#[test]
fn pi4_an_order_is_good_once_and_older_ones_never() {
    let mut card = TestCard::administrated(1);
    unblock(&mut card, 7, NEW).unwrap();
    let mut card = card.power_cycle();
    for used in [7, 6, 1, 0] {
        let data = request(order(card.id(), used), b"1111");
        assert_eq!(refused(&mut card, &data), 0x6985, "{used}");
    }
    assert_eq!(card.verify(NEW), Ok(vec![]));
    assert_eq!(unblock(&mut card, u64::MAX, PIN), Ok(vec![]));
}

#[test]
fn what_is_no_pin_uses_no_order_up() {
    let mut card = blocked();
    for bad in [&b""[..], b"123", b"12a4", b"1234567890123"] {
        let data = request(order(card.id(), 1), bad);
        assert_eq!(refused(&mut card, &data), 0x6A80);
    }
    assert_eq!(unblock(&mut card, 1, NEW), Ok(vec![]));
}

#[test]
fn an_order_of_anybody_else_or_for_another_card_is_refused() {
    let mut card = blocked();
    let own = order(card.id(), 1);
    let other = order(CardId([9; 16]), 1);
    assert_eq!(refused(&mut card, &request(other, NEW)), 0x6A80);
    for role in [Role::Licence, Role::Credit, Role::Receipt] {
        let forged = ADMINISTRATION.sign(role, own.clone());
        assert_eq!(refused(&mut card, &signed_request(&forged, NEW)), 0x6A80, "{role:?}");
    }
    let unknown = UnblockOrder { signer: 2, ..own.clone() };
    assert_eq!(refused(&mut card, &request(unknown, NEW)), 0x6A80);
    let good = request(own, NEW);
    for at in 0..good.len() - NEW.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert_eq!(refused(&mut card, &bad), 0x6A80, "byte {at}");
    }
}

#[test]
fn a_card_that_knows_no_administration_obeys_none() {
    let mut card = TestCard::in_use(1);
    let data = request(order(card.id(), 1), NEW);
    assert_eq!(refused(&mut card, &data), 0x6A80);
}

/// Cuts the command at its write number `at_write`; whether power failed, and whether the
/// command was carried out.
fn cut(platform: &RamPlatform, at_write: u64, leaves: Leaves) -> (bool, bool) {
    let mut card = TestCard::with_power(platform.clone());
    card.card.platform_mut().cut_power(Cut { at_write, leaves, keeps_unsynced: true });
    let answer = unblock(&mut card, 1, NEW);
    let failed = !card.card.store().platform().has_power();
    let mut card = card.power_cycle();
    let done = card.verify(&[]) == Err(0x63C3);
    assert!(done || answer.is_err(), "an answer only after the commit");
    let again = unblock(&mut card, 1, b"1111");
    assert_eq!(again, if done { Err(0x6985) } else { Ok(vec![]) });
    let pin = if done { NEW } else { b"1111" };
    assert_eq!(card.verify(pin), Ok(vec![]));
    (failed, done)
}

#[test]
fn a_cut_leaves_pin_tries_and_order_all_as_they_were_or_all_new() {
    let platform = blocked().card.into_platform();
    let mut seen = Vec::new();
    for leaves in [Leaves::Nothing, Leaves::Erased, Leaves::Garbage, Leaves::Everything] {
        let cuts = (1..).map(|at_write| cut(&platform, at_write, leaves));
        seen.extend(cuts.take_while(|(failed, _)| *failed).map(|(_, done)| done));
    }
    assert!(seen.contains(&true) && seen.contains(&false));
}

#[test]
fn a_memory_that_fails_unblocks_nothing() {
    let mut card = blocked();
    card.card.platform_mut().refuse_writes(1, MemoryFailed::Error);
    let data = request(order(card.id(), 1), NEW);
    assert_eq!(refused(&mut card, &data), 0x6581);
    card.card.platform_mut().accept_writes();
    assert_eq!(unblock(&mut card, 1, NEW), Ok(vec![]));
}
