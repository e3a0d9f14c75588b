//! STORE CONTENT (§6.21): procedure 2 keeps `Ke[M]` as it came, sealed once more.

use saifu_wire::codec::Reader;
use saifu_wire::request::{LicenceRef, parse_segments};
use saifu_wire::stream::Header;
use saifu_wire::{Malformed, Status, Wire};

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

/// What is to be done.
#[derive(Debug)]
pub enum Step<'a> {
    /// Begin: the licence, and the header as it came.
    Begin(LicenceRef, Header),
    /// Keep segments: the index of the first, the segments.
    Segments(u64, &'a [u8]),
    /// All segments are there.
    Finish,
}

impl<'a> Step<'a> {
    /// P1 says which.
    pub(super) fn parse(p1: u8, data: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(data);
        Ok(match p1 {
            0 => {
                let step = Self::Begin(Wire::read(&mut reader)?, Wire::read(&mut reader)?);
                reader.finish()?;
                step
            }
            1 => {
                let (first, segments) = parse_segments(data)?;
                Self::Segments(first, segments)
            }
            _ => Self::Finish,
        })
    }
}

pub(super) fn act<P: Platform>(
    _step: &Step<'_>,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
