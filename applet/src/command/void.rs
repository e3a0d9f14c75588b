//! VOID (§6.31, §11.3): uses up the sequence of a credit that is shown, without its value.

use saifu_wire::Status;
use saifu_wire::signed::{Credit, EventKind, Signed};

use super::Context;
use super::load::Load;
use crate::memory::Change;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    signed: &Signed<Credit>,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, session, answer } = context;
    let mut load = Load::to_void(store, signed)?;
    if !load.has_ended(true) {
        load.use_sequence()?;
        if !session.is_authorised() {
            return Err(Status::SecurityNotSatisfied.into());
        }
        load.end(store, (EventKind::Voided, 0), Change::new())?;
        session.use_authorisation()?;
    }
    answer.extend_from_slice(&load.purse.last_event.0);
    Ok(())
}

#[cfg(test)]
mod tests;
