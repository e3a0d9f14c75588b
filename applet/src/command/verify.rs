//! VERIFY (§6.6).

use saifu_wire::Status;

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(_pin: &[u8], _context: &mut Context<'_, P>) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
