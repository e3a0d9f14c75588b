//! Payments that are repeated, changed, signed again or too late (PA7 to PA10, PA13).

use std::sync::Arc;
use std::thread;

use saifu_center_api::ProblemCode;
use saifu_wire::signed::{Outcome, Signed, Token, TokenPayload};
use saifu_wire::value::{Kind, Unit};
use saifu_wire::{ContentId, OrderId, ShopId};

use super::{EVIDENCE, Stored, each_flipped, sales, signed, unsigned};
use crate::card::Card;
use crate::desk::code;

#[test]
fn pa7_a_token_sent_in_a_thousand_times_is_booked_once_with_the_same_receipt() {
    let (mut desk, mut card, [order]) = sales();
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
fn pa7_a_token_sent_in_by_sixty_four_threads_at_once_is_booked_once_with_the_same_receipt() {
    let (desk, mut card, [order]) = sales();
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
fn pa8_a_token_with_any_bit_flipped_is_refused_and_the_private_key_is_not_used() {
    let (desk, mut card, [order]) = sales();
    let (token, before) = (card.debit(&order.licence.0), Stored::of(&desk));
    for (bit, bad) in each_flipped(&token) {
        let code = code(desk.settle(&bad, &order.licence.0));
        let known = [ProblemCode::Malformed, ProblemCode::NotAuthentic, ProblemCode::NotFound];
        assert!(known.contains(&code), "bit {bit}: {code:?}");
    }
    assert_eq!(desk.center().payment_key_operations(), 0);
    before.has_not_moved(&desk, &[]);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Settled);
    assert_eq!(desk.center().payment_key_operations(), 1, "one private operation per sale");
}

#[test]
fn pa8_a_flipped_bit_is_refused_of_a_token_that_is_settled_or_comes_without_its_licence_too() {
    let (desk, mut card, [order]) = sales();
    let token = card.debit(&order.licence.0);
    let receipt = desk.settle_alone(&token).unwrap();
    let before = Stored::of(&desk);
    for (bit, bad) in each_flipped(&token) {
        assert!(desk.settle_alone(&bad).is_err(), "bit {bit}");
    }
    assert_eq!(desk.center().payment_key_operations(), 1);
    assert_eq!(desk.settle_alone(&token).unwrap(), receipt);
    before.has_not_moved(&desk, &[]);
}

#[test]
fn pa9_a_token_signed_again_by_another_registered_card_is_refused() {
    let (desk, mut card, [order]) = sales();
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
fn pa9_a_token_signed_again_by_a_card_that_nobody_knows_or_by_no_card_is_refused() {
    let (desk, mut card, [order]) = sales();
    let token = card.debit(&order.licence.0);
    let before = Stored::of(&desk);
    let forger = Card::new();
    for forged in [
        signed(&forger, unsigned(&token)),
        [unsigned(&token), &[0; 64]].concat(),
        [unsigned(&token), &[0xFF; 64]].concat(),
    ] {
        assert_eq!(code(desk.settle(&forged, &order.licence.0)), ProblemCode::NotAuthentic);
    }
    assert_eq!(desk.center().payment_key_operations(), 0);
    before.has_not_moved(&desk, &[]);
}

#[test]
fn pa10_a_token_under_the_header_of_another_card_is_refused_whoever_signs_it() {
    let (desk, mut card, [order]) = sales();
    let mut other = desk.customer();
    let foreign = desk.order(&other, &order.work, "other").unwrap();
    let [own, theirs] = [card.debit(&order.licence.0), other.debit(&foreign.licence.0)];
    let [own, theirs] = [own, theirs].map(|token| Signed::<Token>::parse(&token).unwrap());
    let (body, head) = (own.message().clone(), theirs.message().clone());
    let Token { wrapped_key, sealed_payload, .. } = body.clone();
    let whole = Token { wrapped_key, sealed_payload, ..head.clone() };
    let mixed = [
        whole,
        Token { account: head.account, ..body.clone() },
        Token { previous: head.previous, ..body.clone() },
        Token { commitment: head.commitment, ..body.clone() },
        Token { wrapped_key: head.wrapped_key, ..body.clone() },
        Token { sealed_payload: head.sealed_payload, ..body },
    ];
    let before = Stored::of(&desk);
    for token in mixed {
        for signer in [&card, &other] {
            let is_own = token.account == signer.account;
            let refused =
                if is_own { ProblemCode::Contradiction } else { ProblemCode::NotAuthentic };
            for licence in [&order.licence.0, &foreign.licence.0] {
                let token = signer.sign(token.clone());
                assert_eq!(code(desk.settle(&token, licence)), refused, "{token:?}");
            }
        }
    }
    before.has_not_moved(&desk, EVIDENCE);
}

#[test]
fn pa13_a_token_that_contradicts_its_licence_is_refused_kept_and_not_booked() {
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
    let (desk, card, [order]) = sales();
    for (number, change) in changes.into_iter().enumerate() {
        let token = card.clone().debit_with(&order.licence.0, change);
        let code = code(desk.settle(&token, &order.licence.0));
        assert_eq!(code, ProblemCode::Contradiction, "change {number}");
        assert_eq!(desk.center().books().unwrap().evidence, number as u64 + 1);
    }
    assert_eq!(desk.value(), [0, 10_000, 0, 0]);
}

#[test]
fn pa13_a_payment_that_comes_too_late_is_booked_to_suspense_with_a_receipt() {
    let (desk, mut card, [order]) = sales();
    let token = card.debit(&order.licence.0);
    desk.clock.advance(7 * 86_400 + 1);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Suspense);
    assert_eq!(desk.value(), [0, 9_700, 0, 300]);
    let receipt = desk.settle(&token, &order.licence.0).unwrap();
    assert_eq!(desk.settle(&token, &order.licence.0).unwrap(), receipt);
}

#[test]
fn pa13_a_second_payment_of_one_order_is_booked_to_suspense() {
    let (desk, mut card, [order]) = sales();
    let first = card.debit(&order.licence.0);
    let second = card.debit(&order.licence.0);
    assert_eq!(desk.outcome(&first, &order.licence.0), Outcome::Settled);
    assert_eq!(desk.outcome(&second, &order.licence.0), Outcome::Suspense);
    assert_eq!(desk.value(), [0, 9_400, 300, 300]);
}
