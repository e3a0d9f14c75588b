//! Checks the books: all value accounted, and the ledger as the evidence says.

use saifu_wire::signed::Outcome;
use saifu_wire::value::{Kind, Unit};

use super::{Books, Flow, Holder, InstructionKind, PurseFinding, Sum, SumOf};
use crate::money;
use crate::store::LoadState;

/// Where the value of one kind and unit is; a sum of a damaged store that is over any amount is
/// told as the largest, and found.
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
    /// In suspense.
    pub suspense: i64,
    /// Written off.
    pub expired: i64,
    /// Paid out of the scheme.
    pub redeemed: i64,
}

/// What a check of the books found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// Where the value is, per kind and unit.
    pub kinds: Vec<KindSums>,
    /// What is wrong, in words; empty when all value is accounted.
    pub findings: Vec<String>,
}

/// Checks the books: `balances + settled + suspense + expired + redeemed = issued - unapplied`
/// for every kind and unit, each term as the evidence says, and no purse against its card's word.
pub fn reconcile(books: &Books) -> Reconciliation {
    let mut units: Vec<(Kind, Unit)> = books.flows.iter().map(|sum| (sum.kind, sum.unit)).collect();
    units.extend(books.loaded.iter().map(|sum| (sum.kind, sum.unit)));
    units.extend(books.paid.iter().map(|sum| (sum.kind, sum.unit)));
    units.extend(books.instructed.iter().map(|sum| (sum.kind, sum.unit)));
    units.sort_unstable();
    units.dedup();
    let mut findings: Vec<String> = books.purses.iter().map(purse_finding).collect();
    units.iter().for_each(|of| check(books, *of, &mut findings));
    let kinds = units.into_iter().map(|of| kind_sums(books, of, &mut findings)).collect();
    Reconciliation { kinds, findings }
}

fn kind_sums(books: &Books, of: (Kind, Unit), findings: &mut Vec<String>) -> KindSums {
    let mut held = |holder| {
        let sum = into(books, of, holder) - out_of(books, of, holder);
        let sum = if holder == Holder::Issued { -sum } else { sum };
        i64::try_from(sum).unwrap_or_else(|_| {
            let (kind, unit) = (money::kind_name(of.0), of.1);
            findings.push(format!("{kind} {unit}: {holder:?} comes to {sum}, over any amount"));
            if sum < 0 { i64::MIN } else { i64::MAX }
        })
    };
    KindSums {
        kind: of.0,
        unit: of.1,
        issued: held(Holder::Issued),
        unapplied: held(Holder::Unapplied),
        cards: held(Holder::Card),
        settled: held(Holder::Settled),
        suspense: held(Holder::Suspense),
        expired: held(Holder::Expired),
        redeemed: held(Holder::Redeemed),
    }
}

/// The ways that value can go.
fn is_known(flow: Flow) -> bool {
    use Holder::{Card, Expired, Issued, Redeemed, Settled, Suspense, Unapplied};
    match flow.source {
        Issued => matches!(flow.target, Unapplied | Card),
        Unapplied => matches!(flow.target, Card | Issued | Settled | Suspense),
        Card => matches!(flow.target, Settled | Suspense | Expired | Redeemed | Unapplied),
        Settled => matches!(flow.target, Unapplied | Redeemed),
        Suspense => matches!(flow.target, Settled | Unapplied),
        Expired | Redeemed => false,
    }
}

