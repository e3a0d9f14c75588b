//! The format in which a work travels (§13).
//!
//! A header, whose SHA-256 the licence names, and independent segments: ciphertext and
//! a 16-byte tag each. Only the last segment may be shorter than the others.

use crate::codec::{Malformed, Reader, Wire};
use crate::{ContentId, layout};
use alloc::vec::Vec;

/// The first four bytes of a header.
pub const MAGIC: [u8; 4] = *b"SSTR";

/// Suite 1: AES-256-CBC and AES-256-CMAC, a key each, IV from the index.
pub const SUITE_CBC_CMAC: u8 = 1;

/// The plaintext bytes of a segment unless the center chooses otherwise.
pub const DEFAULT_SEGMENT_BYTES: u32 = 4_032;

/// The smallest and the largest segment; a size is a multiple of 16.
pub const SEGMENT_BYTES: core::ops::RangeInclusive<u32> = 256..=16_384;

/// The bytes of a segment's tag.
pub const TAG_BYTES: usize = 16;

/// The bytes of an encoded header.
pub const HEADER_BYTES: usize = 70;

/// The most bytes one content key encrypts.
pub const MAX_CONTENT_BYTES: u64 = 1 << 36;

/// The label under which the cipher's key is derived from the content key.
pub const LABEL_CIPHER: &[u8] = b"saifu/1 stream cipher";

/// The label under which the MAC's key is derived.
pub const LABEL_MAC: &[u8] = b"saifu/1 stream mac";

/// The label under which the key is derived that turns an index into an IV.
pub const LABEL_IV: &[u8] = b"saifu/1 stream iv";

/// The label of the commitment to a content key that a licence carries (§8.1).
pub const LABEL_COMMITMENT: &[u8] = b"saifu/1 key commitment";

layout! {
    /// The fields of a header after its magic.
    struct Fields {
        version: u8,
        suite: u8,
        segment_bytes: u32,
        content: ContentId,
        content_version: u32,
        total_bytes: u64,
        salt: [u8; 32],
    }
}

/// A stream's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Plaintext bytes of every segment but the last.
    pub segment_bytes: u32,
    /// The work.
    pub content: ContentId,
    /// Its version (edition).
    pub content_version: u32,
    /// Plaintext bytes in all.
    pub total_bytes: u64,
    /// Drawn for this delivery.
    pub salt: [u8; 32],
}

impl Wire for Header {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&MAGIC);
        Fields {
            version: 1,
            suite: SUITE_CBC_CMAC,
            segment_bytes: self.segment_bytes,
            content: self.content,
            content_version: self.content_version,
            total_bytes: self.total_bytes,
            salt: self.salt,
        }
        .write(out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let magic: [u8; 4] = reader.array()?;
        let fields = Fields::read(reader)?;
        if magic != MAGIC || fields.version != 1 || fields.suite != SUITE_CBC_CMAC {
            return Err(Malformed::Tag);
        }
        let even = fields.segment_bytes.is_multiple_of(16);
        let sized = SEGMENT_BYTES.contains(&fields.segment_bytes) && even;
        if !sized || fields.total_bytes > MAX_CONTENT_BYTES {
            return Err(Malformed::Value);
        }
        Ok(Self {
            segment_bytes: fields.segment_bytes,
            content: fields.content,
            content_version: fields.content_version,
            total_bytes: fields.total_bytes,
            salt: fields.salt,
        })
    }
}

/// Where a segment lies and how long it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Its index, from 0.
    pub index: u64,
    /// Whether it is the last.
    pub last: bool,
    /// Its plaintext bytes.
    pub plain_bytes: u32,
}

impl Segment {
    /// Its bytes in the stream: ciphertext, padded to whole blocks, and tag.
    pub fn sealed_bytes(&self) -> usize {
        (self.plain_bytes as usize).next_multiple_of(16).saturating_add(TAG_BYTES)
    }
}

impl Header {
    /// The number of segments; at least one, for empty content is one empty segment.
    pub fn segment_count(&self) -> u64 {
        self.total_bytes.div_ceil(u64::from(self.segment_bytes.max(1))).max(1)
    }

