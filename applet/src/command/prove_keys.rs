//! PROVE KEYS (§14.5).

use saifu_wire::codec::Reader;
use saifu_wire::{Malformed, Nonce, Status, Wire};

use super::{Command, Context};
use crate::platform::Platform;
use crate::refusal::Refusal;

/// Takes the data apart: the nonce, then the wrapped secret.
pub(super) fn parse(data: &[u8]) -> Result<Command<'_>, Malformed> {
    let mut reader = Reader::new(data);
    let nonce = Nonce::read(&mut reader)?;
    Ok(Command::ProveKeys(nonce, reader.rest()))
}

pub(super) fn act<P: Platform>(
    _nonce: Nonce,
    _wrapped: &[u8],
    _context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
