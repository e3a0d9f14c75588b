//! The answer to reset: what a card says of itself when it gets power.
//!
//! ISO/IEC 7816-3 section 8.2 has its form, 7816-4 section 12.1.1 its historical bytes:
//!
//! ```text
//! TS ‖ T0 ‖ interface bytes ‖ historical bytes ‖ TCK
//!
//! 3B 8D 81 31 FE 45   direct convention; T=1 alone; 254 bytes a block, BWI 4, CWI 5
//! 80                  COMPACT-TLV follows
//! 31 C1               selected by full and by partial DF name; no MF
//! 73 C0 01 DF         the same; data unit one byte; command chaining, extended Lc and Le,
//!                     channels numbered by the card or the interface, 8 or more of them
//! 65 "SAIFU"          pre-issuing data
//! B6                  TCK: everything from T0 on comes to 00
//! ```

mod interface;

use std::fmt;
use std::str::FromStr;

pub use interface::Interface;

/// The most bytes of an ATR, TS included.
pub const MAX_ATR: usize = 33;

const SAIFU: [u8; 20] = [
    0x3B, 0x8D, 0x81, 0x31, 0xFE, 0x45, 0x80, 0x31, 0xC1, 0x73, 0xC0, 0x01, 0xDF, 0x65, b'S', b'A',
    b'I', b'F', b'U', 0xB6,
];

/// A well-formed answer to reset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Atr(Vec<u8>);

/// What is wrong with bytes that shall be an ATR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AtrError {
    /// Not hexadecimal.
    #[error("not hexadecimal: write two digits a byte, such as 3B00")]
    Hex,
    /// The first byte.
    #[error("TS must be 3B or 3F and is {0:02X}")]
    Convention(u8),
    /// The lengths that T0 and the TD bytes state.
    #[error("T0 and the TD bytes announce {announced} bytes, there are {actual}")]
    Length {
        /// What they come to, TS and TCK included; at least this when cut within them.
        announced: usize,
        /// What is there.
        actual: usize,
    },
    /// Longer than any ATR.
    #[error("{0} bytes: an ATR has at most 33")]
    TooLong(usize),
    /// The check byte.
    #[error("TCK must be {expected:02X} and is {actual:02X}")]
    Check {
        /// What makes the bytes from T0 on come to 00.
        expected: u8,
        /// What is there.
        actual: u8,
    },
}

impl Atr {
    /// Takes bytes that are an ATR.
    ///
    /// # Errors
    /// [`AtrError`], when convention byte, lengths or check byte are wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, AtrError> {
        if bytes.len() > MAX_ATR {
            return Err(AtrError::TooLong(bytes.len()));
        }
        match bytes.first() {
            Some(0x3B | 0x3F) => {}
            Some(other) => return Err(AtrError::Convention(*other)),
            None => return Err(AtrError::Length { announced: 2, actual: 0 }),
        }
        let shape = Shape::read(bytes)?;
        if shape.bytes != bytes.len() {
            return Err(AtrError::Length { announced: shape.bytes, actual: bytes.len() });
        }
        if shape.checked {
            check(bytes)?;
        }
        Ok(Self(bytes.to_vec()))
    }

    /// Gives what its interface bytes say to a reader.
    #[must_use]
    pub fn interface(&self) -> Interface {
        Interface::read(&self.0)
    }

    /// Gives its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Default for Atr {
    /// Gives the ATR of a Saifu card.
    fn default() -> Self {
        Self(SAIFU.to_vec())
    }
}

impl fmt::Display for Atr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode_upper(&self.0))
    }
}

impl FromStr for Atr {
    type Err = AtrError;

    fn from_str(text: &str) -> Result<Self, AtrError> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
        Self::parse(&hex::decode(digits).map_err(|_| AtrError::Hex)?)
    }
}

/// What T0 and the TD bytes announce.
struct Shape {
    /// The whole length, TS and TCK included.
    bytes: usize,
    /// Whether there is a TCK: when any protocol but T=0 is offered.
    checked: bool,
}

impl Shape {
    fn read(bytes: &[u8]) -> Result<Self, AtrError> {
        let at = |index: usize| {
            let short = AtrError::Length { announced: index + 1, actual: bytes.len() };
            bytes.get(index).copied().ok_or(short)
        };
        let historical = usize::from(at(1)? & 0x0F);
        let (mut index, mut checked) = (1, false);
        loop {
            // The high half of T0 and of each TD says which of TA, TB, TC and TD follow it.
            let follow = at(index)? & 0xF0;
            index += follow.count_ones() as usize;
            if follow & 0x80 == 0 {
                break;
            }
            checked |= at(index)? & 0x0F != 0;
        }
        Ok(Self { bytes: index + 1 + historical + usize::from(checked), checked })
    }
}

fn check(bytes: &[u8]) -> Result<(), AtrError> {
    let Some((&actual, checked)) = bytes[1..].split_last() else { return Ok(()) };
    let expected = checked.iter().fold(0, |sum, byte| sum ^ byte);
    if actual == expected { Ok(()) } else { Err(AtrError::Check { expected, actual }) }
}

#[cfg(test)]
mod tests;
