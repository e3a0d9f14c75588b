//! Value is loaded: once, only on the card's word, and asked again the same.

use saifu_center::config::{Config, PurseConfig};
use saifu_center::crypto::ecdsa::SigningKey;
use saifu_center::crypto::identity;
use saifu_center::ledger::reconcile;
use saifu_center::store::LoadState;
use saifu_center_api::{LoadRequest, ProblemCode};
use saifu_wire::signed::{Challenge, Credit, Event, EventKind, Signed};
use saifu_wire::{Digest, LoadId, Nonce};

use crate::card::Card;
use crate::desk::{Desk, NOW, code, load_id};
use crate::running::Expected;

/// A desk, and a card that has registered but has no value yet.
fn registered() -> (Desk, Card) {
    let (desk, mut card) = (Desk::open(), Card::new());
    desk.register(&mut card);
    (desk, card)
}

#[test]
fn the_initial_value_is_loaded_once_and_accounted_at_each_step() {
    let (mut desk, mut card) = registered();
    let load = desk.open_load(&card).unwrap();
    assert_eq!((load.amount, load.unit.as_str()), (10_000, "JPY"));
    assert_eq!(desk.value(), [0, 0, 0, 0], "nothing is given out yet");
    let credit = desk.credit(&card, &load).unwrap();
    assert_eq!(desk.value(), [10_000, 0, 0, 0]);
    let event = card.credit(&credit);
    desk.reopen();
    assert_eq!(desk.close_load(&load, &event).unwrap(), event);
    assert_eq!(desk.value(), [0, 10_000, 0, 0]);
    assert_eq!(code(desk.open_load(&card)), ProblemCode::Conflict);
    assert_eq!(desk.register(&mut card.clone()).loads_due, [0_u32; 0]);
}

#[test]
fn cr1_each_step_asked_again_gives_the_same_and_books_nothing_more() {
    let (mut desk, mut card) = registered();
    let load = desk.open_load(&card).unwrap();
    assert_eq!(desk.open_load(&card).unwrap(), load, "one load is open at a time");
    let credit = desk.credit(&card, &load).unwrap();
    assert_eq!(desk.open_load(&card).unwrap(), load);
    desk.reopen();
    assert_eq!(desk.credit(&card, &load).unwrap(), credit);
    let event = card.credit(&credit);
    // The receipt was lost: a new challenge carries it, and gets the old credit.
    assert_eq!(desk.credit(&card, &load).unwrap(), credit);
    assert_eq!(desk.value(), [0, 10_000, 0, 0]);
    for _ in 0..3 {
        assert_eq!(desk.close_load(&load, &event).unwrap(), event);
    }
    assert_eq!(card.credit(&credit), event);
    assert_eq!(desk.value(), [0, 10_000, 0, 0]);
}

#[test]
fn a_credit_signed_again_by_a_center_that_forgot_it_is_the_one_the_card_took() {
    let (mut desk, mut card) = registered();
    let load = desk.open_load(&card).unwrap();
    let (backup, taken) = (desk.back_up(), card.clone());
    let credit = desk.credit(&card, &load).unwrap();
    let event = card.credit(&credit);
    desk.restore(&backup);
    desk.clock.advance(60);
    let again = desk.credit(&taken, &load).unwrap();
    let of = |bytes| identity(&Signed::<Credit>::parse(bytes).unwrap());
    assert_eq!(of(&again), of(&credit));
    assert_eq!(desk.close_load(&load, &event).unwrap(), event);
    assert_eq!(desk.value(), [0, 10_000, 0, 0]);
}

#[test]
fn a_load_that_the_card_gave_up_goes_back_and_is_due_again() {
    let (desk, mut card) = registered();
    let load = desk.open_load(&card).unwrap();
    let credit = desk.credit(&card, &load).unwrap();
    let voided = card.void(&credit);
    desk.close_load(&load, &voided).unwrap();
    desk.close_load(&load, &voided).unwrap();
    assert_eq!(desk.value(), [0, 0, 0, 0]);
    assert_eq!(code(desk.credit(&card, &load)), ProblemCode::Conflict);
    let second = desk.open_load(&card).unwrap();
    assert_ne!(second.id, load.id);
    let credit = desk.credit(&card, &second).unwrap();
    let event = card.credit(&credit);
    desk.close_load(&second, &event).unwrap();
    assert_eq!(desk.value(), [0, 10_000, 0, 0]);
}

