//! GET CREDIT CHALLENGE (§6.29).

use saifu_wire::Status;
use saifu_wire::request::ChallengeRequest;

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    _request: &ChallengeRequest,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
