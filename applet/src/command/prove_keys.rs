//! PROVE KEYS (§14.5).

use saifu_wire::certificate::PublicKey;
use saifu_wire::codec::Reader;
use saifu_wire::personalise::LABEL_PROOF;
use saifu_wire::signed::{Proof, Signed};
use saifu_wire::{Digest, Malformed, Nonce, Status, Wire};

use super::{Command, Context};
use crate::crypto::hash::sha256;
use crate::own_keys;
use crate::platform::Platform;
use crate::refusal::Refusal;

/// Takes the data apart: the nonce, then the wrapped secret.
pub(super) fn parse(data: &[u8]) -> Result<Command<'_>, Malformed> {
    let mut reader = Reader::new(data);
    let nonce = Nonce::read(&mut reader)?;
    Ok(Command::ProveKeys(nonce, reader.rest()))
}

pub(super) fn act<P: Platform>(
    nonce: Nonce,
    wrapped: &[u8],
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let missing = Status::ConditionsNotSatisfied;
    let signature = own_keys::signature_key(context.store)?.ok_or(missing)?;
    let encryption = own_keys::encryption_key(context.store)?.ok_or(missing)?;
    let random = &mut |out: &mut [u8]| context.store.random(out);
    let secret = encryption.unwrap_key(random, LABEL_PROOF, wrapped)?;
    let proof = Proof {
        card: context.store.card(),
        nonce,
        encryption_key: key_id(&own_keys::encryption_public(&encryption)),
        signature_key: key_id(&own_keys::signature_public(&signature)),
        opened: Digest(sha256(&[secret.expose()])),
    };
    let proof = Signed::sign(proof, |bytes| signature.sign(&[bytes]))?;
    context.answer.extend_from_slice(&proof.to_bytes());
    Ok(())
}

fn key_id(key: &PublicKey) -> Digest {
    Digest(sha256(&[&key.to_object()]))
}
