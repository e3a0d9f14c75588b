//! GET CHALLENGE (§6.4): 32 random bytes, kept for the next signed order.

use saifu_wire::{Nonce, Wire};

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(context: &mut Context<'_, P>) -> Result<(), Refusal> {
    context.session.challenge = None;
    let mut nonce = Nonce::ZERO;
    context.store.random(&mut nonce.0)?;
    nonce.write(context.answer);
    context.session.challenge = Some(nonce);
    Ok(())
}