#[test]
fn id8_a_void_closes_no_load_without_its_credit() {
    let (desk, mut card) = registered();
    let load = desk.open_load(&card).unwrap();
    let (id, mut blind) = (load_id(&load), card.clone());
    let early = blind.close(EventKind::Voided, 1, 0, Digest([1; 32]), id);
    assert_eq!(code(desk.close_load(&load, &early)), ProblemCode::Contradiction);
    let credit = desk.credit(&card, &load).unwrap();
    for cause in [Digest::ZERO, Digest([1; 32])] {
        let other = card.clone().close(EventKind::Voided, 1, 0, cause, id);
        assert_eq!(code(desk.close_load(&load, &other)), ProblemCode::Contradiction);
    }
    assert_eq!(desk.value(), [10_000, 0, 0, 0]);
    assert!(desk.close_load(&load, &card.void(&credit)).is_ok());
    assert_eq!(desk.value(), [0, 0, 0, 0]);
}

#[test]
fn id8_a_load_that_was_never_opened_closes_nothing() {
    let (desk, mut card) = registered();
    let load = desk.open_load(&card).unwrap();
    let voided = card.close(EventKind::Voided, 1, 0, Digest([1; 32]), LoadId([7; 16]));
    assert_eq!(code(desk.close_load(&load, &voided)), ProblemCode::Conflict);
    assert_eq!(desk.value(), [0, 0, 0, 0]);
}

#[test]
fn id8_a_challenge_over_another_nonce_account_or_center_is_refused() {
    let (desk, card) = registered();
    let load = desk.open_load(&card).unwrap();
    let nonce = Nonce(load.nonce.0.clone().try_into().unwrap());
    let good = Signed::<Challenge>::parse(&card.challenge(1, nonce)).unwrap().message().clone();
    let mut other_center = good.clone();
    other_center.center.0[0] ^= 1;
    let mut other_account = good.clone();
    other_account.account.0[0] ^= 1;
    let refused = [
        Challenge { nonce: Nonce([1; 32]), ..good.clone() },
        Challenge { purse: 2, ..good.clone() },
        Challenge { sequence: 1, ..good.clone() },
        other_center,
        other_account,
    ];
    for challenge in refused {
        let signed = card.sign(challenge);
        assert_eq!(code(desk.challenge(&load, &signed)), ProblemCode::Conflict);
    }
    assert_eq!(desk.value(), [0, 0, 0, 0]);
    assert!(desk.challenge(&load, &card.sign(good)).is_ok());
}

#[test]
fn cr10_a_challenge_and_a_receipt_of_another_card_or_a_forger_are_refused() {
    let (desk, mut card) = registered();
    let mut other = desk.customer();
    let load = desk.open_load(&card).unwrap();
    let nonce = Nonce(load.nonce.0.clone().try_into().unwrap());
    other.account = card.account;
    let foreign = other.challenge(1, nonce);
    assert_eq!(code(desk.challenge(&load, &foreign)), ProblemCode::NotAuthentic);
    let credit = desk.credit(&card, &load).unwrap();
    let event = card.credit(&credit);
    let forger = SigningKey::generate().unwrap();
    let message = Signed::<Event>::parse(&event).unwrap().message().clone();
    let forged = Signed::sign(message, |bytes| forger.sign(bytes)).unwrap().to_bytes();
    assert_eq!(code(desk.close_load(&load, &forged)), ProblemCode::NotAuthentic);
    assert_eq!(desk.value(), [10_000, 10_000, 0, 0], "the other card has its own");
    assert!(desk.close_load(&load, &event).is_ok());
}

#[test]
fn cr3_an_event_that_says_other_than_what_was_given_out_is_refused_and_books_nothing() {
    let (desk, card) = registered();
    desk.expect(Expected::Dishonest);
    let load = desk.open_load(&card).unwrap();
    let id = load_id(&load);
    let credited = |card: &mut Card, amount, cause| {
        card.close(EventKind::Credited, 1, amount, Digest(cause), id)
    };
    let before = credited(&mut card.clone(), 10_000, [1; 32]);
    assert_eq!(code(desk.close_load(&load, &before)), ProblemCode::Contradiction);
    let credit = desk.credit(&card, &load).unwrap();
    let cause = identity(&Signed::<Credit>::parse(&credit).unwrap()).0;
    let event = credited(&mut card.clone(), 10_000, [2; 32]);
    assert_eq!(code(desk.close_load(&load, &event)), ProblemCode::Contradiction);
    let good = credited(&mut card.clone(), 10_000, cause);
    let changes: [fn(&mut Event); 4] = [
        |event| event.amount = 9_999,
        |event| event.sequence = 2,
        |event| event.purse = 2,
        |event| event.kind = EventKind::Voided,
    ];
    for change in changes {
        let mut event = Signed::<Event>::parse(&good).unwrap().message().clone();
        change(&mut event);
        let event = card.sign(event);
        assert_eq!(code(desk.close_load(&load, &event)), ProblemCode::Contradiction);
    }
    assert_eq!(desk.value(), [10_000, 0, 0, 0]);
    assert_eq!(desk.center().books().unwrap().evidence, 6);
    assert!(desk.close_load(&load, &good).is_ok());
}

