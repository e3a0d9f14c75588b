//! INITIALIZE UPDATE (§14.2).

use alloc::boxed::Box;
use saifu_wire::applet::AID;
use saifu_wire::personalise::SCP03_I;
use saifu_wire::{Malformed, Status, Wire};

use super::Context;
use crate::crypto::scp03::{SessionKeys, card_challenge};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::session::{Offer, SecureChannel};

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

/// The protocol that the answer names: SCP03.
const SCP: u8 = 0x03;

pub(super) fn act<P: Platform>(
    request: &Request,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    context.session.channel = SecureChannel::Closed;
    if request.key_version != context.store.manufacture().key_version {
        return Err(Status::NotFound.into());
    }
    // Counted up and stored first: a challenge that follows from it is never the same again.
    let [_, sequence @ ..] = context.store.next_scp03_sequence()?.to_be_bytes();
    let manufacture = context.store.manufacture();
    let card = card_challenge(&manufacture.keys, sequence, &AID);
    let keys = SessionKeys::derive(&manufacture.keys, &request.challenge, &card);
    let (diversification, _) = manufacture.card.0.split_at(DIVERSIFICATION_BYTES);
    context.answer.extend_from_slice(diversification);
    context.answer.extend_from_slice(&[request.key_version, SCP, SCP03_I]);
    context.answer.extend_from_slice(&card);
    context.answer.extend_from_slice(&keys.card_cryptogram(&request.challenge, &card));
    context.answer.extend_from_slice(&sequence);
    let offer = Offer { host: request.challenge, card, keys };
    context.session.channel = SecureChannel::Offered(Box::new(offer));
    Ok(())
}

/// The bytes of the card id that the answer begins with.
const DIVERSIFICATION_BYTES: usize = 10;
