//! READ CONTENT (§6.20): plaintext of stored segments, through the same gate as DECRYPT.

use saifu_wire::Status;
use saifu_wire::request::SegmentRange;

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    _request: &SegmentRange,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
