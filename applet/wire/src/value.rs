//! Value: its kinds, units, purses and prices (§4).

use crate::codec::{Malformed, Reader, Wire};
use crate::{ShopId, codes, layout};
use alloc::vec::Vec;
use core::fmt;

codes! {
    /// A kind of value (§4.1). Value never moves from one kind to another.
    pub enum Kind {
        /// Electronic cash.
        BitCash = 1,
        /// A private currency.
        CyberCoin = 2,
        /// A coupon, spent in parts until a date.
        Coupon = 3,
        /// A ticket: indivisible.
        Ticket = 4,
        /// A cheque: indivisible.
        Cheque = 5,
        /// A credit line: what is available counts as issued.
        CreditCard = 6,
    }
}

codes! {
    /// What a purse may pay for (§4.2).
    pub enum ScopeKind {
        /// Any licence of its center.
        Any = 0,
        /// Licences of one shop.
        Shop = 1,
        /// Licences for one work.
        Work = 2,
    }
}

/// The unit an amount counts, as eight ASCII bytes padded with zeros (§4.1).
///
/// For money the ISO 4217 code; the amount is in its minor unit. Otherwise one to eight
/// capital letters or digits of the center's choice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unit([u8; 8]);

impl Unit {
    /// Makes a unit from its code.
    pub fn new(code: &str) -> Result<Self, Malformed> {
        let mut bytes = [0; 8];
        let field = bytes.get_mut(..code.len()).ok_or(Malformed::Value)?;
        field.copy_from_slice(code.as_bytes());
        Self::check(bytes)
    }

    /// The code without its padding.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default().trim_end_matches('\0')
    }

    fn check(bytes: [u8; 8]) -> Result<Self, Malformed> {
        let letters = bytes.iter().take_while(|byte| **byte != 0).count();
        let (code, padding) = bytes.split_at_checked(letters).ok_or(Malformed::Value)?;
        let letter = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let good = !code.is_empty() && code.iter().all(letter);
        let padded = padding.iter().all(|byte| *byte == 0);
        if good && padded { Ok(Self(bytes)) } else { Err(Malformed::Value) }
    }
}

impl Wire for Unit {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Self::check(reader.array()?)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unit({})", self.as_str())
    }
}

layout! {
    /// What a purse is, as the center signed it (§4.2).
    pub struct PurseTerms {
        /// Its number at this center, from 1.
        purse: u32,
        /// The kind of value it holds.
        kind: Kind,
        /// The unit its amounts count.
        unit: Unit,
        /// What it may pay for.
        scope: ScopeKind,
        /// The shop or work that `scope` speaks of; zero for any.
        scope_id: [u8; 16],
        /// The only amount an indivisible purse pays at once; 0 where it is divisible.
        face_amount: u64,
        /// The balance it may not exceed.
        max_balance: u64,
        /// The second (Unix time) after which it pays no more; 0 for never.
        not_after: u64,
    }
}

layout! {
    /// One of the prices of a licence (§8.1).
    pub struct Price {
        /// The kind of purse that may pay it.
        kind: Kind,
        /// The unit of `amount`.
        unit: Unit,
        /// The amount, in minor units.
        amount: u64,
        /// The scope a purse must have: any purse that fits, or only one bound so.
        scope: ScopeKind,
    }
}

impl PurseTerms {
    /// Whether a licence of `shop` for the work `content` may debit this purse (§4.2).
    pub fn serves(&self, shop: &ShopId, content: &[u8; 16]) -> bool {
        match self.scope {
            ScopeKind::Any => true,
            ScopeKind::Shop => self.scope_id == shop.0,
            ScopeKind::Work => self.scope_id == *content,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_one_to_eight_capitals_or_digits() {
        assert_eq!(Unit::new("JPY").unwrap().as_str(), "JPY");
        assert_eq!(Unit::new("POINTS99").unwrap().as_str(), "POINTS99");
        for bad in ["", "jpy", "TOOLONGCODE", "A B", "é"] {
            assert_eq!(Unit::new(bad), Err(Malformed::Value), "{bad:?}");
        }
    }

    #[test]
    fn bytes_after_the_padding_of_a_unit_are_refused() {
        assert_eq!(Unit::from_bytes(b"JPY\0\0\0\0X"), Err(Malformed::Value));
    }
}
