//! What a card does that does not trust itself: PI8 and PI10.

use core::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::crypto::rsa::PrivateKey;
use crate::crypto::self_test::tests::run_damaged;
use crate::memory::records::SecretKeyRecord;
use crate::memory::{Change, Key};
use crate::platform::ram::{RamPlatform, RandomFault};
use crate::test_kit::{PIN, TestCard, TestCenter, encryption_key};
use saifu_wire::Wire;
use saifu_wire::answer::{CardStatus, Health, LifeCycle, MemoryState};
use saifu_wire::personalise::KEY_ENCRYPTION;

fn status(card: &mut TestCard) -> CardStatus {
    CardStatus::from_bytes(&card.send(Ins::GetData, 0xDF, 0x02, &[]).unwrap()).unwrap()
}

/// A card in use, as it gets power with a damaged constant.
fn damaged() -> TestCard {
    let platform = TestCard::in_use(1).card.into_platform();
    let mut card = TestCard { card: Card::with_self_test(platform, run_damaged) };
    assert_eq!(card.select().1, 0x9000);
    card
}

#[test]
fn pi10_a_card_whose_self_test_failed_tells_its_state_and_looks_at_nothing_it_stores() {
    let mut card = damaged();
    assert_eq!(card.send(Ins::GetData, 0xDF, 0x01, &[]), Ok([1; 16].to_vec()));
    let status = status(&mut card);
    assert_eq!(status.health, Health::SelfTestFailed);
    assert_eq!((status.life_cycle, status.memory), (LifeCycle::Activated, MemoryState::Damaged));
    assert_eq!((status.pin_tries, status.licences, status.centers), (0, 0, 0));
    assert_eq!(card.transmit(&[0x00, 0xCA, 0xDF, 0x01, 1]).1, 0x610F);
    assert_eq!(card.transmit(&[0x00, 0xC0, 0, 0, 15]).1, 0x9000);
}

#[test]
fn pi10_such_a_card_answers_6400_to_all_else_and_changes_nothing() {
    let mut card = damaged();
    let before = card.card.store().platform().image().clone();
    let commands: [(Ins, u8, u8, &[u8]); 9] = [
        (Ins::GetChallenge, 0, 0, &[]),
        (Ins::Verify, 0x00, 0x81, PIN),
        (Ins::GetData, 0x7F, 0x21, &[]),
        (Ins::GetData, 0x7F, 0x66, &[]),
        (Ins::InternalAuthenticate, 0, 0, &[7; 32]),
        (Ins::Debit, 0, 0, &[0; 29]),
        (Ins::LoadLicence, 0, 0, &[0; 600]),
        (Ins::InitializeUpdate, 1, 0, &[7; 8]),
        (Ins::Terminate, 0, 0, &[0; 121]),
    ];
    for (ins, p1, p2, data) in commands {
        assert_eq!(card.send(ins, p1, p2, data), Err(0x6400), "{}", ins.name());
    }
    let part = [0x90, 0x32, 0x00, 0x00, 2, 1, 2];
    assert_eq!(card.transmit(&part).1, 0x6400, "no chain begins, either");
    assert_eq!(card.card.store().platform().image(), &before);
    card.card.deselect(0);
    assert_eq!(card.verify(PIN), Err(0x6985), "what is not selected says so first");
}

#[test]
fn pi10_such_a_card_lives_again_when_it_passes() {
    let mut card = TestCard::with_power(damaged().card.into_platform());
    assert_eq!(status(&mut card).health, Health::Good);
    assert_eq!(card.verify(PIN), Ok([].to_vec()));
}

/// The primes of test cards, one of them changed so that dP is wrong (as RSA's own test says).
fn faulty_primes() -> SecretVec {
    let primes = encryption_key().to_bytes();
    let changed = (1..).step_by(2).map(|change: u8| {
        let mut bytes = primes.expose().to_vec();
        bytes[120] ^= change << 1;
        SecretVec::new(bytes)
    });
    changed.take(60).find(|bytes| PrivateKey::from_bytes(bytes.expose()).is_ok()).unwrap()
}

#[test]
fn pi9_a_fault_in_the_private_operation_is_6400_and_nothing_comes_of_it() {
    let center = TestCenter::new(9);
    let card = center.customer(1, 500);
    let licence = center.issue(center.licence(card.id(), 1));
    let mut store = Store::recover(card.card.into_platform());
    let mut change = Change::new();
    let faulty = SecretKeyRecord { key: faulty_primes() };
    change.put(Key::SecretKey(KEY_ENCRYPTION), &faulty);
    store.commit(change).unwrap();
    let mut card = TestCard::with_power(store.into_platform());
    assert_eq!(card.refused(Ins::LoadLicence, 0, 0, &licence.to_bytes()), 0x6400);
}

#[test]
fn every_power_up_tests_and_a_failure_takes_back_what_was_open() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let platform = TestCard::in_use(1).card.into_platform();
    let fails_later = || {
        let passes = RUNS.fetch_add(1, Ordering::Relaxed) == 0;
        if passes { self_test::run() } else { run_damaged() }
    };
    let mut card = TestCard { card: Card::with_self_test(platform, fails_later) };
    card.select();
    assert_eq!(card.verify(PIN), Ok([].to_vec()));
    card.card.reset();
    card.select();
    assert_eq!(card.verify(PIN), Ok([].to_vec()), "a reset is no power-up");
    card.card.power_up();
    card.select();
    assert_eq!(card.verify(PIN), Err(0x6400));
    assert_eq!(card.card.store().memory(), MemoryState::Damaged);
}

#[test]
fn a_card_as_it_is_sold_passes_its_self_test() {
    let mut card = TestCard { card: Card::new(RamPlatform::new(1)) };
    card.select();
    assert_eq!(status(&mut card).health, Health::Good);
}

#[test]
fn pi8_a_random_source_that_did_badly_is_not_drawn_from_before_the_next_power_up() {
    let challenge = |card: &mut TestCard| card.send(Ins::GetChallenge, 0, 0, &[]);
    use RandomFault::{Fails, Repeats, Sticks};
    for fault in [Fails, Repeats, Sticks(0), Sticks(0x5A)] {
        let mut card = TestCard::in_use(1);
        assert!(challenge(&mut card).is_ok());
        card.card.platform_mut().spoil_random(Some(fault));
        assert_eq!(card.refused(Ins::GetChallenge, 0, 0, &[]), 0x6400, "{fault:?}");
        card.card.platform_mut().spoil_random(None);
        assert_eq!(challenge(&mut card), Err(0x6400), "{fault:?}");
        assert_eq!(status(&mut card).health, Health::RandomFailed);
        assert_eq!(card.verify(PIN), Ok([].to_vec()), "which draws nothing");
        card.card.power_up();
        card.select();
        assert_eq!(status(&mut card).health, Health::Good);
        assert!(challenge(&mut card).is_ok());
    }
}
