//! A licence's content key in memory 15: `Km[Ke]`, or `Km{Kup[Ke]}` until it is first needed.
//!
//! What the card opens, it puts in the place of what it opened, with whatever else its caller
//! commits: the key is opened once, and never kept in both forms.

use saifu_wire::codec::Bytes;
use saifu_wire::request::LicenceRef;

use crate::crypto::Secret;
use crate::memory::records::{ContentKeyRecord, DoubleKeyRecord};
use crate::memory::{Change, Key, Store, StoreError};
use crate::own_keys;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::secure::{Genuine, WrappedKey};

/// Opens a content key that a verified licence brings, and has a change keep it as `Km[Ke]`.
///
/// # Errors
/// 6A80 when it does not open, whatever is wrong with it; 6400, 6581 of the card itself.
pub fn keep_opened<P: Platform>(
    store: &mut Store<P>,
    genuine: &Genuine<'_>,
    change: &mut Change,
) -> Result<(), Refusal> {
    let key = unwrap(store, &genuine.wrapped_key())?;
    put_opened(&genuine.licence(), key, change);
    Ok(())
}

/// Has a change keep a content key as a verified licence brings it: as `Km{Kup[Ke]}`.
pub fn keep_as_it_came(genuine: &Genuine<'_>, change: &mut Change) {
    let LicenceRef { center, number } = genuine.licence();
    let key = genuine.wrapped_key();
    let wrapped = Bytes(key.bytes().to_vec());
    let (label, commitment) = (key.label(), key.commitment());
    let record = DoubleKeyRecord { wrapped, label, commitment };
    change.put(Key::DoubleKey(center, number), &record);
}

/// Opens the content key of a licence if it is kept as it came, and has a change put `Km[Ke]` in
/// the place of `Km{Kup[Ke]}`: for all that would make no sense without the key, a payment first.
///
/// `None` when it is not kept as it came; nothing is to be changed then.
///
/// # Errors
/// 6A80 when it does not open; 6400, 6581 of the card itself.
pub fn open_kept<P: Platform>(
    store: &mut Store<P>,
    licence: &LicenceRef,
    change: &mut Change,
) -> Result<Option<Secret<32>>, Refusal> {
    let LicenceRef { center, number } = *licence;
    let kept: Option<DoubleKeyRecord> = store.get(&Key::DoubleKey(center, number))?;
    let Some(DoubleKeyRecord { wrapped, label, commitment }) = kept else { return Ok(None) };
    let wrapped = WrappedKey::sealed_by_this_card(&wrapped.0, label, commitment);
    let key = unwrap(store, &wrapped)?;
    change.remove(Key::DoubleKey(center, number));
    put_opened(licence, key.clone(), change);
    Ok(Some(key))
}

/// Gives the content key of a licence that is kept as `Km[Ke]`.
///
/// # Errors
/// [`StoreError::Memory`], also when there is none.
pub fn opened<P: Platform>(
    store: &Store<P>,
    licence: &LicenceRef,
) -> Result<Secret<32>, StoreError> {
    let kept = store.get(&Key::ContentKey(licence.center, licence.number))?;
    let ContentKeyRecord { key } = kept.ok_or(StoreError::Memory)?;
    Ok(key)
}

fn unwrap<P: Platform>(
    store: &mut Store<P>,
    wrapped: &WrappedKey<'_>,
) -> Result<Secret<32>, Refusal> {
    let card_key = own_keys::encryption_key(store)?.ok_or(StoreError::Memory)?;
    Ok(wrapped.open(&mut |out: &mut [u8]| store.random(out), &card_key)?)
}

fn put_opened(licence: &LicenceRef, key: Secret<32>, change: &mut Change) {
    change.put(Key::ContentKey(licence.center, licence.number), &ContentKeyRecord { key });
}

#[cfg(test)]
mod tests;
