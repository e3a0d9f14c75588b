//! GENERATE ASYMMETRIC KEY PAIR (§14.4).

use saifu_wire::certificate::PublicKey;
use saifu_wire::personalise::{KEY_ENCRYPTION, KEY_SIGNATURE};
use saifu_wire::{Malformed, Status, Wire};

use super::Context;
use crate::crypto::rsa::{self, KeySize};
use crate::crypto::{Random, SecretVec, ecdsa};
use crate::memory::records::SecretKeyRecord;
use crate::memory::{Change, Key};
use crate::own_keys;
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

pub(super) fn act<P: Platform>(kind: Kind, context: &mut Context<'_, P>) -> Result<(), Refusal> {
    let (number, size) = match kind {
        Kind::Encryption(2048) => (KEY_ENCRYPTION, Some(KeySize::Rsa2048)),
        Kind::Encryption(3072) => (KEY_ENCRYPTION, Some(KeySize::Rsa3072)),
        Kind::Encryption(_) => return Err(Status::WrongData.into()),
        Kind::Signature => (KEY_SIGNATURE, None),
    };
    let name = Key::SecretKey(number);
    if context.store.get::<SecretKeyRecord>(&name)?.is_some() {
        return Err(Status::ConditionsNotSatisfied.into());
    }
    let (key, public) = generate(size, &mut |out: &mut [u8]| context.store.random(out))?;
    let mut change = Change::new();
    change.put(name, &SecretKeyRecord { key });
    context.store.commit(change)?;
    context.answer.extend_from_slice(&public.to_object());
    Ok(())
}

/// Makes an RSA key of this size, or else a signature key: its stored form and public half.
fn generate(
    size: Option<KeySize>,
    random: &mut Random<'_>,
) -> Result<(SecretVec, PublicKey), Refusal> {
    let Some(size) = size else {
        let key = ecdsa::SigningKey::generate(random)?;
        let scalar = SecretVec::new(key.to_scalar().expose().to_vec());
        return Ok((scalar, own_keys::signature_public(&key)));
    };
    let key = rsa::PrivateKey::generate(size, random)?;
    Ok((key.to_bytes(), own_keys::encryption_public(&key)))
}
