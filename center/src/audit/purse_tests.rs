//! The purse's state machine: each step as the contract says, and each that is not.

use saifu_wire::value::{Kind, ScopeKind, Unit};
use saifu_wire::{AccountId, CenterId, Digest, LoadId};

use super::*;

fn purse() -> Purse {
    Purse::new(PurseTerms {
        purse: 1,
        kind: Kind::BitCash,
        unit: Unit::new("JPY").unwrap(),
        scope: ScopeKind::Any,
        scope_id: [0; 16],
        face_amount: 0,
        max_balance: 1_000,
        not_after: 0,
    })
}

fn event(kind: EventKind, amount: u64, [balance, held, sequence]: [u64; 3]) -> Event {
    Event {
        center: CenterId::ZERO,
        account: AccountId::ZERO,
        counter: 2,
        previous: Digest::ZERO,
        kind,
        purse: 1,
        amount,
        balance,
        held,
        sequence,
        cause: Digest::ZERO,
        load: LoadId::ZERO,
    }
}

/// A life of a purse: each event in its turn.
const LIFE: [(EventKind, u64, [u64; 3]); 7] = [
    (EventKind::Credited, 900, [900, 0, 1]),
    (EventKind::Held, 300, [600, 300, 1]),
    (EventKind::Cancelled, 300, [900, 0, 1]),
    (EventKind::Voided, 0, [900, 0, 2]),
    (EventKind::Refunded, 100, [1_000, 0, 3]),
    (EventKind::Held, 1_000, [0, 1_000, 3]),
    (EventKind::Cancelled, 1_000, [1_000, 0, 3]),
];

/// The purse after the first `steps` of its life.
fn after(steps: usize) -> Purse {
    let mut purse = purse();
    for (kind, amount, said) in &LIFE[..steps] {
        assert_eq!(purse.event(&event(*kind, *amount, *said)), None, "{kind:?}");
    }
    purse
}

#[test]
fn each_event_leaves_what_the_contract_says_and_nothing_else() {
    after(LIFE.len());
    for (at, (kind, amount, said)) in LIFE.iter().enumerate() {
        for field in 0..3 {
            for wrong in [said[field] + 1, said[field].wrapping_sub(1)] {
                let mut other = *said;
                other[field] = wrong;
                let found = after(at).event(&event(*kind, *amount, other));
                assert!(found.is_some(), "{kind:?}, field {field}: {wrong}");
            }
        }
        let found = after(at).event(&event(*kind, amount + 1, *said));
        assert!(found.is_some(), "{kind:?} of another amount");
    }
}

#[test]
fn a_payment_takes_from_the_balance_or_from_what_is_held() {
    let mut purse = after(2);
    assert_eq!(purse.payment(100, 500, Some(false)), None);
    assert_eq!(purse.payment(300, 500, Some(true)), None);
    assert_eq!(purse.whole(), 500);
    assert!(purse.clone().payment(100, 500, Some(false)).unwrap().contains("400 would follow"));
    assert!(purse.clone().payment(600, 0, Some(false)).unwrap().contains("cannot follow"));
    assert!(purse.payment(100, 500, Some(true)).unwrap().contains("less was held"));
}

#[test]
fn what_expires_is_the_whole_balance_with_nothing_on_hold() {
    let expired = |amount, said| after(1).event(&event(EventKind::Expired, amount, said));
    assert_eq!(expired(900, [0, 0, 1]), None);
    assert!(expired(800, [0, 0, 1]).is_some(), "less than there was");
    assert!(expired(900, [100, 0, 1]).is_some());
    let on_hold = after(2).event(&event(EventKind::Expired, 600, [0, 300, 1]));
    assert!(on_hold.is_some(), "something was on hold");
}

#[test]
fn a_purse_holds_no_more_than_it_may() {
    let mut purse = purse();
    let found = purse.event(&event(EventKind::Credited, 1_001, [1_001, 0, 1]));
    assert!(found.unwrap().contains("1000"));
}

#[test]
fn an_event_that_moves_nothing_or_should_move_nothing_is_wrong() {
    let nothing = after(1).event(&event(EventKind::Held, 0, [900, 0, 1]));
    assert!(nothing.unwrap().contains("moves 0"));
    let something = after(1).event(&event(EventKind::Voided, 5, [900, 0, 2]));
    assert!(something.unwrap().contains("moves 5"));
}

#[test]
fn after_a_gap_the_next_word_is_taken_and_judged_from_there_on() {
    let mut purse = after(1);
    purse.lose_track();
    assert_eq!(purse.payment(50, 700, Some(false)), None);
    assert_eq!(purse.held, None, "what is on hold was not said");
    assert!(purse.payment(50, 600, Some(false)).unwrap().contains("650 would follow"));
    assert_eq!(purse.event(&event(EventKind::Held, 10, [590, 10, 4])), None);
    assert_eq!(purse.held, Some(10));
    assert!(purse.event(&event(EventKind::Held, 10, [580, 30, 4])).is_some());
}
