//! HOLD (§6.26): the price of a decrypt-first licence leaves the balance and waits.
//!
//! ```text
//! purse: balance − price, held + price · licence: held · a place in the outbox, by its record
//! account: counter + 1, previous = event · what was held without a PIN
//! ```
//! In one commit, before the answer. The next link, with which the hold ends, has its place too.

use saifu_wire::answer::LicenceStatus;
use saifu_wire::codec::Bytes;
use saifu_wire::request::{LicenceRef, PayRequest};
use saifu_wire::signed::{EventKind, PaymentOrder};

use super::Context;
use super::payment;
use crate::content_key;
use crate::memory::Key;
use crate::memory::records::LicenceRecord;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    request: &PayRequest,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let LicenceRef { center, number } = request.licence;
    let record: Option<LicenceRecord> = context.store.get(&Key::Licence(center, number))?;
    if let Some(held) = record.as_ref().filter(|record| was_held(record)) {
        context.answer.extend_from_slice(&held.hold_event.0);
        return Ok(());
    }
    let (mut payment, leave) =
        payment::approve(request, record, PaymentOrder::DecryptFirst, context)?;
    let event = payment.append_event(context.store, EventKind::Held)?;
    payment.record.state.status = LicenceStatus::Held;
    payment.record.hold_event = Bytes(event);
    let mut change = payment.change();
    change.put(Key::Hold(center, number), &payment.choice);
    content_key::open_kept(context.store, &request.licence, &mut change)?;
    leave.commit(change, context.store, context.session)?;
    context.answer.extend_from_slice(&payment.record.hold_event.0);
    Ok(())
}

/// Whether the last hold of this licence stands, or was paid.
fn was_held(record: &LicenceRecord) -> bool {
    matches!(record.state.status, LicenceStatus::Held)
        || (record.state.status == LicenceStatus::Released && !record.hold_event.0.is_empty())
}

#[cfg(test)]
mod cuts;
#[cfg(test)]
mod tests;
