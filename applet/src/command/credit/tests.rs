use super::*;
use crate::chain;
use crate::platform::ram::{Cut, Leaves};
use crate::test_kit::sale::SOLD;
use crate::test_kit::{PIN, TestCard, TestCenter, purse};
use alloc::vec::Vec;
use saifu_wire::answer::Balances;
use saifu_wire::certificate::Role;
use saifu_wire::ins::Ins;
use saifu_wire::request::{ChallengeRequest, PurseRef};
use saifu_wire::signed::{Challenge, Event};
use saifu_wire::value::{Kind, PurseTerms, Unit};
use saifu_wire::{AccountId, CardId, Digest, LoadId, Nonce, Wire};

fn load(center: &TestCenter, card: &mut TestCard, credit: Credit) -> Result<Vec<u8>, u16> {
    center.send(card, Ins::Credit, credit)
}

/// Sends a credit that must be refused and must change nothing.
fn refused(center: &TestCenter, card: &mut TestCard, credit: Credit) -> u16 {
    card.refused(Ins::Credit, 0, 0, &center.sign(Role::Credit, credit).to_bytes())
}

fn balance(center: &TestCenter, card: &mut TestCard) -> u64 {
    card.verify(PIN).unwrap();
    let balances = card.send(Ins::GetBalance, 0, 0, &center.id.0).unwrap();
    Balances::from_bytes(&balances).unwrap().purses.0[0].balance
}

/// Asks for the challenge of purse 1; checks its signature.
fn challenge(center: &TestCenter, card: &mut TestCard) -> Challenge {
    let purse = PurseRef { center: center.id, purse: 1 };
    let request = ChallengeRequest { purse, nonce: Nonce([5; 32]) };
    card.verify(PIN).unwrap();
    let answer = card.send(Ins::GetCreditChallenge, 0, 0, &request.to_bytes()).unwrap();
    let signed = Signed::<Challenge>::parse(&answer).unwrap();
    assert_eq!(card.verifier().verify(&[signed.unsigned()], signed.signature()), Ok(()));
    signed.message().clone()
}

fn event(answer: &[u8]) -> Signed<Event> {
    Signed::parse(answer).unwrap()
}

#[test]
fn a_credit_raises_balance_and_sequence_and_is_signed_for() {
    let center = TestCenter::new(9);
    let mut card = center.customer(1, 0);
    let credit = center.load(card.id(), 1, 500);
    let answer = event(&load(&center, &mut card, credit.clone()).unwrap());
    assert_eq!(card.verifier().verify(&[answer.unsigned()], answer.signature()), Ok(()));
    let said = answer.message();
    assert_eq!((said.kind, said.counter, said.purse), (EventKind::Credited, 2, 1));
    assert_eq!((said.amount, said.balance, said.sequence), (500, 500, 1));
    assert_eq!(said.cause, chain::identity(&center.sign(Role::Credit, credit.clone())));
    assert_eq!(said.load, credit.load);
    assert_eq!(balance(&center, &mut card), 500);
    let credit = center.load(card.id(), 2, 250);
    let next = event(&load(&center, &mut card, credit).unwrap());
    assert_eq!(next.message().previous, chain::identity(&answer));
    assert_eq!(balance(&center, &mut card), 750);
}

#[test]
fn cr1_the_last_credit_again_is_the_same_event_and_an_older_one_is_6985() {
    let center = TestCenter::new(9);
    let mut card = center.customer(1, 0);
    let (first, second) = (center.load(card.id(), 1, 500), center.load(card.id(), 2, 250));
    let answer = load(&center, &mut card, first.clone()).unwrap();
    assert_eq!(load(&center, &mut card, first.clone()), Ok(answer.clone()));
    let mut card = card.power_cycle();
    assert_eq!(load(&center, &mut card, first.clone()), Ok(answer));
    load(&center, &mut card, second).unwrap();
    assert_eq!(refused(&center, &mut card, first), 0x6985);
    assert_eq!(balance(&center, &mut card), 750);
}

