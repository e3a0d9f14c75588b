//! What the tests of this crate share: hex with white space, secrets of hex.

use super::Secret;

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
