//! Sealing a stream's segments (§13).

use super::DeliveryKey;
use super::lanes::{Batch, Ciphers, LANES};
use crate::chance::Chance;
use crate::crypto::{CryptoError, kdf, sha256};
use saifu_wire::ContentId;
use saifu_wire::codec::Wire as _;
use saifu_wire::stream::{
    DEFAULT_SEGMENT_BYTES, HEADER_BYTES, Header, LABEL_CIPHER, LABEL_IV, LABEL_MAC, Segment,
    TAG_BYTES, mac_prefix,
};
use std::fmt;
use zeroize::Zeroizing;

/// Why a stream is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The header breaks a limit of the format.
    #[error("the header breaks a limit of the stream format")]
    Header,
    /// A range ends beyond the stream, or begins after its own end.
    #[error("the range lies outside the stream")]
    Range,
    /// The content has fewer bytes than the header says: the stream must not be finished.
    #[error("the content is shorter than the {total_bytes} bytes announced: it was changed")]
    Shorter {
        /// What the header says.
        total_bytes: u64,
    },
    /// The content has more bytes than the header says: the stream must not be finished.
    #[error("the content is longer than the {total_bytes} bytes announced: it was changed")]
    Longer {
        /// What the header says.
        total_bytes: u64,
    },
}

/// The header of a new delivery, with the default segment size and a salt drawn for it.
///
/// # Errors
/// [`CryptoError::Failed`] when the random source fails.
pub fn new_header(
    content: ContentId,
    content_version: u32,
    total_bytes: u64,
    chance: &dyn Chance,
) -> Result<Header, CryptoError> {
    let (segment_bytes, salt) = (DEFAULT_SEGMENT_BYTES, chance.array()?);
    Ok(Header { segment_bytes, content, content_version, total_bytes, salt })
}

/// Seals the segments of one delivery, any of them at any time.
pub struct StreamSealer {
    header: Header,
    header_bytes: Vec<u8>,
    header_hash: [u8; 32],
    ciphers: Ciphers,
}

impl StreamSealer {
    /// Derives the keys of the delivery.
    ///
    /// # Errors
    /// [`StreamError::Header`] for a header that no reader would take.
    pub fn new(header: &Header, key: &DeliveryKey) -> Result<Self, StreamError> {
        let header_bytes = header.to_bytes();
        let header = Header::from_bytes(&header_bytes).map_err(|_| StreamError::Header)?;
        let header_hash = sha256(&[&header_bytes]);
        let derive = |label| kdf::expand(key.secret(), label, &header_hash);
        let [cipher, mac, iv] = [LABEL_CIPHER, LABEL_MAC, LABEL_IV].map(derive);
        let ciphers = Ciphers::new(cipher.expose(), mac.expose(), iv.expose());
        Ok(Self { header, header_bytes, header_hash, ciphers })
    }

    /// The stream's header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The header as it travels, before the first segment.
    pub fn header_bytes(&self) -> &[u8] {
        &self.header_bytes
    }

    /// The bytes of the whole delivery: header and segments.
    pub fn delivery_bytes(&self) -> u64 {
        HEADER_BYTES as u64 + self.header.sealed_bytes()
    }

    /// Seals consecutive segments from number `first` on, onto the end of `sealed`.
    ///
    /// `plain` is the content from `first` times the segment size on: whole segments, or up
    /// to the content's end. Empty content is its one empty segment.
    ///
    /// # Errors
    /// [`StreamError::Range`] when `plain` is not whole segments of this stream; nothing is
    /// appended then.
    pub fn seal(&self, first: u64, plain: &[u8], sealed: &mut Vec<u8>) -> Result<(), StreamError> {
        let size = self.header.segment_bytes as usize;
        let segments = self.segments(first, plain.len()).ok_or(StreamError::Range)?;
        let start = sealed.len();
        sealed.resize(start + segments.iter().map(Segment::sealed_bytes).sum::<usize>(), 0);
        let mut out = &mut sealed[start..];
        let mut groups = segments.chunks_exact(LANES);
        let mut plain = plain;
        for group in groups.by_ref() {
            // Only the last segment may be shorter; it is then left to the rest.
            let group: &[Segment; LANES] = group.try_into().expect("a chunk of sixteen");
            let whole = group.iter().all(|segment| segment.plain_bytes as usize == size);
            if whole {
                self.seal_batch(group, take(&mut plain, LANES * size), &mut out);
            } else {
                self.seal_singly(group, &mut plain, &mut out);
            }
        }
        self.seal_singly(groups.remainder(), &mut plain, &mut out);
        Ok(())
    }

    /// The segments that `length` bytes from segment `first` on are, if they are whole ones.
    fn segments(&self, first: u64, length: usize) -> Option<Vec<Segment>> {
        let size = self.header.segment_bytes as usize;
        let count = length.div_ceil(size).max(1) as u64;
        let segments: Option<Vec<_>> =
            (first..first.checked_add(count)?).map(|index| self.header.segment(index)).collect();
        let plain_bytes = |segment: &Segment| segment.plain_bytes as usize;
        segments.filter(|segments| segments.iter().map(plain_bytes).sum::<usize>() == length)
    }

    fn seal_singly(&self, segments: &[Segment], plain: &mut &[u8], out: &mut &mut [u8]) {
        for segment in segments {
            let bytes = take(plain, segment.plain_bytes as usize);
            let mut padded = Zeroizing::new(bytes.to_vec());
            padded.resize(bytes.len().next_multiple_of(16), 0);
            self.seal_batch(std::array::from_ref(segment), &padded, out);
        }
    }

    fn seal_batch<const N: usize>(
        &self,
        segments: &[Segment; N],
        plain: &[u8],
        out: &mut &mut [u8],
    ) {
        let padded_bytes = plain.len() / N;
        let sealed = out.split_off_mut(..N * (padded_bytes + TAG_BYTES));
        self.ciphers.seal(Batch {
            padded_bytes,
            indices: segments.map(|segment| segment.index),
            prefixes: segments.map(|segment| mac_prefix(&self.header_hash, &segment)),
            plain,
            sealed: sealed.expect("room was made for all segments"),
        });
    }
}

impl fmt::Debug for StreamSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamSealer").field("header", &self.header).finish_non_exhaustive()
    }
}

/// Takes `count` bytes off the front of `bytes`.
fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    bytes.split_off(..count).expect("the segments are as long as the content")
}

#[cfg(test)]
#[path = "sealer_tests.rs"]
mod tests;