fn check(books: &Books, of: (Kind, Unit), findings: &mut Vec<String>) {
    let name = format!("{} {}", money::kind_name(of.0), of.1);
    let unknown = books.flows.iter().filter(|sum| (sum.kind, sum.unit) == of && !is_known(sum.of));
    for Sum { of: Flow { source, target }, amount, .. } in unknown {
        findings.push(format!("{name}: {amount} went from {source:?} to {target:?}"));
    }
    let loaded = |state| amount(&books.loaded, of, state);
    let closed = loaded(LoadState::Applied) + loaded(LoadState::Voided);
    let paid = |outcome| amount(&books.paid, of, outcome);
    let instructed = |why| amount(&books.instructed, of, why);
    let flow = |source, target| amount(&books.flows, of, Flow { source, target });
    let (unapplied, card) = (Holder::Unapplied, Holder::Card);
    for (what, is, should) in [
        (
            "what was given out, and its credits",
            into(books, of, unapplied),
            loaded(LoadState::Credited) + closed,
        ),
        ("what was applied or given up, and its receipts", out_of(books, of, unapplied), closed),
        ("what was settled, and its tokens", flow(card, Holder::Settled), paid(Outcome::Settled)),
        (
            "what was put in suspense, and its tokens",
            flow(card, Holder::Suspense),
            paid(Outcome::Suspense),
        ),
        (
            "what was settled from suspense, and what was instructed",
            flow(Holder::Suspense, Holder::Settled),
            instructed(InstructionKind::Settle),
        ),
        (
            "what was paid out, and what was instructed",
            into(books, of, Holder::Redeemed),
            instructed(InstructionKind::PayOut),
        ),
    ] {
        if is != should {
            findings.push(format!("{name}: {what} differ: {is} and {should}"));
        }
    }
}

fn into(books: &Books, of: (Kind, Unit), holder: Holder) -> i128 {
    total(books, of, |flow| flow.target == holder)
}

fn out_of(books: &Books, of: (Kind, Unit), holder: Holder) -> i128 {
    total(books, of, |flow| flow.source == holder)
}

fn total(books: &Books, (kind, unit): (Kind, Unit), which: impl Fn(Flow) -> bool) -> i128 {
    let sums = books.flows.iter().filter(|sum| (sum.kind, sum.unit) == (kind, unit));
    sums.filter(|sum| which(sum.of)).map(|sum| i128::from(sum.amount)).sum()
}

fn amount<T: SumOf>(sums: &[Sum<T>], (kind, unit): (Kind, Unit), of: T) -> i128 {
    let found = sums.iter().find(|sum| (sum.kind, sum.unit, sum.of) == (kind, unit, of));
    found.map_or(0, |sum| sum.amount.into())
}

