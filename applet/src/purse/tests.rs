use super::*;
use saifu_wire::Digest;
use saifu_wire::codec::Bytes;
use saifu_wire::value::{Kind, PurseTerms, ScopeKind, Unit};

const SHOP: ShopId = ShopId([3; 16]);
const WORK: ContentId = ContentId([4; 16]);
const PURCHASE: Purchase = Purchase { shop: SHOP, content: WORK, time: 1_000 };

fn purse(balance: u64) -> PurseRecord {
    PurseRecord {
        terms: PurseTerms {
            purse: 1,
            kind: Kind::BitCash,
            unit: Unit::new("JPY").unwrap(),
            scope: ScopeKind::Any,
            scope_id: [0; 16],
            face_amount: 0,
            max_balance: 10_000,
            not_after: 0,
        },
        balance,
        held: 0,
        sequence: 0,
        last_event: Bytes::default(),
        last_credit: Digest::ZERO,
        expired: Bytes::default(),
    }
}

fn price(amount: u64) -> Price {
    Price { kind: Kind::BitCash, unit: Unit::new("JPY").unwrap(), amount, scope: ScopeKind::Any }
}

fn with_terms(change: impl FnOnce(&mut PurseTerms)) -> PurseRecord {
    let mut purse = purse(500);
    change(&mut purse.terms);
    purse
}

/// The balance after a debit, or that it was refused and changed nothing.
fn after_debit(mut purse: PurseRecord, price: &Price) -> Option<u64> {
    let before = purse.clone();
    match debit(&mut purse, price, &PURCHASE) {
        Ok(()) => Some(purse.balance),
        Err(status) => {
            assert_eq!((status, purse), (Status::ConditionsNotSatisfied, before));
            None
        }
    }
}

#[test]
fn pa3_a_purse_pays_what_is_in_it_and_no_more() {
    assert_eq!(after_debit(purse(299), &price(300)), None);
    assert_eq!(after_debit(purse(300), &price(300)), Some(0));
    assert_eq!(after_debit(purse(u64::MAX), &price(1)), Some(u64::MAX - 1));
    assert_eq!(after_debit(purse(0), &price(u64::MAX)), None);
    assert_eq!(after_debit(purse(500), &price(0)), None);
}

#[test]
fn another_kind_or_unit_pays_nothing() {
    let other_kind = with_terms(|terms| terms.kind = Kind::CyberCoin);
    assert_eq!(after_debit(other_kind, &price(300)), None);
    let other_unit = with_terms(|terms| terms.unit = Unit::new("EUR").unwrap());
    assert_eq!(after_debit(other_unit, &price(300)), None);
}

#[test]
fn id9_an_indivisible_purse_pays_exactly_its_face_value() {
    for (amount, balance) in [(300, None), (500, Some(0)), (250, None)] {
        let cheque = with_terms(|terms| terms.face_amount = 500);
        assert_eq!(after_debit(cheque, &price(amount)), balance);
    }
}

#[test]
fn id9_a_purse_past_its_date_pays_nothing() {
    for (not_after, balance) in [(999, None), (1_000, Some(200)), (0, Some(200))] {
        let coupon = with_terms(|terms| terms.not_after = not_after);
        assert_eq!(after_debit(coupon, &price(300)), balance);
    }
}

#[test]
fn a_bound_purse_pays_only_its_shop_or_work() {
    for (scope, id, balance) in [
        (ScopeKind::Shop, SHOP.0, Some(200)),
        (ScopeKind::Shop, WORK.0, None),
        (ScopeKind::Work, WORK.0, Some(200)),
        (ScopeKind::Work, SHOP.0, None),
    ] {
        let bound = with_terms(|terms| (terms.scope, terms.scope_id) = (scope, id));
        assert_eq!(after_debit(bound, &price(300)), balance);
    }
}

#[test]
fn a_price_for_bound_purses_takes_no_other() {
    let asks = |scope| Price { scope, ..price(300) };
    let bound = || with_terms(|terms| (terms.scope, terms.scope_id) = (ScopeKind::Shop, SHOP.0));
    assert_eq!(after_debit(bound(), &asks(ScopeKind::Shop)), Some(200));
    assert_eq!(after_debit(bound(), &asks(ScopeKind::Work)), None);
    assert_eq!(after_debit(purse(500), &asks(ScopeKind::Shop)), None);
}

