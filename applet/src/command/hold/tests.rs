use alloc::vec;

use super::*;
use saifu_wire::answer::{CardStatus, DataObject};
use saifu_wire::codec::List;
use saifu_wire::ins::Ins;
use saifu_wire::signed::Licence;
use saifu_wire::value::{Kind, Price, PurseTerms};
use saifu_wire::{CenterId, Digest, Wire};

use crate::memory::records::{AccountRecord, OutboxRecord};
use crate::memory::{Change, MAX_OUTBOX_OF_CENTER};
use crate::test_kit::holds::Standing;
use crate::test_kit::sale::{PRICE, SOLD, pay, price};
use crate::test_kit::{PIN, TestCard, TestCenter, purse};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

/// A card with 1,000 yen and licence 1, decrypt first.
fn card() -> TestCard {
    CENTER.decrypt_first(1_000, |_| ())
}

fn refused(card: &mut TestCard, number: u64, price_index: u8, purse: u32) -> u16 {
    card.verify(PIN).unwrap();
    card.refused(Ins::Hold, 0, 0, &pay(&CENTER, number, price_index, purse))
}

fn outbox_told(card: &mut TestCard) -> u8 {
    let status = card.send(Ins::GetData, 0xDF, DataObject::Status as u8, &[]).unwrap();
    CardStatus::from_bytes(&status).unwrap().outbox
}

#[test]
fn a_hold_moves_the_price_from_the_balance_and_takes_a_place_in_the_outbox() {
    let mut card = card();
    let identity = card.licence_state(&CENTER, 1).identity;
    let previous: AccountRecord = card.card.store().get(&Key::Account(CENTER.id)).unwrap().unwrap();
    let event = card.hold(&CENTER, 1).unwrap();
    let event = card.event(&event);
    assert_eq!((event.kind, event.purse, event.amount), (EventKind::Held, 1, PRICE));
    assert_eq!((event.balance, event.held, event.sequence), (700, PRICE, 1));
    assert_eq!((event.cause, event.load.is_zero()), (identity, true));
    assert_eq!((event.counter, event.previous), (previous.counter + 1, previous.previous));
    let expected = Standing {
        status: LicenceStatus::Held,
        uses_left: u32::MAX,
        balance: 700,
        held: PRICE,
        counter: 3,
        tokens: 0,
        holds: 1,
    };
    assert_eq!(card.standing(&CENTER, 1), expected);
    assert_eq!(outbox_told(&mut card), 1);
}

#[test]
fn id6_a_hold_again_is_the_same_event_and_one_hold() {
    let mut card = card();
    let event = card.hold(&CENTER, 1).unwrap();
    let root = card.card.store().root();
    let mut card = card.power_cycle();
    // Whatever else it says, and without a PIN: the licence is held.
    assert_eq!(card.send(Ins::Hold, 0, 0, &pay(&CENTER, 1, 9, 9)), Ok(event.clone()));
    assert_eq!(card.card.store().root(), root);
    card.release(&CENTER, 1).unwrap();
    assert_eq!(card.send(Ins::Hold, 0, 0, &pay(&CENTER, 1, 0, 1)), Ok(event));
}

#[test]
fn pa1_a_hold_needs_a_verify_of_its_own_or_a_small_price() {
    let mut card = card();
    CENTER.sell_decrypt_first(&mut card, 2, |_| ());
    CENTER.sell_decrypt_first(&mut card, 3, |licence| licence.prices = List(vec![price(100)]));
    let hold = |number| pay(&CENTER, number, 0, 1);
    assert_eq!(card.refused(Ins::Hold, 0, 0, &hold(1)), 0x6982);
    assert!(card.hold(&CENTER, 1).is_ok());
    assert_eq!(card.refused(Ins::Hold, 0, 0, &hold(2)), 0x6982, "one VERIFY, one hold");
    for _ in 0..3 {
        card.verify(b"0000").unwrap_err();
    }
    assert_eq!(card.refused(Ins::Hold, 0, 0, &hold(2)), 0x6983);
    assert!(card.send(Ins::Hold, 0, 0, &hold(3)).is_ok());
}

