//! What cards say besides payments: holds, their ends, expiries, and their last word.

use saifu_center::config::{Config, PurseConfig};
use saifu_center_api::ProblemCode;
use saifu_wire::signed::{EventKind, Outcome};
use saifu_wire::{Digest, LoadId};

use crate::card::Card;
use crate::desk::{Desk, NOW, code};
use crate::running::Expected;

#[test]
fn id6_a_hold_and_what_became_of_it_close_the_gap_and_move_nothing() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell_decrypt_first("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "held").unwrap();
    let held = card.hold(&order.licence.0);
    let token = card.release(&order.licence.0);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Settled);
    assert_eq!((desk.gaps(), desk.value()), (1, [0, 9_700, 300, 0]));
    for _ in 0..2 {
        assert_eq!(desk.event(&held).unwrap(), held);
    }
    assert_eq!((desk.gaps(), desk.value()), (0, [0, 9_700, 300, 0]));
}

#[test]
fn id6_what_is_on_hold_is_on_the_card_until_it_is_paid_or_given_back() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell_decrypt_first("jpy:300"), desk.customer());
    let [one, two] = ["1", "2"].map(|key| desk.order(&card, &work, key).unwrap());
    for event in [card.hold(&one.licence.0), card.hold(&two.licence.0)] {
        desk.event(&event).unwrap();
    }
    assert_eq!(desk.gaps(), 0);
    let token = card.release(&one.licence.0);
    assert_eq!(desk.outcome(&token, &one.licence.0), Outcome::Settled);
    desk.event(&card.cancel(&two.licence.0)).unwrap();
    assert_eq!((desk.gaps(), desk.value()), (0, [0, 9_700, 300, 0]));
}

#[test]
fn id6_a_hold_of_nothing_or_in_no_purse_is_kept_against_its_card() {
    let desk = Desk::open();
    let card = desk.customer();
    let nothing = card.event(EventKind::Held, 1, 0, Digest::ZERO, LoadId::ZERO);
    let nowhere = card.event(EventKind::Cancelled, 9, 300, Digest::ZERO, LoadId::ZERO);
    let again = card.event(EventKind::Opened, 0, 0, Digest::ZERO, LoadId::ZERO);
    let more = card.event(EventKind::Held, 1, u64::MAX, Digest::ZERO, LoadId::ZERO);
    for event in [nothing, nowhere, again, more] {
        let event = card.clone().sign_link(event);
        assert_eq!(code(desk.event(&event)), ProblemCode::Contradiction);
    }
    assert_eq!(desk.center().books().unwrap().evidence, 4);
    assert_eq!(desk.value(), [0, 10_000, 0, 0]);
}

#[test]
fn two_events_with_one_number_freeze_the_card() {
    let desk = Desk::open();
    desk.expect(Expected::Dishonest);
    let (work, mut card) = (desk.sell_decrypt_first("jpy:300"), desk.customer());
    let [one, two] = ["1", "2"].map(|key| desk.order(&card, &work, key).unwrap());
    let mut copy = card.clone();
    desk.event(&card.hold(&one.licence.0)).unwrap();
    let fork = copy.hold(&two.licence.0);
    for _ in 0..2 {
        assert_eq!(code(desk.event(&fork)), ProblemCode::CardFrozen);
    }
    assert_eq!(code(desk.order(&card, &work, "more")), ProblemCode::CardFrozen);
}

#[test]
fn an_event_of_another_card_or_center_is_refused() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell_decrypt_first("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "held").unwrap();
    let mut other = desk.customer();
    other.account = card.account;
    let forged = other.event(EventKind::Held, 1, 300, Digest::ZERO, LoadId::ZERO);
    assert_eq!(code(desk.event(&other.sign_link(forged))), ProblemCode::NotAuthentic);
    let held = card.hold(&order.licence.0);
    assert_eq!(code(Desk::open().event(&held)), ProblemCode::NotFound);
    assert_eq!(code(desk.event(b"no event")), ProblemCode::Malformed);
    desk.event(&held).unwrap();
}

/// A desk whose purse 1 ends in a day, and a customer with 10,000 in it.
fn ending() -> (Desk, Card) {
    let purse = PurseConfig::new(1, "bit-cash", "JPY", 1_000_000, 10_000);
    let purse = PurseConfig { not_after: NOW + 86_400, ..purse };
    let desk = Desk::with(&Config { purses: vec![purse], ..Config::default() });
    let card = desk.customer();
    (desk, card)
}

