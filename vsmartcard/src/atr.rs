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

use std::fmt;
use std::str::FromStr;

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
mod tests {
    use super::*;

    #[test]
    fn our_atr_says_t1_chaining_extended_length_and_channels() {
        let atr = Atr::default();
        let [ts, t0, td1, td2, ta3, tb3, historical @ .., _tck] = atr.as_bytes() else {
            panic!("too short")
        };
        assert_eq!(*ts, 0x3B, "direct convention");
        assert_eq!(*t0, 0x80 | historical.len() as u8, "TD1 and the historical bytes");
        assert_eq!(*td1, 0x81, "T=1, then TD2");
        assert_eq!(*td2, 0x31, "TA3 and TB3 of T=1, nothing more");
        assert_eq!((*ta3, *tb3), (0xFE, 0x45));
        let [category, 0x31, services, 0x73, selection, coding, features, 0x65, name @ ..] =
            historical
        else {
            panic!("not COMPACT-TLV as described")
        };
        assert_eq!((*category, *services, *selection, *coding), (0x80, 0xC1, 0xC0, 0x01));
        assert_eq!(features & 0x80, 0x80, "command chaining");
        assert_eq!(features & 0x40, 0x40, "extended Lc and Le");
        assert_eq!(features & 0x18, 0x18, "channels numbered by card and by interface");
        assert_eq!(features & 0x07, 0x07, "eight channels or more");
        assert_eq!(name, b"SAIFU");
    }

    #[test]
    fn our_atr_is_well_formed_and_no_other_last_byte_is() {
        let mut bytes = SAIFU;
        assert_eq!(Atr::parse(&bytes), Ok(Atr::default()));
        for actual in (0..=255).filter(|byte| *byte != 0xB6) {
            bytes[19] = actual;
            assert_eq!(Atr::parse(&bytes), Err(AtrError::Check { expected: 0xB6, actual }));
        }
    }

    #[test]
    fn every_flipped_bit_after_ts_is_found() {
        for bit in 8..SAIFU.len() * 8 {
            let mut bytes = SAIFU;
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
            assert!(Atr::parse(&bytes).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn atrs_of_real_cards_are_taken() {
        for text in [
            "3B00",
            "3B 65 00 00 9C 02 02 07 02",
            "3B F8 13 00 00 81 31 FE 45 4A 43 4F 50 76 32 34 31 B7",
            "3B:8F:80:01:80:4F:0C:A0:00:00:03:06:03:00:01:00:00:00:00:6A",
            "3F 65 25 08 93 04 6C 90 00",
        ] {
            let atr: Atr = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(atr.to_string(), text.replace([' ', ':'], ""));
        }
    }

    #[test]
    fn a_wrong_convention_byte_is_named() {
        assert_eq!(Atr::parse(&[0x3C, 0x00]), Err(AtrError::Convention(0x3C)));
    }

    #[test]
    fn lengths_must_be_those_announced() {
        let wrong = |announced, actual| Err(AtrError::Length { announced, actual });
        assert_eq!(Atr::parse(&[]), wrong(2, 0));
        assert_eq!(Atr::parse(&[0x3B]), wrong(2, 1));
        assert_eq!(Atr::parse(&[0x3B, 0x02, 0xAA]), wrong(4, 3));
        assert_eq!(Atr::parse(&[0x3B, 0x01, 0xAA, 0xBB]), wrong(3, 4));
        assert_eq!(Atr::parse(&[0x3B, 0x80]), wrong(3, 2), "TD1 is announced");
        assert_eq!(Atr::parse(&[0x3B, 0x80, 0x01]), wrong(4, 3), "T=1 needs a TCK");
        assert_eq!(Atr::parse(&SAIFU[..19]), wrong(20, 19));
    }

    #[test]
    fn a_check_byte_comes_with_any_protocol_but_t0_and_not_without() {
        assert!(Atr::parse(&[0x3B, 0x80, 0x01, 0x81]).is_ok());
        assert!(Atr::parse(&[0x3B, 0x80, 0x00]).is_ok());
        assert!(Atr::parse(&[0x3B, 0x80, 0x00, 0x80]).is_err());
    }

    #[test]
    fn an_endless_chain_of_interface_bytes_is_refused() {
        let mut bytes = [0x80; 33];
        bytes[0] = 0x3B;
        assert_eq!(Atr::parse(&bytes), Err(AtrError::Length { announced: 34, actual: 33 }));
        assert_eq!(Atr::parse(&[0x3B; 34]), Err(AtrError::TooLong(34)));
    }

    #[test]
    fn digits_must_be_hexadecimal() {
        assert_eq!("3B0".parse::<Atr>(), Err(AtrError::Hex));
        assert_eq!("3G00".parse::<Atr>(), Err(AtrError::Hex));
    }
}
