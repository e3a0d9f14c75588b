//! The chain of a card: gaps and disorder are no fault, a fork freezes the card (PA11, PA12, PA18,
//! PA19).

use saifu_center_api::ProblemCode;
use saifu_wire::Digest;
use saifu_wire::signed::{Message as _, Outcome, Token};

use super::{Stored, credit_under_way, sales};
use crate::card::Card;
use crate::desk::{Desk, code};
use crate::running::Expected;

#[test]
fn pa11_two_tokens_with_one_number_freeze_the_card_and_the_first_stays_booked() {
    let (desk, mut card, [one, two]) = sales();
    desk.expect(Expected::Dishonest);
    let mut copy = card.clone();
    let first = card.debit(&one.licence.0);
    let second = copy.debit(&two.licence.0);
    let receipt = desk.settle(&first, &one.licence.0).unwrap();
    for _ in 0..2 {
        assert_eq!(code(desk.settle(&second, &two.licence.0)), ProblemCode::CardFrozen);
    }
    assert_eq!(desk.settle(&first, &one.licence.0).unwrap(), receipt);
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
    let books = desk.center().books().unwrap();
    assert_eq!((books.frozen, books.evidence), (1, 1));
}

#[test]
fn pa19_a_frozen_card_begins_nothing_new_and_its_genuine_payments_are_booked_to_suspense() {
    let (desk, mut card, [one, two, three]) = sales();
    desk.expect(Expected::Dishonest);
    let earlier = card.debit(&one.licence.0);
    let mut copy = card.clone();
    let next = card.debit(&two.licence.0);
    desk.settle(&next, &two.licence.0).unwrap();
    let fork = copy.debit(&three.licence.0);
    assert_eq!(code(desk.settle(&fork, &three.licence.0)), ProblemCode::CardFrozen);
    assert_eq!(code(desk.order(&card, &one.work, "more")), ProblemCode::CardFrozen);
    assert_eq!(desk.order(&card, &one.work, "key-0").unwrap().id, one.id, "what was placed stays");
    assert_eq!(desk.outcome(&earlier, &one.licence.0), Outcome::Suspense);
    assert_eq!(desk.value(), [0, 9_400, 300, 300]);
}

#[test]
fn pa12_tokens_out_of_order_and_with_gaps_are_settled() {
    let (desk, mut card, orders) = sales::<4>();
    let tokens = orders.each_ref().map(|order| card.debit(&order.licence.0));
    for at in [3, 0, 2] {
        assert_eq!(desk.outcome(&tokens[at], &orders[at].licence.0), Outcome::Settled);
    }
    assert_eq!(desk.center().books().unwrap().gaps, 1, "one is still on its way");
    assert_eq!(desk.value(), [0, 9_100, 900, 0]);
    assert_eq!(desk.outcome(&tokens[1], &orders[1].licence.0), Outcome::Settled);
    assert_eq!(desk.center().books().unwrap().gaps, 0);
    assert_eq!(desk.value(), [0, 8_800, 1_200, 0]);
}

#[test]
fn pa12_four_tokens_are_settled_in_every_order_they_can_come_in() {
    for order in 0..24_usize {
        let (desk, mut card, orders) = sales::<4>();
        let mut left: Vec<_> = orders.iter().map(|o| (card.debit(&o.licence.0), o)).collect();
        for places in [6, 2, 1, 1] {
            let (token, order) = left.remove(order / places % left.len());
            assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Settled);
        }
        assert_eq!((desk.gaps(), desk.value()), (0, [0, 8_800, 1_200, 0]));
    }
}

#[test]
fn pa12_a_token_that_does_not_follow_the_one_before_freezes_the_card() {
    let (desk, mut card, [one, two]) = sales();
    desk.expect(Expected::Dishonest);
    let first = card.debit(&one.licence.0);
    desk.settle(&first, &one.licence.0).unwrap();
    card.previous = Digest([7; 32]);
    let broken = card.debit(&two.licence.0);
    assert_eq!(code(desk.settle(&broken, &two.licence.0)), ProblemCode::CardFrozen);
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
}

#[test]
fn pa12_a_token_that_the_next_one_does_not_name_freezes_the_card() {
    let (desk, mut card, [one, two, three]) = sales();
    desk.expect(Expected::Dishonest);
    let mut copy = card.clone();
    card.debit(&one.licence.0);
    let next = card.debit(&two.licence.0);
    desk.settle(&next, &two.licence.0).unwrap();
    let other = copy.debit(&three.licence.0);
    assert_eq!(code(desk.settle(&other, &three.licence.0)), ProblemCode::CardFrozen);
}

#[test]
fn pa12_the_first_payment_of_a_chain_must_follow_the_opening_of_the_account() {
    let (desk, mut card) = (Desk::open(), Card::new());
    desk.expect(Expected::Dishonest);
    let work = desk.sell("jpy:300");
    desk.register(&mut card);
    let order = desk.order(&card, &work, "key").unwrap();
    card.previous = Digest([7; 32]);
    let token = card.debit_with(&order.licence.0, |paid| paid.balance = 0);
    assert_eq!(code(desk.settle(&token, &order.licence.0)), ProblemCode::CardFrozen);
}

/// What a card does about a licence, or a credit.
type Does = fn(&mut Card, &[u8], &[u8]) -> Vec<u8>;

#[test]
fn pa11_links_of_any_two_kinds_with_one_number_freeze_the_card_and_the_first_stays() {
    let links: [Does; 3] = [
        |card, licence, _| card.debit(licence),
        |card, licence, _| card.hold(licence),
        |card, _, credit| card.void(credit),
    ];
    for (one, first) in links.iter().enumerate() {
        for (other, second) in links.iter().enumerate().filter(|(other, _)| (one, *other) != (2, 2))
        {
            let (desk, mut card, [a, b]) = sales();
            desk.expect(Expected::Dishonest);
            let (_, credit) = credit_under_way(&desk, &card);
            let mut copy = card.clone();
            let send = |link: &[u8], licence: &[u8]| match link.starts_with(&Token::TAG) {
                true => desk.settle(link, licence),
                false => desk.event(link),
            };
            send(&first(&mut card, &a.licence.0, &credit), &a.licence.0).unwrap();
            let before = Stored::of(&desk);
            let fork = second(&mut copy, &b.licence.0, &credit);
            let refused = code(send(&fork, &b.licence.0));
            assert_eq!(refused, ProblemCode::CardFrozen, "{one} and {other}");
            assert_eq!(desk.center().books().unwrap().frozen, 1);
            before.has_not_moved(&desk, &["accounts", "evidence"]);
        }
    }
}

#[test]
fn pa11_a_payment_with_the_number_of_a_load_freezes_the_card() {
    let (desk, mut card, [order]) = sales();
    desk.expect(Expected::Dishonest);
    card.counter -= 1;
    let token = card.debit(&order.licence.0);
    assert_eq!(code(desk.settle(&token, &order.licence.0)), ProblemCode::CardFrozen);
}

#[test]
fn pa18_a_counter_beyond_every_honest_one_is_refused() {
    let (desk, mut card, [order]) = sales();
    for counter in [u64::MAX - 1, i64::MAX as u64] {
        card.counter = counter;
        let token = card.clone().debit(&order.licence.0);
        assert_eq!(code(desk.settle(&token, &order.licence.0)), ProblemCode::Contradiction);
    }
    assert_eq!(desk.value(), [0, 10_000, 0, 0]);
}
