//! Whom the card believes: certificates it has accepted, and what their keys signed (§7.5).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use saifu_wire::certificate::{Body, Certificate, PublicKey, Role};
use saifu_wire::signed::{Message, Signed};
use saifu_wire::{CenterId, Digest, Status};

use crate::crypto::ecdsa::VerifyingKey;
use crate::crypto::hash::sha256;
use crate::crypto::{CryptoError, rsa};
use crate::memory::records::{CardRecord, CenterKeyRecord, CenterRecord, RetiresBelow};
use crate::memory::{Change, Key, MAX_CENTERS, MAX_KEYS_PER_ROLE, Store, StoreError};
use crate::platform::Platform;
use crate::refusal::Refusal;

/// Four roles of each center, and the administration's: GET DATA lists 255.
const _: () = assert!((4 * MAX_CENTERS as usize + 1) * MAX_KEYS_PER_ROLE as usize <= 255);

const NOT_AUTHENTIC: Status = Status::WrongData;

/// What is known of a holder besides its keys, before it signed or retired anything.
const NEW: CenterRecord = CenterRecord { time_floor: 0, retires_below: RetiresBelow::NONE };

/// Names the key that must have signed something.
#[derive(Debug, Clone, Copy)]
pub struct Signer {
    /// The center, or the administration's holder id.
    pub holder: CenterId,
    /// The role its key must have.
    pub role: Role,
    /// The sequence of its certificate.
    pub sequence: u32,
}

/// Checks who signed a message.
///
/// # Errors
/// 6A80 when the key is not known, or retired, or expired, or the signature is not its own.
pub fn verify<P: Platform, M: Message>(
    store: &Store<P>,
    signer: Signer,
    signed: &Signed<M>,
) -> Result<(), Refusal> {
    let key = verifying_key(store, signer)?;
    Ok(key.verify(&[signed.unsigned()], signed.signature())?)
}

/// As [`verify`], but with a key whose certificate may have expired: enough to give something up,
/// and never to gain anything.
///
/// # Errors
/// 6A80 when the key is not known, or retired, or the signature is not its own.
pub fn verify_even_expired<P: Platform, M: Message>(
    store: &Store<P>,
    signer: Signer,
    signed: &Signed<M>,
) -> Result<(), Refusal> {
    let key = usable(&known_key(store, signer)?)?;
    Ok(key.verify(&[signed.unsigned()], signed.signature())?)
}

/// Checks that the issuer's administration signed an order, with the key of this sequence.
///
/// # Errors
/// 6A80 when the card knows no administration, or as [`verify`].
pub fn verify_order<P: Platform, M: Message>(
    store: &Store<P>,
    sequence: u32,
    order: &Signed<M>,
) -> Result<(), Refusal> {
    let holder = administration(store).ok_or(NOT_AUTHENTIC)?;
    verify(store, Signer { holder, role: Role::Administration, sequence }, order)
}

/// The one holder of the administration role (§12.1); `None` before its first certificate.
fn administration<P: Platform>(store: &Store<P>) -> Option<CenterId> {
    store.keys(Key::center_keys()).find_map(|key| match key {
        Key::CenterKey(holder, Role::Administration, _) => Some(holder),
        _ => None,
    })
}

/// The key with which a signer's messages are verified.
///
/// A licence or credit key signs nothing new once its certificate expired, by the card's time for
/// its holder (§12.3). A receipt key does: receipts may come late for tokens that wait.
///
/// # Errors
/// 6A80 when it is not known, or retired, or expired.
pub fn verifying_key<P: Platform>(
    store: &Store<P>,
    signer: Signer,
) -> Result<VerifyingKey, Refusal> {
    let record = known_key(store, signer)?;
    let expires = matches!(signer.role, Role::Licence | Role::Credit);
    if expires && record.expires <= time_floor(store, signer.holder)? {
        return Err(NOT_AUTHENTIC.into());
    }
    usable(&record)
}

