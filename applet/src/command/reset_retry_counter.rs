//! RESET RETRY COUNTER (§6.8): a new PIN by order of the issuer, once for each order.

use saifu_wire::Status;
use saifu_wire::request::{UnblockRequest, is_pin};
use saifu_wire::signed::{Signed, UnblockOrder};

use super::Context;
use crate::memory::records::{PinRecord, SpendingRecord};
use crate::memory::{Change, Key, Store};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::trust;

pub(super) fn act<P: Platform>(
    request: &UnblockRequest,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let new_pin = &request.new_pin.0;
    if !is_pin(new_pin) {
        return Err(Status::WrongData.into());
    }
    let sequence = check_order(context.store, &Signed::parse(&request.order.0)?)?;
    let mut change = Change::new();
    change.put(Key::Pin, &PinRecord::new(new_pin).ok_or(Status::WrongData)?);
    change.put(Key::Spending, &SpendingRecord::default());
    change.refill_pin_tries();
    change.use_unblock_order(sequence);
    Ok(context.store.commit(change)?)
}

/// The order's sequence, if the issuer signed it for this card and it was not used.
fn check_order<P: Platform>(
    store: &Store<P>,
    order: &Signed<UnblockOrder>,
) -> Result<u64, Refusal> {
    let &UnblockOrder { signer, card, sequence } = order.message();
    if card != store.card() {
        return Err(Status::WrongData.into());
    }
    trust::verify_order(store, signer, order)?;
    if sequence <= store.unblock_sequence()? {
        return Err(Status::ConditionsNotSatisfied.into());
    }
    Ok(sequence)
}

#[cfg(test)]
mod tests;
