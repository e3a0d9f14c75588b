//! SET TIME (§6.32): a time that the center signed for this session.

use saifu_wire::Status;
use saifu_wire::signed::{Signed, TimeOrder};

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    _request: &Signed<TimeOrder>,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
