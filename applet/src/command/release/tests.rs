use super::*;
use saifu_wire::CenterId;
use saifu_wire::certificate::{Name, Role};
use saifu_wire::ins::Ins;
use saifu_wire::signed::{Event, Signed, Token};

use crate::chain;
use crate::test_kit::holds::Standing;
use crate::test_kit::sale::{PRICE, SOLD, delivery, work};
use crate::test_kit::{TestCard, TestCenter, certify, encryption_key, public_rsa};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

/// A card with 700 yen, and 300 on hold for licence 1.
fn held() -> TestCard {
    let mut card = CENTER.decrypt_first(1_000, |_| ());
    card.hold(&CENTER, 1).unwrap();
    card
}

fn refused(card: &mut TestCard, number: u64) -> u16 {
    card.refused(Ins::Release, 0, 0, &CENTER.named(number))
}

#[test]
fn a_released_hold_is_a_payment_that_the_center_can_read() {
    let mut card = CENTER.decrypt_first(1_000, |_| ());
    let event: Signed<Event> = Signed::parse(&card.hold(&CENTER, 1).unwrap()).unwrap();
    let token = card.release(&CENTER, 1).unwrap();
    let (header, payload) = CENTER.read(&card, &token);
    assert_eq!((header.counter, header.previous), (4, chain::identity(&event)));
    assert_eq!((payload.licence, payload.purse, payload.price_index), (1, 1, 0));
    assert_eq!((payload.amount, payload.balance), (PRICE, 700));
    let expected = Standing {
        status: LicenceStatus::Released,
        uses_left: u32::MAX,
        balance: 700,
        held: 0,
        counter: 4,
        tokens: 1,
        holds: 0,
    };
    assert_eq!(card.standing(&CENTER, 1), expected);
    assert_eq!(card.licence_state(&CENTER, 1).token, 4);
}

#[test]
fn pa4_a_release_again_is_the_same_token_and_nothing_once_it_is_acknowledged() {
    let mut card = held();
    let token = card.release(&CENTER, 1).unwrap();
    let root = card.card.store().root();
    let mut card = card.power_cycle();
    assert_eq!(card.release(&CENTER, 1), Ok(token.clone()));
    assert_eq!(card.card.store().root(), root);
    let receipt = CENTER.sign(Role::Receipt, CENTER.receipt(&token)).to_bytes();
    card.send(Ins::Acknowledge, 0, 0, &receipt).unwrap();
    assert_eq!(card.release(&CENTER, 1), Ok([].to_vec()));
    assert!(card.licence_state(&CENTER, 1).acknowledged);
}

#[test]
fn only_what_is_held_is_released() {
    let mut card = CENTER.decrypt_first(1_000, |_| ());
    assert_eq!(refused(&mut card, 1), 0x6985);
    assert_eq!(refused(&mut card, 9), 0x6A88);
    card.load_licence(&CENTER.issue(CENTER.licence(card.id(), 2))).unwrap();
    assert_eq!(refused(&mut card, 2), 0x6985);
    card.buy(&CENTER, 2).unwrap();
    assert_eq!(refused(&mut card, 2), 0x6985, "paid is not released");
    card.hold(&CENTER, 1).unwrap();
    card.cancel(&CENTER, 1).unwrap();
    assert_eq!(refused(&mut card, 1), 0x6985);
}

#[test]
fn a_hold_is_released_also_when_licence_and_purse_are_past_their_time() {
    let mut card = CENTER.decrypt_first(1_000, |licence| licence.not_after = SOLD);
    card.hold(&CENTER, 1).unwrap();
    let mut later = CENTER.licence(card.id(), 2);
    later.time = SOLD + 1;
    card.load_licence(&CENTER.issue(later)).unwrap();
    assert!(card.release(&CENTER, 1).is_ok());
}

#[test]
fn a_hold_whose_payment_key_was_retired_can_still_be_cancelled() {
    let mut card = held();
    let mut body = CENTER.body(Role::Payment, 2);
    (body.key, body.retires_below) = (public_rsa(encryption_key()), 2);
    body.holder = Name::of_holder(&CENTER.id.0, Role::Payment, 2);
    card.send(Ins::VerifyCertificate, 0, 0xBE, &certify(body).content()).unwrap();
    assert_eq!(refused(&mut card, 1), 0x6A80);
    card.open(&CENTER, 1, &work(1, 1_000)).unwrap();
    assert_eq!(card.decrypt(0, &delivery(1, &work(1, 1_000))[0]), Err(0x6A80));
    assert_eq!(card.standing(&CENTER, 1).held, PRICE);
    assert!(card.cancel(&CENTER, 1).is_ok());
    assert_eq!(card.purse(&CENTER, 1).balance, 1_000);
}

#[test]
fn id6_what_is_released_is_refunded_once_and_opens_no_more() {
    let mut card = held();
    let token = card.release(&CENTER, 1).unwrap();
    let mut refund = CENTER.load(card.id(), 2, PRICE);
    refund.refunded_token = chain::identity(&Signed::<Token>::parse(&token).unwrap());
    refund.refunded_licence = 1;
    CENTER.send(&mut card, Ins::Credit, refund).unwrap();
    assert_eq!(card.purse(&CENTER, 1).balance, 1_000);
    assert_eq!(refused(&mut card, 1), 0x6985);
    assert_eq!(card.open(&CENTER, 1, &work(1, 1_000)), Err(0x6985));
}

#[test]
fn cr8_what_is_on_hold_is_not_refunded() {
    let mut card = held();
    let mut refund = CENTER.load(card.id(), 2, PRICE);
    (refund.refunded_token, refund.refunded_licence) = (saifu_wire::Digest([1; 32]), 1);
    let refund = CENTER.sign(Role::Credit, refund).to_bytes();
    assert_eq!(card.refused(Ins::Credit, 0, 0, &refund), 0x6985);
}
