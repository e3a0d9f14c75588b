//! A center that was put back from a backup settles what it has forgotten: its own licence says
//! all that is needed of the order.

use saifu_center_api::{Order, ProblemCode};
use saifu_wire::signed::{Licence, Outcome, Signed};

use crate::card::Card;
use crate::desk::{Desk, code};

/// A center that has forgotten an order for 300, and the customer who placed it.
fn forgotten() -> (Desk, Card, Order) {
    let mut desk = Desk::open();
    let (work, card) = (desk.sell("jpy:300"), desk.customer());
    let backup = desk.back_up();
    let order = desk.order(&card, &work, "late").unwrap();
    desk.restore(&backup);
    (desk, card, order)
}

#[test]
fn pa13_a_center_that_forgot_the_order_settles_the_payment_all_the_same() {
    let (desk, mut card, order) = forgotten();
    let token = card.debit(&order.licence.0);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Settled);
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
    let receipt = desk.settle(&token, &order.licence.0).unwrap();
    assert_eq!(desk.settle(&token, &order.licence.0).unwrap(), receipt);
    let next = desk.order(&card, &desk.sell("jpy:300"), "next").unwrap();
    let number = |bytes| Signed::<Licence>::parse(bytes).unwrap().message().number;
    assert_eq!(number(&next.licence.0), number(&order.licence.0) + 1, "no number is used twice");
}

#[test]
fn pa13_a_forgotten_order_is_settled_once_and_its_second_payment_is_booked_to_suspense() {
    let (mut desk, mut card, order) = forgotten();
    let tokens = [(); 2].map(|()| card.debit(&order.licence.0));
    assert_eq!(desk.outcome(&tokens[0], &order.licence.0), Outcome::Settled);
    desk.reopen();
    assert_eq!(desk.outcome(&tokens[1], &order.licence.0), Outcome::Suspense);
    assert_eq!(desk.value(), [0, 9_400, 300, 300]);
    let sales = desk.center().sales(0, 10).unwrap();
    assert_eq!(sales[1].reason, "the order was paid already");
}

#[test]
fn pa13_a_forgotten_order_expires_as_it_would_have() {
    for (late, outcome) in [(0, Outcome::Settled), (1, Outcome::Suspense)] {
        let (desk, mut card, order) = forgotten();
        let token = card.debit(&order.licence.0);
        desk.clock.advance(7 * 86_400 + late);
        assert_eq!(desk.outcome(&token, &order.licence.0), outcome, "{late} seconds late");
    }
}

#[test]
fn li2_a_forgotten_licence_of_another_card_is_not_paid_by_this_one() {
    let (desk, _, order) = forgotten();
    let mut other = desk.customer();
    let token = other.debit(&order.licence.0);
    assert_eq!(code(desk.settle(&token, &order.licence.0)), ProblemCode::Contradiction);
    assert_eq!(desk.center().sales(0, 10).unwrap(), []);
}

#[test]
fn a_payment_of_forgotten_value_is_in_suspense_and_no_proof_against_the_card() {
    let mut desk = Desk::open();
    let (work, backup) = (desk.sell("jpy:300"), desk.back_up());
    let mut card = desk.customer();
    let order = desk.order(&card, &work, "key").unwrap();
    let token = card.debit(&order.licence.0);
    desk.restore(&backup);
    desk.register(&mut card.clone());
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Suspense);
    assert_eq!(desk.center().books().unwrap().evidence, 0);
}
