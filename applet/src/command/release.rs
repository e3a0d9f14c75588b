//! RELEASE (§6.27): a hold becomes a payment, for good.
//!
//! The token goes to the place that the hold has kept in the outbox. Plaintext of a held licence
//! does the same by itself before its first byte leaves (`super::plaintext`).

use saifu_wire::Status;
use saifu_wire::answer::LicenceStatus;
use saifu_wire::request::LicenceRef;

use super::Context;
use super::payment::{self, Payment};
use crate::memory::records::{LicenceRecord, OutboxRecord};
use crate::memory::{Change, Key, Store};
use crate::platform::Platform;
use crate::purse;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    licence: &LicenceRef,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, answer, .. } = context;
    let record: Option<LicenceRecord> = store.get(&Key::Licence(licence.center, licence.number))?;
    let record = record.ok_or(Status::NotFound)?;
    let token = if record.state.status == LicenceStatus::Released {
        payment::waiting(store, licence, &record)?
    } else {
        let (token, change) = pay(store, licence, record)?;
        store.commit(change)?;
        Some(token)
    };
    answer.extend(token.into_iter().flat_map(|token| token.token.0));
    Ok(())
}

/// Makes a payment of a hold: the token, and all that it changes.
///
/// # Errors
/// 6985 when nothing is on hold; those of [`Payment::pay`].
pub(super) fn pay<P: Platform>(
    store: &mut Store<P>,
    licence: &LicenceRef,
    record: LicenceRecord,
) -> Result<(OutboxRecord, Change), Refusal> {
    let mut payment = Payment::of_hold(store, licence, record)?;
    purse::release(&mut payment.purse, payment.price.amount)?;
    let (token, mut change) = payment.pay(store, LicenceStatus::Released)?;
    change.remove(Key::Hold(licence.center, licence.number));
    Ok((token, change))
}

#[cfg(test)]
mod tests;
