//! OPEN STREAM (§6.18).

use saifu_wire::codec::Reader;
use saifu_wire::request::LicenceRef;
use saifu_wire::{Malformed, Status, Wire};

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

/// Who brings the segments.
#[derive(Debug)]
pub enum Source<'a> {
    /// The terminal, with DECRYPT; the stream's header as it came.
    Terminal(LicenceRef, &'a [u8]),
    /// The card's content memory.
    Memory(LicenceRef),
}

impl<'a> Source<'a> {
    /// P1 says which.
    pub(super) fn parse(p1: u8, data: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(data);
        let licence = LicenceRef::read(&mut reader)?;
        if p1 == 0 {
            return Ok(Self::Terminal(licence, reader.rest()));
        }
        reader.finish()?;
        Ok(Self::Memory(licence))
    }
}

pub(super) fn act<P: Platform>(
    _source: Source<'_>,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
