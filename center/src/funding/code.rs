//! The codes of vouchers: 120 random bits and a check digit, in Crockford's base 32.
//!
//! Five groups of five: `7K3QD-…`. Case, hyphens and spaces do not matter, and what looks alike
//! is one: O is 0, I and L are 1. The last digit makes the whole zero when it is read as a
//! polynomial over GF(32) at a generator of its group, so that one mistyped digit, or two
//! neighbours exchanged, are always noticed. Only the SHA-256 of a code's digits is kept.

use std::fmt;

use saifu_wire::Digest;
use zeroize::Zeroizing;

use crate::crypto::{CryptoError, random, sha256};

const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The digits of a code, the check digit included.
const LENGTH: usize = 25;

/// How many digits stand together.
const GROUP: usize = 5;

/// The most characters that are looked at for a code.
const MAX_TYPED: usize = 64;

/// A voucher's code; it does not print itself.
pub struct Code(Zeroizing<[u8; LENGTH]>);

impl Code {
    /// Draws a code.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the random source fails.
    pub fn draw() -> Result<Self, CryptoError> {
        let mut drawn = Zeroizing::new([0; LENGTH]);
        random::fill(&mut drawn[..])?;
        drawn.iter_mut().for_each(|digit| *digit &= 31);
        drawn[LENGTH - 1] = times_generator(sum(&drawn[..LENGTH - 1]));
        Ok(Self(drawn))
    }

    /// Reads a code as people type it; none where it is mistyped.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > MAX_TYPED {
            return None;
        }
        let mut digits = Zeroizing::new([0; LENGTH]);
        let mut count = 0;
        for letter in typed.bytes().filter(|letter| !matches!(letter, b'-' | b' ')) {
            *digits.get_mut(count)? = digit(letter)?;
            count += 1;
        }
        (count == LENGTH && sum(&digits[..]) == 0).then_some(Self(digits))
    }

    /// What is kept of it.
    pub fn hash(&self) -> Digest {
        Digest(sha256(&[b"saifu voucher", &self.0[..]]))
    }

    /// The code as it is printed for its buyer.
    pub fn expose(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(LENGTH + LENGTH / GROUP));
        for (at, digit) in self.0.iter().enumerate() {
            if at > 0 && at % GROUP == 0 {
                text.push('-');
            }
            text.push(char::from(DIGITS[usize::from(*digit & 31)]));
        }
        text
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code")
    }
}

fn digit(letter: u8) -> Option<u8> {
    let letter = match letter.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    DIGITS.iter().position(|known| *known == letter).and_then(|at| u8::try_from(at).ok())
}

/// The digits as a polynomial, at the generator.
fn sum(digits: &[u8]) -> u8 {
    digits.iter().fold(0, |sum, digit| times_generator(sum) ^ digit)
}

/// Multiplies by x in GF(32), modulo x^5 + x^2 + 1.
fn times_generator(element: u8) -> u8 {
    let shifted = element << 1;
    if shifted & 32 == 0 { shifted } else { (shifted & 31) ^ 5 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_was_printed_in_any_case_and_grouping() {
        let code = Code::draw().unwrap();
        let text = code.expose();
        assert_eq!((text.len(), text.matches('-').count()), (29, 4));
        let lower = text.to_lowercase().replace('-', " ");
        for typed in [&text[..], &lower, &text.replace('-', ""), &text.replace('0', "o")] {
            assert_eq!(Code::parse(typed).unwrap().hash(), code.hash());
        }
        assert_ne!(Code::draw().unwrap().hash(), code.hash());
        assert_eq!(format!("{code:?}"), "Code");
    }

    #[test]
    fn a_digit_mistyped_or_two_neighbours_exchanged_are_noticed() {
        let code = Code::draw().unwrap();
        let text = code.expose().replace('-', "");
        for at in 0..LENGTH {
            for other in DIGITS.iter().filter(|other| **other != text.as_bytes()[at]) {
                let mut typed = text.clone().into_bytes();
                typed[at] = *other;
                assert!(Code::parse(std::str::from_utf8(&typed).unwrap()).is_none(), "{at}");
            }
        }
        for at in 1..LENGTH {
            let mut typed = text.clone().into_bytes();
            typed.swap(at - 1, at);
            let exchanged = std::str::from_utf8(&typed).unwrap();
            assert_eq!(Code::parse(exchanged).is_some(), exchanged == text);
        }
    }

    #[test]
    fn what_is_no_code_is_refused_whatever_its_length() {
        let text = Code::draw().unwrap().expose().replace('-', "");
        for typed in ["", "-", &text[1..], &format!("{text}0"), &"0".repeat(65), "U", "é"] {
            assert!(Code::parse(typed).is_none(), "{typed}");
        }
    }
}
