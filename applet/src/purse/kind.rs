//! What makes a purse one of its kind (§4.2): a table, which OPEN ACCOUNT enforces.

use saifu_wire::value::{Kind, PurseTerms, ScopeKind, Unit};

/// What the terms of a purse of one kind must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// What its amounts count.
    pub counts: Counts,
    /// In which parts it pays.
    pub pays: Pays,
    /// Whether it must have a last second.
    pub ends: bool,
    /// Whether it must be bound to a shop or a work.
    pub bound: bool,
}

/// What amounts count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// Money: the unit has the form of an ISO 4217 code, three capitals.
    Money,
    /// Something of the center's own: the unit does not have that form.
    Own,
    /// Whatever the center says.
    Anything,
}

/// In which parts a purse pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pays {
    /// Any amount that it holds; its face amount is 0.
    AnyAmount,
    /// One piece at a time, of which it may hold many: its face amount is 1.
    Pieces,
    /// All of it at once: it holds one face amount or nothing.
    Whole,
}

impl Rule {
    /// The row of a kind.
    #[must_use]
    #[rustfmt::skip]
    pub fn of(kind: Kind) -> Self {
        use Counts::{Anything, Money, Own};
        use Pays::{AnyAmount, Pieces, Whole};
        let row = |counts, pays, ends, bound| Self { counts, pays, ends, bound };
        match kind {
            Kind::BitCash    => row(Money,    AnyAmount, false, false),
            Kind::CyberCoin  => row(Own,      AnyAmount, false, false),
            Kind::Coupon     => row(Anything, AnyAmount, true,  false),
            Kind::Ticket     => row(Anything, Pieces,    false, true),
            Kind::Cheque     => row(Money,    Whole,     false, false),
            Kind::CreditCard => row(Money,    AnyAmount, true,  false),
        }
    }

    /// Whether these terms are those of a purse of this kind.
    #[must_use]
    pub fn allows(&self, terms: &PurseTerms) -> bool {
        let counted = match self.counts {
            Counts::Money => is_money(&terms.unit),
            Counts::Own => !is_money(&terms.unit),
            Counts::Anything => true,
        };
        let paid = match self.pays {
            Pays::AnyAmount => terms.face_amount == 0,
            Pays::Pieces => terms.face_amount == 1,
            Pays::Whole => terms.face_amount == terms.max_balance,
        };
        let ends = !self.ends || terms.not_after != 0;
        let bound = !self.bound || terms.scope != ScopeKind::Any;
        counted && paid && ends && bound
    }
}

/// Whether an amount of this kind and unit is one of money; a ticket counts pieces, whatever its
/// unit.
#[must_use]
pub fn counts_money(kind: Kind, unit: &Unit) -> bool {
    Rule::of(kind).pays != Pays::Pieces && is_money(unit)
}

/// Whether a unit has the form of an ISO 4217 code.
fn is_money(unit: &Unit) -> bool {
    let code = unit.as_str().as_bytes();
    code.len() == 3 && code.iter().all(u8::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Terms that §4.2 allows for a kind: the smallest of them.
    fn terms(kind: Kind) -> PurseTerms {
        let (unit, face_amount, max_balance, not_after, scope) = match kind {
            Kind::BitCash => ("JPY", 0, 9, 0, ScopeKind::Any),
            Kind::CyberCoin => ("POINT", 0, 9, 0, ScopeKind::Any),
            Kind::Coupon => ("JPY", 0, 9, 5, ScopeKind::Any),
            Kind::Ticket => ("SHOW7", 1, 9, 0, ScopeKind::Work),
            Kind::Cheque => ("EUR", 500, 500, 0, ScopeKind::Any),
            Kind::CreditCard => ("USD", 0, 9, 5, ScopeKind::Any),
        };
        let (unit, scope_id) = (Unit::new(unit).unwrap(), [7; 16]);
        PurseTerms { purse: 1, kind, unit, scope, scope_id, face_amount, max_balance, not_after }
    }

    type Difference = (&'static str, fn(&mut PurseTerms), [bool; 6]);

    /// What may be different, kind by kind in the order of §4.1.
    const DIFFERENCES: &[Difference] = &[
        ("as it is", |_| (), [true; 6]),
        (
            "money",
            |terms| terms.unit = Unit::new("GBP").unwrap(),
            [true, false, true, true, true, true],
        ),
        (
            "two capitals",
            |terms| terms.unit = Unit::new("GB").unwrap(),
            [false, true, true, true, false, false],
        ),
        (
            "a digit",
            |terms| terms.unit = Unit::new("GB1").unwrap(),
            [false, true, true, true, false, false],
        ),
        (
            "four capitals",
            |terms| terms.unit = Unit::new("COIN").unwrap(),
            [false, true, true, true, false, false],
        ),
        ("divisible", |terms| terms.face_amount = 0, [true, true, true, false, false, true]),
        ("in ones", |terms| terms.face_amount = 1, [false, false, false, true, false, false]),
        ("in twos", |terms| terms.face_amount = 2, [false; 6]),
        ("one piece at most", |terms| terms.max_balance = 1, [true, true, true, true, false, true]),
        ("for ever", |terms| terms.not_after = 0, [true, true, false, true, true, false]),
        ("until a date", |terms| terms.not_after = 9, [true; 6]),
        (
            "for anything",
            |terms| terms.scope = ScopeKind::Any,
            [true, true, true, false, true, true],
        ),
        ("in one shop", |terms| terms.scope = ScopeKind::Shop, [true; 6]),
        ("for one work", |terms| terms.scope = ScopeKind::Work, [true; 6]),
    ];

    #[test]
    fn each_kind_has_terms_of_its_own() {
        for (what, change, expected) in DIFFERENCES {
            let found = [
                Kind::BitCash,
                Kind::CyberCoin,
                Kind::Coupon,
                Kind::Ticket,
                Kind::Cheque,
                Kind::CreditCard,
            ]
            .map(|kind| {
                let mut terms = terms(kind);
                change(&mut terms);
                Rule::of(kind).allows(&terms)
            });
            assert_eq!(found, *expected, "{what}");
        }
    }

    #[test]
    fn money_is_what_has_its_unit_and_is_no_ticket() {
        let [yen, points] = ["JPY", "POINT"].map(|unit| Unit::new(unit).unwrap());
        for kind in Kind::ALL {
            assert_eq!(counts_money(*kind, &yen), *kind != Kind::Ticket);
            assert!(!counts_money(*kind, &points));
        }
    }

    #[test]
    fn no_two_kinds_have_the_same_rule() {
        for (at, kind) in Kind::ALL.iter().enumerate() {
            let others = Kind::ALL.iter().skip(at + 1);
            assert!(others.into_iter().all(|other| Rule::of(*other) != Rule::of(*kind)));
        }
    }
}
