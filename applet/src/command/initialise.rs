//! INITIALISE (§14.3).

use saifu_wire::Status;
use saifu_wire::personalise::InitialiseRequest;

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    _request: &InitialiseRequest,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
