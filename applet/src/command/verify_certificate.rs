//! PSO: VERIFY CERTIFICATE (§6.9).

use saifu_wire::Status;
use saifu_wire::certificate::Certificate;

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    _certificate: &Certificate,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
