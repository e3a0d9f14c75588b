//! The content decryptor (10): `Ke[M]` to `M`, segment by segment (§13).
//!
//! A cipher is made of a content key and the stream's header, and keeps only what it derived from
//! them. All segments of a command are verified before any of them is decrypted; then they are
//! decrypted where they will be answered from, so that no plaintext is copied on the way.

use alloc::vec::Vec;

use saifu_wire::stream::{Header, Segment as Place};
use saifu_wire::{Status, Wire};

use crate::crypto::hash::sha256;
use crate::crypto::stream::{Segment, StreamKeys, Verified};
use crate::crypto::{CryptoError, Secret};
use crate::refusal::Refusal;

/// Decrypts the segments of one stream; its keys are wiped when it is dropped.
#[derive(Debug)]
pub struct ContentCipher {
    header: Header,
    keys: StreamKeys,
}

impl ContentCipher {
    /// Derives the stream's keys; `header` must be the one that the licence names.
    #[must_use]
    pub fn new(content_key: &Secret<32>, header: Header) -> Self {
        let keys = StreamKeys::derive(content_key, &sha256(&[&header.to_bytes()]));
        Self { header, keys }
    }

    /// Verifies whole segments, from the index `first` on, all of them or none; only then there is
    /// something to be decrypted.
    ///
    /// # Errors
    /// 6B00 when there is no segment `first`; 6A80 when `bytes` are not one or more whole segments
    /// that all belong where they claim to be.
    pub fn verify<'a>(&self, first: u64, bytes: &'a [u8]) -> Result<Verified<'_, 'a>, Refusal> {
        if self.header.segment(first).is_none() {
            return Err(Status::WrongOffset.into());
        }
        let cut = cut(&self.header, first, bytes, Place::sealed_bytes);
        let segments = cut.ok_or(CryptoError::Refused)?.into_iter();
        let segments: Vec<_> = segments.map(|(place, bytes)| Segment { place, bytes }).collect();
        Ok(self.keys.verify(&segments)?)
    }

    /// Lends the stream's header.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }
}

/// Cuts bytes into one or more whole segments, from the index `first` on, as the header says they
/// must lie; `bytes_of` says how many bytes a segment has here. `None` when they do not lie so.
pub fn cut<'a>(
    header: &Header,
    first: u64,
    bytes: &'a [u8],
    bytes_of: impl Fn(&Place) -> usize,
) -> Option<Vec<(Place, &'a [u8])>> {
    let full = bytes_of(&header.segment(0)?);
    let mut segments = Vec::with_capacity(bytes.len().checked_div(full).unwrap_or(1));
    let (mut index, mut rest) = (first, bytes);
    while !rest.is_empty() || segments.is_empty() {
        let place = header.segment(index)?;
        let (bytes, after) = rest.split_at_checked(bytes_of(&place))?;
        segments.push((place, bytes));
        (index, rest) = (index.checked_add(1)?, after);
    }
    Some(segments)
}