#[test]
fn cr2_any_sequence_but_the_next_is_6985() {
    let center = TestCenter::new(9);
    let mut card = center.customer(1, 500);
    for sequence in [0, 1, 3, u64::MAX] {
        let credit = Credit { load: LoadId([8; 16]), ..center.load(card.id(), sequence, 100) };
        assert_eq!(refused(&center, &mut card, credit), 0x6985, "sequence {sequence}");
    }
    assert_eq!(balance(&center, &mut card), 500);
}

#[test]
fn cr3_a_credit_for_another_card_account_kind_or_unit_is_6a80() {
    let center = TestCenter::new(9);
    let mut card = center.customer(1, 0);
    let good = center.load(card.id(), 1, 500);
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
        assert_eq!(refused(&center, &mut card, credit), 0x6A80);
    }
    let elsewhere = Credit { purse: 2, ..good.clone() };
    assert_eq!(refused(&center, &mut card, elsewhere), 0x6A88);
    assert!(load(&center, &mut card, good).is_ok());
}

#[test]
fn cr3_a_credit_applies_to_its_own_purse_alone() {
    let center = TestCenter::new(9);
    let mut card = center.customer(1, 0);
    let opening = center.opening(card.id(), 1, &[purse(2)]);
    center.send(&mut card, Ins::OpenAccount, opening).unwrap();
    let credit = Credit { purse: 2, ..center.load(card.id(), 1, 500) };
    load(&center, &mut card, credit).unwrap();
    assert_eq!(balance(&center, &mut card), 0);
}

#[test]
fn cr4_a_credit_of_another_role_or_center_or_changed_by_a_bit_is_6a80() {
    let center = TestCenter::new(9);
    let mut card = center.customer(1, 0);
    let good = center.load(card.id(), 1, 500);
    for role in [Role::Licence, Role::Receipt] {
        let signed = center.sign(role, good.clone()).to_bytes();
        assert_eq!(card.refused(Ins::Credit, 0, 0, &signed), 0x6A80);
    }
    let other = TestCenter::new(8);
    other.introduce(&mut card);
    let theirs = other.sign(Role::Credit, good.clone()).to_bytes();
    assert_eq!(card.refused(Ins::Credit, 0, 0, &theirs), 0x6A80);
    let no_account = other.load(card.id(), 1, 500);
    assert_eq!(refused(&other, &mut card, no_account), 0x6A80);
    let signed = center.sign(Role::Credit, good).to_bytes();
    for byte in 0..signed.len() {
        let mut wrong = signed.clone();
        wrong[byte] ^= 1;
        assert_eq!(card.refused(Ins::Credit, 0, 0, &wrong), 0x6A80, "byte {byte}");
    }
    assert!(card.send(Ins::Credit, 0, 0, &signed).is_ok());
}

#[test]
fn cr5_over_the_cap_overflow_and_nothing_at_all_are_6985() {
    let center = TestCenter::new(9);
    let mut card = center.customer(1, 9_000);
    for amount in [0, 1_001, u64::MAX] {
        let credit = center.load(card.id(), 2, amount);
        assert_eq!(refused(&center, &mut card, credit), 0x6985, "{amount}");
    }
    let credit = center.load(card.id(), 2, 1_000);
    assert!(load(&center, &mut card, credit).is_ok());
    assert_eq!(balance(&center, &mut card), 10_000);
}

#[test]
fn pa18_a_counter_at_its_end_refuses_and_does_not_wrap() {
    let center = TestCenter::new(9);
    let mut store = Store::recover(center.customer(1, 500).card.into_platform());
    let key = Key::Account(center.id);
    let account: AccountRecord = store.get(&key).unwrap().unwrap();
    let mut change = Change::new();
    change.put(key, &AccountRecord { counter: u64::MAX, ..account });
    store.commit(change).unwrap();
    let mut card = TestCard::with_power(store.into_platform());
    let credit = center.load(card.id(), 2, 100);
    assert_eq!(refused(&center, &mut card, credit), 0x6985);
    assert_eq!(balance(&center, &mut card), 500);
}

