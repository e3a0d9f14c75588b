//! CHANGE REFERENCE DATA (§6.7): a new PIN for the old one.

use saifu_wire::Status;
use saifu_wire::request::is_pin;

use super::{Context, verify};
use crate::memory::records::PinRecord;
use crate::memory::{Change, Key};
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    old: &[u8],
    new: &[u8],
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    // A blocked card says so first; what is no PIN costs no try.
    if context.store.pin_tries() > 0 && !is_pin(new) {
        return Err(Status::WrongData.into());
    }
    verify::compare(old, context)?;
    let mut change = Change::new();
    change.put(Key::Pin, &PinRecord::new(new).ok_or(Status::WrongData)?);
    Ok(context.store.commit(change)?)
}
