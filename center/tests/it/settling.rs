//! A payment is settled: once, whatever is repeated, and never for what is not genuine.

use rusqlite::Connection;
use saifu_center_api::{Order, OrderState, ProblemCode};
use saifu_wire::signed::{Licence, Outcome, Receipt, Signed, Token};
use saifu_wire::{Digest, OrderId};

use crate::card::Card;
use crate::desk::{Desk, code};
use crate::running::Expected;

/// A desk, a customer, and an order of a work for 300.
fn sale() -> (Desk, Card, Order) {
    let desk = Desk::open();
    let (work, card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    (desk, card, order)
}

#[test]
fn a_payment_is_settled_and_the_receipt_names_it() {
    let (desk, mut card, order) = sale();
    let token = card.debit(&order.licence.0);
    let receipt = desk.settle(&token, &order.licence.0).unwrap();
    let receipt = Signed::<Receipt>::parse(&receipt).unwrap().message().clone();
    assert_eq!((receipt.token, receipt.counter), (card.previous, card.counter));
    assert_eq!((receipt.account, receipt.outcome), (card.account, Outcome::Settled));
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
    assert_eq!(card.balance(), 9_700);
    let shown: Order = desk.get(&format!("/v1/orders/{}", order.id)).unwrap();
    assert_eq!(shown.state, OrderState::Settled);
    let sales = desk.center().sales(0, 10).unwrap();
    assert_eq!((sales.len(), sales[0].amount, sales[0].entry), (1, 300, receipt.entry));
}

#[test]
fn a_token_of_an_unknown_account_or_another_center_is_refused() {
    let (desk, mut card, order) = sale();
    let token = card.debit(&order.licence.0);
    let mut other = Signed::<Token>::parse(&token).unwrap().message().clone();
    other.account.0[0] ^= 1;
    assert_eq!(code(desk.settle(&card.sign(other), &order.licence.0)), ProblemCode::NotFound);
    let mut other = Signed::<Token>::parse(&token).unwrap().message().clone();
    other.center.0[0] ^= 1;
    assert_eq!(code(desk.settle(&card.sign(other), &order.licence.0)), ProblemCode::NotFound);
}

#[test]
fn a_licence_that_the_center_did_not_sign_is_refused() {
    let (desk, mut card, order) = sale();
    let token = card.debit(&order.licence.0);
    let mut cheaper = Signed::<Licence>::parse(&order.licence.0).unwrap().message().clone();
    cheaper.prices.0[0].amount = 1;
    let forged = card.sign(cheaper);
    assert_eq!(code(desk.settle(&token, &forged)), ProblemCode::NotAuthentic);
    assert_eq!(desk.center().sales(0, 10).unwrap(), []);
}

#[test]
fn a_token_sent_in_with_another_licence_is_refused_and_no_evidence_against_the_card() {
    let (desk, mut card, order) = sale();
    let other = desk.order(&card, &order.work, "key-2").unwrap();
    let token = card.debit(&order.licence.0);
    assert_eq!(code(desk.settle(&token, &other.licence.0)), ProblemCode::Contradiction);
    let lying = card.clone().debit_with(&order.licence.0, |p| p.licence_identity = Digest([1; 32]));
    assert_eq!(code(desk.settle(&lying, &order.licence.0)), ProblemCode::Contradiction);
    assert_eq!(desk.center().books().unwrap().evidence, 0);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Settled);
}

#[test]
fn a_licence_for_another_card_is_not_paid_by_this_one() {
    let (desk, _, order) = sale();
    let mut other = desk.customer();
    let token = other.debit(&order.licence.0);
    assert_eq!(code(desk.settle(&token, &order.licence.0)), ProblemCode::Contradiction);
}

