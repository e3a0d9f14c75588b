//! INTERNAL AUTHENTICATE (§6.5): the card is still the one whose certificates were read.

use saifu_wire::Nonce;
use saifu_wire::signed::Authentication;

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::signer;

pub(super) fn act<P: Platform>(nonce: Nonce, context: &mut Context<'_, P>) -> Result<(), Refusal> {
    let signed = signer::sign(context.store, Authentication { card: context.store.card(), nonce })?;
    context.answer.extend_from_slice(&signed.to_bytes());
    Ok(())
}
