//! What a shop's account in the books shows over a period.
//!
//! ```text
//! closing = opening + sales + resolved - refunds + returned - payouts
//! gross   = sales + resolved - refunds + returned;  net = gross - fee
//! fee     = fee of all up to the end - fee of all up to the beginning
//! payable = closing - fee of all up to the end
//! ```
//!
//! A payment in suspense is nobody's yet: it is shown, and counts once it is settled.

use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, Digest, OrderId, ShopId, codes};

use super::fees::Payable;
use crate::refusal::{Refusal, Result};

codes! {
    /// What a line of a statement shows.
    pub enum LineKind {
        /// A payment was settled as it came.
        Sale = 1,
        /// A payment that was in suspense was settled.
        Resolved = 2,
        /// A payment is on its way back to its card.
        Refund = 3,
        /// A refund came back: the card gave it up.
        Returned = 4,
        /// The shop was paid out of the scheme.
        Payout = 5,
        /// A payment was booked to suspense: it is not the shop's.
        Suspense = 6,
    }
}

impl LineKind {
    /// All of them, in the order of their codes.
    pub const EACH: [Self; 6] =
        [Self::Sale, Self::Resolved, Self::Refund, Self::Returned, Self::Payout, Self::Suspense];

    /// What an amount of this kind does to the shop's account: adds (1), takes (-1) or neither.
    pub fn sign(self) -> i64 {
        match self {
            Self::Sale | Self::Resolved | Self::Returned => 1,
            Self::Refund | Self::Payout => -1,
            Self::Suspense => 0,
        }
    }
}

/// How many lines of one kind there are, and their sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// How many.
    pub count: u64,
    /// Their sum, in minor units.
    pub amount: u64,
}

/// The lines of a shop's account in one kind and unit, counted and summed up per [`LineKind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ShopSums([Counted; 6]);

impl ShopSums {
    /// What there is of one kind of line.
    pub fn of(&self, kind: LineKind) -> Counted {
        self.0[kind as usize - 1]
    }

    /// Adds lines of one kind.
    ///
    /// # Errors
    /// `internal`: the sum is larger than any amount can be.
    pub fn add(&mut self, kind: LineKind, more: Counted) -> Result<()> {
        let slot = &mut self.0[kind as usize - 1];
        let too_many = || Refusal::internal("the sums of a shop are larger than any amount can be");
        slot.count = slot.count.checked_add(more.count).ok_or_else(too_many)?;
        slot.amount = slot.amount.checked_add(more.amount).ok_or_else(too_many)?;
        Ok(())
    }

    /// What came after `earlier`, which these sums contain.
    ///
    /// # Errors
    /// `internal`: they do not contain it.
    pub fn since(&self, earlier: &Self) -> Result<Self> {
        let mut since = Self::default();
        for kind in LineKind::EACH {
            let (now, then) = (self.of(kind), earlier.of(kind));
            let less = |now: u64, then: u64| {
                now.checked_sub(then).ok_or_else(|| {
                    Refusal::internal("the sums of a shop have become less: check the books")
                })
            };
            let more = Counted {
                count: less(now.count, then.count)?,
                amount: less(now.amount, then.amount)?,
            };
            since.add(kind, more)?;
        }
        Ok(since)
    }

    /// What the shop has by them.
    pub fn balance(&self) -> i128 {
        LineKind::EACH.into_iter().map(|kind| self.signed(kind)).sum()
    }

    /// What the shop has earned by them, before fee and payouts.
    pub fn gross(&self) -> i128 {
        self.balance() - self.signed(LineKind::Payout)
    }

    fn signed(&self, kind: LineKind) -> i128 {
        i128::from(self.of(kind).amount) * i128::from(kind.sign())
    }
}

/// Which statement is asked for, and which of its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementAsked {
    /// The shop.
    pub shop: ShopId,
    /// The kind of value.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// The period's first second; 0 for the beginning.
    pub from: u64,
    /// The first second after the period; none for now.
    pub to: Option<u64>,
    /// Lines after this entry of the ledger.
    pub after: u64,
    /// At most as many lines.
    pub limit: u32,
}

/// A line of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The entry of the ledger.
    pub entry: u64,
    /// When it was booked.
    pub booked: u64,
    /// What it shows.
    pub kind: LineKind,
    /// The amount, in minor units.
    pub amount: u64,
    /// The account that paid or is paid back; zero for a payout.
    pub account: AccountId,
    /// The order that was paid; none where there is none.
    pub order: Option<OrderId>,
    /// The work's title, why a payment is in suspense, or a payout's reference.
    pub note: String,
    /// The identity of the signed thing that proves the entry.
    pub evidence: Digest,
}

/// A shop's account over a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What was asked.
    pub asked: StatementAsked,
    /// What the account summed up to before the period.
    pub opening: ShopSums,
    /// What it sums up to at the period's end.
    pub closing: ShopSums,
    /// The fee of all that was earned before the period, in minor units.
    pub opening_fee: i128,
    /// The fee of all that was earned up to the period's end.
    pub closing_fee: i128,
    /// The rate at the period's end, in hundredths of a percent.
    pub basis_points: u32,
    /// The lines of the period after the asked one, oldest first.
    pub lines: Vec<Line>,
}

impl Statement {
    /// What came in the period.
    ///
    /// # Errors
    /// `internal`: the books are damaged.
    pub fn moved(&self) -> Result<ShopSums> {
        self.closing.since(&self.opening)
    }

    /// The fee of what was earned in the period, in minor units.
    pub fn fee(&self) -> i128 {
        self.closing_fee - self.opening_fee
    }

    /// What the shop could be paid out at the period's end, in minor units.
    pub fn payable(&self) -> i128 {
        Payable { settled: self.closing.balance(), fee: self.closing_fee }.amount()
    }

    /// The entry after which the next page begins; none on the last.
    pub fn next(&self) -> Option<u64> {
        let full = self.lines.len() == self.asked.limit as usize;
        self.lines.last().filter(|_| full).map(|line| line.entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(amounts: [u64; 6]) -> ShopSums {
        ShopSums(amounts.map(|amount| Counted { count: 1, amount }))
    }

    #[test]
    fn what_a_shop_has_is_what_came_less_what_went() {
        let sums = sums([1_000, 100, 300, 50, 400, 7_777]);
        assert_eq!((sums.balance(), sums.gross()), (450, 850));
    }

    #[test]
    fn a_period_is_the_difference_of_its_ends() {
        let (earlier, later) = (sums([5; 6]), sums([5, 6, 7, 8, 9, 10]));
        let moved = later.since(&earlier).unwrap();
        assert_eq!(LineKind::EACH.map(|kind| moved.of(kind).amount), [0, 1, 2, 3, 4, 5]);
        assert!(earlier.since(&later).is_err());
    }

    #[test]
    fn a_sum_does_not_wrap() {
        let mut sums = sums([u64::MAX, 0, 0, 0, 0, 0]);
        let one = Counted { count: 1, amount: 1 };
        assert!(sums.add(LineKind::Sale, one).is_err());
        sums.add(LineKind::Refund, one).unwrap();
        assert_eq!(sums.of(LineKind::Refund), Counted { count: 2, amount: 1 });
    }
}