/// A signer's key that was accepted, and not retired since.
fn known_key<P: Platform>(store: &Store<P>, signer: Signer) -> Result<CenterKeyRecord, Refusal> {
    let key = Key::CenterKey(signer.holder, signer.role, signer.sequence);
    Ok(store.get(&key)?.ok_or(NOT_AUTHENTIC)?)
}

fn usable(record: &CenterKeyRecord) -> Result<VerifyingKey, Refusal> {
    match record.public_key() {
        Some(PublicKey::P256(point)) => Ok(VerifyingKey::from_point(&point)?),
        _ => Err(NOT_AUTHENTIC.into()),
    }
}

/// The payment key of a center with this key id; it serves old licences after it expired, too.
///
/// # Errors
/// 6A80 when it is not known, or retired.
pub fn payment_key<P: Platform>(
    store: &Store<P>,
    center: CenterId,
    key_id: &Digest,
) -> Result<rsa::PublicKey, Refusal> {
    for key in store.keys(keys_of_role(center, Role::Payment)) {
        let record: CenterKeyRecord = store.get(&key)?.ok_or(StoreError::Memory)?;
        if sha256(&[&record.key.0]) != key_id.0 {
            continue;
        }
        if let Some(PublicKey::Rsa { modulus, exponent }) = record.public_key() {
            return Ok(rsa::PublicKey::from_parts(&modulus, &exponent)?);
        }
    }
    Err(NOT_AUTHENTIC.into())
}

/// The card's time for a center: the latest that it signed; 0 before there was one (§12.3).
///
/// # Errors
/// 6581.
pub fn time_floor<P: Platform>(store: &Store<P>, center: CenterId) -> Result<u64, Refusal> {
    Ok(known(store, center)?.map_or(0, |center| center.time_floor))
}

/// Accepts a certificate of a center or of the administration, and keeps its key.
///
/// # Errors
/// 6A80 when it is not the root's, not of such a role, expired or retired, or of a second
/// administration; 6A89 when its sequence is taken by another key; 6A84 when there is no room.
pub fn accept<P: Platform>(store: &mut Store<P>, certificate: &Certificate) -> Result<(), Refusal> {
    check_authority(store, certificate)?;
    let body = certificate.body();
    check_key(body)?;
    let holder = CenterId(body.holder_id);
    if body.role == Role::Administration && administration(store).is_some_and(|one| one != holder) {
        return Err(NOT_AUTHENTIC.into());
    }
    let known = known(store, holder)?;
    let center = known.unwrap_or(NEW);
    let floor = center.retires_below.of(body.role).ok_or(NOT_AUTHENTIC)?;
    let retired = body.sequence < floor.max(body.retires_below);
    if retired || body.expires.ends() <= center.time_floor {
        return Err(NOT_AUTHENTIC.into());
    }
    if is_kept(store, holder, body)? && body.retires_below <= floor {
        return Ok(());
    }
    let change = keep(store, holder, center, body)?;
    Ok(store.commit(change)?)
}

fn known<P: Platform>(
    store: &Store<P>,
    holder: CenterId,
) -> Result<Option<CenterRecord>, StoreError> {
    store.get(&Key::Center(holder))
}

/// The pinned root alone certifies.
fn check_authority<P: Platform>(
    store: &Store<P>,
    certificate: &Certificate,
) -> Result<(), Refusal> {
    let card: CardRecord = store.get(&Key::Card)?.ok_or(StoreError::Memory)?;
    if certificate.body().authority != card.root.name {
        return Err(NOT_AUTHENTIC.into());
    }
    let root = VerifyingKey::from_point(&card.root.point)?;
    Ok(root.verify(&[certificate.signed()], certificate.signature())?)
}

