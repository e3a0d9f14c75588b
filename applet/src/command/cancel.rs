//! CANCEL (§6.28): a held price goes back to its purse.

use saifu_wire::Status;
use saifu_wire::request::LicenceRef;

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    _request: &LicenceRef,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
