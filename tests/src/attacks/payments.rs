//! What a terminal tries in order to pay less, or to have a payment lost.

use crate::fixture::{OUTBOX_PLACES, PIN, PRICE, TestCard, TestCenter, buyer, price};
use saifu_wire::ins::Ins;
use saifu_wire::value::{Kind, Price, Unit};

use super::kit::{account_for, pay};
use super::tally::Tally;

/// DEBIT after a VERIFY; it must be refused.
fn refused(t: &mut Tally, card: &mut TestCard, word: u16, data: &[u8]) {
    card.verify(PIN).expect("the right PIN");
    t.refused(card, word, Ins::Debit, [0, 0], data);
}

pub(super) fn pa1_a_debit_without_a_verify_of_its_own_session_is_refused(t: &mut Tally) {
    let (mut card, center) = buyer(0xCA, 1_000, 1..=1);
    let debit = pay(&center, 1, 0, 1);
    t.refused(&mut card, 0x6982, Ins::Debit, [0, 0], &debit);
    card.verify(PIN).unwrap();
    card.reset();
    card.select();
    t.refused(&mut card, 0x6982, Ins::Debit, [0, 0], &debit);
    card.verify(PIN).unwrap();
    assert!(card.send(Ins::Debit, 0, 0, &debit).is_ok());
    account_for(&mut card, &center, 1_000);
}

pub(super) fn pa2_a_price_or_a_purse_that_the_licence_does_not_name_pays_nothing(t: &mut Tally) {
    let (mut card, center) = buyer(0xCA, 1_000, 1..=1);
    refused(t, &mut card, 0x6A80, &pay(&center, 1, 1, 1));
    refused(t, &mut card, 0x6A88, &pay(&center, 1, 0, 3));
    refused(t, &mut card, 0x6A88, &pay(&center, 2, 0, 1));
    refused(t, &mut card, 0x6A88, &pay(&TestCenter::new(0xC2), 1, 0, 1));
    assert_eq!(account_for(&mut card, &center, 1_000).balance(1), 1_000);
}

pub(super) fn pa3_a_purse_one_yen_short_does_not_pay_and_one_with_the_price_does(t: &mut Tally) {
    let (mut card, center) = buyer(0xCA, PRICE - 1, 1..=1);
    refused(t, &mut card, 0x6985, &pay(&center, 1, 0, 1));
    account_for(&mut card, &center, PRICE - 1);
    card.credit(&center.load(card.id(), 1, 2, 1)).unwrap();
    assert!(card.buy(&center, 1).is_ok());
    assert_eq!(account_for(&mut card, &center, PRICE).balance(1), 0);
}

pub(super) fn pa3_v4_a_rich_purse_of_another_kind_or_unit_pays_nothing(t: &mut Tally) {
    let (mut card, center) = buyer(0xCA, PRICE, 1..=1);
    card.credit(&center.load(card.id(), 2, 1, 100_000)).unwrap();
    refused(t, &mut card, 0x6985, &pay(&center, 1, 0, 2));
    let euro = Price { unit: Unit::new("EUR").unwrap(), ..price(PRICE) };
    let coupon = Price { kind: Kind::Coupon, ..price(PRICE) };
    let keys = card.keys();
    for (number, other) in [(2, euro), (3, coupon)] {
        let other = |licence: &mut saifu_wire::signed::Licence| licence.prices.0 = vec![other];
        let delivery = center.deliver_as(&keys, number, b"work", other);
        card.load_licence(&delivery.licence).unwrap();
        refused(t, &mut card, 0x6985, &pay(&center, number, 0, 1));
        refused(t, &mut card, 0x6985, &pay(&center, number, 0, 2));
    }
    let seen = account_for(&mut card, &center, PRICE);
    assert_eq!((seen.balance(1), seen.balance(2)), (PRICE, 100_000));
}

pub(super) fn pa4_a_debit_again_whatever_was_lost_is_the_same_token_and_one_debit(t: &mut Tally) {
    let (mut card, center) = buyer(0xCA, 1_000, 1..=1);
    let token = card.buy(&center, 1).unwrap();
    let stored = card.image();
    assert_eq!(card.debit(&center, 1).unwrap(), token, "again");
    card.power_cycle();
    assert_eq!(card.debit(&center, 1).unwrap(), token, "after a cut, and without a VERIFY");
    assert_eq!(card.send(Ins::Debit, 0, 0, &pay(&center, 1, 7, 9)).unwrap(), token);
    assert!(card.image() == stored);
    assert_eq!(account_for(&mut card, &center, 1_000).balance(1), 700);
    card.acknowledge(&center.receipt(&token, 1)).unwrap();
    assert!(card.buy(&center, 1).unwrap().is_empty(), "acknowledged: done, and no data");
    t.accepted();
    assert_eq!(account_for(&mut card, &center, 1_000).balance(1), 700);
}

pub(super) fn pa5_with_a_full_outbox_nothing_is_paid_until_a_receipt_makes_room(t: &mut Tally) {
    let places = OUTBOX_PLACES;
    let loaded = PRICE * (places + 1);
    let (mut card, center) = buyer(0xCA, loaded, 1..=places + 1);
    let tokens: Vec<_> = (1..=places).map(|number| card.buy(&center, number).unwrap()).collect();
    refused(t, &mut card, 0x6A84, &pay(&center, places + 1, 0, 1));
    assert_eq!(account_for(&mut card, &center, loaded).balance(1), PRICE);
    card.acknowledge(&center.receipt(&tokens[7], 1)).unwrap();
    assert!(card.buy(&center, places + 1).is_ok());
    assert_eq!(account_for(&mut card, &center, loaded).balance(1), 0);
}

pub(super) fn id10_one_verify_pays_once(t: &mut Tally) {
    let (mut card, center) = buyer(0xCA, 1_000, 1..=2);
    card.buy(&center, 1).unwrap();
    t.refused(&mut card, 0x6982, Ins::Debit, [0, 0], &pay(&center, 2, 0, 1));
    assert!(card.send(Ins::GetBalance, 0, 0, &center.id().0).is_ok(), "reading stays allowed");
    card.buy(&center, 2).unwrap();
    assert_eq!(account_for(&mut card, &center, 1_000).balance(1), 400);
}

pub(super) fn pa15_a_receipt_that_is_forged_or_for_another_token_takes_nothing_out(t: &mut Tally) {
    let (mut card, center) = buyer(0xCA, 1_000, 1..=2);
    let token = card.buy(&center, 1).unwrap();
    let genuine = center.receipt(&token, 1);
    for at in 0..genuine.to_bytes().len() {
        let mut forged = genuine.to_bytes();
        forged[at] ^= 0x01;
        t.refused(&mut card, 0x6A80, Ins::Acknowledge, [0, 0], &forged);
    }
    let mut unknown = center.receipt_for(&token, 1);
    unknown.counter += 1;
    let unknown = center.sign(saifu_wire::certificate::Role::Receipt, unknown);
    t.refused(&mut card, 0x6A88, Ins::Acknowledge, [0, 0], &unknown.to_bytes());
    let mut other = center.receipt_for(&token, 1);
    other.token.0[0] ^= 1;
    let other = center.sign(saifu_wire::certificate::Role::Receipt, other);
    t.refused(&mut card, 0x6A88, Ins::Acknowledge, [0, 0], &other.to_bytes());
    card.acknowledge(&genuine).unwrap();
    let stored = card.image();
    card.acknowledge(&genuine).unwrap();
    assert!(card.image() == stored, "again changes nothing");
    account_for(&mut card, &center, 1_000);
}
