//! GENERATE ASYMMETRIC KEY PAIR (§14.4).

use saifu_wire::personalise::KEY_ENCRYPTION;
use saifu_wire::{Malformed, Status, Wire};

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

/// Which key pair is to be made.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// `Kus`/`Kup`, of so many bits.
    Encryption(u16),
    /// `Ksig`.
    Signature,
}

impl Kind {
    /// P2 says which.
    pub(super) fn parse(p2: u8, data: &[u8]) -> Result<Self, Malformed> {
        match (p2, data) {
            (KEY_ENCRYPTION, bits) => Ok(Self::Encryption(Wire::from_bytes(bits)?)),
            (_, []) => Ok(Self::Signature),
            _ => Err(Malformed::Trailing),
        }
    }
}

pub(super) fn act<P: Platform>(_kind: Kind, _context: &mut Context<'_, P>) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
