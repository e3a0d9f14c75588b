//! ACKNOWLEDGE (§6.17): a receipt takes its token out of the outbox (§9.4, §9.5).

use saifu_wire::certificate::Role;
use saifu_wire::signed::{Receipt, Signed};
use saifu_wire::{CenterId, Status};

use super::Context;
use crate::memory::records::{AccountRecord, LicenceRecord, OutboxRecord, SettledRecord};
use crate::memory::{Change, Key, Store, StoreError};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::trust::{self, Signer};

pub(super) fn act<P: Platform>(
    receipt: &Signed<Receipt>,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, .. } = context;
    check_authentic(store, receipt)?;
    let Receipt { center, counter, token, .. } = *receipt.message();
    let waiting: Option<OutboxRecord> = store.get(&Key::Outbox(center, counter))?;
    match waiting {
        Some(waiting) if waiting.identity == token => {
            let settled = SettledRecord { licence: waiting.licence, identity: token };
            take_out(store, center, counter, settled)
        }
        None if was_taken_out(store, receipt.message())? => Ok(()),
        _ => Err(Status::NotFound.into()),
    }
}

/// The receipt must be the center's, and for this card's account there.
fn check_authentic<P: Platform>(
    store: &Store<P>,
    receipt: &Signed<Receipt>,
) -> Result<(), Refusal> {
    let Receipt { center, signer, account, .. } = *receipt.message();
    let own: Option<AccountRecord> = store.get(&Key::Account(center))?;
    if own.is_none_or(|own| own.account != account) {
        return Err(Status::WrongData.into());
    }
    trust::verify(store, Signer { holder: center, role: Role::Receipt, sequence: signer }, receipt)
}

/// The token leaves the outbox; what remains of it tells a receipt that comes again from one for
/// a token that never was.
fn take_out<P: Platform>(
    store: &mut Store<P>,
    center: CenterId,
    counter: u64,
    settled: SettledRecord,
) -> Result<(), Refusal> {
    let key = Key::Licence(center, settled.licence);
    let mut record: LicenceRecord = store.get(&key)?.ok_or(StoreError::Memory)?;
    record.state.acknowledged = true;
    let mut change = Change::new();
    change.put(key, &record);
    change.remove(Key::Outbox(center, counter));
    change.put(Key::Settled(center, counter), &settled);
    Ok(store.commit(change)?)
}

/// Whether a receipt has taken just this token out before.
fn was_taken_out<P: Platform>(store: &Store<P>, receipt: &Receipt) -> Result<bool, StoreError> {
    let settled: Option<SettledRecord> =
        store.get(&Key::Settled(receipt.center, receipt.counter))?;
    Ok(settled.is_some_and(|settled| settled.identity == receipt.token))
}

#[cfg(test)]
mod tests;
