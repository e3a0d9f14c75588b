//! READ CONTENT (§6.20): plaintext of stored segments, through the same gate as DECRYPT.

use saifu_wire::Status;
use saifu_wire::request::SegmentRange;

use super::{Context, plaintext};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::session::{OpenStream, StreamSource};

pub(super) fn act<P: Platform>(
    range: &SegmentRange,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, session, answer } = context;
    let OpenStream { gate, source } = plaintext::check(store, session)?;
    let StreamSource::Memory(work) = source else {
        return Err(Status::ConditionsNotSatisfied.into());
    };
    if !work.is_current(store)? {
        session.stream = None;
        return Err(Status::ConditionsNotSatisfied.into());
    }
    work.read(store, range, answer)?;
    plaintext::leave(store, gate, None)
}

#[cfg(test)]
mod tests;
