//! DELETE CONTENT (§6.24): a stored work goes, its licence stays.

use saifu_wire::request::LicenceRef;
use saifu_wire::{Malformed, Status, Wire};

use super::Context;
use crate::memory::{Change, Key};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::works;

/// A stored work.
#[derive(Debug)]
pub struct Stored {
    /// Its licence.
    pub licence: LicenceRef,
    /// Whether it is stored as it came (procedure 2).
    pub doubly: bool,
}

impl Stored {
    /// P1 says in which form.
    pub(super) fn parse(p1: u8, data: &[u8]) -> Result<Self, Malformed> {
        Ok(Self { licence: LicenceRef::from_bytes(data)?, doubly: p1 == 1 })
    }
}

pub(super) fn act<P: Platform>(
    stored: &Stored,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, .. } = context;
    let Stored { licence, doubly } = stored;
    let key = Key::Content(licence.center, licence.number, *doubly);
    if store.count(&(key..=key)) == 0 {
        return Err(Status::NotFound.into());
    }
    let mut change = Change::new();
    let removed = works::remove(store, licence, *doubly, &mut change);
    store.commit(change)?;
    removed.clear(store);
    Ok(())
}

#[cfg(test)]
mod damaged;
#[cfg(test)]
mod tests;
