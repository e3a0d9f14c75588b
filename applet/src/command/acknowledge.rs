//! ACKNOWLEDGE (§6.17).

use saifu_wire::Status;
use saifu_wire::signed::{Receipt, Signed};

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    _receipt: &Signed<Receipt>,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