    /// The segment with this index, if there is one.
    pub fn segment(&self, index: u64) -> Option<Segment> {
        if index >= self.segment_count() {
            return None;
        }
        let start = index.checked_mul(u64::from(self.segment_bytes))?;
        let left = self.total_bytes.checked_sub(start)?;
        let plain_bytes = left.min(u64::from(self.segment_bytes)) as u32;
        Some(Segment { index, last: index.saturating_add(1) == self.segment_count(), plain_bytes })
    }

    /// The bytes of all segments, sealed, without the header.
    pub fn sealed_bytes(&self) -> u64 {
        let last = self.segment_count().saturating_sub(1);
        let full = u64::from(self.segment_bytes).saturating_add(TAG_BYTES as u64);
        let tail = self.segment(last).map_or(0, |segment| segment.sealed_bytes() as u64);
        last.saturating_mul(full).saturating_add(tail)
    }

    /// How many whole segments one DECRYPT command carries at most, at least one.
    pub fn segments_per_command(&self, command_data_bytes: usize) -> u64 {
        let room = command_data_bytes.saturating_sub(8);
        let segment = (self.segment_bytes as usize).saturating_add(TAG_BYTES);
        room.checked_div(segment).unwrap_or(1).max(1) as u64
    }
}

/// The 48 bytes that a segment's tag covers before the ciphertext (§13.3).
pub fn mac_prefix(header_hash: &[u8; 32], segment: &Segment) -> [u8; 48] {
    let mut prefix = [0; 48];
    let (hash, rest) = prefix.split_at_mut(32);
    hash.copy_from_slice(header_hash);
    let (index, rest) = rest.split_at_mut(8);
    index.copy_from_slice(&segment.index.to_be_bytes());
    let (last, rest) = rest.split_at_mut(1);
    last.copy_from_slice(&[u8::from(segment.last)]);
    let (length, _) = rest.split_at_mut(4);
    length.copy_from_slice(&segment.plain_bytes.to_be_bytes());
    prefix
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apdu::MAX_COMMAND_DATA;

    fn header(total_bytes: u64) -> Header {
        Header {
            segment_bytes: DEFAULT_SEGMENT_BYTES,
            content: ContentId([1; 16]),
            content_version: 1,
            total_bytes,
            salt: [2; 32],
        }
    }

    #[test]
    fn a_header_has_seventy_bytes_and_comes_back() {
        let bytes = header(5).to_bytes();
        assert_eq!(bytes.len(), HEADER_BYTES);
        assert_eq!(Header::from_bytes(&bytes), Ok(header(5)));
    }

    #[test]
    fn another_magic_version_suite_or_size_is_refused() {
        for (at, value) in [(0, b'X'), (4, 2), (5, 2), (9, 1), (6, 1), (30, 0x80)] {
            let mut bytes = header(5).to_bytes();
            bytes[at] = value;
            assert!(Header::from_bytes(&bytes).is_err(), "byte {at}");
        }
    }

    #[test]
    fn empty_content_is_one_empty_segment() {
        let segment = header(0).segment(0).unwrap();
        assert_eq!(segment, Segment { index: 0, last: true, plain_bytes: 0 });
        assert_eq!(header(0).sealed_bytes(), 16);
        assert_eq!(header(0).segment(1), None);
    }

    #[test]
    fn segments_add_up_to_the_content() {
        for total in [1, 4_031, 4_032, 4_033, 8_064, 100_000] {
            let header = header(total);
            let segments = (0..header.segment_count()).map(|i| header.segment(i).unwrap());
            let plain: u64 = segments.clone().map(|s| u64::from(s.plain_bytes)).sum();
            let sealed: u64 = segments.map(|s| s.sealed_bytes() as u64).sum();
            assert_eq!((plain, sealed), (total, header.sealed_bytes()));
        }
        assert_eq!(header(1).segment(u64::MAX), None);
    }

    #[test]
    fn sixteen_segments_fit_one_command() {
        assert_eq!(header(1).segments_per_command(MAX_COMMAND_DATA), 16);
        assert_eq!(header(1).segments_per_command(255), 1);
    }
}
