//! The card's cryptography: one file per primitive, no state, no input or output.
//!
//! Two files watch over the others: [`self_test`] at power-up, [`health`] whenever the card draws;
//! what the latter remembers is its caller's to keep.
//!
//! Every function is a pure function of its arguments; randomness comes in through [`Random`].
//! Algorithms are RustCrypto's; what is added here is the narrowing to what the card uses: fixed
//! sizes, one error, secrets that wipe themselves, no failure of the random source ignored.

pub mod aes;
pub mod cbc;
pub mod cmac;
pub mod ecdsa;
pub mod hash;
pub mod health;
pub mod kdf;
pub mod random;
pub mod rsa;
pub mod scp03;
pub mod seal;
pub mod secret;
pub mod self_test;
pub mod stream;

pub use random::{Random, RandomFailed};
pub use secret::{Secret, SecretVec, same_bytes};

use core::fmt;

/// Says why a cryptographic operation gives no result.
///
/// All that can be wrong with an input is one and the same `Refused`, so that nobody learns which
/// check failed; the other two are failures of the card itself, whatever the input was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CryptoError {
    /// The input is malformed, not authentic, or not meant for this key.
    Refused,
    /// The random source failed.
    RandomFailed,
    /// A result did not survive its own check: a fault in computation or in a stored key.
    Fault,
}

impl fmt::Display for CryptoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "the input is refused",
            Self::RandomFailed => "the random source failed",
            Self::Fault => "a result failed its own check",
        })
    }
}

impl core::error::Error for CryptoError {}

impl From<RandomFailed> for CryptoError {
    fn from(_: RandomFailed) -> Self {
        Self::RandomFailed
    }
}

#[cfg(test)]
pub(crate) mod test_help;