#[test]
fn id10_small_holds_and_small_debits_add_up_together() {
    let mut card = CENTER.customer(1, 1_000);
    let at = |amount| move |licence: &mut Licence| licence.prices = List(vec![price(amount)]);
    CENTER.sell_decrypt_first(&mut card, 1, at(100));
    CENTER.sell_decrypt_first(&mut card, 2, at(51));
    let mut pay_first = CENTER.licence(card.id(), 3);
    at(51)(&mut pay_first);
    card.load_licence(&CENTER.issue(pay_first)).unwrap();
    assert!(card.send(Ins::Hold, 0, 0, &pay(&CENTER, 1, 0, 1)).is_ok());
    assert_eq!(card.refused(Ins::Hold, 0, 0, &pay(&CENTER, 2, 0, 1)), 0x6982);
    assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&CENTER, 3, 0, 1)), 0x6982);
}

#[test]
fn pa2_a_price_a_purse_or_a_licence_that_is_not_there_is_not_held() {
    let mut card = card();
    assert_eq!(refused(&mut card, 1, 1, 1), 0x6A80);
    assert_eq!(refused(&mut card, 1, 0, 2), 0x6A88);
    assert_eq!(refused(&mut card, 2, 0, 1), 0x6A88);
    assert!(card.hold(&CENTER, 1).is_ok());
}

#[test]
fn pa3_what_a_purse_cannot_pay_or_the_licence_does_not_allow_is_not_held() {
    type Case = (u64, fn(&mut Licence));
    let changes: [Case; 4] = [
        (PRICE - 1, |_| ()),
        (10_000, |licence| licence.prices = List(vec![price(5_001)])),
        (1_000, |licence| licence.not_after = SOLD - 1),
        (1_000, |licence| licence.prices.0[0].kind = Kind::CyberCoin),
    ];
    for (balance, change) in changes {
        assert_eq!(refused(&mut CENTER.decrypt_first(balance, change), 1, 0, 1), 0x6985);
    }
    assert!(CENTER.decrypt_first(PRICE, |_| ()).hold(&CENTER, 1).is_ok());
    assert!(
        CENTER.decrypt_first(PRICE, |licence| licence.not_after = SOLD).hold(&CENTER, 1).is_ok()
    );
}

#[test]
fn the_licence_says_whether_it_is_held_or_debited() {
    let mut card = card();
    card.load_licence(&CENTER.issue(CENTER.licence(card.id(), 2))).unwrap();
    assert_eq!(refused(&mut card, 2, 0, 1), 0x6985);
    let debit = pay(&CENTER, 1, 0, 1);
    assert_eq!(card.refused(Ins::Debit, 0, 0, &debit), 0x6985);
    card.hold(&CENTER, 1).unwrap();
    card.verify(PIN).unwrap();
    assert_eq!(card.refused(Ins::Debit, 0, 0, &debit), 0x6985);
    card.release(&CENTER, 1).unwrap();
    assert_eq!(card.refused(Ins::Debit, 0, 0, &debit), 0x6985, "released is not debited");
    assert!(card.debit(&CENTER, 2).is_ok());
}

#[test]
fn what_is_on_hold_pays_nothing_else() {
    let mut card = CENTER.decrypt_first(PRICE + 1, |_| ());
    card.load_licence(&CENTER.issue(CENTER.licence(card.id(), 2))).unwrap();
    card.hold(&CENTER, 1).unwrap();
    card.verify(PIN).unwrap();
    assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&CENTER, 2, 0, 1)), 0x6985);
    card.cancel(&CENTER, 1).unwrap();
    assert!(card.buy(&CENTER, 2).is_ok());
}

#[test]
fn cr5_what_is_on_hold_counts_towards_the_most_a_purse_may_hold() {
    let mut card = CENTER.decrypt_first(10_000, |_| ());
    card.hold(&CENTER, 1).unwrap();
    let load = CENTER.sign(saifu_wire::certificate::Role::Credit, CENTER.load(card.id(), 2, 1));
    assert_eq!(card.refused(Ins::Credit, 0, 0, &load.to_bytes()), 0x6985);
    card.cancel(&CENTER, 1).unwrap();
    assert_eq!(card.purse(&CENTER, 1).balance, 10_000);
}

