//! The card's own private keys (16): unsealed for the moment of use, then wiped.

use saifu_wire::certificate::PublicKey;
use saifu_wire::personalise::{KEY_ENCRYPTION, KEY_SIGNATURE};

use crate::crypto::{Secret, ecdsa, rsa};
use crate::memory::records::SecretKeyRecord;
use crate::memory::{Key, Store, StoreError};
use crate::platform::Platform;

/// Opens `Ksig`; `None` before it was made.
///
/// # Errors
/// [`StoreError::Memory`], also for a stored key that is none.
pub fn signature_key<P: Platform>(
    store: &Store<P>,
) -> Result<Option<ecdsa::SigningKey>, StoreError> {
    let Some(record) = store.get::<SecretKeyRecord>(&Key::SecretKey(KEY_SIGNATURE))? else {
        return Ok(None);
    };
    let scalar = Secret::try_from(record.key.expose()).map_err(|_| StoreError::Memory)?;
    ecdsa::SigningKey::from_scalar(&scalar).map(Some).map_err(|_| StoreError::Memory)
}

/// Opens `Kus`; `None` before it was made.
///
/// # Errors
/// [`StoreError::Memory`], also for a stored key that is none.
pub fn encryption_key<P: Platform>(
    store: &Store<P>,
) -> Result<Option<rsa::PrivateKey>, StoreError> {
    let Some(record) = store.get::<SecretKeyRecord>(&Key::SecretKey(KEY_ENCRYPTION))? else {
        return Ok(None);
    };
    rsa::PrivateKey::from_bytes(record.key.expose()).map(Some).map_err(|_| StoreError::Memory)
}

/// The public key of `Ksig`, as certificates carry it.
#[must_use]
pub fn signature_public(key: &ecdsa::SigningKey) -> PublicKey {
    PublicKey::P256(key.public_point())
}

/// `Kup`, as certificates carry it.
#[must_use]
pub fn encryption_public(key: &rsa::PrivateKey) -> PublicKey {
    let modulus = key.public_key().modulus();
    PublicKey::Rsa { modulus, exponent: rsa::EXPONENT.to_vec() }
}
