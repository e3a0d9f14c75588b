//! What the tests of this module share: hex, a repeatable random source, a broken one.

use alloc::vec::Vec;

use super::{RandomFailed, Secret};

/// Decodes hex digits, white space allowed.
pub(crate) fn hex(digits: &str) -> Vec<u8> {
    let joined: Vec<u8> = digits.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    ::hex::decode(joined).unwrap()
}

/// Decodes exactly `N` bytes of hex.
pub(crate) fn hex_array<const N: usize>(digits: &str) -> [u8; N] {
    hex(digits).try_into().unwrap()
}

/// Decodes a secret of exactly `N` bytes of hex.
pub(crate) fn hex_secret<const N: usize>(digits: &str) -> Secret<N> {
    Secret::new(hex_array(digits))
}

/// Gives a source that counts up from `first`: repeatable, never twice the same draw.
pub(crate) fn counting(first: u8) -> impl FnMut(&mut [u8]) -> Result<(), RandomFailed> {
    let mut next = u64::from(first);
    move |out| {
        for byte in out {
            *byte = (next ^ (next >> 8)) as u8;
            next += 1;
        }
        Ok(())
    }
}

/// Gives a source that always fails, having scribbled on the output.
pub(crate) fn broken() -> impl FnMut(&mut [u8]) -> Result<(), RandomFailed> {
    |out| {
        out.fill(0xAA);
        Err(RandomFailed)
    }
}
