//! DELETE LICENCE (§6.13): licence, key and stored work go; the number is used for ever.

use saifu_wire::Status;
use saifu_wire::request::LicenceRef;

use super::Context;
use crate::memory::records::LicenceRecord;
use crate::memory::{Change, Key, Store};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::works;

pub(super) fn act<P: Platform>(
    licence: &LicenceRef,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, .. } = context;
    let &LicenceRef { center, number } = licence;
    let key = Key::Licence(center, number);
    let record: LicenceRecord = store.get(&key)?.ok_or(Status::NotFound)?;
    check_closed(store, licence, &record)?;
    let mut change = Change::new();
    // Its number was marked as used when it was loaded (§8.5).
    change.remove(key);
    change.remove(Key::Settled(center, record.state.token));
    let work = works::forget(store, licence, &mut change);
    store.commit(change)?;
    work.clear(store);
    Ok(())
}

/// Whether no value waits on the licence: no price on hold, no token in the outbox.
fn check_closed<P: Platform>(
    store: &Store<P>,
    licence: &LicenceRef,
    record: &LicenceRecord,
) -> Result<(), Status> {
    let has = |key: Key| store.keys(key..=key).next().is_some();
    let held = has(Key::Hold(licence.center, licence.number));
    let waits = has(Key::Outbox(licence.center, record.state.token));
    if held || waits { Err(Status::ConditionsNotSatisfied) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
