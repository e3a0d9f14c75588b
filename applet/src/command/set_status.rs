//! SET STATUS (§14.7).

use saifu_wire::Status;

use super::Context;
use crate::memory::records::CardRecord;
use crate::memory::{Change, Key};
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(context: &mut Context<'_, P>) -> Result<(), Refusal> {
    if context.store.get::<CardRecord>(&Key::Card)?.is_none() {
        return Err(Status::ConditionsNotSatisfied.into());
    }
    let mut change = Change::new();
    change.activate();
    Ok(context.store.commit(change)?)
}
