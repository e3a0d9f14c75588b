use std::sync::Arc;

use saifu_center::crypto::ecdsa::SigningKey;
use saifu_wire::{AccountId, CenterId, Digest, OrderId, ShopId};

use super::super::tally::{Paid, Purse};
use super::*;

/// Three payments of 300 by one card, at two shops.
fn world() -> (Seen, Booked) {
    let (mut seen, mut booked) = (Seen::default(), Booked::default());
    let (account, unit) = (AccountId([7; 16]), Unit::new("JPY").unwrap());
    for (number, shop) in [(1, 1), (2, 1), (3, 2)] {
        let paid = Paid {
            identity: Digest([number; 32]),
            token: vec![],
            licence: vec![],
            account,
            order: OrderId([number; 16]),
            shop: ShopId([shop; 16]),
            kind: Kind::BitCash,
            unit,
            amount: 300,
        };
        seen.receipts.insert(paid.identity, receipt(&paid, number.into()));
        booked.sales.push(sale(&paid, number.into()));
        seen.paid.push(Arc::new(paid));
    }
    seen.purses =
        vec![Purse { account, kind: Kind::BitCash, unit, loaded: 10_000, balance: 9_100 }];
    for (holder, amount) in
        [(Holder::Issued, -10_000), (Holder::Card, 9_100), (Holder::Settled, 900)]
    {
        booked.held.insert((Kind::BitCash, unit, holder as u8), amount);
    }
    (seen, booked)
}

fn receipt(paid: &Paid, entry: u64) -> Vec<u8> {
    let receipt = Receipt {
        center: CenterId::ZERO,
        signer: 1,
        account: paid.account,
        token: paid.identity,
        counter: 1,
        outcome: Outcome::Settled,
        entry,
        time: 0,
    };
    let key = SigningKey::generate().unwrap();
    Signed::sign(receipt, |bytes| key.sign(bytes)).unwrap().to_bytes()
}

fn sale(paid: &Paid, entry: u64) -> Sale {
    Sale {
        entry,
        booked: 0,
        outcome: Outcome::Settled,
        reason: String::new(),
        token: paid.identity,
        resolved: None,
        order: paid.order,
        account: paid.account,
        shop: paid.shop,
        title: String::new(),
        kind: paid.kind,
        unit: paid.unit,
        amount: paid.amount,
    }
}

/// What is found once this is wrong.
#[track_caller]
fn found(plant: impl FnOnce(&mut Seen, &mut Booked)) -> Verdict {
    let (mut seen, mut booked) = world();
    plant(&mut seen, &mut booked);
    let verdict = compare(&seen, &booked);
    assert!(!verdict.is_good(), "nothing is found");
    verdict
}

#[test]
fn what_agrees_gives_no_finding() {
    let (seen, booked) = world();
    assert_eq!(compare(&seen, &booked), Verdict::default());
}

#[test]
fn a_payment_that_is_not_in_the_books_is_lost() {
    let verdict = found(|_, booked| drop(booked.sales.pop()));
    assert_eq!((verdict.lost, verdict.doubled), (1, 0));
}

#[test]
fn a_payment_without_receipt_is_lost() {
    let verdict = found(|seen, _| drop(seen.receipts.pop_first()));
    assert_eq!((verdict.lost, verdict.doubled), (1, 0));
}

#[test]
fn a_sale_that_is_booked_twice_or_that_nobody_paid_is_doubled() {
    let again = |_: &mut Seen, booked: &mut Booked| {
        let again = Sale { entry: 9, ..booked.sales[0].clone() };
        booked.sales.push(again);
    };
    let unpaid = |seen: &mut Seen, _: &mut Booked| drop(seen.paid.pop());
    for verdict in [found(again), found(unpaid)] {
        assert_eq!((verdict.lost, verdict.doubled), (0, 1));
    }
}

#[test]
fn one_unit_in_another_place_is_found_at_the_card_the_shop_and_the_ledger() {
    found(|seen, _| seen.purses[0].balance += 1);
    found(|seen, _| seen.purses[0].loaded -= 1);
    found(|_, booked| booked.sales[0].amount += 1);
    found(|_, booked| booked.sales[0].shop = ShopId([2; 16]));
    found(|_, booked| booked.sales[0].kind = Kind::Ticket);
    found(|_, booked| *booked.held.values_mut().next().unwrap() += 1);
    found(|_, booked| booked.held.clear());
}

#[test]
fn a_receipt_of_another_entry_or_of_one_that_is_not_settled_is_found() {
    found(|seen, _| {
        let other = receipt(&seen.paid[0], 2);
        seen.receipts.insert(seen.paid[0].identity, other);
    });
    found(|_, booked| booked.sales[0].outcome = Outcome::Suspense);
}

#[test]
fn what_the_center_answered_and_must_not_is_told() {
    found(|seen, _| seen.wrong.push("a token has two receipts".into()));
}
