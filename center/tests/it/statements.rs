//! A shop's statement, and what is paid out by it.

use saifu_center::ledger::{LineKind, Statement, StatementAsked, reconcile};
use saifu_center::shops::ShopChange;
use saifu_center::store::{NewPayout, TokenName};
use saifu_center_api::ProblemCode;
use saifu_wire::value::{Kind, Unit};
use saifu_wire::{OrderId, ShopId};

use crate::desk::{Desk, NOW};

fn statement(desk: &Desk, from: u64, to: Option<u64>) -> Statement {
    let unit = Unit::new("JPY").unwrap();
    let (shop, kind) = (ShopId::ZERO, Kind::BitCash);
    let asked = StatementAsked { shop, kind, unit, from, to, after: 0, limit: 100 };
    desk.center().statement(asked).unwrap()
}

fn payout(amount: u64, reference: &str) -> NewPayout {
    let unit = Unit::new("JPY").unwrap();
    let reference = reference.to_owned();
    NewPayout { shop: ShopId::ZERO, kind: Kind::BitCash, unit, amount, reference }
}

/// A center that has sold a work for 300 `times` times, an hour apart.
fn sold(times: u64) -> Desk {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    for time in 0..times {
        let order = desk.order(&card, &work, &format!("key-{time}")).unwrap();
        desk.settle(&card.debit(&order.licence.0), &order.licence.0).unwrap();
        desk.clock.advance(3_600);
    }
    desk
}

#[test]
fn a_statement_has_the_sales_of_its_period_and_what_was_there_before() {
    let desk = sold(5);
    let is = statement(&desk, NOW + 3_600, Some(NOW + 3 * 3_600));
    assert_eq!((is.opening.balance(), is.closing.balance()), (300, 900));
    assert_eq!(is.moved().unwrap().of(LineKind::Sale).count, 2);
    assert_eq!(is.lines.iter().map(|line| line.amount).collect::<Vec<_>>(), [300, 300]);
    assert!(is.lines[0].note.starts_with("It was a bright"), "{:?}", is.lines[0]);
    let whole = statement(&desk, 0, None);
    assert_eq!((whole.closing.balance(), whole.lines.len()), (1_500, 5));
    let none = statement(&desk, NOW + 86_400, None);
    assert_eq!((none.opening, none.closing, none.lines.len()), (whole.closing, whole.closing, 0));
}

#[test]
fn a_late_payment_is_shown_in_suspense_and_counts_once_it_is_settled() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    let token = card.debit(&order.licence.0);
    desk.clock.advance(7 * 86_400 + 1);
    desk.settle(&token, &order.licence.0).unwrap();
    let is = statement(&desk, 0, None);
    assert_eq!(is.closing.balance(), 0);
    assert_eq!(is.moved().unwrap().of(LineKind::Suspense).amount, 300);
    assert_eq!(is.lines[0].note, "the order has expired");
    desk.center().resolve(TokenName::Identity(card.previous)).unwrap();
    let is = statement(&desk, 0, None);
    assert_eq!(is.closing.balance(), 300);
    let kinds: Vec<_> = is.lines.iter().map(|line| line.kind).collect();
    assert_eq!(kinds, [LineKind::Suspense, LineKind::Resolved]);
    assert_eq!(is.lines[1].order, is.lines[0].order);
    assert!(is.lines[1].order.is_some());
}

#[test]
fn a_shop_is_paid_out_once_for_a_reference_and_never_more_than_is_settled() {
    let mut desk = sold(2);
    let refused = |payout| desk.center().pay_out(payout).unwrap_err();
    let over = refused(payout(601, "november"));
    assert!(over.code() == ProblemCode::Conflict && over.to_string().contains("600"), "{over}");
    let made = desk.center().pay_out(payout(400, "november")).unwrap();
    assert_eq!(desk.center().pay_out(payout(400, "november")).unwrap(), made);
    let other = refused(payout(200, "november"));
    assert!(other.to_string().contains("payout of 400"), "{other}");
    assert_eq!(refused(payout(201, "december")).code(), ProblemCode::Conflict);
    desk.reopen();
    assert_eq!(desk.center().pay_out(payout(400, "november")).unwrap(), made);
    desk.center().pay_out(payout(200, "december")).unwrap();
    assert_eq!(desk.value(), [0, 9_400, 0, 0]);
    assert_eq!(reconcile(&desk.center().books().unwrap()).kinds[0].redeemed, 600);
    let is = statement(&desk, 0, None);
    assert_eq!((is.closing.balance(), is.moved().unwrap().gross()), (0, 600));
    assert_eq!(is.lines[2].note, "november");
}

