use super::*;
use crate::chain;
use crate::test_kit::sale::{PRICE, SOLD, delivery, pay, price, work};
use crate::test_kit::{PIN, TestCard, TestCenter, purse};
use alloc::vec::Vec;
use saifu_wire::Digest;
use saifu_wire::certificate::Role;
use saifu_wire::codec::List;
use saifu_wire::ins::Ins;
use saifu_wire::signed::{Event, Licence, Token};
use saifu_wire::value::{Kind, PurseTerms, Unit};

const NUMBER: u64 = 1;

/// A card that has bought licence 1, and the token it paid with.
fn bought(center: &TestCenter) -> (TestCard, Vec<u8>) {
    let mut card = center.customer(1, 1_000);
    let licence = center.issue(center.licence(card.id(), NUMBER));
    card.load_licence(&licence).unwrap();
    let token = card.buy(center, NUMBER).unwrap();
    (card, token)
}

fn refund(center: &TestCenter, card: &TestCard, token: &[u8]) -> Credit {
    Credit {
        refunded_token: chain::identity(&Signed::<Token>::parse(token).unwrap()),
        refunded_licence: NUMBER,
        ..center.load(card.id(), 2, PRICE)
    }
}

fn refused(center: &TestCenter, card: &mut TestCard, credit: Credit) -> u16 {
    card.refused(Ins::Credit, 0, 0, &center.sign(Role::Credit, credit).to_bytes())
}

#[test]
fn cr8_a_refund_pays_once_and_the_work_opens_no_more() {
    let center = TestCenter::new(9);
    let (mut card, token) = bought(&center);
    let credit = refund(&center, &card, &token);
    let answer = center.send(&mut card, Ins::Credit, credit.clone()).unwrap();
    let event = Signed::<Event>::parse(&answer).unwrap();
    assert_eq!((event.message().kind, event.message().amount), (EventKind::Refunded, PRICE));
    assert_eq!(card.purse(&center, 1).balance, 1_000);
    assert_eq!(center.send(&mut card, Ins::Credit, credit), Ok(answer), "again, and no more");
    assert_eq!(card.purse(&center, 1).balance, 1_000);
    assert_eq!(card.licence_state(&center, NUMBER).status, LicenceStatus::Refunded);
    let key = Key::ContentKey(center.id, NUMBER);
    assert!(!card.card.store().keys(key..=key).any(|found| found == key), "its key is gone");
    let mut card = card.power_cycle();
    assert_eq!(card.open(&center, NUMBER, &work(NUMBER, 1_000)), Err(0x6985));
    card.verify(PIN).unwrap();
    assert_eq!(card.debit(&center, NUMBER), Err(0x6985));
}

#[test]
fn a_stream_that_was_open_ends_with_the_refund() {
    let center = TestCenter::new(9);
    let (mut card, token) = bought(&center);
    let header = work(NUMBER, 1_000);
    let segments = delivery(NUMBER, &header);
    card.open(&center, NUMBER, &header).unwrap();
    assert!(card.decrypt(0, &segments[0]).is_ok());
    let credit = refund(&center, &card, &token);
    center.send(&mut card, Ins::Credit, credit).unwrap();
    assert_eq!(card.decrypt(1, &segments[1]), Err(0x6985));
}

#[test]
fn a_refund_of_another_token_or_of_what_is_not_paid_is_refused() {
    let center = TestCenter::new(9);
    let (mut card, token) = bought(&center);
    let credit = refund(&center, &card, &token);
    let other = Credit { refunded_token: Digest([1; 32]), ..credit.clone() };
    assert_eq!(refused(&center, &mut card, other), 0x6A80);
    let unpaid = center.issue(center.licence(card.id(), 2));
    card.load_licence(&unpaid).unwrap();
    let early = Credit { refunded_licence: 2, ..credit.clone() };
    assert_eq!(refused(&center, &mut card, early), 0x6985);
    center.send(&mut card, Ins::Credit, credit.clone()).unwrap();
    let twice = Credit { sequence: 3, ..credit };
    assert_eq!(refused(&center, &mut card, twice), 0x6985);
    assert_eq!(card.purse(&center, 1).balance, 1_000);
}

/// Opens purse 2, of these terms but for its number.
fn open_second(center: &TestCenter, card: &mut TestCard, terms: PurseTerms) {
    let opening = center.opening(card.id(), 1, &[PurseTerms { purse: 2, ..terms }]);
    center.send(card, Ins::OpenAccount, opening).unwrap();
}

