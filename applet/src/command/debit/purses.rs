//! Which purse pays for what, command by command; the rules themselves are tested in `purse`.

use alloc::vec;
use alloc::vec::Vec;

use super::tests::{balance, card_with, load, load_licence_at, refused, with_purses};
use saifu_wire::codec::List;
use saifu_wire::ins::Ins;
use saifu_wire::value::{Kind, Price, PurseTerms, ScopeKind, Unit};
use saifu_wire::{CenterId, ShopId};

use crate::test_kit::sale::{PRICE, SOLD, pay, price};
use crate::test_kit::{PIN, TestCard, TestCenter, purse};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

#[test]
fn no_payment_is_above_the_card_s_limit() {
    let mut card = card_with(10_000, |licence| licence.prices = List(vec![price(5_001)]));
    assert_eq!(refused(&mut card, 1, 0, 1), 0x6985);
    load_licence_at(&mut card, 2, price(5_000));
    assert!(card.buy(&CENTER, 2).is_ok());
}

#[test]
fn id2_a_purse_bound_to_a_shop_pays_no_other_shop() {
    let bound = PurseTerms { scope: ScopeKind::Shop, scope_id: [0x51; 16], ..purse(1) };
    let mut card = with_purses(core::slice::from_ref(&bound));
    load(&mut card, &bound, 1_000);
    let sell = |card: &mut TestCard, number, shop| {
        let mut licence = CENTER.licence(card.id(), number);
        licence.shop = ShopId([shop; 16]);
        card.load_licence(&CENTER.issue(licence)).unwrap();
    };
    sell(&mut card, 1, 0x52);
    sell(&mut card, 2, 0x51);
    assert_eq!(refused(&mut card, 1, 0, 1), 0x6985);
    assert!(card.debit(&CENTER, 2).is_ok());
}

#[test]
fn id2_a_licence_debits_no_purse_of_another_center() {
    let mut card = CENTER.customer(1, 1_000);
    let other = TestCenter::new(0xC2);
    other.introduce(&mut card);
    let opening = other.opening(card.id(), 0, &[purse(2)]);
    other.send(&mut card, Ins::OpenAccount, opening).unwrap();
    card.load_licence(&other.issue(other.licence(card.id(), 1))).unwrap();
    card.verify(PIN).unwrap();
    assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&other, 1, 0, 1)), 0x6A88);
    assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&CENTER, 1, 0, 1)), 0x6A88);
}

#[test]
fn id5_two_purses_of_one_kind_are_one_chain() {
    let mut card = with_purses(&[purse(1), purse(2)]);
    let mut links = Vec::new();
    for number in [1, 2] {
        load(&mut card, &purse(number), 1_000);
        load_licence_at(&mut card, u64::from(number), price(PRICE));
        card.verify(PIN).unwrap();
        let debit = pay(&CENTER, u64::from(number), 0, number);
        let token = card.send(Ins::Debit, 0, 0, &debit).unwrap();
        links.push(CENTER.read(&card, &token).0.counter);
    }
    assert_eq!(links, [3, 5]);
    assert_eq!((balance(&card, 1), balance(&card, 2)), (700, 700));
}

#[test]
fn id10_what_needs_no_pin_adds_up_over_all_purses_and_centers() {
    let mut card = with_purses(&[purse(1), purse(2)]);
    let other = TestCenter::new(0xC2);
    other.introduce(&mut card);
    let opening = other.opening(card.id(), 0, &[purse(1)]);
    other.send(&mut card, Ins::OpenAccount, opening).unwrap();
    for number in [1, 2] {
        load(&mut card, &purse(number), 1_000);
    }
    let credit = other.load(card.id(), 1, 1_000);
    other.send(&mut card, Ins::Credit, credit).unwrap();
    for (center, number, amount) in
        [(&CENTER, 1, 100), (&CENTER, 2, 51), (&CENTER, 3, 1), (&other, 1, 51), (&other, 2, 50)]
    {
        let mut licence = center.licence(card.id(), number);
        licence.prices = List(vec![price(amount)]);
        card.load_licence(&center.issue(licence)).unwrap();
    }
    card.send(Ins::Debit, 0, 0, &pay(&CENTER, 1, 0, 1)).unwrap();
    assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&CENTER, 2, 0, 2)), 0x6982);
    assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&other, 1, 0, 1)), 0x6982);
    card.send(Ins::Debit, 0, 0, &pay(&other, 2, 0, 1)).unwrap();
    assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&CENTER, 3, 0, 2)), 0x6982);
}

#[test]
fn id10_a_ticket_is_not_given_without_a_pin_though_its_number_is_small() {
    let unit = Unit::new("SHOW7").unwrap();
    let ticket = PurseTerms {
        kind: Kind::Ticket,
        unit,
        scope: ScopeKind::Shop,
        scope_id: [0x51; 16],
        face_amount: 1,
        ..purse(2)
    };
    let mut card = with_purses(&[purse(1), ticket.clone()]);
    load(&mut card, &purse(1), 1_000);
    load(&mut card, &ticket, 5);
    let piece = Price { kind: Kind::Ticket, unit, ..price(1) };
    for (number, price) in [(1, piece), (2, price(1))] {
        let mut licence = CENTER.licence(card.id(), number);
        licence.shop = ShopId([0x51; 16]);
        licence.prices = List(vec![price]);
        card.load_licence(&CENTER.issue(licence)).unwrap();
    }
    let admission = pay(&CENTER, 1, 0, 2);
    assert_eq!(card.refused(Ins::Debit, 0, 0, &admission), 0x6982);
    assert!(card.debit(&CENTER, 2).is_ok(), "one yen needs no PIN");
    card.verify(PIN).unwrap();
    assert!(card.send(Ins::Debit, 0, 0, &admission).is_ok());
    assert_eq!((balance(&card, 1), balance(&card, 2)), (999, 4));
}

#[test]
fn id9_a_cheque_of_500_does_not_pay_300() {
    let unit = Unit::new("JPY").unwrap();
    let cheque = PurseTerms { kind: Kind::Cheque, face_amount: 500, max_balance: 500, ..purse(1) };
    let mut card = with_purses(core::slice::from_ref(&cheque));
    load(&mut card, &cheque, 500);
    let asked = |amount| Price { kind: Kind::Cheque, unit, amount, scope: ScopeKind::Any };
    for (number, amount) in [(1, 300), (2, 1_000), (3, 500)] {
        load_licence_at(&mut card, number, asked(amount));
    }
    assert_eq!(refused(&mut card, 1, 0, 1), 0x6985);
    assert_eq!(refused(&mut card, 2, 0, 1), 0x6985);
    assert!(card.debit(&CENTER, 3).is_ok());
    assert_eq!(balance(&card, 1), 0);
}

#[test]
fn id9_a_coupon_past_its_date_pays_nothing() {
    let coupon = PurseTerms { kind: Kind::Coupon, not_after: SOLD, ..purse(1) };
    let mut card = with_purses(core::slice::from_ref(&coupon));
    load(&mut card, &coupon, 1_000);
    for number in [1, 2] {
        load_licence_at(&mut card, number, Price { kind: Kind::Coupon, ..price(PRICE) });
    }
    assert!(card.buy(&CENTER, 1).is_ok());
    let mut later = CENTER.licence(card.id(), 3);
    later.time = SOLD + 1;
    card.load_licence(&CENTER.issue(later)).unwrap();
    assert_eq!(refused(&mut card, 2, 0, 1), 0x6985);
}
