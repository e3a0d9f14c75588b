//! Loads: challenges and receipts that are played again, changed, forged or another's, and value
//! that is asked back (CR1 to CR10, ID8).

use saifu_center::crypto::ecdsa::SigningKey;
use saifu_center::crypto::identity;
use saifu_center::funding::Gift;
use saifu_center::store::PaymentState;
use saifu_center_api::{Load, ProblemCode};
use saifu_wire::certificate::Role;
use saifu_wire::signed::{
    Challenge, Credit, Event, EventKind, Licence, Message, Opening, Receipt, Signed,
};
use saifu_wire::{Digest, LoadId, Nonce};

use super::{
    EVIDENCE, Stored, credit_under_way, each_flipped, fails_at_each, key_of, sales, signed,
};
use crate::card::Card;
use crate::desk::{Desk, code, load_id};
use crate::funding::{batch, begin};
use crate::running::Expected;

/// A desk, a card that has registered, and its first load, open.
fn opened() -> (Desk, Card, Load) {
    let (desk, mut card) = (Desk::open(), Card::new());
    desk.register(&mut card);
    let load = desk.open_load(&card).unwrap();
    (desk, card, load)
}

fn challenge(card: &Card, load: &Load) -> Vec<u8> {
    card.challenge(1, Nonce(load.nonce.0.clone().try_into().unwrap()))
}

/// What a card says of a load, whatever it was given.
fn closes(card: &Card, load: &Load, kind: EventKind, cause: &[u8]) -> Vec<u8> {
    let cause = Signed::<Credit>::parse(cause).map_or(Digest::ZERO, |credit| identity(&credit));
    card.clone().close(kind, 1, 0, cause, load_id(load))
}

#[test]
fn cr1_a_challenge_played_again_gets_the_same_credit_and_another_loads_none() {
    let (desk, mut card, load) = opened();
    let asked = challenge(&card, &load);
    let credit = desk.challenge(&load, &asked).unwrap();
    assert_eq!(desk.challenge(&load, &asked).unwrap(), credit);
    let event = card.credit(&credit);
    desk.close_load(&load, &event).unwrap();
    let before = Stored::of(&desk);
    assert_eq!(desk.challenge(&load, &asked).unwrap(), credit, "the card has used it up");
    assert_eq!(card.credit(&credit), event);
    before.has_not_moved(&desk, &[]);
    let (next, _) = credit_under_way(&desk, &card);
    let before = Stored::of(&desk);
    assert_eq!(code(desk.challenge(&next, &asked)), ProblemCode::Conflict);
    before.has_not_moved(&desk, &[]);
}

#[test]
fn cr1_a_challenge_or_a_receipt_with_any_bit_flipped_is_refused() {
    let (desk, mut card, load) = opened();
    let (asked, before) = (challenge(&card, &load), Stored::of(&desk));
    for (bit, bad) in each_flipped(&asked) {
        assert!(desk.challenge(&load, &bad).is_err(), "bit {bit} of a challenge");
    }
    before.has_not_moved(&desk, &[]);
    let event = card.credit(&desk.challenge(&load, &asked).unwrap());
    let before = Stored::of(&desk);
    for (bit, bad) in each_flipped(&event) {
        assert!(desk.close_load(&load, &bad).is_err(), "bit {bit} of a receipt");
        assert!(desk.event(&bad).is_err(), "bit {bit} of an event");
    }
    before.has_not_moved(&desk, &[]);
    desk.close_load(&load, &event).unwrap();
}

#[test]
fn cr2_a_challenge_with_another_sequence_than_the_next_gets_no_credit() {
    let (desk, card, load) = opened();
    let before = Stored::of(&desk);
    let good = Signed::<Challenge>::parse(&challenge(&card, &load)).unwrap().message().clone();
    for sequence in [1, 2, i64::MAX as u64, u64::MAX - 1, u64::MAX] {
        let asked = card.sign(Challenge { sequence, ..good.clone() });
        assert_eq!(code(desk.challenge(&load, &asked)), ProblemCode::Conflict, "{sequence}");
    }
    before.has_not_moved(&desk, &[]);
}

#[test]
fn cr3_a_credit_is_for_the_one_card_purse_and_sequence_that_asked() {
    let (desk, card, load) = opened();
    let credit = desk.credit(&card, &load).unwrap();
    let said = Signed::<Credit>::parse(&credit).unwrap().message().clone();
    let (center, account) = (desk.center().id(), card.account);
    assert_eq!((said.card.0, said.center, said.account), (card.id, center, account));
    assert_eq!((said.purse, said.sequence, said.amount), (1, 1, load.amount));
    assert_eq!((said.unit.to_string(), said.load), (load.unit.clone(), load_id(&load)));
    let other = desk.customer();
    assert_eq!(code(desk.credit(&other, &load)), ProblemCode::NotAuthentic);
}

