//! CREDIT (§6.30).

use saifu_wire::Status;
use saifu_wire::signed::{Credit, Signed};

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    _credit: &Signed<Credit>,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