#[test]
fn a_token_alone_is_settled_as_with_its_licence() {
    let (desk, mut card, order) = sale();
    let token = card.debit(&order.licence.0);
    let receipt = desk.settle_alone(&token).unwrap();
    assert_eq!(Signed::<Receipt>::parse(&receipt).unwrap().message().outcome, Outcome::Settled);
    assert_eq!(desk.settle(&token, &order.licence.0).unwrap(), receipt);
    assert_eq!(desk.settle_alone(&token).unwrap(), receipt);
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
}

#[test]
fn a_token_alone_that_no_order_of_its_account_explains_is_asked_for_its_licence() {
    let (desk, mut card, order) = sale();
    let mut other = desk.customer();
    let unknown = card.debit_with(&order.licence.0, |paid| paid.order = OrderId([9; 16]));
    let unlike = other.debit(&order.licence.0);
    for token in [unknown, unlike] {
        let refused = desk.settle_alone(&token).unwrap_err();
        assert!(refused.detail.contains("send the licence"), "{refused:?}");
        assert_eq!(code::<()>(Err(refused)), ProblemCode::NotFound);
    }
    assert_eq!(desk.center().sales(0, 10).unwrap(), []);
    assert_eq!(desk.center().books().unwrap().evidence, 0);
}

#[test]
fn a_payment_in_the_last_second_and_of_the_last_yen_is_settled() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:10000"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    let token = card.debit(&order.licence.0);
    desk.clock.advance(7 * 86_400);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Settled);
    assert_eq!(desk.value(), [0, 0, 10_000, 0]);
}

#[test]
fn pa3_more_than_the_card_was_given_is_booked_to_suspense_and_found() {
    let desk = Desk::open();
    desk.expect(Expected::Dishonest);
    let (work, mut card) = (desk.sell("jpy:20000"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    let token = card.debit_with(&order.licence.0, |paid| paid.balance = 0);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Suspense);
    let books = desk.center().books().unwrap();
    assert_eq!(books.evidence, 1);
    let found = saifu_center::ledger::reconcile(&books).findings;
    assert!(found[0].contains("10000 more than it was given"), "{found:?}");
}

#[test]
fn an_overspent_payment_and_its_evidence_are_kept_both_or_neither() {
    let desk = Desk::open();
    desk.expect(Expected::Dishonest);
    let (work, mut card) = (desk.sell("jpy:20000"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    let token = card.debit_with(&order.licence.0, |paid| paid.balance = 0);
    let store = Connection::open(desk.folder.path().join("center.sqlite3")).unwrap();
    store
        .execute_batch(
            "CREATE TRIGGER broken BEFORE INSERT ON evidence BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .unwrap();
    assert_eq!(code(desk.settle(&token, &order.licence.0)), ProblemCode::Internal);
    assert_eq!(desk.center().sales(0, 10).unwrap(), []);
    store.execute_batch("DROP TRIGGER broken").unwrap();
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Suspense);
    assert_eq!(desk.center().books().unwrap().evidence, 1);
}

#[test]
fn cr9_a_payment_before_its_loads_receipt_is_settled() {
    let (desk, mut card) = (Desk::open(), Card::new());
    let work = desk.sell("jpy:300");
    desk.register(&mut card);
    let load = desk.open_load(&card).unwrap();
    let event = card.credit(&desk.credit(&card, &load).unwrap());
    let order = desk.order(&card, &work, "key").unwrap();
    let token = card.debit(&order.licence.0);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Settled);
    assert_eq!(desk.value(), [10_000, -300, 300, 0], "the card owes until its load is booked");
    desk.close_load(&load, &event).unwrap();
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
}

#[test]
fn a_licence_that_is_remembered_is_kept_with_the_signature_that_proves_it() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "once").unwrap();
    let token = card.debit(&order.licence.0);
    let mut unproven = order.licence.0.clone();
    *unproven.last_mut().unwrap() ^= 1;
    // The auditor, who looks at the end, takes the center's own signature alone.
    assert_eq!(desk.outcome(&token, &unproven), Outcome::Settled);
}
