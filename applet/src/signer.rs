//! What the card signs, with `Ksig`: unsealed for one signature and wiped.

use saifu_wire::signed::{Message, Signed};

use crate::memory::{Store, StoreError};
use crate::own_keys::signature_key;
use crate::platform::Platform;
use crate::refusal::Refusal;

/// Signs a message with `Ksig`.
///
/// # Errors
/// 6581 when there is no such key or it is damaged, 6400 when the signature fails its check.
pub fn sign<P: Platform, M: Message>(store: &Store<P>, message: M) -> Result<Signed<M>, Refusal> {
    let key = signature_key(store)?.ok_or(StoreError::Memory)?;
    Signed::sign(message, |unsigned| Ok(key.sign(&[unsigned])?))
}
