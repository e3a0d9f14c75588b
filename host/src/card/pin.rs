//! A PIN as the terminal holds it.

use saifu_wire::request::is_pin;
use std::fmt;
use zeroize::Zeroizing;

/// A PIN of 4 to 12 digits; it is wiped when dropped and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(Zeroizing<Vec<u8>>);

/// What was given as a PIN is none, and was not shown to the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a PIN has 4 to 12 digits and nothing else; no try was used")]
pub struct NotAPin;

impl Pin {
    /// Reads a PIN; the end of a line after it is passed over.
    pub fn new(text: &str) -> Result<Self, NotAPin> {
        let digits = text.trim_end_matches(['\r', '\n']).as_bytes();
        if is_pin(digits) { Ok(Self(Zeroizing::new(digits.to_vec()))) } else { Err(NotAPin) }
    }

    pub(super) fn digits(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_pin_is_a_pin() {
        assert_eq!(Pin::new("1234\n").unwrap().digits(), b"1234");
    }

    #[test]
    fn what_is_no_pin_never_reaches_the_card() {
        for bad in ["", "123", "12a4", "1234 ", "1234567890123"] {
            assert_eq!(Pin::new(bad).unwrap_err(), NotAPin, "{bad:?}");
        }
    }

    #[test]
    fn a_pin_does_not_print() {
        assert_eq!(format!("{:?}", Pin::new("1234").unwrap()), "Pin");
    }
}
