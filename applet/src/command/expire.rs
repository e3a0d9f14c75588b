//! EXPIRE (§6.33): what a purse still holds after its last second is gone, with evidence.

use saifu_wire::codec::Bytes;
use saifu_wire::request::PurseRef;
use saifu_wire::signed::EventKind;
use saifu_wire::{Digest, LoadId, Status};

use super::Context;
use crate::chain::{self, Happened};
use crate::memory::records::{AccountRecord, PurseRecord};
use crate::memory::{Change, Key, Store, StoreError};
use crate::platform::Platform;
use crate::purse;
use crate::refusal::Refusal;
use crate::trust;

pub(super) fn act<P: Platform>(
    request: &PurseRef,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, answer, .. } = context;
    let purse: Option<PurseRecord> = store.get(&Key::Purse(request.center, request.purse))?;
    let mut purse = purse.ok_or(Status::NotFound)?;
    if purse.expired.0.is_empty() {
        write_off(store, request, &mut purse)?;
    }
    answer.extend_from_slice(&purse.expired.0);
    Ok(())
}

fn write_off<P: Platform>(
    store: &mut Store<P>,
    request: &PurseRef,
    purse: &mut PurseRecord,
) -> Result<(), Refusal> {
    let center = request.center;
    let amount = purse::expire(purse, trust::time_floor(store, center)?)?;
    let key = Key::Account(center);
    let mut account: AccountRecord = store.get(&key)?.ok_or(StoreError::Memory)?;
    let happened = Happened {
        kind: EventKind::Expired,
        purse: request.purse,
        amount,
        balance: purse.balance,
        held: purse.held,
        sequence: purse.sequence,
        cause: Digest::ZERO,
        load: LoadId::ZERO,
    };
    let event = chain::append_event(store, center, &mut account, &happened)?;
    purse.expired = Bytes(event.to_bytes());
    let mut change = Change::new();
    change.put(key, &account);
    change.put(Key::Purse(center, request.purse), purse);
    Ok(store.commit(change)?)
}

#[cfg(test)]
mod tests;
