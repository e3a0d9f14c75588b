//! DELETE LICENCE (§6.13): licence, key and stored work go; the number is used for ever.

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
