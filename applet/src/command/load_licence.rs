//! LOAD LICENCE (§6.11, §8.4).

use saifu_wire::Status;
use saifu_wire::signed::{Licence, Signed};

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    _licence: &Signed<Licence>,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
