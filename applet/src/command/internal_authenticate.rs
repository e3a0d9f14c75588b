//! INTERNAL AUTHENTICATE (§6.5).

use saifu_wire::{Nonce, Status};

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    _nonce: Nonce,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
