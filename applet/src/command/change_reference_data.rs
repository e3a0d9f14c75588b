//! CHANGE REFERENCE DATA (§6.7).

use saifu_wire::Status;

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    _old: &[u8],
    _new: &[u8],
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
