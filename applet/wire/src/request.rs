//! The data fields of the commands (§6), where they are not a signed structure.

use crate::codec::{Bytes, Malformed, Reader, Wire};
use crate::{CenterId, Nonce, layout};
use alloc::vec::Vec;

/// The fewest and the most digits of a PIN (§6.6).
pub const PIN_DIGITS: core::ops::RangeInclusive<usize> = 4..=12;

/// Whether `pin` is well formed: 4 to 12 ASCII digits.
pub fn is_pin(pin: &[u8]) -> bool {
    PIN_DIGITS.contains(&pin.len()) && pin.iter().all(u8::is_ascii_digit)
}

layout! {
    /// Names a licence on the card (§6.12, §6.13, §6.18, §6.22 to §6.28).
    pub struct LicenceRef {
        /// The center.
        center: CenterId,
        /// The licence's number; in a list, the lowest to be listed.
        number: u64,
    }
}

layout! {
    /// DEBIT and HOLD (§6.14, §6.26).
    pub struct PayRequest {
        /// The licence.
        licence: LicenceRef,
        /// Which of its prices, from 0.
        price_index: u8,
        /// The purse that pays.
        purse: u32,
    }
}

layout! {
    /// GET TOKEN (§6.15).
    pub struct TokenRef {
        /// The center.
        center: CenterId,
        /// The token's counter.
        counter: u64,
    }
}

layout! {
    /// READ CONTENT and HAND BACK (§6.20, §6.22): which segments.
    pub struct SegmentRange {
        /// The index of the first.
        first: u64,
        /// How many, at least 1.
        count: u8,
    }
}

layout! {
    /// Names a purse (§6.33).
    pub struct PurseRef {
        /// The center.
        center: CenterId,
        /// The purse's number.
        purse: u32,
    }
}

layout! {
    /// GET CREDIT CHALLENGE (§6.29).
    pub struct ChallengeRequest {
        /// The purse.
        purse: PurseRef,
        /// The center's nonce.
        nonce: Nonce,
    }
}

layout! {
    /// RESET RETRY COUNTER (§6.8).
    pub struct UnblockRequest {
        /// The signed unblock order.
        order: Bytes,
        /// The new PIN.
        new_pin: Bytes,
    }
}

/// CHANGE REFERENCE DATA (§6.7): u8 length of the old PIN, the old PIN, the new PIN.
pub fn change_pin_data(old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut out = Vec::from([old.len() as u8]);
    out.extend_from_slice(old);
    out.extend_from_slice(new);
    out
}

/// Takes the data of CHANGE REFERENCE DATA apart: old PIN, new PIN.
pub fn parse_change_pin(data: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let mut reader = Reader::new(data);
    let length = u8::read(&mut reader)?;
    let old = reader.take(usize::from(length))?;
    Ok((old, reader.rest()))
}

/// DECRYPT and STORE CONTENT (§6.19, §6.21): u64 index of the first segment, segments.
pub fn segments_data(first: u64, segments: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(segments.len().saturating_add(8));
    first.write(&mut out);
    out.extend_from_slice(segments);
    out
}

/// Takes the data of DECRYPT or STORE CONTENT apart: first index, segments.
pub fn parse_segments(data: &[u8]) -> Result<(u64, &[u8]), Malformed> {
    let mut reader = Reader::new(data);
    let first = u64::read(&mut reader)?;
    Ok((first, reader.rest()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_four_to_twelve_digits() {
        assert!(is_pin(b"1234") && is_pin(b"123456789012"));
        for bad in [&b""[..], b"123", b"1234567890123", b"12a4", b"12 4"] {
            assert!(!is_pin(bad));
        }
    }

    #[test]
    fn old_and_new_pin_come_apart() {
        assert_eq!(
            parse_change_pin(&change_pin_data(b"1234", b"99")),
            Ok((&b"1234"[..], &b"99"[..]))
        );
        assert_eq!(parse_change_pin(&[5, 1]), Err(Malformed::Short));
    }
}
