//! HOLD (§6.26): a price leaves the balance and waits.

use saifu_wire::Status;
use saifu_wire::request::PayRequest;

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    _request: &PayRequest,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
