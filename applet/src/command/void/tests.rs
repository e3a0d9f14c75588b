use super::*;
use alloc::vec::Vec;
use saifu_wire::answer::LicenceStatus;
use saifu_wire::certificate::{Body, Role};
use saifu_wire::ins::Ins;
use saifu_wire::request::{ChallengeRequest, PurseRef};
use saifu_wire::signed::{Challenge, Token};
use saifu_wire::value::{Kind, PurseTerms, Unit};
use saifu_wire::{AccountId, CardId, CenterId, Digest, LoadId, Nonce, Wire};

use crate::chain;
use crate::memory::Key;
use crate::memory::records::AccountRecord;
use crate::platform::MemoryFailed;
use crate::platform::ram::RamPlatform;
use crate::test_kit::cuts::Script;
use crate::test_kit::sale::{PRICE, SOLD};
use crate::test_kit::{CERTIFIED, PIN, TestCard, TestCenter, certify, purse};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

/// A card with 500 yen, loaded with sequence 1; its PIN is verified.
fn card() -> TestCard {
    let mut card = CENTER.customer(1, 500);
    card.verify(PIN).unwrap();
    card
}

/// The load of 250 yen with this sequence, signed by the center.
fn signed(card: &TestCard, sequence: u64) -> Vec<u8> {
    CENTER.sign(Role::Credit, CENTER.load(card.id(), sequence, 250)).to_bytes()
}

fn void(card: &mut TestCard, credit: &[u8]) -> Result<Vec<u8>, u16> {
    card.send(Ins::Void, 0, 0, credit)
}

/// Sends a credit to be voided, which must be refused and must change nothing.
fn refused(card: &mut TestCard, credit: Credit) -> u16 {
    card.refused(Ins::Void, 0, 0, &CENTER.sign(Role::Credit, credit).to_bytes())
}

/// The event with which the last load of purse 1 ended, as a challenge tells it.
fn last(card: &mut TestCard) -> Vec<u8> {
    let purse = PurseRef { center: CENTER.id, purse: 1 };
    let request = ChallengeRequest { purse, nonce: Nonce([5; 32]) };
    card.verify(PIN).unwrap();
    let answer = card.send(Ins::GetCreditChallenge, 0, 0, &request.to_bytes()).unwrap();
    Signed::<Challenge>::parse(&answer).unwrap().message().last.0.clone()
}

#[test]
fn a_void_uses_the_sequence_up_and_names_load_and_credit() {
    let mut card = card().power_cycle();
    let credit = signed(&card, 2);
    assert_eq!(card.refused(Ins::Void, 0, 0, &credit), 0x6982);
    card.verify(PIN).unwrap();
    let answer = void(&mut card, &credit).unwrap();
    let said = card.event(&answer);
    assert_eq!((said.kind, said.purse, said.sequence), (EventKind::Voided, 1, 2));
    assert_eq!((said.counter, said.amount, said.balance), (3, 0, 500));
    let shown = Signed::<Credit>::parse(&credit).unwrap();
    assert_eq!((said.cause, said.load), (chain::identity(&shown), LoadId([2; 16])));
    assert_eq!(last(&mut card), answer);
}

#[test]
fn a_void_again_is_the_same_event_and_an_older_one_is_6985() {
    let mut card = card();
    let credit = signed(&card, 2);
    let answer = void(&mut card, &credit).unwrap();
    let mut card = card.power_cycle();
    card.verify(PIN).unwrap();
    let root = card.card.store().root();
    assert_eq!(void(&mut card, &credit), Ok(answer.clone()));
    assert_eq!(card.card.store().root(), root);
    let next = signed(&card, 3);
    assert_ne!(void(&mut card, &next), Ok(answer));
    card.verify(PIN).unwrap();
    assert_eq!(card.refused(Ins::Void, 0, 0, &credit), 0x6985);
}

#[test]
fn one_verify_authorises_one_void() {
    let mut card = card();
    let (wrong, right, next) = (signed(&card, 3), signed(&card, 2), signed(&card, 3));
    assert_eq!(card.refused(Ins::Void, 0, 0, &wrong), 0x6985, "does not use it up");
    assert!(void(&mut card, &right).is_ok());
    assert_eq!(card.refused(Ins::Void, 0, 0, &next), 0x6982);
    assert!(card.send(Ins::GetBalance, 0, 0, &CENTER.id.0).is_ok(), "reading goes on");
}

