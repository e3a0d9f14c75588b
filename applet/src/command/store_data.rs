//! STORE DATA (§14.6).

use saifu_wire::certificate::{Certificate, Role};
use saifu_wire::codec::Bytes;
use saifu_wire::personalise::Personalisation;
use saifu_wire::{Status, Wire};
use zeroize::Zeroizing;

use super::Context;
use crate::crypto::SecretVec;
use crate::crypto::ecdsa::VerifyingKey;
use crate::memory::records::{CardRecord, PinRecord};
use crate::memory::{Change, Key};
use crate::own_keys;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::session::Blocks;

/// One block of what is stored.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    /// Whether it is the last.
    pub last: bool,
    /// Its number, from 0.
    pub number: u8,
    /// Its bytes.
    pub bytes: &'a [u8],
}

impl<'a> Block<'a> {
    /// P1 says whether it is the last, P2 is its number.
    pub(super) fn parse(p1: u8, p2: u8, bytes: &'a [u8]) -> Self {
        Self { last: p1 == 0x80, number: p2, bytes }
    }
}

/// The most bytes of all blocks together.
const MAX_BYTES: usize = 4_096;

pub(super) fn act<P: Platform>(
    block: &Block<'_>,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Some(data) = gather(block, &mut context.session.blocks)? else { return Ok(()) };
    let mut data = Personalisation::from_bytes(data.expose())?;
    let digits = Zeroizing::new(core::mem::take(&mut data.pin));
    let pin = PinRecord::new(&digits).ok_or(Status::WrongData)?;
    check(&data, context)?;
    let mut change = Change::new();
    change.put(Key::Pin, &pin);
    change.put(Key::Card, &card_record(data));
    Ok(context.store.commit(change)?)
}

/// Joins the block to those before it; gives all of them once the last is there.
fn gather(block: &Block<'_>, blocks: &mut Blocks) -> Result<Option<SecretVec>, Refusal> {
    let mut gathered = core::mem::take(blocks);
    if block.number == 0 {
        gathered = Blocks::default();
    }
    if block.number != gathered.next {
        return Err(Status::ConditionsNotSatisfied.into());
    }
    if gathered.bytes.len().saturating_add(block.bytes.len()) > MAX_BYTES {
        return Err(Status::NotEnoughMemory.into());
    }
    gathered.append(block.bytes);
    if block.last {
        return Ok(Some(gathered.bytes));
    }
    *blocks = gathered;
    Ok(None)
}

/// Checks that the root certifies exactly this card's keys.
fn check<P: Platform>(data: &Personalisation, context: &Context<'_, P>) -> Result<(), Refusal> {
    let missing = Status::ConditionsNotSatisfied;
    let signature = own_keys::signature_key(context.store)?.ok_or(missing)?;
    let encryption = own_keys::encryption_key(context.store)?.ok_or(missing)?;
    let root = VerifyingKey::from_point(&data.root.point)?;
    let expected = [
        (&data.signature_certificate, own_keys::signature_public(&signature), Role::CardSignature),
        (
            &data.encryption_certificate,
            own_keys::encryption_public(&encryption),
            Role::CardEncryption,
        ),
    ];
    let manufacture = context.store.manufacture();
    for (bytes, key, role) in expected {
        let certificate = Certificate::parse(bytes)?;
        root.verify(&[certificate.signed()], certificate.signature())?;
        let body = certificate.body();
        let ours = body.holder_id == manufacture.card.0
            && body.assurance == manufacture.assurance
            && body.authority == data.root.name
            && (body.role, &body.key) == (role, &key);
        if !ours {
            return Err(Status::WrongData.into());
        }
    }
    Ok(())
}

fn card_record(data: Personalisation) -> CardRecord {
    CardRecord {
        root: data.root,
        limits: data.limits,
        signature_certificate: Bytes(data.signature_certificate),
        encryption_certificate: Bytes(data.encryption_certificate),
    }
}
