//! CANCEL (§6.28): a price on hold goes back to its purse, with evidence.

use saifu_wire::Status;
use saifu_wire::answer::LicenceStatus;
use saifu_wire::codec::Bytes;
use saifu_wire::request::LicenceRef;
use saifu_wire::signed::EventKind;

use super::Context;
use super::payment::Payment;
use crate::memory::records::LicenceRecord;
use crate::memory::{Key, Store};
use crate::platform::Platform;
use crate::purse;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    licence: &LicenceRef,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, answer, .. } = context;
    let record: Option<LicenceRecord> = store.get(&Key::Licence(licence.center, licence.number))?;
    let mut record = record.ok_or(Status::NotFound)?;
    if !was_cancelled(&record) {
        record = give_back(store, licence, record)?;
    }
    answer.extend_from_slice(&record.hold_event.0);
    Ok(())
}

/// Whether the last that happened to this licence was the end of a hold.
fn was_cancelled(record: &LicenceRecord) -> bool {
    record.state.status == LicenceStatus::Loaded && !record.hold_event.0.is_empty()
}

fn give_back<P: Platform>(
    store: &mut Store<P>,
    licence: &LicenceRef,
    record: LicenceRecord,
) -> Result<LicenceRecord, Refusal> {
    let mut payment = Payment::of_hold(store, licence, record)?;
    purse::cancel(&mut payment.purse, payment.price.amount)?;
    let event = payment.append_event(store, EventKind::Cancelled)?;
    payment.record.state.status = LicenceStatus::Loaded;
    payment.record.hold_event = Bytes(event);
    (payment.record.price_index, payment.record.purse) = (0, 0);
    let mut change = payment.change();
    change.remove(Key::Hold(licence.center, licence.number));
    store.commit(change)?;
    Ok(payment.record)
}

#[cfg(test)]
mod tests;
