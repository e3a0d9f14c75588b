//! The list of revoked cards (§7.6).

use saifu_wire::CardId;
use saifu_wire::certificate::Name;
use saifu_wire::codec::{Malformed, Reader, Wire};
use saifu_wire::personalise::PinnedRoot;
use saifu_wire::signed::{Message, Signed};

use crate::crypto::ecdsa::VerifyingKey;
use crate::refusal::{Refusal, Result};

/// The most cards that a list may name.
const MAX_CARDS: u32 = 1_000_000;

/// A revoked card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revoked {
    /// The card.
    pub card: CardId,
    /// Since when, Unix time.
    pub time: u64,
}

/// All cards that an issuer has revoked, signed by its root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationList {
    /// The root's name.
    pub authority: Name,
    /// How many cards it names: a list with a higher number takes the place of one with a lower.
    pub number: u64,
    /// When it was signed, Unix time.
    pub time: u64,
    /// The cards, in the order in which they were revoked.
    pub cards: Vec<Revoked>,
}

impl Wire for RevocationList {
    fn write(&self, out: &mut Vec<u8>) {
        let name = self.authority.as_bytes();
        (name.len() as u8).write(out);
        out.extend_from_slice(name);
        self.number.write(out);
        self.time.write(out);
        (self.cards.len() as u32).write(out);
        for revoked in &self.cards {
            revoked.card.write(out);
            revoked.time.write(out);
        }
    }

    fn read(reader: &mut Reader<'_>) -> core::result::Result<Self, Malformed> {
        let length = u8::read(reader)?;
        let authority = Name::new(reader.take(usize::from(length))?)?;
        let (number, time) = (u64::read(reader)?, u64::read(reader)?);
        let count = u32::read(reader)?;
        if count > MAX_CARDS {
            return Err(Malformed::Value);
        }
        let card = |_| Ok(Revoked { card: CardId::read(reader)?, time: u64::read(reader)? });
        let cards = (0..count).map(card).collect::<core::result::Result<Vec<_>, _>>()?;
        if number != cards.len() as u64 {
            return Err(Malformed::Value);
        }
        Ok(Self { authority, number, time, cards })
    }
}

impl Message for RevocationList {
    const TAG: [u8; 4] = *b"SREV";
}

impl RevocationList {
    /// Reads a list that one of `roots` signed.
    ///
    /// # Errors
    /// `malformed`; `not-authentic`: none of them did.
    pub fn verify(bytes: &[u8], roots: &[PinnedRoot]) -> Result<Self> {
        let signed = Signed::<Self>::parse(bytes).map_err(|error| {
            Refusal::malformed(format!(
                "this is no revocation list: {error}; take the issuer's file"
            ))
        })?;
        let signs = |root: &PinnedRoot| {
            root.name == signed.message().authority
                && VerifyingKey::from_point(&root.point)
                    .is_ok_and(|key| key.verify_signed(&signed).is_ok())
        };
        if !roots.iter().any(signs) {
            return Err(Refusal::not_authentic(
                "no root that this center trusts has signed the revocation list: take the list of \
                 its own issuer",
            ));
        }
        Ok(signed.message().clone())
    }
}
