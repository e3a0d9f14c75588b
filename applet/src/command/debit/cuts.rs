//! DEBIT when power, memory or random source fails in the middle of it.

use alloc::vec;
use alloc::vec::Vec;

use super::*;
use saifu_wire::CenterId;
use saifu_wire::codec::List;
use saifu_wire::ins::Ins;

use crate::memory::records::{AccountRecord, SpendingRecord};
use crate::platform::MemoryFailed;
use crate::platform::ram::{Cut, Leaves, RamPlatform, RandomFault};
use crate::test_kit::sale::{pay, price};
use crate::test_kit::{TestCard, TestCenter};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

/// What a debit changes: purse, chain, licence, outbox, sum without a PIN.
type Stored = (u64, u64, LicenceStatus, u64, usize, u64);

/// A card with 1,000 yen and licence 1 at 100 yen, for which no PIN is needed.
fn platform() -> RamPlatform {
    let mut card = CENTER.customer(1, 1_000);
    let mut licence = CENTER.licence(card.id(), 1);
    licence.prices = List(vec![price(100)]);
    card.load_licence(&CENTER.issue(licence)).unwrap();
    card.card.into_platform()
}

fn stored(card: &TestCard) -> Stored {
    let store = card.card.store();
    let account: AccountRecord = store.get(&Key::Account(CENTER.id)).unwrap().unwrap();
    let licence: LicenceRecord = store.get(&Key::Licence(CENTER.id, 1)).unwrap().unwrap();
    let spent: Option<SpendingRecord> = store.get(&Key::Spending).unwrap();
    let LicenceRecord { state, .. } = licence;
    let outbox = store.keys(Key::outbox()).count();
    let spent = spent.unwrap_or_default().without_pin;
    let balance = card.purse(&CENTER, 1).balance;
    (balance, account.counter, state.status, state.token, outbox, spent)
}

const BEFORE: Stored = (1_000, 2, LicenceStatus::Loaded, 0, 0, 0);
const AFTER: Stored = (900, 3, LicenceStatus::Paid, 3, 1, 100);

/// Cuts the debit at its write number `at_write`; whether power failed, and what came of it.
fn cut(platform: &RamPlatform, at_write: u64, leaves: Leaves, keeps: bool) -> (bool, Stored) {
    let mut card = TestCard::with_power(platform.clone());
    card.card.platform_mut().cut_power(Cut { at_write, leaves, keeps_unsynced: keeps });
    let answer = card.debit(&CENTER, 1);
    let failed = !card.card.store().platform().has_power();
    let mut card = card.power_cycle();
    let found = stored(&card);
    assert!(answer.is_err() || found == AFTER, "an answer only after the commit");
    let token = card.debit(&CENTER, 1).unwrap();
    assert!(answer.is_err() || answer == Ok(token.clone()));
    assert_eq!(CENTER.read(&card, &token).0.counter, 3);
    assert_eq!(stored(&card), AFTER, "paid once");
    (failed, found)
}

#[test]
fn pa6_a_cut_at_any_write_leaves_the_debit_done_or_not_begun() {
    let platform = platform();
    let leaves = [
        Leaves::Nothing,
        Leaves::Erased,
        Leaves::Beginning(20),
        Leaves::Garbage,
        Leaves::Everything,
    ];
    let mut seen = Vec::new();
    for (leaves, keeps) in leaves.into_iter().flat_map(|leaves| [(leaves, true), (leaves, false)]) {
        let cuts = (1..).map(|at_write| cut(&platform, at_write, leaves, keeps));
        seen.extend(cuts.take_while(|(failed, _)| *failed).map(|(_, found)| found));
    }
    let count = |state| seen.iter().filter(|found| **found == state).count();
    assert!(count(BEFORE) > 0 && count(AFTER) > 0);
    assert_eq!(count(BEFORE) + count(AFTER), seen.len(), "nothing in between");
}

#[test]
fn a_memory_that_fails_or_is_full_pays_nothing() {
    let platform = platform();
    for (why, word) in [(MemoryFailed::Error, 0x6581), (MemoryFailed::Full, 0x6A84)] {
        let mut card = TestCard::with_power(platform.clone());
        card.card.platform_mut().refuse_writes(1, why);
        assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&CENTER, 1, 0, 1)), word);
        card.card.platform_mut().accept_writes();
        assert_eq!(stored(&card), BEFORE);
        assert!(card.debit(&CENTER, 1).is_ok());
    }
}

#[test]
fn pi8_with_a_random_source_that_does_badly_nothing_is_paid() {
    use RandomFault::{Fails, Repeats, Sticks};
    for fault in [Fails, Repeats, Sticks(0), Sticks(0x5A)] {
        let mut card = TestCard::with_power(platform());
        card.card.platform_mut().spoil_random(Some(fault));
        assert_eq!(card.refused(Ins::Debit, 0, 0, &pay(&CENTER, 1, 0, 1)), 0x6400, "{fault:?}");
        card.card.platform_mut().spoil_random(None);
        assert_eq!(stored(&card), BEFORE);
        assert!(card.power_cycle().debit(&CENTER, 1).is_ok());
    }
}
