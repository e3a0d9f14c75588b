//! The center's cryptography: one file per primitive, no state, no input or output.
//!
//! Algorithms are those of aws-lc-rs; what is added here is the narrowing to what the
//! protocol uses: fixed sizes, one error, secrets that wipe themselves. The card has code of
//! its own for the same formats, on other libraries; the two meet in `tests/vectors`.

pub mod aead;
pub mod cbc;
pub mod cmac;
pub mod ecdsa;
pub mod hash;
pub mod kdf;
pub mod random;
pub mod rsa;
pub mod secret;

pub use hash::{identity, key_id, sha256};
pub use secret::Secret;

/// Why a cryptographic operation gives no result.
///
/// All that can be wrong with an input is one and the same `Refused`: nobody learns which
/// check failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// The input is malformed, not authentic, or not meant for this key.
    #[error("malformed, not authentic, or made for another key")]
    Refused,
    /// The library or the system's random source failed, whatever the input was.
    #[error("the cryptographic library or the random source failed: try again")]
    Failed,
}

#[cfg(test)]
pub(crate) mod test_help;
