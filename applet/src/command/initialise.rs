//! INITIALISE (§14.3): draws the master key and makes the outside memory.

use saifu_wire::Status;
use saifu_wire::personalise::InitialiseRequest;

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    request: &InitialiseRequest,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    if request.card != context.store.card() {
        return Err(Status::WrongData.into());
    }
    Ok(context.store.initialise()?)
}
