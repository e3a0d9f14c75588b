//! What the center keeps of what a shop earns.
//!
//! A rate holds from an entry of the ledger on, so that another rate changes nothing of the past.
//! What is earned while one rate holds is a span; a refund is of the span in which it is booked.
//! Each span is rounded down on its whole, and the fee of a period is the difference of the fees
//! at its two ends: periods add up to the whole, to the unit.

/// Hundredths of a percent in a whole.
const BASIS_POINTS: i128 = 10_000;

/// What a shop earned while one rate held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeeSpan {
    /// The rate, in hundredths of a percent.
    pub basis_points: u32,
    /// What was earned, in minor units; below 0 where more was given back.
    pub gross: i128,
}

/// The fee of all spans from the beginning, in minor units. It is never below 0: the center keeps
/// nothing then, and owes a shop no more than the shop earned.
pub fn fee(spans: &[FeeSpan]) -> i128 {
    let of = |span: &FeeSpan| (span.gross * i128::from(span.basis_points)).div_euclid(BASIS_POINTS);
    spans.iter().map(of).sum::<i128>().max(0)
}

/// What stands to a shop's account, and what of it stays with the center, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payable {
    /// What was earned and not paid out.
    pub settled: i128,
    /// The fee of all that was ever earned.
    pub fee: i128,
}

impl Payable {
    /// What the shop can be paid out; below 0 where it has had too much.
    pub fn amount(&self) -> i128 {
        self.settled - self.fee
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(of: &[(u32, i128)]) -> Vec<FeeSpan> {
        of.iter().map(|&(basis_points, gross)| FeeSpan { basis_points, gross }).collect()
    }

    #[test]
    fn a_fee_is_rounded_down_on_the_total() {
        for (gross, points, is) in
            [(10_000, 250, 250), (9_999, 250, 249), (3, 10_000, 3), (399, 25, 0), (780, 250, 19)]
        {
            assert_eq!(fee(&spans(&[(points, gross)])), is, "{points} of {gross}");
        }
        let most = i128::from(u64::MAX);
        assert_eq!(fee(&spans(&[(10_000, most)])), most);
    }

    #[test]
    fn each_rate_is_of_what_was_earned_while_it_held() {
        assert_eq!(fee(&spans(&[(250, 390), (1_000, 390)])), 9 + 39);
        assert_eq!(fee(&spans(&[(1_000, 1_000), (500, -1_000)])), 100 - 50);
    }

    #[test]
    fn a_refund_at_a_higher_rate_leaves_no_fee_that_the_center_owes() {
        assert_eq!(fee(&spans(&[(0, 1_000), (1_000, -1_000)])), 0);
        assert_eq!(fee(&[]), 0);
    }
}