/// The key must be one that can be used, and of the role's type.
fn check_key(body: &Body) -> Result<(), CryptoError> {
    match (body.role, &body.key) {
        (Role::Payment, PublicKey::Rsa { modulus, exponent }) => {
            rsa::PublicKey::from_parts(modulus, exponent).map(drop)
        }
        (
            Role::Administration | Role::Licence | Role::Credit | Role::Receipt,
            PublicKey::P256(point),
        ) => VerifyingKey::from_point(point).map(drop),
        _ => Err(CryptoError::Refused),
    }
}

/// Whether this very key is kept already; it is an error if its place is taken by another.
fn is_kept<P: Platform>(store: &Store<P>, holder: CenterId, body: &Body) -> Result<bool, Refusal> {
    let new = CenterKeyRecord::new(&body.key, body.expires.ends());
    let key = Key::CenterKey(holder, body.role, body.sequence);
    match store.get::<CenterKeyRecord>(&key)? {
        Some(kept) if kept.key != new.key => Err(Status::AlreadyExists.into()),
        kept => Ok(kept == Some(new)),
    }
}

/// What changes: the new key is there, those it retires are gone, the floor is raised, and where
/// there was no place another holder is forgotten.
fn keep<P: Platform>(
    store: &Store<P>,
    holder: CenterId,
    mut center: CenterRecord,
    body: &Body,
) -> Result<Change, Refusal> {
    let new = Key::CenterKey(holder, body.role, body.sequence);
    let (retired, kept): (Vec<Key>, Vec<Key>) = store
        .keys(keys_of_role(holder, body.role))
        .filter(|key| *key != new)
        .partition(|key| matches!(key, Key::CenterKey(.., n) if *n < body.retires_below));
    if kept.len() >= usize::from(MAX_KEYS_PER_ROLE) {
        return Err(Status::NotEnoughMemory.into());
    }
    let mut change = Change::new();
    if !has_room_for(store, holder, body.role) {
        forget(store, one_to_forget(store)?.ok_or(Status::NotEnoughMemory)?, &mut change);
    }
    retired.into_iter().for_each(|key| change.remove(key));
    center.retires_below.raise(body.role, body.retires_below);
    change.put(Key::Center(holder), &center);
    change.put(new, &CenterKeyRecord::new(&body.key, body.expires.ends()));
    Ok(change)
}

/// Whether a holder has a place, or finds one. The last one waits for the administration, without which
/// no blocked PIN is ever unblocked: no host can fill it with centers.
fn has_room_for<P: Platform>(store: &Store<P>, holder: CenterId, role: Role) -> bool {
    let awaited = role != Role::Administration && administration(store).is_none();
    let most = usize::from(MAX_CENTERS).saturating_sub(usize::from(awaited));
    let own = Key::Center(holder);
    store.count(&(own..=own)) != 0 || store.count(&Key::centers()) < most
}

/// A holder of which the card knows nothing that a host could not show it again: it has no account,
/// signed no time and retired no key. The administration is none.
fn one_to_forget<P: Platform>(store: &Store<P>) -> Result<Option<CenterId>, StoreError> {
    let administration = administration(store);
    for key in store.keys(Key::centers()) {
        let Key::Center(holder) = key else { continue };
        let account = Key::Account(holder);
        if Some(holder) != administration
            && store.count(&(account..=account)) == 0
            && store.get(&key)? == Some(NEW)
        {
            return Ok(Some(holder));
        }
    }
    Ok(None)
}

/// Forgets a holder with all its keys.
fn forget<P: Platform>(store: &Store<P>, holder: CenterId, change: &mut Change) {
    change.remove(Key::Center(holder));
    store.keys(Key::keys_of(holder)).for_each(|key| change.remove(key));
}

fn keys_of_role(holder: CenterId, role: Role) -> RangeInclusive<Key> {
    Key::CenterKey(holder, role, 0)..=Key::CenterKey(holder, role, u32::MAX)
}

#[cfg(test)]
mod room_tests;
#[cfg(test)]
mod tests;
