//! INITIALIZE UPDATE (§14.2).

use saifu_wire::{Malformed, Status, Wire};

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

/// What the terminal proposes.
#[derive(Debug)]
pub struct Request {
    /// The version of the keys it wants to use.
    pub key_version: u8,
    /// Its challenge.
    pub challenge: [u8; 8],
}

impl Request {
    /// P1 is the key version.
    pub(super) fn parse(p1: u8, data: &[u8]) -> Result<Self, Malformed> {
        Ok(Self { key_version: p1, challenge: Wire::from_bytes(data)? })
    }
}

pub(super) fn act<P: Platform>(
    _request: &Request,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
