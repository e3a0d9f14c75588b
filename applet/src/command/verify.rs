//! VERIFY (§6.6): the PIN, at the price of a try.

use saifu_wire::Status;
use saifu_wire::request::is_pin;

use super::Context;
use crate::memory::records::SpendingRecord;
use crate::memory::{Change, Key, PinAnswer, Store};
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(pin: &[u8], context: &mut Context<'_, P>) -> Result<(), Refusal> {
    let tries = context.store.pin_tries();
    match pin {
        [] if tries == 0 => Err(Status::PinBlocked.into()),
        [] if context.session.is_verified() => Ok(()),
        [] => Err(Refusal::TriesLeft(tries)),
        pin => {
            compare(pin, context)?;
            forget_spending(context.store)?;
            context.session.authorise();
            Ok(())
        }
    }
}

/// Compares a PIN with the card's; whatever comes of it, the session is not verified now.
pub(super) fn compare<P: Platform>(
    pin: &[u8],
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    if context.store.pin_tries() == 0 {
        context.session.forget_pin();
        return Err(Status::PinBlocked.into());
    }
    if !is_pin(pin) {
        return Err(Status::WrongData.into());
    }
    context.session.forget_pin();
    match context.store.verify_pin(pin)? {
        PinAnswer::Right => Ok(()),
        PinAnswer::Wrong(tries) => Err(Refusal::TriesLeft(tries)),
        PinAnswer::Blocked => Err(Status::PinBlocked.into()),
    }
}

/// What was paid without a VERIFY counts since the last one (§4.4).
fn forget_spending<P: Platform>(store: &mut Store<P>) -> Result<(), Refusal> {
    let spent: Option<SpendingRecord> = store.get(&Key::Spending)?;
    if spent.is_none_or(|spent| spent == SpendingRecord::default()) {
        return Ok(());
    }
    let mut change = Change::new();
    change.put(Key::Spending, &SpendingRecord::default());
    Ok(store.commit(change)?)
}