#[test]
fn cr5_no_load_is_empty_wraps_or_goes_over_the_cap() {
    for (balance, held, amount, after) in [
        (0, 0, 10_000, Some(10_000)),
        (0, 0, 10_001, None),
        (9_000, 0, 1_000, Some(10_000)),
        (9_000, 1, 1_000, None),
        (0, 0, 0, None),
        (1, 0, u64::MAX, None),
        (0, 1, u64::MAX, None),
    ] {
        let mut purse = PurseRecord { held, ..purse(balance) };
        let outcome = credit(&mut purse, amount, 1_000);
        assert_eq!(outcome.is_ok().then_some(purse.balance), after);
        assert!(outcome.is_ok() || purse.balance == balance);
    }
}

#[test]
fn cr2_only_the_next_sequence_is_used_up() {
    for (last, sequence, good) in [
        (0, 1, true),
        (0, 0, false),
        (0, 2, false),
        (7, 7, false),
        (7, 8, true),
        (u64::MAX, 0, false),
        (u64::MAX, u64::MAX, false),
    ] {
        let mut purse = PurseRecord { sequence: last, ..purse(0) };
        assert_eq!(use_sequence(&mut purse, sequence).is_ok(), good);
        assert_eq!(purse.sequence, if good { sequence } else { last });
    }
}

/// A purse of pieces of this size.
fn pieces(face_amount: u64, balance: u64) -> PurseRecord {
    let mut purse = purse(balance);
    purse.terms.face_amount = face_amount;
    purse
}

#[test]
fn an_indivisible_purse_is_loaded_with_whole_pieces_so_that_nothing_is_stranded() {
    for (face_amount, amount, good) in [
        (0, 7, true),
        (1, 7, true),
        (500, 500, true),
        (500, 1_500, true),
        (500, 499, false),
        (500, 501, false),
        (500, 0, false),
        (u64::MAX, 500, false),
    ] {
        let mut purse = pieces(face_amount, 0);
        assert_eq!(credit(&mut purse, amount, 1_000).is_ok(), good, "{amount} in {face_amount}s");
        assert_eq!(purse.balance, if good { amount } else { 0 });
    }
}

#[test]
fn a_hold_leaves_the_balance_and_ends_as_a_payment_or_as_value() {
    let mut held = purse(500);
    assert_eq!(hold(&mut held, &price(300), &PURCHASE), Ok(()));
    assert_eq!((held.balance, held.held), (200, 300));
    let (mut paid, mut back) = (held.clone(), held);
    assert_eq!(release(&mut paid, 300), Ok(()));
    assert_eq!((paid.balance, paid.held), (200, 0));
    assert_eq!(cancel(&mut back, 300), Ok(()));
    assert_eq!((back.balance, back.held), (500, 0));
}

#[test]
fn what_is_not_there_is_neither_held_nor_released_nor_given_back() {
    let refused = |change: fn(&mut PurseRecord) -> Result<(), Status>, purse: PurseRecord| {
        let mut after = purse.clone();
        change(&mut after) == Err(REFUSED) && after == purse
    };
    let with_held = |held| PurseRecord { held, ..purse(500) };
    let hold_300 = |purse: &mut PurseRecord| hold(purse, &price(300), &PURCHASE);
    assert!(refused(hold_300, purse(299)));
    assert!(refused(hold_300, pieces(500, 500)));
    assert!(refused(hold_300, with_held(u64::MAX)));
    assert!(refused(|purse| release(purse, 300), with_held(299)));
    assert!(refused(|purse| cancel(purse, 300), with_held(299)));
    assert!(refused(|purse| cancel(purse, 300), PurseRecord { held: 300, ..purse(u64::MAX) }));
}

#[test]
fn a_purse_is_loaded_until_its_last_second_and_never_after() {
    for (not_after, good) in [(0, true), (1_000, true), (999, false)] {
        let mut coupon = with_terms(|terms| terms.not_after = not_after);
        assert_eq!(credit(&mut coupon, 70, 1_000).is_ok(), good, "until {not_after}");
        assert_eq!(coupon.balance, if good { 570 } else { 500 });
    }
}

#[test]
fn a_purse_expires_after_its_last_second_and_with_nothing_on_hold() {
    for (not_after, held, amount) in
        [(0, 0, None), (1_000, 0, None), (999, 0, Some(500)), (999, 1, None)]
    {
        let mut coupon = PurseRecord { held, ..with_terms(|terms| terms.not_after = not_after) };
        assert_eq!(expire(&mut coupon, 1_000).ok(), amount);
        assert_eq!(coupon.balance, if amount.is_some() { 0 } else { 500 });
    }
}