#[test]
fn cr6_credited_and_voided_at_once_is_a_copied_card() {
    let (desk, mut card) = registered();
    desk.expect(Expected::Dishonest);
    let load = desk.open_load(&card).unwrap();
    let credit = desk.credit(&card, &load).unwrap();
    let mut copy = card.clone();
    desk.close_load(&load, &card.credit(&credit)).unwrap();
    let voided = copy.void(&credit);
    assert_eq!(code(desk.close_load(&load, &voided)), ProblemCode::CardFrozen);
    assert_eq!(desk.value(), [0, 10_000, 0, 0], "the first stays booked");
    assert_eq!(desk.center().books().unwrap().frozen, 1);
}

/// A desk that gives each account 10,000 yen of coupons until a minute from now, and a card.
fn with_coupons() -> (Desk, Card) {
    let coupons = PurseConfig {
        not_after: NOW + 60,
        ..PurseConfig::new(1, "coupon", "JPY", 100_000, 10_000)
    };
    let desk = Desk::with(&Config { purses: vec![coupons], ..Config::default() });
    let mut card = Card::new();
    assert_eq!(desk.register(&mut card).loads_due, [1]);
    (desk, card)
}

#[test]
fn a_load_without_credit_is_withdrawn_once_its_purse_has_ended() {
    for by_challenge in [true, false] {
        let (desk, card) = with_coupons();
        let load = desk.open_load(&card).unwrap();
        desk.clock.advance(60);
        assert_eq!(desk.open_load(&card).unwrap(), load, "its last second");
        desk.clock.advance(1);
        let asked = if by_challenge {
            desk.credit(&card, &load).map(drop)
        } else {
            desk.open_load(&card).map(drop)
        };
        assert_eq!(code(asked), ProblemCode::Conflict);
        assert_eq!(code(desk.credit(&card, &load)), ProblemCode::NotFound, "it is gone");
        assert_eq!(desk.register(&mut card.clone()).loads_due, [0_u32; 0]);
        assert_eq!(desk.value(), [0, 0, 0, 0]);
    }
}

#[test]
fn a_credit_that_was_given_out_before_its_purse_ended_is_given_again_to_be_voided() {
    let (desk, mut card) = with_coupons();
    let load = desk.open_load(&card).unwrap();
    let credit = desk.credit(&card, &load).unwrap();
    desk.clock.advance(61);
    assert_eq!(desk.register(&mut card.clone()).loads_due, [1]);
    assert_eq!(desk.open_load(&card).unwrap(), load);
    assert_eq!(desk.credit(&card, &load).unwrap(), credit);
    let coupons = || desk.center().books().unwrap().loaded;
    assert_eq!(coupons().iter().map(|sum| sum.of).collect::<Vec<_>>(), [LoadState::Credited]);
    desk.close_load(&load, &card.void(&credit)).unwrap();
    assert_eq!(coupons().iter().map(|sum| sum.of).collect::<Vec<_>>(), [LoadState::Voided]);
    assert!(reconcile(&desk.center().books().unwrap()).findings.is_empty());
    assert_eq!(code(desk.open_load(&card)), ProblemCode::Conflict);
}

#[test]
fn a_purse_that_is_not_there_or_is_given_nothing_has_no_load() {
    let (desk, card) = registered();
    let path = format!("/v1/accounts/{}/loads", card.account);
    let ask =
        |purse| code(desk.send::<saifu_center_api::Load>("POST", &path, &LoadRequest { purse }));
    assert_eq!(ask(9), ProblemCode::NotFound);
    assert_eq!(ask(2), ProblemCode::Conflict);
}

#[test]
fn a_claim_of_value_in_a_purse_that_was_never_given_any_is_found() {
    let (desk, mut card) = registered();
    desk.expect(Expected::Dishonest);
    let load = desk.open_load(&card).unwrap();
    let voided = card.void(&desk.credit(&card, &load).unwrap());
    let mut claim = Signed::<Event>::parse(&voided).unwrap().message().clone();
    claim.balance = 700;
    desk.close_load(&load, &card.sign(claim)).unwrap();
    let found = reconcile(&desk.center().books().unwrap()).findings;
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("the ledger says 0, the card 700"), "{found:?}");
}
