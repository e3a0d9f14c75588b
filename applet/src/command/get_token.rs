//! GET TOKEN (§6.15).

use saifu_wire::Status;
use saifu_wire::request::TokenRef;

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    _token: &TokenRef,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
