//! Cards whose outside memory was put back or copied, as their center sees them (NV1 to NV5).

use saifu_center::ledger::reconcile;
use saifu_center_api::{Order, ProblemCode};
use saifu_wire::signed::Outcome;

use super::{Stored, credit_under_way, sales, unsigned};
use crate::card::Card;
use crate::desk::{Desk, TEXT, code};
use crate::running::Expected;

/// A desk, orders for 300 each, and the images that a card left behind: one before each payment,
/// and the card as it is now, with its tokens.
struct Life {
    desk: Desk,
    orders: [Order; 5],
    images: Vec<Card>,
    card: Card,
    tokens: Vec<Vec<u8>>,
}

impl Life {
    fn lived() -> Self {
        let (desk, mut card, orders) = sales();
        desk.expect(Expected::Dishonest);
        let (mut images, mut tokens) = (Vec::new(), Vec::new());
        for order in &orders[..3] {
            images.push(card.clone());
            tokens.push(card.debit(&order.licence.0));
        }
        Self { desk, orders, images, card, tokens }
    }

    fn settle(&self, at: usize) -> Outcome {
        self.desk.outcome(&self.tokens[at], &self.orders[at].licence.0)
    }
}

#[test]
fn nv1_a_card_put_back_to_any_image_cannot_pay_again_where_its_payment_is_known() {
    for step in 0..3 {
        let life = Life::lived();
        for at in 0..3 {
            assert_eq!(life.settle(at), Outcome::Settled);
        }
        let mut old = life.images[step].clone();
        assert!(old.balance() > life.card.balance(), "it has its money back");
        let again = old.debit(&life.orders[3].licence.0);
        let before = Stored::of(&life.desk);
        let refused = code(life.desk.settle(&again, &life.orders[3].licence.0));
        assert_eq!(refused, ProblemCode::CardFrozen, "image {step}");
        before.has_not_moved(&life.desk, &["accounts", "evidence"]);
        assert_eq!(life.desk.value(), [0, 9_100, 900, 0]);
        assert_eq!(
            code(life.desk.order(&old, &life.orders[0].work, "more")),
            ProblemCode::CardFrozen
        );
    }
}

#[test]
fn nv1_what_a_card_put_back_pays_first_is_taken_and_what_it_hid_is_found_out_later() {
    for step in 0..3 {
        let life = Life::lived();
        let mut old = life.images[step].clone();
        let again = old.debit(&life.orders[3].licence.0);
        assert_eq!(life.desk.outcome(&again, &life.orders[3].licence.0), Outcome::Settled);
        let late = life.desk.settle(&life.tokens[step], &life.orders[step].licence.0);
        assert_eq!(code(late), ProblemCode::CardFrozen, "image {step}");
        let books = life.desk.center().books().unwrap();
        assert_eq!((books.frozen, books.evidence), (1, 1));
        assert_eq!(life.desk.value(), [0, 9_700, 300, 0]);
    }
}

#[test]
fn nv1_a_card_put_back_behind_a_credit_takes_it_again_as_the_same_event() {
    let (desk, mut card, [order]) = sales();
    let (load, credit) = credit_under_way(&desk, &card);
    let mut old = card.clone();
    let event = card.credit(&credit);
    desk.close_load(&load, &event).unwrap();
    let before = Stored::of(&desk);
    let again = old.credit(&credit);
    assert_eq!(unsigned(&again), unsigned(&event));
    assert_eq!(desk.close_load(&load, &again).unwrap(), event);
    desk.event(&again).unwrap();
    before.has_not_moved(&desk, &[]);
    assert_eq!(desk.outcome(&old.debit(&order.licence.0), &order.licence.0), Outcome::Settled);
    assert_eq!(desk.value(), [0, 10_200, 300, 0]);
}

