use crate::card::tests::{card, command, good, select, verify};
use crate::card::{CardError, Pin};
use crate::testing::world;
use saifu_wire::request::{LicenceRef, PayRequest, PurseRef};
use saifu_wire::signed::{Event, EventKind};
use saifu_wire::{Digest, LoadId, Status, Wire};

const LICENCE: LicenceRef = LicenceRef { center: world::CENTER, number: 7 };
const PAYMENT: PayRequest = PayRequest { licence: LICENCE, price_index: 1, purse: 2 };
const LONG: Option<usize> = Some(65_536);

fn event(kind: EventKind) -> Vec<u8> {
    let event = Event {
        center: world::CENTER,
        account: world::ACCOUNT,
        counter: 3,
        previous: Digest([1; 32]),
        kind,
        purse: 2,
        amount: 300,
        balance: 700,
        held: 300,
        sequence: 0,
        cause: Digest([2; 32]),
        load: LoadId::ZERO,
    };
    world::card_signs(event).to_bytes()
}

#[test]
fn a_hold_is_asked_for_with_the_pin_and_found_again_without_it() {
    let hold = command(0x80, 0x54, [0, 0], &PAYMENT.to_bytes(), LONG);
    let held = event(EventKind::Held);
    let lines = vec![select(), verify([0x90, 0]), (hold.clone(), good(&held)), (hold, good(&held))];
    let mut card = card(lines);
    let mut selected = card.select().unwrap();
    let authorised = selected.verify(&Pin::new("1234").unwrap()).unwrap();
    assert_eq!(authorised.hold(&PAYMENT).unwrap().0.to_bytes(), held);
    assert_eq!(selected.held(&PAYMENT).unwrap().to_bytes(), held);
}

#[test]
fn a_hold_is_given_back_or_released() {
    let named = LICENCE.to_bytes();
    let cancelled = event(EventKind::Cancelled);
    let lines = vec![
        select(),
        verify([0x90, 0]),
        (command(0x80, 0x58, [0, 0], &named, LONG), good(&cancelled)),
        (command(0x80, 0x56, [0, 0], &named, LONG), vec![0x69, 0x85]),
        (command(0x80, 0x56, [0, 0], &named, LONG), good(&[])),
    ];
    let mut card = card(lines);
    let mut selected = card.select().unwrap();
    let mut verified = selected.verify(&Pin::new("1234").unwrap()).unwrap();
    assert_eq!(verified.cancel(&LICENCE).unwrap().to_bytes(), cancelled);
    let refused = selected.release(&LICENCE).unwrap_err();
    assert!(refused.is_refusal(Status::ConditionsNotSatisfied), "{refused}");
    assert_eq!(selected.release(&LICENCE).unwrap(), None, "acknowledged before");
}

#[test]
fn an_answer_that_is_no_event_or_token_is_none() {
    let whole = event(EventKind::Held);
    let longer = [&whole[..], &[0]].concat();
    for wrong in [&whole[..whole.len() - 1], &longer, &[], &[1, 2, 3]] {
        let expire = command(0x80, 0x74, [0, 0], &purse().to_bytes(), LONG);
        let release = command(0x80, 0x56, [0, 0], &LICENCE.to_bytes(), LONG);
        let mut card = card(vec![select(), (expire, good(wrong)), (release, good(&[1, 2]))]);
        let mut selected = card.select().unwrap();
        let malformed = selected.expire(&purse()).unwrap_err();
        assert!(matches!(malformed, CardError::Malformed { .. }), "{malformed}");
        assert!(matches!(selected.release(&LICENCE), Err(CardError::Malformed { .. })));
    }
}

#[test]
fn the_time_is_told_as_it_was_signed() {
    let lines = vec![
        select(),
        (command(0x80, 0x72, [0, 0], b"order", None), good(&[])),
        (command(0x80, 0x72, [0, 0], b"again", None), vec![0x6A, 0x80]),
    ];
    let mut card = card(lines);
    let mut selected = card.select().unwrap();
    selected.set_time(b"order").unwrap();
    assert!(selected.set_time(b"again").unwrap_err().is_refusal(Status::WrongData));
}

fn purse() -> PurseRef {
    PurseRef { center: world::CENTER, purse: 2 }
}