#[test]
fn a_void_that_was_not_stored_leaves_the_authorisation() {
    let mut card = card();
    let credit = signed(&card, 2);
    card.card.platform_mut().refuse_writes(1, MemoryFailed::Error);
    assert_eq!(card.refused(Ins::Void, 0, 0, &credit), 0x6581);
    card.card.platform_mut().accept_writes();
    assert!(void(&mut card, &credit).is_ok());
    let next = signed(&card, 3);
    assert_eq!(card.refused(Ins::Void, 0, 0, &next), 0x6982, "now it is used up");
}

#[test]
fn cr6_of_a_credit_and_its_void_exactly_one_takes_place() {
    for void_first in [true, false] {
        let mut card = card();
        let credit = signed(&card, 2);
        let (first, second) =
            if void_first { (Ins::Void, Ins::Credit) } else { (Ins::Credit, Ins::Void) };
        let answer = card.send(first, 0, 0, &credit).unwrap();
        card.verify(PIN).unwrap();
        assert_eq!(card.refused(second, 0, 0, &credit), 0x6985);
        assert_eq!(card.purse(&CENTER, 1).balance, if void_first { 500 } else { 750 });
        assert_eq!(last(&mut card), answer);
        assert_eq!(card.send(first, 0, 0, &credit), Ok(answer), "again is the same");
    }
}

#[test]
fn cr6_an_applied_credit_keeps_its_event_whatever_else_is_voided() {
    let mut card = card();
    let applied = card.send(Ins::Credit, 0, 0, &signed(&card, 2)).unwrap();
    for sequence in [0, 1, 2, 4, u64::MAX] {
        let credit = Credit { load: LoadId([9; 16]), ..CENTER.load(card.id(), sequence, 250) };
        assert_eq!(refused(&mut card, credit), 0x6985, "sequence {sequence}");
    }
    let by_name = [&CENTER.id.0[..], &[0, 0, 0, 1], &3_u64.to_be_bytes(), &[9; 16]].concat();
    assert_eq!(card.refused(Ins::Void, 0, 0, &by_name), 0x6A80, "no credit is shown");
    assert_eq!(last(&mut card), applied);
}

#[test]
fn cr3_a_void_of_another_card_account_purse_kind_or_unit_is_refused() {
    let mut card = card();
    let good = CENTER.load(card.id(), 2, 250);
    let wrong = [
        Credit { card: CardId([2; 16]), ..good.clone() },
        Credit { account: AccountId([2; 16]), ..good.clone() },
        Credit { kind: Kind::CyberCoin, ..good.clone() },
        Credit { unit: Unit::new("EUR").unwrap(), ..good.clone() },
        Credit { signer: 2, ..good.clone() },
        Credit { refunded_licence: 1, ..good.clone() },
        Credit { refunded_token: Digest([1; 32]), ..good.clone() },
    ];
    for credit in wrong {
        assert_eq!(refused(&mut card, credit), 0x6A80);
    }
    assert_eq!(refused(&mut card, Credit { purse: 2, ..good }), 0x6A88);
    let credit = signed(&card, 2);
    assert!(void(&mut card, &credit).is_ok());
}

#[test]
fn cr4_a_void_of_what_the_center_s_credit_key_did_not_sign_is_6a80() {
    let mut card = card();
    let good = CENTER.load(card.id(), 2, 250);
    for role in [Role::Licence, Role::Receipt] {
        let signed = CENTER.sign(role, good.clone()).to_bytes();
        assert_eq!(card.refused(Ins::Void, 0, 0, &signed), 0x6A80);
    }
    let other = TestCenter::new(8);
    other.introduce(&mut card);
    let theirs = other.sign(Role::Credit, good.clone()).to_bytes();
    assert_eq!(card.refused(Ins::Void, 0, 0, &theirs), 0x6A80);
    let signed = CENTER.sign(Role::Credit, good).to_bytes();
    for byte in 0..signed.len() {
        let mut wrong = signed.clone();
        wrong[byte] ^= 1;
        assert_eq!(card.refused(Ins::Void, 0, 0, &wrong), 0x6A80, "byte {byte}");
    }
    assert!(void(&mut card, &signed).is_ok());
}

