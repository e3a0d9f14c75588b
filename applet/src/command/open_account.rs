//! OPEN ACCOUNT (§6.10).

use saifu_wire::Status;
use saifu_wire::signed::{Opening, Signed};

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    _opening: &Signed<Opening>,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
