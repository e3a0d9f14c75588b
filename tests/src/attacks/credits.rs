//! What a terminal tries in order to have more loaded than the center sent.

use crate::fixture::{PIN, TestCard, TestCenter, customer};
use saifu_wire::AccountId;
use saifu_wire::certificate::Role;
use saifu_wire::ins::Ins;
use saifu_wire::request::PurseRef;
use saifu_wire::signed::{Credit, Event, EventKind, Signed};

use super::kit::account_for;
use super::tally::Tally;

fn refused(t: &mut Tally, card: &mut TestCard, word: u16, credit: &Signed<Credit>) {
    t.refused(card, word, Ins::Credit, [0, 0], &credit.to_bytes());
}

/// A load that is changed before the credit key signs it.
fn changed(
    center: &TestCenter,
    card: &TestCard,
    change: impl FnOnce(&mut Credit),
) -> Signed<Credit> {
    let mut credit = center.credit(card.id(), 1, 2, 500);
    change(&mut credit);
    center.sign(Role::Credit, credit)
}

fn kind(event: &[u8]) -> EventKind {
    Signed::<Event>::parse(event).unwrap().message().kind
}

pub(super) fn cr1_a_credit_again_is_the_same_event_and_an_older_one_is_refused(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let (first, second) = (center.load(card.id(), 1, 1, 1_000), center.load(card.id(), 1, 2, 500));
    let event = card.credit(&second).unwrap();
    let stored = card.image();
    assert_eq!(card.credit(&second).unwrap(), event);
    card.power_cycle();
    assert_eq!(card.credit(&second).unwrap(), event);
    assert!(card.image() == stored);
    refused(t, &mut card, 0x6985, &first);
    assert_eq!(account_for(&mut card, &center, 1_500).balance(1), 1_500);
}

pub(super) fn cr2_only_the_next_sequence_is_loaded(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    for sequence in [0, 1, 3, 4, u64::MAX] {
        let credit = changed(&center, &card, |credit| credit.sequence = sequence);
        refused(t, &mut card, 0x6985, &credit);
    }
    card.credit(&changed(&center, &card, |_| ())).unwrap();
    assert_eq!(account_for(&mut card, &center, 1_500).balance(1), 1_500);
}

pub(super) fn cr3_a_credit_for_another_card_account_center_or_kind_is_refused(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let points = center.credit(card.id(), 2, 2, 500);
    let credits = [
        changed(&center, &card, |credit| credit.card.0[0] ^= 1),
        changed(&center, &card, |credit| credit.account = AccountId([1; 16])),
        changed(&center, &card, |credit| credit.center.0[0] ^= 1),
        changed(&center, &card, |credit| credit.kind = points.kind),
        changed(&center, &card, |credit| credit.unit = points.unit),
        changed(&center, &card, |credit| credit.signer = 2),
    ];
    for credit in &credits {
        refused(t, &mut card, 0x6A80, credit);
    }
    let nowhere = changed(&center, &card, |credit| credit.purse = 3);
    refused(t, &mut card, 0x6A88, &nowhere);
    account_for(&mut card, &center, 1_000);
}

pub(super) fn cr3_a_credit_is_applied_to_its_own_kind_only(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    card.credit(&center.load(card.id(), 2, 1, 77)).unwrap();
    let seen = account_for(&mut card, &center, 1_000);
    assert_eq!((seen.balance(1), seen.balance(2)), (1_000, 77));
    t.accepted();
}

pub(super) fn cr4_a_credit_signed_by_another_key_of_the_center_is_refused(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    for role in [Role::Licence, Role::Receipt, Role::Administration] {
        let credit = center.sign(role, center.credit(card.id(), 1, 2, 500));
        refused(t, &mut card, 0x6A80, &credit);
    }
    account_for(&mut card, &center, 1_000);
}

pub(super) fn cr4_a_credit_with_any_byte_flipped_is_refused(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    let genuine = changed(&center, &card, |_| ()).to_bytes();
    for at in 0..genuine.len() {
        let mut forged = genuine.clone();
        forged[at] ^= 0x40;
        t.refused(&mut card, 0x6A80, Ins::Credit, [0, 0], &forged);
    }
    assert!(card.send(Ins::Credit, 0, 0, &genuine).is_ok());
    account_for(&mut card, &center, 1_500);
}

pub(super) fn cr5_no_load_is_empty_wraps_or_goes_over_the_cap(t: &mut Tally) {
    let (mut card, center) = customer(0xCA, 1_000);
    for amount in [0, 999_001, u64::MAX - 999, u64::MAX] {
        let credit = changed(&center, &card, |credit| credit.amount = amount);
        refused(t, &mut card, 0x6985, &credit);
    }
    card.credit(&changed(&center, &card, |credit| credit.amount = 999_000)).unwrap();
    assert_eq!(account_for(&mut card, &center, 1_000_000).balance(1), 1_000_000);
}

pub(super) fn cr6_of_a_credit_and_its_void_the_first_counts_and_the_event_says_which(
    t: &mut Tally,
) {
    let (base, center) = customer(0xCA, 1_000);
    let load = center.load(base.id(), 1, 2, 500);
    let void = load.to_bytes();
    for credit_first in [true, false] {
        let mut card = TestCard::on(base.machine());
        card.select();
        let event = if credit_first { card.credit(&load) } else { card.void(&center, 2) };
        let expected = if credit_first { EventKind::Credited } else { EventKind::Voided };
        assert_eq!(kind(&event.unwrap()), expected);
        card.power_cycle();
        card.verify(PIN).unwrap();
        if credit_first {
            t.refused(&mut card, 0x6985, Ins::Void, [0, 0], &void);
        } else {
            refused(t, &mut card, 0x6985, &load);
        }
        account_for(&mut card, &center, if credit_first { 1_500 } else { 1_000 });
        card.verify(PIN).unwrap();
        let closed = card.credit_challenge(PurseRef { center: center.id(), purse: 1 }).unwrap();
        assert_eq!(kind(&closed.message().last.0), expected);
    }
}

pub(super) fn cr6_the_outside_memory_from_before_a_void_does_not_bring_its_credit_back(
    t: &mut Tally,
) {
    let (mut card, center) = customer(0xCA, 1_000);
    let load = center.load(card.id(), 1, 2, 500);
    let before = card.image().outside;
    card.void(&center, 2).unwrap();
    let after = card.image().outside;
    card.tamper(|image| image.outside = before);
    card.power_cycle();
    refused(t, &mut card, 0x6581, &load);
    card.tamper(|image| image.outside = after);
    card.power_cycle();
    refused(t, &mut card, 0x6985, &load);
    account_for(&mut card, &center, 1_000);
}
