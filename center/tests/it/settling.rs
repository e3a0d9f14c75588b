//! A payment is settled: once, whatever is repeated, and never for what is not genuine.

use std::sync::Arc;
use std::thread;

use rusqlite::Connection;
use saifu_center_api::{Order, OrderState, ProblemCode};
use saifu_wire::signed::{Licence, Outcome, Receipt, Signed, Token, TokenPayload};
use saifu_wire::value::{Kind, Unit};
use saifu_wire::{ContentId, Digest, OrderId, ShopId};

use crate::card::Card;
use crate::desk::{Desk, code};

/// A desk, a customer, and an order of a work for 300.
fn sale() -> (Desk, Card, Order) {
    let desk = Desk::open();
    let (work, card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    (desk, card, order)
}

/// Turns a signature's s into n - s, which verifies as well.
fn other_half(signed: &[u8]) -> Vec<u8> {
    const N: [u8; 32] = [
        0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC,
        0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ];
    let mut turned = signed.to_vec();
    let (at, mut borrow) = (turned.len() - 32, 0);
    for byte in (0..32).rev() {
        let difference = i16::from(N[byte]) - i16::from(turned[at + byte]) - borrow;
        borrow = i16::from(difference < 0);
        turned[at + byte] = difference.rem_euclid(256) as u8;
    }
    turned
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
fn a_token_sent_in_a_thousand_times_is_booked_once_with_the_same_receipt() {
    let (mut desk, mut card, order) = sale();
    let token = card.debit(&order.licence.0);
    let first = desk.settle(&token, &order.licence.0).unwrap();
    for _ in 0..999 {
        assert_eq!(desk.settle(&token, &order.licence.0).unwrap(), first);
    }
    desk.reopen();
    assert_eq!(desk.settle(&token, &order.licence.0).unwrap(), first);
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
}

#[test]
fn a_token_sent_in_by_sixty_four_threads_at_once_is_booked_once_with_the_same_receipt() {
    let (desk, mut card, order) = sale();
    let token = Arc::new(card.debit(&order.licence.0));
    let desk = Arc::new(desk);
    let threads: Vec<_> = (0..64)
        .map(|_| {
            let (desk, token) = (Arc::clone(&desk), Arc::clone(&token));
            let licence = order.licence.0.clone();
            thread::spawn(move || desk.settle(&token, &licence).unwrap())
        })
        .collect();
    let receipts: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert!(receipts.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
    assert_eq!(desk.center().sales(0, 10).unwrap().len(), 1);
}

#[test]
fn a_bit_flipped_in_any_byte_of_a_token_is_refused_and_the_private_key_is_not_used() {
    let (desk, mut card, order) = sale();
    let token = card.debit(&order.licence.0);
    for at in 0..token.len() {
        let mut bad = token.clone();
        bad[at] ^= 1;
        let code = code(desk.settle(&bad, &order.licence.0));
        let known = [ProblemCode::Malformed, ProblemCode::NotAuthentic, ProblemCode::NotFound];
        assert!(known.contains(&code), "byte {at}: {code:?}");
    }
    assert_eq!(desk.center().payment_key_operations(), 0);
    assert_eq!(desk.value(), [0, 10_000, 0, 0]);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Settled);
    assert_eq!(desk.center().payment_key_operations(), 1, "one private operation per sale");
}

#[test]
fn a_token_signed_again_by_another_registered_card_is_refused() {
    let (desk, mut card, order) = sale();
    let other = desk.customer();
    let token = Signed::<Token>::parse(&card.debit(&order.licence.0)).unwrap();
    let stolen = other.sign(token.message().clone());
    assert_eq!(code(desk.settle(&stolen, &order.licence.0)), ProblemCode::NotAuthentic);
    // With the thief's own account in the header the label no longer opens the key.
    let renamed = Token { account: other.account, ..token.message().clone() };
    let renamed = other.sign(renamed);
    assert_eq!(code(desk.settle(&renamed, &order.licence.0)), ProblemCode::Contradiction);
    assert_eq!(desk.value(), [0, 20_000, 0, 0]);
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
    assert_eq!(desk.center().payment_key_operations(), 0);
}

#[test]
fn a_token_that_contradicts_its_licence_is_refused_kept_and_not_booked() {
    let changes: [fn(&mut TokenPayload); 14] = [
        |paid| paid.amount = 299,
        |paid| paid.price_index = 1,
        |paid| paid.kind = Kind::Coupon,
        |paid| (paid.kind, paid.purse) = (Kind::Coupon, 2),
        |paid| paid.unit = Unit::new("USD").unwrap(),
        |paid| (paid.unit, paid.purse) = (Unit::new("USD").unwrap(), 3),
        |paid| paid.shop = ShopId([1; 16]),
        |paid| paid.order = OrderId([1; 16]),
        |paid| paid.content = ContentId([1; 16]),
        |paid| paid.content_version = 2,
        |paid| paid.licence = 2,
        |paid| paid.purse = 2,
        |paid| paid.purse = 9,
        |paid| (paid.price_index, paid.amount) = (255, 0),
    ];
    let (desk, card, order) = sale();
    for (number, change) in changes.into_iter().enumerate() {
        let token = card.clone().debit_with(&order.licence.0, change);
        let code = code(desk.settle(&token, &order.licence.0));
        assert_eq!(code, ProblemCode::Contradiction, "change {number}");
        assert_eq!(desk.center().books().unwrap().evidence, number as u64 + 1);
    }
    assert_eq!(desk.value(), [0, 10_000, 0, 0]);
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
fn a_signature_turned_to_its_other_half_is_the_same_payment() {
    let (desk, mut card, order) = sale();
    let token = card.debit(&order.licence.0);
    let turned = other_half(&order.licence.0);
    assert_ne!(turned, order.licence.0);
    assert_eq!(desk.outcome(&token, &turned), Outcome::Settled);
    let receipt = desk.settle(&token, &order.licence.0).unwrap();
    assert_eq!(desk.settle(&other_half(&token), &order.licence.0).unwrap(), receipt);
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
    assert_eq!(desk.center().books().unwrap().frozen, 0);
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
fn a_payment_that_comes_too_late_is_booked_to_suspense_with_a_receipt() {
    let (desk, mut card, order) = sale();
    let token = card.debit(&order.licence.0);
    desk.clock.advance(7 * 86_400 + 1);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Suspense);
    assert_eq!(desk.value(), [0, 9_700, 0, 300]);
    let receipt = desk.settle(&token, &order.licence.0).unwrap();
    assert_eq!(desk.settle(&token, &order.licence.0).unwrap(), receipt);
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
fn a_second_payment_of_one_order_is_booked_to_suspense() {
    let (desk, mut card, order) = sale();
    let first = card.debit(&order.licence.0);
    let second = card.debit(&order.licence.0);
    assert_eq!(desk.outcome(&first, &order.licence.0), Outcome::Settled);
    assert_eq!(desk.outcome(&second, &order.licence.0), Outcome::Suspense);
    assert_eq!(desk.value(), [0, 9_400, 300, 300]);
}

#[test]
fn more_than_the_card_was_given_is_booked_to_suspense_and_found() {
    let desk = Desk::open();
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
fn a_payment_before_its_loads_receipt_is_settled() {
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
