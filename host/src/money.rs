//! Amounts as people read and write them (§4.1).
//!
//! Inside, an amount counts minor units. How many of them make one is ISO 4217's for a
//! code of three letters; a center's own unit has no smaller one.

pub use saifu_center_api::decimals;

use std::fmt;
use std::str::FromStr;

/// An amount of one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// Minor units.
    pub amount: u64,
    /// The unit's code: one to eight capitals or digits.
    pub unit: String,
}

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotMoney {
    /// There is no amount and unit.
    #[error("an amount is a number and a unit, as in \"300 JPY\" or \"12.50 EUR\"")]
    Form,
    /// More decimals than the unit has.
    #[error("the unit has no such small part")]
    Decimals,
    /// More than 18,446,744,073,709,551,615 minor units.
    #[error("the amount is too large")]
    TooLarge,
}

impl Money {
    /// An amount of `unit` in minor units.
    pub fn new(amount: u64, unit: impl ToString) -> Self {
        Self { amount, unit: unit.to_string() }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = decimals(&self.unit);
        let one = 10_u64.pow(decimals);
        let (whole, part) = (self.amount / one, self.amount % one);
        match decimals {
            0 => write!(f, "{whole} {}", self.unit),
            width => write!(f, "{whole}.{part:0width$} {}", self.unit, width = width as usize),
        }
    }
}

impl FromStr for Money {
    type Err = NotMoney;

    /// Reads what [`Money`] prints; decimals may be left out.
    fn from_str(text: &str) -> Result<Self, NotMoney> {
        let (number, unit) = text.trim().split_once(' ').ok_or(NotMoney::Form)?;
        let unit = saifu_wire::value::Unit::new(unit.trim()).map_err(|_| NotMoney::Form)?;
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) {
            return Err(NotMoney::Form);
        }
        let amount = join(whole, part.trim_end_matches('0'), decimals(unit.as_str()))?;
        Ok(Self::new(amount, unit))
    }
}

fn join(whole: &str, part: &str, decimals: u32) -> Result<u64, NotMoney> {
    let missing = decimals.checked_sub(part.len() as u32).ok_or(NotMoney::Decimals)?;
    let number = |text: &str| match text {
        "" => Ok(0),
        digits => digits.parse::<u64>().map_err(|_| NotMoney::TooLarge),
    };
    let small = number(part)?.checked_mul(10_u64.pow(missing));
    let large = number(whole)?.checked_mul(10_u64.pow(decimals));
    large.zip(small).and_then(|(large, small)| large.checked_add(small)).ok_or(NotMoney::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_shows_its_own_decimals() {
        for (amount, unit, text) in [
            (300, "JPY", "300 JPY"),
            (1_250, "EUR", "12.50 EUR"),
            (5, "EUR", "0.05 EUR"),
            (1_234, "KWD", "1.234 KWD"),
            (7, "POINTS", "7 POINTS"),
            (u64::MAX, "EUR", "184467440737095516.15 EUR"),
        ] {
            assert_eq!(Money::new(amount, unit).to_string(), text);
            assert_eq!(text.parse(), Ok(Money::new(amount, unit)));
        }
    }

    #[test]
    fn decimals_may_be_left_out() {
        assert_eq!("12 EUR".parse(), Ok(Money::new(1_200, "EUR")));
        assert_eq!("12.5 EUR".parse(), Ok(Money::new(1_250, "EUR")));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for (text, why) in [
            ("300", NotMoney::Form),
            ("-1 JPY", NotMoney::Form),
            ("1. EUR", NotMoney::Form),
            ("1 yen", NotMoney::Form),
            ("1.5 JPY", NotMoney::Decimals),
            ("1.005 EUR", NotMoney::Decimals),
            ("184467440737095516.16 EUR", NotMoney::TooLarge),
            ("99999999999999999999 JPY", NotMoney::TooLarge),
        ] {
            assert_eq!(text.parse::<Money>(), Err(why), "{text}");
        }
    }
}