#[test]
fn a_payout_without_amount_or_usable_reference_is_refused() {
    let desk = sold(1);
    let long = "x".repeat(101);
    for (amount, reference) in [(0, "a"), (1, ""), (1, long.as_str()), (1, "a\nb")] {
        let refusal = desk.center().pay_out(payout(amount, reference)).unwrap_err();
        assert_eq!(refusal.code(), ProblemCode::Malformed, "{reference:?}");
    }
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
}

#[test]
fn a_page_has_between_one_and_a_thousand_lines() {
    let desk = sold(1);
    let asked = statement(&desk, 0, None).asked;
    for (limit, is_fine) in [(0, false), (1, true), (1_000, true), (1_001, false)] {
        let answer = desk.center().statement(StatementAsked { limit, ..asked });
        assert_eq!(answer.is_ok(), is_fine, "{limit}");
    }
}

#[test]
fn the_books_time_does_not_go_back_with_the_clock() {
    let desk = sold(1);
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    desk.clock.advance(0_u64.wrapping_sub(1_800));
    desk.settle(&card.debit(&order.licence.0), &order.licence.0).unwrap();
    let lines = statement(&desk, 0, None).lines;
    assert_eq!(lines[1].booked, NOW + 3_600, "the entry before was booked then");
}

fn set_fee(desk: &Desk, basis_points: u32) {
    let change = ShopChange { fee_basis_points: Some(basis_points), ..ShopChange::default() };
    desk.center().change_shop(ShopId::ZERO, change).unwrap();
}

#[test]
fn another_fee_is_for_what_is_sold_from_then_on_and_the_past_reads_as_it_did() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let mut buy = |key: &str| {
        desk.clock.advance(3_600);
        desk.buy(&mut card, &work, key).0
    };
    set_fee(&desk, 500);
    set_fee(&desk, 250);
    buy("one");
    buy("two");
    let since = NOW + 2 * 3_600 + 1;
    let to = Some(since);
    let past = statement(&desk, 0, to);
    assert_eq!((past.fee(), past.payable(), past.basis_points), (15, 585, 250));
    set_fee(&desk, 1_000);
    assert_eq!(statement(&desk, 0, to), past, "before anything is sold at the other");
    assert_eq!(statement(&desk, 0, None).basis_points, 1_000);
    let third = buy("three");
    assert_eq!(statement(&desk, 0, to), past);
    let then = statement(&desk, since, None);
    assert_eq!((then.opening_fee, then.fee(), then.payable()), (15, 30, 900 - 45));
    let over = desk.center().pay_out(payout(856, "november")).unwrap_err().to_string();
    assert!(over.contains("855 JPY are payable") && over.contains("fee of 45 JPY"), "{over}");
    desk.center().pay_out(payout(500, "november")).unwrap();
    assert_eq!(statement(&desk, 0, None).payable(), 355);
    let order = OrderId::from_hex(&third.id).unwrap();
    desk.center().refund(order, "on purpose").unwrap();
    let load = desk.open_load(&card).unwrap();
    desk.credit(&card, &load).unwrap();
    let now = statement(&desk, 0, None);
    assert_eq!((now.moved().unwrap().gross(), now.fee(), now.payable()), (600, 15, 85));
    desk.center().pay_out(payout(85, "december")).unwrap();
    assert!(desk.center().pay_out(payout(1, "january")).is_err());
    assert_eq!(statement(&desk, 0, to), past);
}

#[test]
fn no_period_rounds_the_fee_alone() {
    let desk = sold(3);
    set_fee(&desk, 1);
    let (work, mut card) = (desk.sell("jpy:330"), desk.customer());
    for key in 0..12 {
        desk.clock.advance(3_600);
        desk.buy(&mut card, &work, &key.to_string());
    }
    let whole = statement(&desk, 0, None);
    let since = NOW + 3 * 3_600;
    let fee = |hour: u64| {
        let from = since + hour * 3_600;
        statement(&desk, from, Some(from + 3_600)).fee()
    };
    let fees: Vec<_> = (0..=12).map(fee).collect();
    assert_eq!((whole.fee(), fees.iter().sum::<i128>()), (0, 0), "0.396 of 12 times 330: {fees:?}");
    set_fee(&desk, 100);
    for key in 12..18 {
        desk.clock.advance(3_600);
        desk.buy(&mut card, &work, &key.to_string());
    }
    let fees: Vec<_> = (13..=18).map(fee).collect();
    assert_eq!((statement(&desk, 0, None).fee(), fees.iter().sum()), (19, 19), "19.8: {fees:?}");
}
