//! GET LICENCE (§6.12).

use saifu_wire::request::LicenceRef;
use saifu_wire::{Malformed, Status, Wire};

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

/// What is asked for.
#[derive(Debug)]
pub enum Query {
    /// This licence.
    One(LicenceRef),
    /// The licences of this center from this number on.
    From(LicenceRef),
}

impl Query {
    /// P1 says which.
    pub(super) fn parse(p1: u8, data: &[u8]) -> Result<Self, Malformed> {
        let licence = LicenceRef::from_bytes(data)?;
        Ok(if p1 == 0 { Self::One(licence) } else { Self::From(licence) })
    }
}

pub(super) fn act<P: Platform>(
    _query: &Query,
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
