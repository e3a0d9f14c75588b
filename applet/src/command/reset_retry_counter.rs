//! RESET RETRY COUNTER (§6.8): a new PIN by order of the issuer, once for each order.

use saifu_wire::Status;
use saifu_wire::request::UnblockRequest;

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    _request: &UnblockRequest,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