/// Whether a role's key, and no other role's, has signed a message.
fn is_signed_by<M: Message>(desk: &Desk, bytes: &[u8], role: Role) {
    let signed = Signed::<M>::parse(bytes).unwrap();
    for each in [Role::Licence, Role::Credit, Role::Receipt] {
        assert_eq!(key_of(desk, each).verify_signed(&signed).is_ok(), each == role, "{each:?}");
    }
}

#[test]
fn cr4_li3_what_a_center_signs_verifies_under_its_own_role_alone() {
    let (desk, mut card, [order]) = sales();
    let opening = desk.register(&mut card.clone()).opening.0;
    let receipt = desk.settle(&card.debit(&order.licence.0), &order.licence.0).unwrap();
    let (_, credit) = credit_under_way(&desk, &card);
    is_signed_by::<Licence>(&desk, &order.licence.0, Role::Licence);
    is_signed_by::<Opening>(&desk, &opening, Role::Credit);
    is_signed_by::<Credit>(&desk, &credit, Role::Credit);
    is_signed_by::<Receipt>(&desk, &receipt, Role::Receipt);
}

#[test]
fn cr5_no_value_is_made_that_is_nothing_over_a_cap_or_beyond_all_numbers() {
    let desk = Desk::open();
    let card = desk.customer();
    let before = Stored::of(&desk);
    for amount in [0, 1_000_001, i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX] {
        let (reference, reason) = (amount.to_string(), "sorry".into());
        let gift = Gift { account: card.account, purse: 1, amount, reference, reason };
        assert!(desk.center().give(&gift).is_err(), "{amount} from an operator");
        assert!(begin(&desk, &card, "key", amount).is_err(), "{amount} paid for");
    }
    for amount in [0, 1_000_001, i64::MAX as u64 + 1, u64::MAX] {
        assert!(desk.center().make_vouchers(&batch(1, amount)).is_err(), "vouchers of {amount}");
    }
    before.has_not_moved(&desk, &[]);
}

#[test]
fn cr6_id8_of_a_credit_and_its_void_the_first_counts_and_the_other_freezes_the_card() {
    for voids_first in [true, false] {
        for by_load in [true, false] {
            let (desk, mut card, load) = opened();
            desk.expect(Expected::Dishonest);
            let credit = desk.credit(&card, &load).unwrap();
            let mut copy = card.clone();
            let [void, taken] = [card.void(&credit), copy.credit(&credit)];
            let [first, second] = if voids_first { [void, taken] } else { [taken, void] };
            desk.close_load(&load, &first).unwrap();
            let value = desk.value();
            assert_eq!(value, if voids_first { [0; 4] } else { [0, 10_000, 0, 0] });
            let before = Stored::of(&desk);
            let late = if by_load { desk.close_load(&load, &second) } else { desk.event(&second) };
            assert_eq!(code(late), ProblemCode::CardFrozen);
            before.has_not_moved(&desk, &["accounts", "evidence"]);
            assert_eq!(desk.value(), value);
            assert_eq!(desk.close_load(&load, &first).unwrap(), first, "again, the same");
        }
    }
}

#[test]
fn cr7_money_is_paid_back_for_no_receipt_no_forged_one_and_none_of_a_credit() {
    let desk = Desk::open();
    let mut card = desk.customer();
    let payment = begin(&desk, &card, "key", 700).unwrap();
    let id = hex::decode(&payment.id).unwrap().try_into().unwrap();
    let is_refused = |why: &str| {
        let refused = desk.center().repay(id, Some("r")).unwrap_err();
        assert_eq!(refused.code(), ProblemCode::Conflict, "{why}");
        assert_eq!(desk.center().repayments(false, 9).unwrap(), [], "{why}");
    };
    is_refused("nobody has paid");
    desk.center().confirm_test_payment(id).unwrap();
    is_refused("it waits to be loaded");
    let load = desk.open_load(&card).unwrap();
    is_refused("a load is open");
    let asked = challenge(&card, &load);
    let credit = desk.challenge(&load, &asked).unwrap();
    desk.clock.advance(10 * 366 * 86_400);
    is_refused("ten years went by");
    let (before, other) = (Stored::of(&desk), Card::new());
    let void = card.clone().void(&credit);
    let unsigned = super::unsigned(&void);
    let forged = [
        (signed(&other, unsigned), ProblemCode::NotAuthentic),
        ([unsigned, &[1; 64]].concat(), ProblemCode::NotAuthentic),
        (unsigned.to_vec(), ProblemCode::Malformed),
        (asked, ProblemCode::Malformed),
        (credit.clone(), ProblemCode::Malformed),
        (card.certificates[0].clone(), ProblemCode::Malformed),
        (vec![], ProblemCode::Malformed),
    ];
    for (receipt, refused) in forged {
        assert_eq!(code(desk.close_load(&load, &receipt)), refused);
        is_refused("what was sent is no VOID of the card");
    }
    before.has_not_moved(&desk, &[]);
    let void = closes(&card, &load, EventKind::Voided, b"no credit");
    assert_eq!(code(desk.close_load(&load, &void)), ProblemCode::Contradiction);
    before.has_not_moved(&desk, EVIDENCE);
    desk.close_load(&load, &card.credit(&credit)).unwrap();
    is_refused("the card took the value");
}