#[test]
fn what_the_purse_cannot_take_is_voided() {
    let mut card = card();
    let above = CENTER.sign(Role::Credit, CENTER.load(card.id(), 2, 10_000)).to_bytes();
    assert_eq!(card.refused(Ins::Credit, 0, 0, &above), 0x6985);
    assert!(void(&mut card, &above).is_ok());
}

#[test]
fn a_credit_into_a_purse_that_has_ended_is_voided() {
    let mut card = card();
    let coupon = PurseTerms { kind: Kind::Coupon, not_after: SOLD, ..purse(2) };
    let opening = CENTER.opening(card.id(), 1, &[coupon]);
    CENTER.send(&mut card, Ins::OpenAccount, opening).unwrap();
    let load = Credit { purse: 2, kind: Kind::Coupon, ..CENTER.load(card.id(), 1, 250) };
    let credit = CENTER.sign(Role::Credit, load).to_bytes();
    card.set_time(&CENTER, SOLD + 1).unwrap();
    assert_eq!(card.refused(Ins::Credit, 0, 0, &credit), 0x6985);
    let answer = void(&mut card, &credit).unwrap();
    let said = card.event(&answer);
    assert_eq!((said.kind, said.purse, said.sequence), (EventKind::Voided, 2, 1));
}

#[test]
fn a_credit_of_an_expired_key_is_voided() {
    let mut card = card();
    let credit = signed(&card, 2);
    card.set_time(&CENTER, CERTIFIED.end).unwrap();
    assert_eq!(card.refused(Ins::Credit, 0, 0, &credit), 0x6A80);
    let mut forged = credit.clone();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(card.refused(Ins::Void, 0, 0, &forged), 0x6A80);
    let answer = void(&mut card, &credit).unwrap();
    assert_eq!(card.event(&answer).kind, EventKind::Voided);
    assert_eq!((last(&mut card), card.purse(&CENTER, 1).balance), (answer.clone(), 500));
    assert_eq!(void(&mut card, &credit), Ok(answer), "again is the same");
}

#[test]
fn a_credit_of_a_retired_key_is_not_even_voided() {
    let mut card = card();
    let credit = signed(&card, 2);
    let newer = Body { retires_below: 2, ..CENTER.body(Role::Credit, 2) };
    card.send(Ins::VerifyCertificate, 0x00, 0xBE, &certify(newer).content()).unwrap();
    assert_eq!(card.refused(Ins::Void, 0, 0, &credit), 0x6A80);
}

#[test]
fn a_refund_that_is_voided_leaves_its_licence_paid() {
    let mut card = CENTER.customer(1, 1_000);
    card.load_licence(&CENTER.issue(CENTER.licence(card.id(), 1))).unwrap();
    let token = card.buy(&CENTER, 1).unwrap();
    let refund = Credit {
        refunded_token: chain::identity(&Signed::<Token>::parse(&token).unwrap()),
        refunded_licence: 1,
        ..CENTER.load(card.id(), 2, PRICE)
    };
    let credit = CENTER.sign(Role::Credit, refund).to_bytes();
    card.verify(PIN).unwrap();
    let answer = void(&mut card, &credit).unwrap();
    assert_eq!(card.event(&answer).kind, EventKind::Voided);
    assert_eq!(card.refused(Ins::Credit, 0, 0, &credit), 0x6985);
    assert_eq!(card.licence_state(&CENTER, 1).status, LicenceStatus::Paid);
    assert_eq!(card.purse(&CENTER, 1).balance, 1_000 - PRICE);
}

/// What a void changes: the purse's sequence, and the chain; and what it does not: the balance.
fn stored(card: &TestCard) -> (u64, u64, u64) {
    let account: AccountRecord = card.card.store().get(&Key::Account(CENTER.id)).unwrap().unwrap();
    let purse = card.purse(&CENTER, 1);
    (purse.sequence, account.counter, purse.balance)
}

#[test]
fn a_cut_at_any_write_leaves_the_load_open_or_voided() {
    let card = CENTER.customer(1, 500);
    let credit = signed(&card, 2);
    let platform: RamPlatform = card.card.into_platform();
    let prepare = |card: &mut TestCard| card.verify(PIN).map(drop).unwrap();
    let command = |card: &mut TestCard| void(card, &credit);
    let script = Script { prepare: &prepare, command: &command, stored: &stored };
    let after = (2, 3, 500);
    script.cut_everywhere(&platform, [(1, 2, 500), after, after]);
}
