//! The keys of centers that the card knows: who may say what (§7.2, §7.5).
//!
//! A key that a later certificate retired is as good as unknown, and whatever fails is answered
//! alike. Certificates are judged when they come (PSO: VERIFY CERTIFICATE); what is kept of them is
//! good until it is retired, so that a new key does not strand what an old one signed.

use saifu_wire::certificate::{PublicKey, Role};
use saifu_wire::signed::{Message, Signed};
use saifu_wire::{CenterId, Digest, Status};

use crate::crypto::ecdsa::VerifyingKey;
use crate::crypto::{hash::sha256, rsa};
use crate::memory::records::{CenterKeyRecord, CenterRecord};
use crate::memory::{Key, Store, StoreError};
use crate::platform::Platform;
use crate::refusal::Refusal;

/// Checks that `center` signed a message with its key of this role and sequence.
///
/// # Errors
/// 6A80 for a key that is not known or is retired and for a signature that is not its, alike;
/// 6581 of the memory.
pub fn verify<M: Message, P: Platform>(
    store: &Store<P>,
    center: CenterId,
    role: Role,
    signer: u32,
    signed: &Signed<M>,
) -> Result<(), Refusal> {
    let key = verifying_key(store, center, role, signer)?;
    Ok(key.verify(&[signed.unsigned()], signed.signature())?)
}

/// Finds the key with which `center` signs in this role and under this sequence.
///
/// # Errors
/// 6A80 when it is not known, retired, or not for signing; 6581 of the memory.
pub fn verifying_key<P: Platform>(
    store: &Store<P>,
    center: CenterId,
    role: Role,
    signer: u32,
) -> Result<VerifyingKey, Refusal> {
    match good_key(store, center, role, signer)? {
        Some(PublicKey::P256(point)) => Ok(VerifyingKey::from_point(&point)?),
        _ => Err(Status::WrongData.into()),
    }
}

/// Finds the `Kcp` of a center by its key id.
///
/// # Errors
/// 6A80 when it is not known or is retired; 6581 of the memory.
pub fn payment_key<P: Platform>(
    store: &Store<P>,
    center: CenterId,
    key_id: &Digest,
) -> Result<rsa::PublicKey, Refusal> {
    for key in store.keys(Key::center_keys_of(center)) {
        if let Key::CenterKey(_, role @ Role::Payment, sequence) = key
            && let Some(found) = good_key(store, center, role, sequence)?
            && key_id_of(&found) == *key_id
            && let PublicKey::Rsa { modulus, exponent } = found
        {
            return Ok(rsa::PublicKey::from_parts(&modulus, &exponent)?);
        }
    }
    Err(Status::WrongData.into())
}

/// The id of a public key: the SHA-256 of its object (§3.2).
#[must_use]
pub fn key_id_of(key: &PublicKey) -> Digest {
    Digest(sha256(&[&key.to_object()]))
}

/// Reads a key that is known and not retired.
fn good_key<P: Platform>(
    store: &Store<P>,
    center: CenterId,
    role: Role,
    sequence: u32,
) -> Result<Option<PublicKey>, StoreError> {
    if floor(store, center, role)?.is_none_or(|floor| sequence < floor) {
        return Ok(None);
    }
    let record: Option<CenterKeyRecord> = store.get(&Key::CenterKey(center, role, sequence))?;
    Ok(record.and_then(|record| record.public_key()))
}

/// The lowest sequence that is still good; `None` at a center of which nothing is known.
fn floor<P: Platform>(
    store: &Store<P>,
    center: CenterId,
    role: Role,
) -> Result<Option<u32>, StoreError> {
    let record: Option<CenterRecord> = store.get(&Key::Center(center))?;
    Ok(record.and_then(|record| record.retires_below.of(role)))
}
