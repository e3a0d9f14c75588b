//! Checks the books: all value accounted, and the ledger as the evidence says.

use saifu_wire::signed::Outcome;
use saifu_wire::value::{Kind, Unit};

use super::{Books, Holder, PurseFinding, Sum, SumOf};
use crate::money;
use crate::store::LoadState;

/// Where the value of one kind and unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindSums {
    /// The kind of value.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// What was given out, less what cards gave up.
    pub issued: i64,
    /// Credits on their way.
    pub unapplied: i64,
    /// On cards, spent and not yet sent in included.
    pub cards: i64,
    /// Settled, of all shops.
    pub settled: i64,
    /// Booked to suspense.
    pub suspense: i64,
}

/// What a check of the books found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// Where the value is, per kind and unit.
    pub kinds: Vec<KindSums>,
    /// What is wrong, in words; empty when all value is accounted.
    pub findings: Vec<String>,
}

/// Checks the books: `balances + settled + suspense = issued - unapplied` for every kind and
/// unit, each term as the evidence says, and no purse against its card's word.
pub fn reconcile(books: &Books) -> Reconciliation {
    let mut units: Vec<(Kind, Unit)> = books.held.iter().map(|sum| (sum.kind, sum.unit)).collect();
    units.extend(books.loaded.iter().map(|sum| (sum.kind, sum.unit)));
    units.extend(books.paid.iter().map(|sum| (sum.kind, sum.unit)));
    units.sort_unstable();
    units.dedup();
    let mut findings: Vec<String> = books.purses.iter().map(purse_finding).collect();
    let kinds = units.into_iter().map(|of| kind_sums(books, of)).collect::<Vec<_>>();
    kinds.iter().for_each(|sums| check(books, sums, &mut findings));
    Reconciliation { kinds, findings }
}

fn kind_sums(books: &Books, (kind, unit): (Kind, Unit)) -> KindSums {
    let held = |holder| amount(&books.held, (kind, unit), holder);
    KindSums {
        kind,
        unit,
        issued: -held(Holder::Issued),
        unapplied: held(Holder::Unapplied),
        cards: held(Holder::Card),
        settled: held(Holder::Settled),
        suspense: held(Holder::Suspense),
    }
}

fn check(books: &Books, sums: &KindSums, findings: &mut Vec<String>) {
    let of = (sums.kind, sums.unit);
    let loaded = |state| amount(&books.loaded, of, state);
    let paid = |outcome| amount(&books.paid, of, outcome);
    let (credited, applied) = (loaded(LoadState::Credited), loaded(LoadState::Applied));
    let gone = |holder| amount(&books.held, of, holder);
    let gone = gone(Holder::Expired) + gone(Holder::Redeemed);
    let held = sums.unapplied + sums.cards + sums.settled + sums.suspense + gone;
    for (what, is, should) in [
        ("all that is held, and what was issued", held, sums.issued),
        (
            "what was issued, and the credits that were not given up",
            sums.issued,
            credited + applied,
        ),
        ("what is unapplied, and the credits on their way", sums.unapplied, credited),
        ("what is settled, and the tokens settled", sums.settled, paid(Outcome::Settled)),
        ("what is in suspense, and its tokens", sums.suspense, paid(Outcome::Suspense)),
    ] {
        if is != should {
            let name = money::kind_name(sums.kind);
            findings.push(format!("{name} {}: {what} differ: {is} and {should}", sums.unit));
        }
    }
}

fn amount<T: SumOf>(sums: &[Sum<T>], (kind, unit): (Kind, Unit), of: T) -> i64 {
    let found = sums.iter().find(|sum| (sum.kind, sum.unit, sum.of) == (kind, unit, of));
    found.map_or(0, |sum| sum.amount)
}

fn purse_finding(purse: &PurseFinding) -> String {
    let PurseFinding { account, purse, balance, coming, signed } = purse;
    if balance + coming < 0 {
        return format!(
            "account {account}, purse {purse}: the card has spent {} more than it was given",
            -(balance + coming)
        );
    }
    let signed = signed.map_or("nothing".to_owned(), |signed| signed.to_string());
    format!("account {account}, purse {purse}: the ledger says {balance}, the card {signed}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum<T>(of: T, amount: i64) -> Sum<T> {
        Sum { kind: Kind::BitCash, unit: Unit::new("JPY").unwrap(), of, amount }
    }

    /// 10,000 given out twice; one arrived, and of that 300 are settled and 100 in suspense.
    fn books() -> Books {
        Books {
            held: vec![
                sum(Holder::Issued, -20_000),
                sum(Holder::Unapplied, 10_000),
                sum(Holder::Card, 9_600),
                sum(Holder::Settled, 300),
                sum(Holder::Suspense, 100),
            ],
            loaded: vec![sum(LoadState::Credited, 10_000), sum(LoadState::Applied, 10_000)],
            paid: vec![sum(Outcome::Settled, 300), sum(Outcome::Suspense, 100)],
            ..Books::default()
        }
    }

    #[test]
    fn books_that_agree_with_the_evidence_give_no_finding() {
        let checked = reconcile(&books());
        assert_eq!(checked.findings, Vec::<String>::new());
        assert_eq!(checked.kinds.len(), 1);
        assert_eq!((checked.kinds[0].issued, checked.kinds[0].cards), (20_000, 9_600));
        assert_eq!(reconcile(&Books::default()).kinds, []);
    }

    #[test]
    fn one_unit_too_many_or_too_few_anywhere_is_found() {
        for change in [-1, 1] {
            for at in 0..5 {
                let mut wrong = books();
                wrong.held[at].amount += change;
                assert!(!reconcile(&wrong).findings.is_empty(), "held {at}");
            }
            for at in 0..2 {
                let mut wrong = books();
                wrong.loaded[at].amount += change;
                assert!(!reconcile(&wrong).findings.is_empty(), "loaded {at}");
                let mut wrong = books();
                wrong.paid[at].amount += change;
                assert!(!reconcile(&wrong).findings.is_empty(), "paid {at}");
            }
        }
    }

    #[test]
    fn value_that_changed_its_kind_is_found() {
        let mut wrong = books();
        wrong.held[3].kind = Kind::Coupon;
        assert!(!reconcile(&wrong).findings.is_empty());
    }

    #[test]
    fn a_purse_against_its_cards_word_is_named() {
        let account = saifu_wire::AccountId([7; 16]);
        let purse = PurseFinding { account, purse: 1, balance: 5, coming: 0, signed: Some(6) };
        let overspent = PurseFinding { balance: -3, coming: 1, ..purse.clone() };
        let checked = reconcile(&Books { purses: vec![purse, overspent], ..books() });
        assert!(checked.findings[0].contains("the ledger says 5, the card 6"));
        assert!(checked.findings[1].contains("2 more"), "{:?}", checked.findings);
    }
}
