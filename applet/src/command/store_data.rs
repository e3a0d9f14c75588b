//! STORE DATA (§14.6).

use saifu_wire::Status;

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

/// One block of what is stored.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    /// Whether it is the last.
    pub last: bool,
    /// Its number, from 0.
    pub number: u8,
    /// Its bytes.
    pub bytes: &'a [u8],
}

impl<'a> Block<'a> {
    /// P1 says whether it is the last, P2 is its number.
    pub(super) fn parse(p1: u8, p2: u8, bytes: &'a [u8]) -> Self {
        Self { last: p1 == 0x80, number: p2, bytes }
    }
}

pub(super) fn act<P: Platform>(
    _block: &Block<'_>,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
