//! Names of certificates and their days (§7.1; BSI TR-03110 part 3, C.1.3 and C.1.5).

use crate::codec::Malformed;
use alloc::format;
use core::fmt;

/// Country, mnemonic and sequence: 2 capitals, 1 to 9 characters, 5 digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    bytes: [u8; 16],
    length: u8,
}

impl Name {
    /// The country of every name here: user-assigned in ISO 3166-1.
    pub const COUNTRY: &'static str = "ZZ";

    /// Reads a name.
    pub fn new(name: &[u8]) -> Result<Self, Malformed> {
        let mut bytes = [0; 16];
        let field = bytes.get_mut(..name.len()).ok_or(Malformed::Value)?;
        field.copy_from_slice(name);
        let capital = |byte: &u8| byte.is_ascii_uppercase();
        let letter = |byte: &u8| capital(byte) || byte.is_ascii_digit();
        let good = name.len() >= 8
            && name.iter().take(2).all(capital)
            && name.iter().all(letter)
            && name.iter().rev().take(5).all(u8::is_ascii_digit);
        if good { Ok(Self { bytes, length: name.len() as u8 }) } else { Err(Malformed::Value) }
    }

    /// The name of a holder's certificate: the mnemonic is its id's first nine hex digits,
    /// the sequence counts within role (§7.1).
    pub fn of_holder(id: &[u8; 16], role: super::Role, sequence: u32) -> Self {
        let [a, b, c, d, e, ..] = *id;
        let high = u32::from_be_bytes([a, b, c, d]);
        let number = u32::from(role as u8) * 1000 + sequence % 1000;
        let text = format!("{}{high:08X}{:1X}{number:05}", Self::COUNTRY, e >> 4);
        Self::new(text.as_bytes()).unwrap_or(Self { bytes: [b'0'; 16], length: 16 })
    }

    /// Its characters.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(core::str::from_utf8(self.as_bytes()).unwrap_or_default())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

/// A day from 2000-01-01 to 2099-12-31: YYMMDD, one digit a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u8,
    month: u8,
    day: u8,
}

impl Date {
    /// The day `day` of `month` (1 to 12) of 2000 plus `year`.
    pub fn new(year: u8, month: u8, day: u8) -> Result<Self, Malformed> {
        let good = year <= 99 && (1..=12).contains(&month) && (1..=31).contains(&day);
        if good { Ok(Self { year, month, day }) } else { Err(Malformed::Value) }
    }

    /// Reads six bytes of one digit each.
    pub fn from_digits(digits: &[u8]) -> Result<Self, Malformed> {
        let digits: [u8; 6] = digits.try_into().map_err(|_| Malformed::Value)?;
        if digits.iter().any(|digit| *digit > 9) {
            return Err(Malformed::Value);
        }
        let [y1, y2, m1, m2, d1, d2] = digits;
        Self::new(y1 * 10 + y2, m1 * 10 + m2, d1 * 10 + d2)
    }

    /// Six bytes of one digit each.
    pub fn to_digits(self) -> [u8; 6] {
        let Self { year, month, day } = self;
        [year / 10, year % 10, month / 10, month % 10, day / 10, day % 10]
    }

    /// The Unix time at which the day begins, UTC.
    pub fn begins(self) -> u64 {
        let (year, month) = (u64::from(self.year), u64::from(self.month));
        // Days before each month of a year that begins in March, as Gregorian leap days
        // then fall at its end; 2000 to 2099 has one each fourth year.
        let (year, month) =
            if month < 3 { (year + 99, month + 9) } else { (year + 100, month - 3) };
        let days = year * 365 + year / 4 + (153 * month + 2) / 5 + u64::from(self.day) - 1;
        (days - DAYS_1900_TO_1970) * 86_400
    }

    /// The Unix time at which the day after begins, UTC.
    pub fn ends(self) -> u64 {
        self.begins() + 86_400
    }
}

/// Days from 1900-03-01, as [`Date::begins`] counts, to 1970-01-01.
const DAYS_1900_TO_1970: u64 = 25_508;
