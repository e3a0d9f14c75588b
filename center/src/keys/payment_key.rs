//! The payment key `Kcs`/`Kcp`: the only key that opens what cards pay with.

use crate::crypto::{CryptoError, Secret, key_id, rsa};
use saifu_wire::Digest;
use saifu_wire::certificate::Certificate;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What does a payment key's private operation in its place: hardware that has the private half.
pub trait Unwrap: Send + Sync {
    /// Unwraps a 32-byte key, wrapped with OAEP under `label` (§9.2).
    ///
    /// # Errors
    /// [`CryptoError::Refused`], the same for all that can be wrong with label and ciphertext.
    fn unwrap_key(&self, label: &[u8], ciphertext: &[u8]) -> Result<Secret<32>, CryptoError>;
}

/// A payment key with its certificate. It counts how often its private half was used.
pub struct PaymentKey {
    key: rsa::PrivateKey,
    elsewhere: Option<Arc<dyn Unwrap>>,
    certificate: Certificate,
    id: Digest,
    operations: AtomicU64,
}

impl PaymentKey {
    /// Joins a key and its certificate.
    pub fn new(key: rsa::PrivateKey, certificate: Certificate) -> Self {
        let id = key_id(key.public_key());
        Self { key, elsewhere: None, certificate, id, operations: AtomicU64::new(0) }
    }

    /// SHA-256 of the public key object, by which licences and tokens name the key.
    pub fn id(&self) -> Digest {
        self.id
    }

    /// Its certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// How many private operations there have been since the key was loaded.
    pub fn operations(&self) -> u64 {
        self.operations.load(Ordering::Relaxed)
    }

    /// Unwraps a 32-byte key: the private operation. To be reached only with bytes whose
    /// signature was verified.
    pub(crate) fn unwrap_key(
        &self,
        label: &[u8],
        ciphertext: &[u8],
    ) -> Result<Secret<32>, CryptoError> {
        self.operations.fetch_add(1, Ordering::Relaxed);
        match &self.elsewhere {
            None => self.key.unwrap_key(label, ciphertext),
            Some(unwrap) => unwrap.unwrap_key(label, ciphertext),
        }
    }

    /// Has `unwrap` do the private operation from here on.
    pub(super) fn unwrap_elsewhere(&mut self, unwrap: Arc<dyn Unwrap>) {
        self.elsewhere = Some(unwrap);
    }
}

impl fmt::Debug for PaymentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PaymentKey({})", self.id)
    }
}