#[test]
fn nv1_a_card_put_back_behind_a_credit_gets_no_other_one() {
    let (desk, mut card, [order]) = sales();
    let old = card.clone();
    let (load, credit) = credit_under_way(&desk, &card);
    desk.close_load(&load, &card.credit(&credit)).unwrap();
    desk.settle(&card.debit(&order.licence.0), &order.licence.0).unwrap();
    let gift = saifu_center::funding::Gift {
        account: card.account,
        purse: 1,
        amount: 70,
        reference: "more".into(),
        reason: "sorry".into(),
    };
    desk.center().give(&gift).unwrap();
    let next = desk.open_load(&card).unwrap();
    let before = Stored::of(&desk);
    assert_eq!(code(desk.credit(&old, &next)), ProblemCode::Conflict, "it knows of fewer loads");
    before.has_not_moved(&desk, &[]);
    assert!(desk.credit(&card, &next).is_ok());
}

#[test]
fn nv2_a_balance_put_back_alone_pays_no_more_than_the_card_was_given() {
    let desk = Desk::open();
    desk.expect(Expected::Dishonest);
    let work = desk.sell_text("jpy:9000", &TEXT.repeat(299));
    let mut card = desk.customer();
    let orders = ["1", "2", "3"].map(|key| desk.order(&card, &work, key).unwrap());
    let outcomes = orders.each_ref().map(|order| {
        // The counter goes on, the balance is as if nothing had been paid.
        let token = card.debit_with(&order.licence.0, |paid| paid.balance = 1_000);
        desk.outcome(&token, &order.licence.0)
    });
    assert_eq!(outcomes, [Outcome::Settled, Outcome::Suspense, Outcome::Suspense]);
    let books = desk.center().books().unwrap();
    assert_eq!(books.evidence, 2);
    let found = reconcile(&books).findings;
    assert!(found.iter().any(|found| found.contains("17000 more than it was given")), "{found:?}");
}

#[test]
fn nv4_a_card_with_the_chain_of_another_card_is_frozen_and_the_other_is_not() {
    let (desk, mut card, [own]) = sales();
    desk.expect(Expected::Dishonest);
    let mut other = desk.customer();
    let theirs = desk.order(&other, &own.work, "theirs").unwrap();
    let mut mixed = card.clone();
    (mixed.counter, mixed.previous) = (other.counter, other.previous);
    let token = mixed.debit(&own.licence.0);
    let before = Stored::of(&desk);
    assert_eq!(code(desk.settle(&token, &own.licence.0)), ProblemCode::CardFrozen);
    before.has_not_moved(&desk, &["accounts", "evidence"]);
    desk.buy(&mut other, &theirs.work, "on");
    assert_eq!(code(desk.order(&card, &own.work, "more")), ProblemCode::CardFrozen);
    let genuine = card.debit(&own.licence.0);
    assert_eq!(desk.outcome(&genuine, &own.licence.0), Outcome::Suspense);
}

#[test]
fn nv5_of_many_payments_from_one_image_one_is_taken_and_each_other_is_evidence() {
    let (desk, card, orders) = sales::<6>();
    desk.expect(Expected::Dishonest);
    let pay = |order: &Order| (card.clone().debit(&order.licence.0), order.licence.0.clone());
    let [first, rest @ ..] = orders.each_ref().map(pay);
    assert_eq!(desk.outcome(&first.0, &first.1), Outcome::Settled);
    let before = Stored::of(&desk);
    for (token, licence) in &rest {
        assert_eq!(code(desk.settle(token, licence)), ProblemCode::CardFrozen);
    }
    before.has_not_moved(&desk, &["accounts", "evidence"]);
    let now = Stored::of(&desk);
    for (token, licence) in &rest {
        assert_eq!(code(desk.settle(token, licence)), ProblemCode::CardFrozen);
    }
    now.has_not_moved(&desk, &[]);
    let books = desk.center().books().unwrap();
    assert_eq!((books.frozen, books.evidence), (1, rest.len() as u64));
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
}
