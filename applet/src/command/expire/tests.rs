use super::*;
use alloc::vec::Vec;
use saifu_wire::certificate::Role;
use saifu_wire::ins::Ins;
use saifu_wire::signed::{Credit, Event};
use saifu_wire::value::{Kind, PurseTerms};
use saifu_wire::{CenterId, Wire};

use crate::platform::ram::RamPlatform;
use crate::test_kit::cuts::Script;
use crate::test_kit::sale::SOLD;
use crate::test_kit::{PIN, TestCard, TestCenter, purse};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

/// The load of so much into purse 2, a coupon.
fn load(card: &TestCard, sequence: u64, amount: u64) -> Credit {
    Credit { purse: 2, kind: Kind::Coupon, ..CENTER.load(card.id(), sequence, amount) }
}

/// A card with 1,000 yen for ever, and 500 until [`SOLD`].
fn card() -> TestCard {
    let mut card = CENTER.customer(1, 1_000);
    let coupon = PurseTerms { kind: Kind::Coupon, not_after: SOLD, ..purse(2) };
    let opening = CENTER.opening(card.id(), 1, &[coupon]);
    CENTER.send(&mut card, Ins::OpenAccount, opening).unwrap();
    let load = load(&card, 1, 500);
    CENTER.send(&mut card, Ins::Credit, load).unwrap();
    card
}

fn named(purse: u32) -> Vec<u8> {
    PurseRef { center: CENTER.id, purse }.to_bytes()
}

fn expire(card: &mut TestCard) -> Result<Vec<u8>, u16> {
    card.send(Ins::Expire, 0, 0, &named(2))
}

fn expired(card: &mut TestCard) -> Event {
    let event = expire(card).unwrap();
    card.event(&event)
}

#[test]
fn what_is_past_its_date_is_written_off_with_evidence() {
    let mut card = card();
    card.set_time(&CENTER, SOLD + 1).unwrap();
    let event = expired(&mut card);
    assert_eq!((event.kind, event.purse, event.amount), (EventKind::Expired, 2, 500));
    assert_eq!((event.balance, event.held, event.sequence, event.counter), (0, 0, 1, 5));
    assert_eq!((event.cause, event.load), (Digest::ZERO, LoadId::ZERO));
    assert_eq!((card.purse(&CENTER, 2).balance, card.purse(&CENTER, 1).balance), (0, 1_000));
}

#[test]
fn nothing_expires_before_its_date_is_past() {
    let mut card = card();
    for time in [SOLD - 1, SOLD] {
        card.set_time(&CENTER, time).unwrap();
        assert_eq!(card.refused(Ins::Expire, 0, 0, &named(2)), 0x6985);
    }
    card.set_time(&CENTER, u64::MAX).unwrap();
    assert_eq!(card.refused(Ins::Expire, 0, 0, &named(1)), 0x6985, "it has no date");
    assert_eq!(card.refused(Ins::Expire, 0, 0, &named(3)), 0x6A88);
    assert!(expire(&mut card).is_ok());
}

#[test]
fn another_center_s_time_expires_nothing() {
    let mut card = card();
    let other = TestCenter::new(0xC2);
    other.introduce(&mut card);
    card.set_time(&other, SOLD + 1).unwrap();
    assert_eq!(card.refused(Ins::Expire, 0, 0, &named(2)), 0x6985);
}

#[test]
fn again_is_the_same_event_for_ever_for_no_value_comes_any_more() {
    let mut card = card();
    card.set_time(&CENTER, SOLD + 1).unwrap();
    let first = expire(&mut card).unwrap();
    let mut card = card.power_cycle();
    let root = card.card.store().root();
    assert_eq!(expire(&mut card), Ok(first.clone()));
    assert_eq!(card.card.store().root(), root);
    let late = CENTER.sign(Role::Credit, load(&card, 2, 70)).to_bytes();
    assert_eq!(card.refused(Ins::Credit, 0, 0, &late), 0x6985);
    card.verify(PIN).unwrap();
    card.send(Ins::Void, 0, 0, &late).unwrap();
    assert_eq!(expire(&mut card), Ok(first), "a void gives nothing, and takes no evidence away");
}

#[test]
fn an_empty_purse_expires_once() {
    let mut card = CENTER.customer(1, 0);
    let coupon = PurseTerms { kind: Kind::Coupon, not_after: SOLD, ..purse(2) };
    let opening = CENTER.opening(card.id(), 1, &[coupon]);
    CENTER.send(&mut card, Ins::OpenAccount, opening).unwrap();
    card.set_time(&CENTER, SOLD + 1).unwrap();
    let event = expired(&mut card);
    assert_eq!((event.amount, event.counter), (0, 3));
    assert_eq!(expired(&mut card).counter, 3);
}

/// What an expiry changes: purse and chain.
fn stored(card: &TestCard) -> (u64, u64, bool) {
    let account: AccountRecord = card.card.store().get(&Key::Account(CENTER.id)).unwrap().unwrap();
    let purse = card.purse(&CENTER, 2);
    (purse.balance, account.counter, purse.expired.0.is_empty())
}

#[test]
fn a_cut_at_any_write_leaves_the_value_there_or_written_off() {
    let mut card = card();
    card.set_time(&CENTER, SOLD + 1).unwrap();
    let platform: RamPlatform = card.card.into_platform();
    let script = Script { prepare: &|_| (), command: &expire, stored: &stored };
    let after = (0, 5, false);
    script.cut_everywhere(&platform, [(500, 4, true), after, after]);
}
