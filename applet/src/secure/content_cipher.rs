//! The content decryptor (10): `Ke[M]` to `M`, segment by segment (§13).
//!
//! A cipher is made of a content key and the stream's header, and keeps only what it derived from
//! them. All segments of a command are verified before any of them is decrypted; then they are
//! decrypted where they will be answered from, so that no plaintext is copied on the way.

use alloc::vec::Vec;

use saifu_wire::stream::Header;
use saifu_wire::{Status, Wire};

use crate::crypto::hash::sha256;
use crate::crypto::stream::{Segment, StreamKeys};
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

    /// Decrypts whole segments, from the index `first` on, onto the end of `out`.
    ///
    /// # Errors
    /// 6B00 when there is no segment `first`; 6A80 when `bytes` are not one or more whole segments
    /// that all belong where they claim to be. Nothing is then appended to `out`.
    pub fn decrypt(&self, first: u64, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
        if self.header.segment(first).is_none() {
            return Err(Status::WrongOffset.into());
        }
        let segments = self.cut(first, bytes).ok_or(CryptoError::Refused)?;
        Ok(self.keys.verify(&segments)?.decrypt_into(out)?)
    }

    /// Cuts the bytes into segments as the header says they must lie; `None` when they do not.
    fn cut<'a>(&self, first: u64, bytes: &'a [u8]) -> Option<Vec<Segment<'a>>> {
        let full = self.header.segment(0)?.sealed_bytes();
        let mut segments = Vec::with_capacity(bytes.len().div_ceil(full));
        let (mut index, mut rest) = (first, bytes);
        while !rest.is_empty() || segments.is_empty() {
            let place = self.header.segment(index)?;
            let (bytes, after) = rest.split_at_checked(place.sealed_bytes())?;
            segments.push(Segment { place, bytes });
            (index, rest) = (index.checked_add(1)?, after);
        }
        Some(segments)
    }
}
