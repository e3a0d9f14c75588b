use super::*;
use saifu_wire::CenterId;
use saifu_wire::ins::Ins;
use saifu_wire::value::{Kind, PurseTerms};

use crate::test_kit::holds::Standing;
use crate::test_kit::sale::{PRICE, SOLD, delivery, pay, work};
use crate::test_kit::{PIN, TestCard, TestCenter, purse};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

/// A card with 700 yen, and 300 on hold for licence 1.
fn held() -> TestCard {
    let mut card = CENTER.decrypt_first(1_000, |_| ());
    card.hold(&CENTER, 1).unwrap();
    card
}

fn refused(card: &mut TestCard, number: u64) -> u16 {
    card.verify(PIN).unwrap();
    card.refused(Ins::Cancel, 0, 0, &CENTER.named(number))
}

#[test]
fn a_cancelled_hold_is_value_in_the_purse_and_a_licence_as_it_was() {
    let mut card = held();
    let event = card.cancel(&CENTER, 1).unwrap();
    let event = card.event(&event);
    assert_eq!((event.kind, event.purse, event.amount), (EventKind::Cancelled, 1, PRICE));
    assert_eq!((event.balance, event.held, event.counter), (1_000, 0, 4));
    assert_eq!(event.cause, card.licence_state(&CENTER, 1).identity);
    let expected = Standing {
        status: LicenceStatus::Loaded,
        uses_left: u32::MAX,
        balance: 1_000,
        held: 0,
        counter: 4,
        tokens: 0,
        holds: 0,
    };
    assert_eq!(card.standing(&CENTER, 1), expected);
    let record: LicenceRecord =
        card.card.store().get(&Key::Licence(CENTER.id, 1)).unwrap().unwrap();
    assert_eq!((record.price_index, record.purse), (0, 0));
}

#[test]
fn id6_a_cancel_again_is_the_same_event_until_there_is_another_hold() {
    let mut card = held();
    let cancelled = card.cancel(&CENTER, 1).unwrap();
    let mut card = card.power_cycle();
    assert_eq!(card.cancel(&CENTER, 1), Ok(cancelled.clone()));
    assert_eq!(card.standing(&CENTER, 1).balance, 1_000);
    let held = card.hold(&CENTER, 1).unwrap();
    assert_eq!(card.event(&held).counter, 5);
    let again = card.cancel(&CENTER, 1).unwrap();
    assert_ne!(again, cancelled);
    assert_eq!(card.event(&again).counter, 6);
}

#[test]
fn id6_what_is_released_or_was_never_held_is_not_cancelled() {
    let mut card = CENTER.decrypt_first(1_000, |_| ());
    assert_eq!(refused(&mut card, 1), 0x6985);
    assert_eq!(refused(&mut card, 9), 0x6A88);
    card.hold(&CENTER, 1).unwrap();
    card.release(&CENTER, 1).unwrap();
    assert_eq!(refused(&mut card, 1), 0x6985);
    let mut card = card.power_cycle();
    assert_eq!(refused(&mut card, 1), 0x6985);
    card.load_licence(&CENTER.issue(CENTER.licence(card.id(), 2))).unwrap();
    assert_eq!(refused(&mut card, 2), 0x6985);
    card.buy(&CENTER, 2).unwrap();
    assert_eq!(refused(&mut card, 2), 0x6985);
}

#[test]
fn a_cancel_needs_the_pin_and_uses_no_authorisation() {
    let mut card = held().power_cycle();
    assert_eq!(card.refused(Ins::Cancel, 0, 0, &CENTER.named(1)), 0x6982);
    card.cancel(&CENTER, 1).unwrap();
    assert!(card.send(Ins::Hold, 0, 0, &pay(&CENTER, 1, 0, 1)).is_ok());
}

#[test]
fn after_a_cancel_an_open_stream_gives_nothing() {
    let mut card = held();
    card.open(&CENTER, 1, &work(1, 1_000)).unwrap();
    card.cancel(&CENTER, 1).unwrap();
    let first = &delivery(1, &work(1, 1_000))[0];
    assert_eq!(card.decrypt(0, first), Err(0x6985));
    assert_eq!(card.standing(&CENTER, 1).status, LicenceStatus::Loaded);
}

#[test]
fn a_hold_in_a_purse_past_its_date_is_given_back_and_expires_then() {
    let coupon = PurseTerms { kind: Kind::Coupon, not_after: SOLD, ..purse(2) };
    let mut card = CENTER.customer(1, 0);
    let opening = CENTER.opening(card.id(), 1, &[coupon]);
    CENTER.send(&mut card, Ins::OpenAccount, opening).unwrap();
    let mut load = CENTER.load(card.id(), 1, PRICE);
    (load.purse, load.kind) = (2, Kind::Coupon);
    CENTER.send(&mut card, Ins::Credit, load).unwrap();
    CENTER.sell_decrypt_first(&mut card, 1, |licence| licence.prices.0[0].kind = Kind::Coupon);
    card.verify(PIN).unwrap();
    card.send(Ins::Hold, 0, 0, &pay(&CENTER, 1, 0, 2)).unwrap();
    let mut later = CENTER.licence(card.id(), 2);
    later.time = SOLD + 1;
    card.load_licence(&CENTER.issue(later)).unwrap();
    let expire = [&CENTER.id.0[..], &[0, 0, 0, 2]].concat();
    assert_eq!(card.refused(Ins::Expire, 0, 0, &expire), 0x6985, "something is on hold");
    card.cancel(&CENTER, 1).unwrap();
    assert_eq!(card.purse(&CENTER, 2).balance, PRICE);
    assert_eq!(refused(&mut card, 2), 0x6985);
    let event = card.send(Ins::Expire, 0, 0, &expire).unwrap();
    assert_eq!(card.event(&event).amount, PRICE);
    card.verify(PIN).unwrap();
    assert_eq!(card.refused(Ins::Hold, 0, 0, &pay(&CENTER, 1, 0, 2)), 0x6985, "it pays no more");
    assert!(card.cancel(&CENTER, 1).is_ok(), "again gives nothing back once more");
    assert_eq!(card.purse(&CENTER, 2).balance, 0);
    assert_eq!(card.send(Ins::Expire, 0, 0, &expire), Ok(event));
}