#[test]
fn id9_a_ticket_is_held_and_given_back_whole() {
    let ticket = PurseTerms {
        kind: Kind::Ticket,
        scope: saifu_wire::value::ScopeKind::Work,
        scope_id: [0xC0; 16],
        face_amount: 1,
        ..purse(2)
    };
    let mut card = CENTER.customer(1, 0);
    let opening = CENTER.opening(card.id(), 1, &[ticket]);
    CENTER.send(&mut card, Ins::OpenAccount, opening).unwrap();
    let mut load = CENTER.load(card.id(), 1, 1);
    (load.purse, load.kind) = (2, Kind::Ticket);
    CENTER.send(&mut card, Ins::Credit, load).unwrap();
    for (number, amount) in [(1, 2), (2, 1)] {
        let price = Price { kind: Kind::Ticket, ..price(amount) };
        CENTER.sell_decrypt_first(&mut card, number, |licence| licence.prices = List(vec![price]));
    }
    assert_eq!(refused(&mut card, 1, 0, 2), 0x6985);
    assert!(card.send(Ins::Hold, 0, 0, &pay(&CENTER, 2, 0, 2)).is_ok());
    card.cancel(&CENTER, 2).unwrap();
    let purse = card.purse(&CENTER, 2);
    assert_eq!((purse.balance, purse.held), (1, 0));
}

/// Leaves the center so many places of the outbox.
fn with_free_places(card: TestCard, free: u8) -> TestCard {
    let waiting = OutboxRecord { licence: 9, identity: Digest([1; 32]), token: Bytes(vec![]) };
    let mut change = Change::new();
    for counter in 1..=u64::from(MAX_OUTBOX_OF_CENTER - free) {
        change.put(Key::Outbox(CENTER.id, 1_000 + counter), &waiting);
    }
    card.with_change(change)
}

#[test]
fn pa5_id6_a_hold_needs_a_place_in_the_outbox_and_keeps_it() {
    let mut full = with_free_places(card(), 0);
    assert_eq!(refused(&mut full, 1, 0, 1), 0x6A84);
    let mut card = card();
    CENTER.sell_decrypt_first(&mut card, 2, |_| ());
    card.load_licence(&CENTER.issue(CENTER.licence(card.id(), 3))).unwrap();
    let mut card = with_free_places(card, 1);
    card.hold(&CENTER, 1).unwrap();
    assert_eq!(outbox_told(&mut card), MAX_OUTBOX_OF_CENTER);
    assert_eq!(refused(&mut card, 2, 0, 1), 0x6A84);
    assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&CENTER, 3, 0, 1)), 0x6A84);
    assert!(card.release(&CENTER, 1).is_ok(), "its place was kept");
    assert_eq!(outbox_told(&mut card), MAX_OUTBOX_OF_CENTER);
}

#[test]
fn a_cancelled_hold_gives_its_place_back() {
    let mut card = card();
    CENTER.sell_decrypt_first(&mut card, 2, |_| ());
    let mut card = with_free_places(card, 1);
    card.hold(&CENTER, 1).unwrap();
    card.cancel(&CENTER, 1).unwrap();
    assert!(card.hold(&CENTER, 2).is_ok());
}

/// Puts the end of the chain where so many links still fit.
fn with_links_left(card: TestCard, left: u64) -> TestCard {
    let key = Key::Account(CENTER.id);
    let account: AccountRecord = card.card.store().get(&key).unwrap().unwrap();
    let mut change = Change::new();
    change.put(key, &AccountRecord { counter: u64::MAX - left, ..account });
    card.with_change(change)
}

#[test]
fn pa18_a_hold_is_made_only_where_its_end_has_a_place_in_the_chain() {
    assert_eq!(refused(&mut with_links_left(card(), 0), 1, 0, 1), 0x6985);
    assert_eq!(refused(&mut with_links_left(card(), 1), 1, 0, 1), 0x6985);
    let ends: [fn(&mut TestCard) -> bool; 2] =
        [|card| card.release(&CENTER, 1).is_ok(), |card| card.cancel(&CENTER, 1).is_ok()];
    for ends in ends {
        let mut card = with_links_left(card(), 2);
        card.load_licence(&CENTER.issue(CENTER.licence(card.id(), 2))).unwrap();
        card.hold(&CENTER, 1).unwrap();
        // Nothing else takes the last link.
        card.verify(PIN).unwrap();
        assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&CENTER, 2, 0, 1)), 0x6985);
        let load = CENTER.load(card.id(), 2, 1);
        assert_eq!(CENTER.send(&mut card, Ins::Credit, load), Err(0x6985));
        assert!(ends(&mut card));
        assert_eq!(card.standing(&CENTER, 1).counter, u64::MAX);
    }
}

#[test]
fn pa14_for_a_payment_key_that_the_card_does_not_know_nothing_is_held() {
    let mut card = CENTER.decrypt_first(1_000, |licence| licence.center_key = Digest([7; 32]));
    assert_eq!(refused(&mut card, 1, 0, 1), 0x6A80);
}
