//! The signature keys of one role: the newest signs, all that are not retired verify.

use crate::crypto::CryptoError;
use crate::crypto::ecdsa::{SigningKey, VerifyingKey};
use saifu_wire::certificate::Certificate;

/// The keys of a role, newest first, at least one.
#[derive(Debug)]
pub(super) struct RoleKeys {
    pub(super) signer: SigningKey,
    keys: Vec<RoleKey>,
}

/// A key that signs or signed.
#[derive(Debug)]
pub(super) struct RoleKey {
    pub(super) verifier: VerifyingKey,
    pub(super) certificate: Certificate,
}

impl RoleKeys {
    /// Joins certificates with the private key of the newest; nothing where there is none, or
    /// the key is another's.
    pub(super) fn new(
        signer: SigningKey,
        certificates: Vec<Certificate>,
    ) -> Result<Option<Self>, CryptoError> {
        let key = |certificate: Certificate| {
            let verifier = VerifyingKey::from_public_key(&certificate.body().key)?;
            Ok(RoleKey { verifier, certificate })
        };
        let mut keys =
            certificates.into_iter().map(key).collect::<Result<Vec<_>, CryptoError>>()?;
        keys.sort_by_key(|key| core::cmp::Reverse(key.certificate.body().sequence));
        let signs = keys.first().is_some_and(|k| k.certificate.body().key == signer.public_key());
        Ok(signs.then_some(Self { signer, keys }))
    }

    /// The one that signs.
    pub(super) fn newest(&self) -> &RoleKey {
        self.keys.first().expect("a role has a key, as it was made with one")
    }

    /// The sequence of the one that signs.
    pub(super) fn sequence(&self) -> u32 {
        self.newest().certificate.body().sequence
    }

    /// The lowest sequence that is not retired.
    pub(super) fn floor(&self) -> u32 {
        self.keys.iter().map(|key| key.certificate.body().retires_below).max().unwrap_or(0)
    }

    /// The key with this sequence, unless it is retired.
    pub(super) fn of(&self, sequence: u32) -> Option<&RoleKey> {
        self.ever(sequence).filter(|_| sequence >= self.floor())
    }

    /// The key with this sequence, retired or not.
    pub(super) fn ever(&self, sequence: u32) -> Option<&RoleKey> {
        self.keys.iter().find(|key| key.certificate.body().sequence == sequence)
    }

    /// All certificates, newest first.
    pub(super) fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.keys.iter().map(|key| &key.certificate)
    }
}
