//! HAND BACK (§6.22): procedure 2 takes the outer seal off and gives `Ke[M]` back.

use saifu_wire::request::{LicenceRef, SegmentRange};
use saifu_wire::{Malformed, Status, Wire};

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

/// What is asked for.
#[derive(Debug)]
pub enum Step {
    /// The header of this stored work, which is opened for the session.
    Header(LicenceRef),
    /// Segments of the work that is open.
    Segments(SegmentRange),
}

impl Step {
    /// P1 says which.
    pub(super) fn parse(p1: u8, data: &[u8]) -> Result<Self, Malformed> {
        Ok(match p1 {
            0 => Self::Header(LicenceRef::from_bytes(data)?),
            _ => Self::Segments(SegmentRange::from_bytes(data)?),
        })
    }
}

pub(super) fn act<P: Platform>(_step: &Step, _context: &mut Context<'_, P>) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
