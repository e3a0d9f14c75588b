//! EXPIRE (§6.33): what a purse still holds after its last day is gone, with evidence.

use saifu_wire::Status;
use saifu_wire::request::PurseRef;

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    _request: &PurseRef,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
