//! EXTERNAL AUTHENTICATE (§14.2).

use saifu_wire::Status;

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    _header: [u8; 4],
    _data: &[u8],
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
