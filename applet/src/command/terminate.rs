//! TERMINATE (§6.34): the card's last words, center by center, and the end of `Km`.

use saifu_wire::signed::{Signed, TerminateOrder};
use saifu_wire::{Malformed, Status};

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

/// What is to be done.
#[derive(Debug)]
pub enum Step {
    /// Close the card, and answer the closing of the center with this number.
    Close(Signed<TerminateOrder>, u8),
    /// Erase `Km`.
    Erase(Signed<TerminateOrder>),
}

impl Step {
    /// P1 says which, P2 the center's number.
    pub(super) fn parse(p1: u8, p2: u8, data: &[u8]) -> Result<Self, Malformed> {
        let order = Signed::parse(data)?;
        Ok(if p1 == 0 { Self::Close(order, p2) } else { Self::Erase(order) })
    }
}

pub(super) fn act<P: Platform>(_step: &Step, _context: &mut Context<'_, P>) -> Result<(), Refusal> {
    Err(Status::InsNotSupported.into())
}