#[test]
fn a_challenge_tells_where_the_purse_stands_and_what_closed_the_last_load() {
    let center = TestCenter::new(9);
    let mut card = center.customer(1, 0);
    let before = challenge(&center, &mut card);
    assert_eq!((before.sequence, before.last.0.len()), (0, 0));
    assert_eq!((before.account, before.nonce), (center.account(), Nonce([5; 32])));
    let credit = center.load(card.id(), 1, 500);
    let answer = load(&center, &mut card, credit).unwrap();
    let after = challenge(&center, &mut card);
    assert_eq!((after.sequence, after.last.0), (1, answer));
}

#[test]
fn a_challenge_needs_the_pin_and_a_purse() {
    let center = TestCenter::new(9);
    let mut card = center.customer(1, 0);
    let purse = PurseRef { center: center.id, purse: 2 };
    let request = ChallengeRequest { purse, nonce: Nonce([5; 32]) }.to_bytes();
    assert_eq!(card.refused(Ins::GetCreditChallenge, 0, 0, &request), 0x6982);
    card.verify(PIN).unwrap();
    assert_eq!(card.refused(Ins::GetCreditChallenge, 0, 0, &request), 0x6A88);
}

#[test]
fn a_purse_that_has_ended_takes_no_credit_and_still_tells_of_its_last() {
    let center = TestCenter::new(9);
    let mut card = center.customer(1, 0);
    let coupon = PurseTerms { kind: Kind::Coupon, not_after: SOLD, ..purse(2) };
    let opening = center.opening(card.id(), 1, &[coupon]);
    center.send(&mut card, Ins::OpenAccount, opening).unwrap();
    let of_coupon = |card: &TestCard, sequence| Credit {
        purse: 2,
        kind: Kind::Coupon,
        ..center.load(card.id(), sequence, 500)
    };
    card.set_time(&center, SOLD).unwrap();
    let first = of_coupon(&card, 1);
    let answer = load(&center, &mut card, first.clone()).unwrap();
    card.set_time(&center, SOLD + 1).unwrap();
    let late = of_coupon(&card, 2);
    assert_eq!(refused(&center, &mut card, late), 0x6985);
    assert_eq!(load(&center, &mut card, first), Ok(answer), "again is no load");
    assert_eq!(card.purse(&center, 2).balance, 500);
    let endless = center.load(card.id(), 1, 500);
    assert!(load(&center, &mut card, endless).is_ok(), "the other purse has no end");
}

#[test]
fn another_center_s_time_ends_no_purse() {
    let center = TestCenter::new(9);
    let mut card = center.customer(1, 0);
    let coupon = PurseTerms { kind: Kind::Coupon, not_after: SOLD, ..purse(2) };
    let opening = center.opening(card.id(), 1, &[coupon]);
    center.send(&mut card, Ins::OpenAccount, opening).unwrap();
    let other = TestCenter::new(8);
    other.introduce(&mut card);
    card.set_time(&other, SOLD + 1).unwrap();
    let credit = Credit { purse: 2, kind: Kind::Coupon, ..center.load(card.id(), 1, 500) };
    assert!(load(&center, &mut card, credit).is_ok());
}

#[test]
fn a_credit_cut_at_any_write_is_whole_or_not_begun_and_can_be_repeated() {
    let center = TestCenter::new(9);
    let mut reference = center.customer(1, 500);
    let credit = center.load(reference.id(), 2, 250);
    let writes = reference.card.store().platform().writes();
    load(&center, &mut reference, credit.clone()).unwrap();
    let writes = reference.card.store().platform().writes() - writes;
    for at_write in 1..=writes {
        for leaves in [Leaves::Nothing, Leaves::Beginning(20), Leaves::Everything] {
            let mut card = center.customer(1, 500);
            let cut = Cut { at_write, leaves, keeps_unsynced: at_write % 2 == 0 };
            card.card.platform_mut().cut_power(cut);
            let _ = load(&center, &mut card, credit.clone());
            let mut card = card.power_cycle();
            let found = balance(&center, &mut card);
            assert_eq!(found, 500 + 250 * challenge(&center, &mut card).sequence.saturating_sub(1));
            let answer = event(&load(&center, &mut card, credit.clone()).unwrap());
            assert_eq!((answer.message().counter, balance(&center, &mut card)), (3, 750));
        }
    }
    assert!(writes > 3, "{writes} writes");
}