#[test]
fn a_refund_is_at_most_what_was_paid() {
    let center = TestCenter::new(9);
    let (mut card, token) = bought(&center);
    let credit = refund(&center, &card, &token);
    let more = Credit { amount: PRICE + 1, ..credit.clone() };
    assert_eq!(refused(&center, &mut card, more), 0x6A80);
    let part = Credit { amount: PRICE - 1, ..credit };
    assert!(center.send(&mut card, Ins::Credit, part).is_ok());
    assert_eq!(card.purse(&center, 1).balance, 999);
}

#[test]
fn a_refund_is_of_the_kind_and_unit_that_was_paid() {
    let center = TestCenter::new(9);
    let dollars = PurseTerms { unit: Unit::new("USD").unwrap(), ..purse(2) };
    let coupons = PurseTerms { kind: Kind::Coupon, not_after: u64::MAX, ..purse(2) };
    for (terms, good) in [(dollars, false), (coupons, false), (purse(2), true)] {
        let (mut card, token) = bought(&center);
        let (kind, unit) = (terms.kind, terms.unit);
        open_second(&center, &mut card, terms);
        let first = Credit { purse: 2, sequence: 1, kind, unit, ..refund(&center, &card, &token) };
        if good {
            assert!(center.send(&mut card, Ins::Credit, first).is_ok());
            assert_eq!(card.purse(&center, 2).balance, PRICE);
        } else {
            assert_eq!(refused(&center, &mut card, first), 0x6A80);
        }
    }
}

#[test]
fn a_refund_of_what_a_purse_paid_before_its_end_goes_into_another_of_its_kind() {
    let center = TestCenter::new(9);
    let mut card = center.customer(1, 0);
    let coupon = |purse_number, not_after| PurseTerms {
        purse: purse_number,
        kind: Kind::Coupon,
        not_after,
        ..purse(2)
    };
    let purses = [coupon(2, SOLD), coupon(3, u64::MAX)];
    let opening = center.opening(card.id(), 1, &purses);
    center.send(&mut card, Ins::OpenAccount, opening).unwrap();
    let of = |purse, credit: Credit| Credit { purse, kind: Kind::Coupon, ..credit };
    let load = of(2, center.load(card.id(), 1, PRICE));
    center.send(&mut card, Ins::Credit, load).unwrap();
    let mut licence = center.licence(card.id(), NUMBER);
    licence.prices.0[0].kind = Kind::Coupon;
    card.load_licence(&center.issue(licence)).unwrap();
    card.verify(PIN).unwrap();
    let token = card.send(Ins::Debit, 0, 0, &pay(&center, NUMBER, 0, 2)).unwrap();
    card.set_time(&center, SOLD + 1).unwrap();
    let credit = refund(&center, &card, &token);
    assert_eq!(refused(&center, &mut card, of(2, credit.clone())), 0x6985);
    assert_eq!(card.licence_state(&center, NUMBER).status, LicenceStatus::Paid);
    let elsewhere = Credit { sequence: 1, ..of(3, credit) };
    assert!(center.send(&mut card, Ins::Credit, elsewhere).is_ok());
    assert_eq!((card.purse(&center, 2).balance, card.purse(&center, 3).balance), (0, PRICE));
}

#[test]
fn a_refund_is_measured_by_the_price_that_was_paid_and_not_by_another() {
    let center = TestCenter::new(9);
    let mut card = center.customer(1, 1_000);
    let prices = List(alloc::vec![price(700), price(PRICE)]);
    card.load_licence(&center.issue(Licence { prices, ..center.licence(card.id(), NUMBER) }))
        .unwrap();
    card.verify(PIN).unwrap();
    let token = card.send(Ins::Debit, 0, 0, &pay(&center, NUMBER, 1, 1)).unwrap();
    let credit = refund(&center, &card, &token);
    let other = Credit { amount: 700, ..credit.clone() };
    assert_eq!(refused(&center, &mut card, other), 0x6A80);
    assert!(center.send(&mut card, Ins::Credit, credit).is_ok());
}

#[test]
fn a_refund_of_a_licence_that_is_not_there_keeps_it_out() {
    let center = TestCenter::new(9);
    let (mut card, token) = bought(&center);
    let credit = Credit { refunded_licence: 5, ..refund(&center, &card, &token) };
    center.send(&mut card, Ins::Credit, credit).unwrap();
    let late = center.issue(center.licence(card.id(), 5));
    assert_eq!(card.load_licence(&late), Err(0x6985));
    let other = center.issue(center.licence(card.id(), 6));
    assert!(card.load_licence(&other).is_ok());
}
