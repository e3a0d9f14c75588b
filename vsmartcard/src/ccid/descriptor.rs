//! The class descriptor of the reader (CCID 1.1, section 5.1).

use super::engine::Level;
use super::t1::MAX_INF_BYTES;

/// The frequency of the card's clock, in kHz.
pub(super) const CLOCK_KHZ: u32 = 4_000;

/// Bits a second at that frequency with F = 372 and D = 1.
pub(super) const RATE_BPS: u32 = CLOCK_KHZ * 1_000 / 372;

/// The fastest that the reader says it can, in bits a second.
const MAX_RATE_BPS: u32 = 344_086;

/// 5, 3 and 1.8 V.
const ALL_VOLTAGES: u8 = 0x07;
const T1_ALONE: u32 = 0x02;
/// As in the command APDU: the reader adds neither GET RESPONSE nor ENVELOPE.
const AS_THE_COMMAND: u8 = 0xFF;

/// Activation voltage, clock and rate are the reader's.
const AUTOMATIC: u32 = 0x08 | 0x10 | 0x20;
/// Configured by the ATR, parameters and IFSD are the reader's.
const AUTOMATIC_PROTOCOL: u32 = 0x02 | 0x40 | 0x0400;
const TPDU: u32 = 0x0001_0000;
const EXTENDED_APDU: u32 = 0x0004_0000;

/// Gives the 54 bytes that a front end over USB puts into its interface descriptor, for a
/// reader whose longest message has `max_message_bytes`.
#[must_use]
pub fn class_descriptor(level: Level, max_message_bytes: u32) -> [u8; 54] {
    let features = match level {
        Level::Tpdu => TPDU | AUTOMATIC,
        Level::ExtendedApdu => EXTENDED_APDU | AUTOMATIC | AUTOMATIC_PROTOCOL,
    };
    let mut bytes = [0; 54];
    // Length, type, revision 1.10, the last slot's index, voltages.
    bytes[..6].copy_from_slice(&[54, 0x21, 0x10, 0x01, 0, ALL_VOLTAGES]);
    let words = [
        (6, T1_ALONE),
        (10, CLOCK_KHZ),
        (14, CLOCK_KHZ),
        (19, RATE_BPS),
        (23, MAX_RATE_BPS),
        (28, MAX_INF_BYTES as u32),
        (40, features),
        (44, max_message_bytes),
    ];
    for (offset, word) in words {
        bytes[offset..offset + 4].copy_from_slice(&word.to_le_bytes());
    }
    // No display and no keys; one slot is busy at a time.
    bytes[48..].copy_from_slice(&[AS_THE_COMMAND, AS_THE_COMMAND, 0, 0, 0, 1]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(bytes: &[u8; 54], offset: usize) -> u32 {
        u32::from_le_bytes(bytes[offset..offset + 4].try_into().unwrap())
    }

    #[test]
    fn every_field_is_where_the_table_has_it() {
        let bytes = class_descriptor(Level::Tpdu, 271);
        assert_eq!(bytes[..6], [0x36, 0x21, 0x10, 0x01, 0x00, 0x07]);
        assert_eq!(word(&bytes, 6), 2, "dwProtocols: T=1");
        assert_eq!((word(&bytes, 10), word(&bytes, 14)), (4_000, 4_000), "clocks");
        assert_eq!((bytes[18], bytes[27]), (0, 0), "no lists of clocks and rates");
        assert_eq!((word(&bytes, 19), word(&bytes, 23)), (10_752, 344_086), "rates");
        assert_eq!(word(&bytes, 28), 254, "dwMaxIFSD");
        assert_eq!((word(&bytes, 32), word(&bytes, 36)), (0, 0), "synchronous, mechanical");
        assert_eq!(word(&bytes, 40), 0x0001_0038, "dwFeatures");
        assert_eq!(word(&bytes, 44), 271, "dwMaxCCIDMessageLength");
        assert_eq!(bytes[48..], [0xFF, 0xFF, 0, 0, 0, 1]);
    }

    #[test]
    fn the_levels_differ_in_what_the_reader_does_by_itself() {
        let bytes = class_descriptor(Level::ExtendedApdu, 65_554);
        assert_eq!((word(&bytes, 40), word(&bytes, 44)), (0x0004_047A, 65_554));
    }
}
