//! Command APDUs: class byte, length fields, and the four cases (§5.1, §5.2).
//!
//! ISO/IEC 7816-3 section 12.1.3 and 7816-4 section 5.4. A command carries at most
//! [`MAX_COMMAND_DATA`] bytes, so that it passes readers whose lengths are 16 bits.

use crate::codec::Malformed;
use alloc::vec::Vec;

/// The most data bytes of one command APDU, Le included.
pub const MAX_COMMAND_DATA: usize = 65_526;

/// The most bytes of one command APDU.
pub const MAX_COMMAND: usize = 65_535;

/// The most data bytes of one response APDU.
pub const MAX_RESPONSE_DATA: usize = 65_533;

/// What the class byte says (ISO/IEC 7816-4 section 5.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class {
    /// Whether it is a class of ours (8X, CX to FX) and not interindustry.
    pub proprietary: bool,
    /// Whether more commands of the same chain follow.
    pub chained: bool,
    /// Whether the command field is under secure messaging.
    pub secure: bool,
    /// The logical channel, 0 to 19.
    pub channel: u8,
}

impl Class {
    /// Reads a class byte; `None` for those reserved or invalid (20 to 3F, FF).
    pub fn parse(cla: u8) -> Option<Self> {
        let proprietary = cla & 0x80 != 0;
        let low = cla & 0x7F;
        let (secure, channel) = match low {
            // First interindustry: bits 4 and 3 are secure messaging.
            0x00..=0x1F => (low & 0x0C != 0, low & 0x03),
            // Further interindustry: bit 6 is secure messaging, channels from 4.
            0x40..=0x7F => (low & 0x20 != 0, (low & 0x0F) + 4),
            _ => return None,
        };
        let class = Self { proprietary, chained: low & 0x10 != 0, secure, channel };
        (cla != 0xFF).then_some(class)
    }
}

/// A command APDU taken apart; its data still as one slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command<'a> {
    /// Class.
    pub cla: u8,
    /// Instruction.
    pub ins: u8,
    /// First parameter.
    pub p1: u8,
    /// Second parameter.
    pub p2: u8,
    /// Command data; empty where there is none.
    pub data: &'a [u8],
    /// The number of bytes the answer may have: 1 to 65,536, `None` without Le.
    pub le: Option<usize>,
    /// Whether the length fields are extended.
    pub extended: bool,
}

impl<'a> Command<'a> {
    /// Takes a command apart; an error means 6700.
    pub fn parse(apdu: &'a [u8]) -> Result<Self, Malformed> {
        let (&[cla, ins, p1, p2], body) = apdu.split_first_chunk().ok_or(Malformed::Short)?;
        let (data, le, extended) = parse_body(body)?;
        Ok(Self { cla, ins, p1, p2, data, le, extended })
    }

    /// The command with the shortest length fields that carry it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::from([self.cla, self.ins, self.p1, self.p2]);
        let long = self.data.len() > 255 || self.le.is_some_and(|le| le > 256);
        if self.extended || long {
            self.put_extended(&mut out)
        } else {
            self.put_short(&mut out)
        }
        out
    }

    fn put_short(&self, out: &mut Vec<u8>) {
        if !self.data.is_empty() {
            out.push(self.data.len() as u8);
            out.extend_from_slice(self.data);
        }
        if let Some(le) = self.le {
            out.push(le as u8);
        }
    }

    fn put_extended(&self, out: &mut Vec<u8>) {
        out.push(0);
        if !self.data.is_empty() {
            out.extend_from_slice(&(self.data.len() as u16).to_be_bytes());
            out.extend_from_slice(self.data);
        }
        if let Some(le) = self.le {
            out.extend_from_slice(&(le as u16).to_be_bytes());
        }
    }
}

type Body<'a> = (&'a [u8], Option<usize>, bool);

fn parse_body(body: &[u8]) -> Result<Body<'_>, Malformed> {
    match body {
        [] => Ok((&[], None, false)),
        [le] => Ok((&[], Some(short_le(*le)), false)),
        // Case 2E; 00 00 00 asks for 65,536 bytes.
        [0, high, low] => Ok((&[], Some(long_le(*high, *low)), true)),
        [0, high, low, rest @ ..] => {
            let count = usize::from(u16::from_be_bytes([*high, *low]));
            split_data(rest, count, true)
        }
        [0, ..] => Err(Malformed::Short),
        [count, rest @ ..] => split_data(rest, usize::from(*count), false),
    }
}

fn split_data(rest: &[u8], count: usize, extended: bool) -> Result<Body<'_>, Malformed> {
    let (data, tail) = rest.split_at_checked(count).ok_or(Malformed::Short)?;
    if count == 0 {
        return Err(Malformed::Value);
    }
    let le = match (extended, tail) {
        (_, []) => None,
        (false, [le]) => Some(short_le(*le)),
        (true, [high, low]) => Some(long_le(*high, *low)),
        _ => return Err(Malformed::Trailing),
    };
    Ok((data, le, extended))
}

fn short_le(le: u8) -> usize {
    if le == 0 { 256 } else { usize::from(le) }
}

fn long_le(high: u8, low: u8) -> usize {
    match u16::from_be_bytes([high, low]) {
        0 => 65_536,
        le => usize::from(le),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn command(data: &[u8], le: Option<usize>, extended: bool) -> Command<'_> {
        Command { cla: 0x80, ins: 0x38, p1: 1, p2: 2, data, le, extended }
    }

    #[test]
    fn all_seven_forms_come_back_as_they_went() {
        let long = vec![7; 300];
        for (data, le, extended) in [
            (&[][..], None, false),
            (&[], Some(256), false),
            (&[7; 255], None, false),
            (&[7], Some(1), false),
            (&[], Some(65_536), true),
            (&long, None, true),
            (&long, Some(65_535), true),
        ] {
            let bytes = command(data, le, extended).to_bytes();
            assert_eq!(Command::parse(&bytes), Ok(command(data, le, extended)));
        }
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        for bad in [
            &[0x80, 0x38, 0][..],
            &[0x80, 0x38, 0, 0, 2, 7],
            &[0x80, 0x38, 0, 0, 1, 7, 0, 0],
            &[0x80, 0x38, 0, 0, 0, 0],
            &[0x80, 0x38, 0, 0, 0, 0, 0, 0],
            &[0x80, 0x38, 0, 0, 0, 0, 2, 7],
            &[0x80, 0x38, 0, 0, 0, 0, 1, 7, 0],
        ] {
            assert!(Command::parse(bad).is_err(), "{bad:02x?}");
        }
    }

    #[test]
    fn every_class_byte_is_read_as_the_standard_says() {
        assert_eq!(Class::parse(0x00).unwrap().channel, 0);
        assert_eq!(Class::parse(0x83).unwrap().channel, 3);
        assert_eq!(Class::parse(0x4F).unwrap().channel, 19);
        assert!(Class::parse(0x90).unwrap().chained);
        assert!(Class::parse(0x84).unwrap().secure);
        assert!(Class::parse(0xE0).unwrap().secure);
        let refused = (0..=255).filter(|cla| Class::parse(*cla).is_none()).count();
        assert_eq!(refused, 65, "20 to 3F, A0 to BF, FF");
    }
}
