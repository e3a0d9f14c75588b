//! Payments that are given back: the card takes the licence back in the same step.

use saifu_center_api::{OrderState, ProblemCode};
use saifu_wire::OrderId;
use saifu_wire::signed::{Credit, Event, EventKind, Outcome, Signed};

use crate::card::Card;
use crate::desk::{Desk, code};

/// A desk, and a customer who has bought a work for 300.
fn sold() -> (Desk, Card, saifu_center_api::Order, Vec<u8>) {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let (order, token) = desk.buy(&mut card, &work, "bought");
    (desk, card, order, token)
}

fn refund(desk: &Desk, order: &str) -> saifu_center::Result<u64> {
    let order = OrderId::from_hex(order).unwrap();
    desk.center().refund(order, "on purpose").map(|funding| funding.what.amount)
}

fn state(desk: &Desk, order: &str) -> OrderState {
    desk.get::<saifu_center_api::Order>(&format!("/v1/orders/{order}")).unwrap().state
}

#[test]
fn a_refund_brings_back_what_was_paid_and_names_token_and_licence() {
    let (desk, mut card, order, token) = sold();
    assert_eq!(refund(&desk, &order.id), Ok(300));
    assert_eq!(refund(&desk, &order.id), Ok(300), "once, however often it is asked for");
    let load = desk.open_load(&card).unwrap();
    let credit = desk.credit(&card, &load).unwrap();
    let said = Signed::<Credit>::parse(&credit).unwrap().message().clone();
    let paid = Signed::<saifu_wire::signed::Token>::parse(&token).unwrap();
    assert_eq!(said.refunded_token, saifu_center::crypto::identity(&paid));
    assert_eq!((said.amount, said.refunded_licence), (300, 1));
    assert_eq!(state(&desk, &order.id), OrderState::Settled);
    let event = card.credit(&credit);
    assert_eq!(Signed::<Event>::parse(&event).unwrap().message().kind, EventKind::Refunded);
    desk.close_load(&load, &event).unwrap();
    assert_eq!((state(&desk, &order.id), desk.gaps()), (OrderState::Refunded, 0));
    assert_eq!(desk.center().card_standing(card.account).unwrap().purses[0].on_card, 10_000);
    assert_eq!(code(desk.open_load(&card)), ProblemCode::Conflict, "nothing more waits");
}

#[test]
fn what_is_refunded_or_is_to_be_is_neither_delivered_nor_licensed_again() {
    let (desk, mut card, order, _) = sold();
    refund(&desk, &order.id).unwrap();
    assert_eq!(code(desk.again(&order.id, "again")), ProblemCode::Conflict);
    let load = desk.open_load(&card).unwrap();
    let event = card.credit(&desk.credit(&card, &load).unwrap());
    desk.event(&event).unwrap();
    assert_eq!(code(desk.again(&order.id, "again")), ProblemCode::Conflict);
    let id = OrderId::from_hex(&order.id).unwrap();
    assert!(desk.center().delivery(id).is_err());
}

#[test]
fn a_refund_that_the_card_gives_up_leaves_the_work_bought() {
    let (desk, mut card, order, _) = sold();
    refund(&desk, &order.id).unwrap();
    let load = desk.open_load(&card).unwrap();
    let event = card.void(&desk.credit(&card, &load).unwrap());
    desk.close_load(&load, &event).unwrap();
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
    assert_eq!(state(&desk, &order.id), OrderState::Settled);
    assert!(refund(&desk, &order.id).is_err());
    desk.again(&order.id, "again").unwrap();
}

#[test]
fn what_was_not_paid_or_was_licensed_again_is_not_given_back() {
    let (desk, card, order, _) = sold();
    let open = desk.order(&card, &order.work, "open").unwrap();
    assert!(refund(&desk, &open.id).unwrap_err().to_string().contains("not paid"));
    desk.again(&order.id, "again").unwrap();
    assert!(refund(&desk, &order.id).unwrap_err().to_string().contains("licensed again"));
    let id = OrderId::from_hex(&order.id).unwrap();
    assert!(desk.center().refund(id, " ").is_err(), "a reason is needed");
}

#[test]
fn a_payment_in_suspense_is_given_back_out_of_suspense() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "late").unwrap();
    let token = card.debit(&order.licence.0);
    desk.clock.advance(30 * 86_400);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Suspense);
    refund(&desk, &order.id).unwrap();
    let load = desk.open_load(&card).unwrap();
    let event = card.credit(&desk.credit(&card, &load).unwrap());
    desk.close_load(&load, &event).unwrap();
    assert_eq!(desk.center().card_standing(card.account).unwrap().purses[0].on_card, 10_000);
}
