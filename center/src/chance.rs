//! What a center does by chance where cards see it: its keys, what it draws for a sale, what it
//! signs and wraps. What lies on its disk and opens its doors is drawn by `crypto::random` alone.
//!
//! A center in test mode may be given a [`Chance`] that repeats, so that a whole sale does, to
//! the byte ([`Options::chance`](crate::Options::chance)); any other has [`SystemChance`].

use std::fmt;
use std::sync::Arc;

use saifu_wire::certificate::Role;
use saifu_wire::signed::SIGNATURE_BYTES;

use crate::crypto::ecdsa::SigningKey;
use crate::crypto::rsa::{self, KeySize, WrappingKey};
use crate::crypto::{CryptoError, Secret, random};

/// Where chance comes from.
pub trait Chance: fmt::Debug + Send + Sync {
    /// Fills the whole buffer with what nobody can guess.
    ///
    /// # Errors
    /// [`CryptoError::Failed`]; the buffer must not be used then.
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError>;

    /// Draws an identifier for a new row, best one that sorts by time.
    ///
    /// # Errors
    /// [`CryptoError::Failed`].
    fn ordered_id(&self) -> Result<[u8; 16], CryptoError>;

    /// Makes the key that signs what this role signs.
    ///
    /// # Errors
    /// [`CryptoError::Failed`].
    fn signing_key(&self, role: Role) -> Result<SigningKey, CryptoError>;

    /// Makes a payment key.
    ///
    /// # Errors
    /// [`CryptoError::Failed`].
    fn payment_key(&self, size: KeySize) -> Result<rsa::PrivateKey, CryptoError>;

    /// Signs `message` with `key`.
    ///
    /// # Errors
    /// [`CryptoError::Failed`].
    fn sign(&self, key: &SigningKey, message: &[u8]) -> Result<[u8; SIGNATURE_BYTES], CryptoError>;

    /// Encrypts a key to a card, under `label` (RSAES-OAEP, §9.2).
    ///
    /// # Errors
    /// [`CryptoError::Failed`].
    fn wrap_key(
        &self,
        card: &WrappingKey,
        label: &[u8],
        key: &Secret<32>,
    ) -> Result<Vec<u8>, CryptoError>;
}

impl dyn Chance + '_ {
    /// Draws `N` bytes.
    ///
    /// # Errors
    /// [`CryptoError::Failed`].
    pub fn array<const N: usize>(&self) -> Result<[u8; N], CryptoError> {
        let mut drawn = [0; N];
        self.fill(&mut drawn)?;
        Ok(drawn)
    }
}

/// The chance of every center that was given no other.
pub fn system() -> Arc<dyn Chance> {
    Arc::new(SystemChance)
}

/// The system's random source, as aws-lc-rs conditions it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemChance;

impl Chance for SystemChance {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        random::fill(out)
    }

    fn ordered_id(&self) -> Result<[u8; 16], CryptoError> {
        random::ordered_id()
    }

    fn signing_key(&self, _: Role) -> Result<SigningKey, CryptoError> {
        SigningKey::generate()
    }

    fn payment_key(&self, size: KeySize) -> Result<rsa::PrivateKey, CryptoError> {
        rsa::PrivateKey::generate(size)
    }

    fn sign(&self, key: &SigningKey, message: &[u8]) -> Result<[u8; SIGNATURE_BYTES], CryptoError> {
        key.sign(message)
    }

    fn wrap_key(
        &self,
        card: &WrappingKey,
        label: &[u8],
        key: &Secret<32>,
    ) -> Result<Vec<u8>, CryptoError> {
        card.wrap_key(label, key)
    }
}