#[test]
fn cr7_money_is_paid_back_for_the_cards_void_once_and_the_card_has_it_no_more() {
    let desk = Desk::open();
    desk.expect(Expected::Dishonest);
    let mut card = desk.customer();
    let payment = begin(&desk, &card, "key", 700).unwrap();
    let id = hex::decode(&payment.id).unwrap().try_into().unwrap();
    desk.center().confirm_test_payment(id).unwrap();
    let load = desk.open_load(&card).unwrap();
    let credit = desk.credit(&card, &load).unwrap();
    let taken = card.clone().credit(&credit);
    let void = card.void(&credit);
    for _ in 0..3 {
        desk.close_load(&load, &void).unwrap();
        desk.event(&void).unwrap();
    }
    assert_eq!(desk.center().repayments(false, 9).unwrap().len(), 1);
    for _ in 0..3 {
        assert_eq!(desk.center().repay(id, Some("r")).unwrap().state, PaymentState::Repaid);
    }
    assert_eq!(code(desk.close_load(&load, &taken)), ProblemCode::CardFrozen);
    assert_eq!(desk.value(), [0, 10_000, 0, 0]);
}

#[test]
fn cr8_a_receipt_that_fails_at_any_table_books_nothing_and_succeeds_later() {
    for voids in [true, false] {
        let (desk, [mut first, mut card]) = (Desk::open(), [Card::new(), Card::new()]);
        desk.register(&mut first);
        desk.register(&mut card);
        let close = |card: &mut Card| {
            let load = desk.open_load(card).unwrap();
            let credit = desk.credit(card, &load).unwrap();
            let event = if voids { card.void(&credit) } else { card.credit(&credit) };
            (load, event)
        };
        let (load, event) = close(&mut first);
        let before = Stored::of(&desk);
        desk.close_load(&load, &event).unwrap();
        let written = before.changed(&desk);
        let (load, event) = close(&mut card);
        let before = Stored::of(&desk);
        fails_at_each(&desk, &written, || desk.close_load(&load, &event));
        before.has_not_moved(&desk, &[]);
        desk.close_load(&load, &event).unwrap();
        assert_eq!(desk.close_load(&load, &event).unwrap(), event);
        desk.value();
    }
}

#[test]
fn cr10_the_receipt_of_one_card_closes_no_load_of_another() {
    let (desk, mut one, load) = opened();
    let mut other = Card::new();
    desk.register(&mut other);
    let theirs = desk.open_load(&other).unwrap();
    let credit = desk.credit(&one, &load).unwrap();
    let foreign = desk.credit(&other, &theirs).unwrap();
    let before = Stored::of(&desk);
    for kind in [EventKind::Credited, EventKind::Voided] {
        // A genuine receipt of one's own load, for another's.
        let own = if kind == EventKind::Credited {
            one.clone().credit(&credit)
        } else {
            one.clone().void(&credit)
        };
        assert_eq!(code(desk.close_load(&theirs, &own)), ProblemCode::NotAuthentic);
        // One's own word about another's load.
        let about = closes(&one, &theirs, kind, &foreign);
        assert_eq!(code(desk.close_load(&theirs, &about)), ProblemCode::NotAuthentic);
        assert!(desk.event(&about).is_err());
        assert_eq!(code(desk.close_load(&load, &about)), ProblemCode::Conflict);
        // In another's name.
        let mut named = Signed::<Event>::parse(&about).unwrap().message().clone();
        named.account = other.account;
        assert_eq!(code(desk.event(&one.sign(named))), ProblemCode::NotAuthentic);
    }
    before.has_not_moved(&desk, EVIDENCE);
    desk.close_load(&load, &one.credit(&credit)).unwrap();
    desk.close_load(&theirs, &other.void(&foreign)).unwrap();
    assert_eq!(desk.value(), [0, 10_000, 0, 0]);
}

#[test]
fn id8_a_void_of_a_load_that_was_never_given_out_books_nothing() {
    let (desk, card, load) = opened();
    let before = Stored::of(&desk);
    let early = closes(&card, &load, EventKind::Voided, b"no credit");
    assert_eq!(code(desk.event(&early)), ProblemCode::Contradiction);
    let nowhere = card.clone().close(EventKind::Voided, 1, 0, Digest([1; 32]), LoadId([7; 16]));
    assert!(desk.event(&nowhere).is_err());
    let forger = SigningKey::generate().unwrap();
    let forged = Signed::<Event>::parse(&early).unwrap().message().clone();
    let forged = Signed::sign(forged, |bytes| forger.sign(bytes)).unwrap().to_bytes();
    assert_eq!(code(desk.event(&forged)), ProblemCode::NotAuthentic);
    before.has_not_moved(&desk, EVIDENCE);
}