fn purse_finding(purse: &PurseFinding) -> String {
    let PurseFinding { account, purse, balance, coming, signed, noted } = purse;
    let left = i128::from(*balance) + i128::from(*coming);
    if left != i128::from(*noted) {
        return format!(
            "account {account}, purse {purse}: the ledger says {left}, what is noted beside it \
             {noted}"
        );
    }
    if left < 0 {
        return format!(
            "account {account}, purse {purse}: the card has spent {} more than it was given",
            -left
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

    fn flow(source: Holder, target: Holder, amount: i64) -> Sum<Flow> {
        sum(Flow { source, target }, amount)
    }

    /// 10,000 given out three times; one arrived and one was given up; of what arrived 300 are
    /// settled and 100 in suspense.
    fn books() -> Books {
        use Holder::{Card, Issued, Settled, Suspense, Unapplied};
        let states = [LoadState::Credited, LoadState::Applied, LoadState::Voided];
        Books {
            flows: vec![
                flow(Issued, Unapplied, 30_000),
                flow(Unapplied, Card, 10_000),
                flow(Unapplied, Issued, 10_000),
                flow(Card, Settled, 300),
                flow(Card, Suspense, 100),
            ],
            loaded: states.map(|state| sum(state, 10_000)).into(),
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
    fn what_was_refunded_paid_out_and_written_off_is_accounted() {
        use Holder::{Card, Expired, Redeemed, Settled, Suspense, Unapplied};
        let mut more = books();
        more.flows.push(flow(Settled, Unapplied, 200));
        more.flows[1].amount += 200;
        more.loaded[1].amount += 200;
        more.flows.extend([flow(Settled, Redeemed, 60), flow(Card, Expired, 5)]);
        more.flows.push(flow(Suspense, Settled, 10));
        more.instructed = vec![sum(InstructionKind::PayOut, 60), sum(InstructionKind::Settle, 10)];
        let checked = reconcile(&more);
        assert_eq!(checked.findings, Vec::<String>::new());
        let kind = checked.kinds[0];
        assert_eq!((kind.settled, kind.redeemed, kind.expired), (50, 60, 5));
        for at in 0..2 {
            let mut wrong = more.clone();
            wrong.instructed[at].amount += 1;
            assert!(!reconcile(&wrong).findings.is_empty(), "instructed {at}");
        }
        let held = kind.unapplied + kind.cards + kind.settled + kind.suspense;
        assert_eq!(held + kind.expired + kind.redeemed, kind.issued);
    }

    #[test]
    fn value_that_went_a_way_that_there_is_not_is_found() {
        use Holder::{Expired, Issued, Redeemed, Settled};
        for (source, target) in [(Issued, Settled), (Expired, Issued), (Redeemed, Settled)] {
            let mut wrong = books();
            wrong.flows.push(flow(source, target, 1));
            let found = reconcile(&wrong).findings;
            assert!(found[0].contains(&format!("from {source:?} to {target:?}")), "{found:?}");
        }
    }

    #[test]
    fn one_unit_too_many_or_too_few_anywhere_is_found() {
        for change in [-1, 1] {
            for at in 0..5 {
                let mut wrong = books();
                wrong.flows[at].amount += change;
                assert!(!reconcile(&wrong).findings.is_empty(), "flow {at}");
            }
            for at in 0..3 {
                let mut wrong = books();
                wrong.loaded[at].amount += change;
                assert!(!reconcile(&wrong).findings.is_empty(), "loaded {at}");
            }
            for at in 0..2 {
                let mut wrong = books();
                wrong.paid[at].amount += change;
                assert!(!reconcile(&wrong).findings.is_empty(), "paid {at}");
            }
        }
    }

    #[test]
    fn value_that_changed_its_kind_is_found() {
        let mut wrong = books();
        wrong.flows[3].kind = Kind::Coupon;
        assert!(!reconcile(&wrong).findings.is_empty());
    }

    #[test]
    fn a_purse_against_its_cards_word_is_named() {
        let account = saifu_wire::AccountId([7; 16]);
        let purse =
            PurseFinding { account, purse: 1, balance: 5, coming: 0, signed: Some(6), noted: 5 };
        let overspent = PurseFinding { balance: -3, coming: 1, noted: -2, ..purse.clone() };
        let forgotten = PurseFinding { noted: 0, ..purse.clone() };
        let checked = reconcile(&Books { purses: vec![purse, overspent, forgotten], ..books() });
        assert!(checked.findings[0].contains("the ledger says 5, the card 6"));
        assert!(checked.findings[1].contains("2 more"), "{:?}", checked.findings);
        assert!(checked.findings[2].contains("noted beside it 0"), "{:?}", checked.findings);
    }

    #[test]
    fn amounts_beyond_all_measure_are_found_and_not_stumbled_over() {
        let (most, least) = (i64::MAX, i64::MIN);
        let mut wrong = books();
        for at in 0..wrong.flows.len() {
            wrong.flows[at].amount = if at % 2 == 0 { most } else { least };
        }
        wrong.flows.push(flow(Holder::Issued, Holder::Unapplied, most));
        wrong.loaded.iter_mut().for_each(|sum| sum.amount = most);
        let account = saifu_wire::AccountId([7; 16]);
        let purse = |balance, coming, noted| PurseFinding {
            account,
            purse: 1,
            balance,
            coming,
            signed: None,
            noted,
        };
        wrong.purses =
            vec![purse(most, most, 0), purse(least, least, most), purse(least, 0, least)];
        let checked = reconcile(&wrong);
        assert_eq!(checked.kinds[0].unapplied, most);
        let found = checked.findings.join("\n");
        for words in [
            "credits differ",
            "says 18446744073709551614,",
            "9223372036854775808 more",
            "Unapplied comes to 18446744073709551615",
        ] {
            assert!(found.contains(words), "{words}: {found}");
        }
    }
}
