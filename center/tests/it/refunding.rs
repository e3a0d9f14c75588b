//! Payments that are given back: the card takes the licence back in the same step.

use rusqlite::Connection;
use saifu_center::store::sqlite::Sqlite;
use saifu_center::store::{FundingSource, FundingStore, Note, NoteKind, RefundStore, TokenName};
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
fn cr8_a_refund_brings_back_what_was_paid_and_names_token_and_licence() {
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
fn cr8_what_is_refunded_or_is_to_be_is_neither_delivered_nor_licensed_again() {
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
fn cr8_a_refund_that_the_card_gives_up_leaves_the_work_bought() {
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

/// A payment of 300 in suspense, for it came too late.
fn suspended() -> (Desk, Card, saifu_center_api::Order, TokenName) {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "late").unwrap();
    let token = card.debit(&order.licence.0);
    desk.clock.advance(30 * 86_400);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Suspense);
    let name = TokenName::Identity(card.previous);
    (desk, card, order, name)
}

/// Has the card take what waits for it, or give it up.
fn load(desk: &Desk, card: &mut Card, takes: bool) {
    let load = desk.open_load(card).unwrap();
    let credit = desk.credit(card, &load).unwrap();
    let event = if takes { card.credit(&credit) } else { card.void(&credit) };
    desk.close_load(&load, &event).unwrap();
}

#[test]
fn what_is_given_back_out_of_suspense_is_never_settled() {
    let (desk, mut card, order, token) = suspended();
    refund(&desk, &order.id).unwrap();
    let refused = |desk: &Desk| desk.center().resolve(token).unwrap_err().to_string();
    assert!(refused(&desk).contains("given back"), "before the card has it");
    load(&desk, &mut card, true);
    assert!(refused(&desk).contains("given back"), "and for good");
    assert_eq!(desk.center().suspended(0, 9).unwrap(), [], "it is not there any more");
    assert_eq!(desk.value(), [0, 10_000, 0, 0]);
}

#[test]
fn what_the_card_gave_up_is_in_suspense_again_and_can_be_settled() {
    let (desk, mut card, order, token) = suspended();
    refund(&desk, &order.id).unwrap();
    load(&desk, &mut card, false);
    assert_eq!(desk.value(), [0, 9_700, 0, 300]);
    assert_eq!(desk.center().suspended(0, 9).unwrap().len(), 1);
    desk.center().resolve(token).unwrap();
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
}

#[test]
fn what_was_settled_out_of_suspense_is_given_back_by_its_shop() {
    let (desk, mut card, order, token) = suspended();
    let resolved = desk.center().resolve(token).unwrap();
    refund(&desk, &order.id).unwrap();
    load(&desk, &mut card, true);
    assert_eq!(desk.value(), [0, 10_000, 0, 0]);
    assert_eq!(desk.center().resolve(token).unwrap(), resolved, "it stays what it was");
}

#[test]
fn of_two_payments_in_suspense_the_one_that_was_settled_is_given_back() {
    let (desk, mut card, order, _) = suspended();
    let second = card.debit(&order.licence.0);
    assert_eq!(desk.outcome(&second, &order.licence.0), Outcome::Suspense);
    desk.center().resolve(TokenName::Identity(card.previous)).unwrap();
    assert_eq!(desk.value(), [0, 9_400, 300, 300]);
    refund(&desk, &order.id).unwrap();
    load(&desk, &mut card, true);
    assert_eq!(desk.value(), [0, 9_700, 0, 300], "the shop's, and the other stays in suspense");
}

#[test]
fn a_refund_that_was_signed_before_the_payment_was_settled_is_not_made() {
    let (desk, _, order, token) = suspended();
    refund(&desk, &order.id).unwrap();
    let file = desk.folder.path().join("center.sqlite3");
    let store = Sqlite::open(&file).unwrap();
    let stale = store.fundings_from(FundingSource::Refund, 1).unwrap().remove(0).0.what;
    Connection::open(&file)
        .unwrap()
        .execute_batch("DELETE FROM refunds; DELETE FROM fundings WHERE source = 5;")
        .unwrap();
    desk.center().resolve(token).unwrap();
    let note = Note { what: NoteKind::Refunded, reason: "late".into(), noted: 1 };
    let id = OrderId::from_hex(&order.id).unwrap();
    let refused = store.add_refund(stale, id, note, 1).unwrap_err();
    assert!(refused.to_string().contains("this moment"), "{refused}");
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
}