#[test]
fn what_a_purse_had_when_it_expired_is_written_off_once() {
    let (desk, mut card) = ending();
    desk.clock.advance(86_401);
    let expired = card.expire(1);
    for _ in 0..2 {
        assert_eq!(desk.event(&expired).unwrap(), expired);
    }
    assert_eq!((desk.gaps(), desk.value()), (0, [0, 0, 0, 0]));
    let nothing = card.expire(1);
    desk.event(&nothing).unwrap();
    assert_eq!((desk.gaps(), desk.value()), (0, [0, 0, 0, 0]));
}

#[test]
fn id9_an_expiry_before_its_time_or_of_more_than_was_given_is_kept_against_the_card() {
    let (desk, card) = ending();
    assert_eq!(code(desk.event(&card.clone().expire(1))), ProblemCode::Contradiction);
    desk.clock.advance(86_401);
    let mut more = card.event(EventKind::Expired, 1, 10_001, Digest::ZERO, LoadId::ZERO);
    more.balance = 0;
    assert_eq!(code(desk.event(&card.sign(more))), ProblemCode::Contradiction);
    assert_eq!(desk.value(), [0, 10_000, 0, 0]);
}

#[test]
fn id11_a_closed_card_begins_nothing_new_and_what_it_paid_before_is_settled() {
    let desk = Desk::open();
    desk.expect(Expected::Dishonest);
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let [paid, open] = ["paid", "open"].map(|key| desk.order(&card, &work, key).unwrap());
    let token = card.debit(&paid.licence.0);
    let closing = card.closing(|_| {});
    assert_eq!(desk.close_card(&closing).unwrap(), closing);
    assert_eq!(desk.close_card(&card.closing(|_| {})).unwrap(), closing, "the first is kept");
    assert_eq!(code(desk.order(&card, &work, "more")), ProblemCode::CardNotAccepted);
    assert_eq!(desk.outcome(&token, &paid.licence.0), Outcome::Settled);
    assert_eq!((desk.gaps(), desk.value()), (0, [0, 9_700, 300, 0]));
    let late = card.debit(&open.licence.0);
    assert_eq!(code(desk.settle(&late, &open.licence.0)), ProblemCode::CardFrozen);
}

#[test]
fn id11_a_closing_says_how_the_last_load_ended_and_voids_one_that_was_not_taken() {
    let desk = Desk::open();
    let [mut took, mut gave_up] = [Card::new(), Card::new()];
    let credited = |card: &mut Card| {
        desk.register(card);
        let load = desk.open_load(card).unwrap();
        desk.credit(card, &load).unwrap()
    };
    let credit = credited(&mut took);
    took.credit(&credit);
    credited(&mut gave_up);
    assert_eq!(desk.value(), [20_000, 0, 0, 0]);
    desk.close_card(&took.closing(|_| {})).unwrap();
    assert_eq!(desk.value(), [10_000, 10_000, 0, 0]);
    desk.close_card(&gave_up.closing(|_| {})).unwrap();
    assert_eq!(desk.value(), [0, 10_000, 0, 0]);
    assert_eq!(code(desk.open_load(&gave_up)), ProblemCode::CardNotAccepted);
}

#[test]
fn id11_a_closing_that_contradicts_the_chain_or_an_earlier_one_freezes_the_card() {
    let desk = Desk::open();
    desk.expect(Expected::Dishonest);
    let [cut, other, twice] = [desk.customer(), desk.customer(), desk.customer()];
    let short = cut.closing(|closing| closing.counter = 1);
    assert_eq!(code(desk.close_card(&short)), ProblemCode::CardFrozen);
    let joined = other.closing(|closing| closing.previous = Digest([9; 32]));
    assert_eq!(code(desk.close_card(&joined)), ProblemCode::CardFrozen);
    desk.close_card(&twice.closing(|_| {})).unwrap();
    let second = twice.closing(|closing| closing.purses.0[0].balance = 1);
    assert_eq!(code(desk.close_card(&second)), ProblemCode::CardFrozen);
    assert_eq!(desk.center().books().unwrap().frozen, 3);
}

#[test]
fn id11_a_closing_of_another_card_is_refused() {
    let desk = Desk::open();
    let (card, mut forged) = (desk.customer(), desk.customer());
    forged.account = card.account;
    assert_eq!(code(desk.close_card(&forged.closing(|_| {}))), ProblemCode::NotAuthentic);
    let named = card.closing(|closing| closing.card.0[0] ^= 1);
    assert_eq!(code(desk.close_card(&named)), ProblemCode::Conflict);
    assert_eq!(code(desk.close_card(b"no closing")), ProblemCode::Malformed);
    desk.order(&card, &desk.sell("jpy:300"), "more").unwrap();
}
