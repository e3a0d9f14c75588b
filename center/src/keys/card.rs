//! Which cards the center deals with: certificates of both keys of one card (§7, §7.4).

use crate::crypto::ecdsa::VerifyingKey;
use crate::crypto::rsa::WrappingKey;
use crate::crypto::{key_id, sha256};
use saifu_wire::certificate::{Assurance, Certificate, Role};
use saifu_wire::personalise::PinnedRoot;
use saifu_wire::{CardId, Digest, test_root};

/// Which classes of card a center takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Test and software cards, and no other: nothing is worth anything.
    Test,
    /// Hardware cards only.
    Production,
}

/// The roots under which a card's certificates may stand, and the classes taken.
#[derive(Debug, Clone)]
pub struct Trust {
    roots: Vec<PinnedRoot>,
    mode: Mode,
}

/// A card whose two certificates belong together.
#[derive(Debug)]
pub struct Card {
    /// The card's id.
    pub id: CardId,
    /// Its assurance class.
    pub assurance: Assurance,
    /// `Ksig`'s public half.
    pub signature_key: VerifyingKey,
    /// `Kup`.
    pub encryption_key: WrappingKey,
    /// The first second (Unix time) of the signature certificate's first day.
    pub since: u64,
    /// SHA-256 of the signature certificate, with which the card's event chain begins (§9.1).
    pub chain_start: Digest,
}

/// Why a card is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CardRefused {
    /// A certificate is not one, or carries a key that is none.
    #[error("a certificate of the card is malformed")]
    Malformed,
    /// A certificate is for another purpose than its place asks for.
    #[error("a certificate of the card is for another purpose")]
    Role,
    /// The two certificates are not of one card and class.
    #[error("the certificates are of two cards, or of two classes")]
    Mismatch,
    /// No trusted root signed a certificate.
    #[error("no issuer that this center trusts has certified the card")]
    Untrusted,
    /// A certificate is not valid yet, or not any more.
    #[error("a certificate of the card is not valid today")]
    NotToday,
    /// The card's class is not taken here.
    #[error("this center does not take cards of this class")]
    Class,
}

impl Trust {
    /// The roots of the issuers that are trusted.
    pub fn roots(&self) -> &[PinnedRoot] {
        &self.roots
    }

    /// The trust of a center in test mode: the published test root.
    pub fn test() -> Self {
        Self { roots: test_root::pinned().into_iter().collect(), mode: Mode::Test }
    }

    /// Trusts `roots`. In production the published test root is never among them.
    pub fn new(mode: Mode, mut roots: Vec<PinnedRoot>) -> Self {
        if mode == Mode::Production {
            roots.retain(|root| root.point != test_root::ROOT_POINT);
        }
        Self { roots, mode }
    }

    /// Which classes of card are taken.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Takes a card by its two certificates (tag 7F21 included), as of `now` (Unix time).
    ///
    /// # Errors
    /// [`CardRefused`]: everything must hold, for both certificates.
    pub fn verify_card(
        &self,
        signature_certificate: &[u8],
        encryption_certificate: &[u8],
        now: u64,
    ) -> Result<Card, CardRefused> {
        for bytes in [signature_certificate, encryption_certificate] {
            let certificate = Certificate::parse(bytes).map_err(|_| CardRefused::Malformed)?;
            self.check_chain(&certificate)?;
            check_day(&certificate, now)?;
            self.check_class(certificate.body().assurance)?;
        }
        Card::of_certificates(signature_certificate, encryption_certificate)
    }

    fn check_chain(&self, certificate: &Certificate) -> Result<(), CardRefused> {
        let signed = |root: &&PinnedRoot| {
            root.name == certificate.body().authority
                && VerifyingKey::from_point(&root.point).is_ok_and(|key| {
                    key.verify(certificate.signed(), certificate.signature()).is_ok()
                })
        };
        self.roots.iter().find(signed).map(|_| ()).ok_or(CardRefused::Untrusted)
    }

    fn check_class(&self, class: Assurance) -> Result<(), CardRefused> {
        let taken = match self.mode {
            Mode::Test => matches!(class, Assurance::Test | Assurance::Software),
            Mode::Production => class == Assurance::Hardware,
        };
        if taken { Ok(()) } else { Err(CardRefused::Class) }
    }
}

impl Card {
    /// Reads the certificates of a card that the center has already taken: roles, ids and
    /// keys are checked, signatures and days are not, for a card's payments are good for as
    /// long as the card lives.
    ///
    /// # Errors
    /// [`CardRefused::Malformed`], [`CardRefused::Role`] and [`CardRefused::Mismatch`].
    pub fn of_certificates(
        signature_certificate: &[u8],
        encryption_certificate: &[u8],
    ) -> Result<Self, CardRefused> {
        let parse = |bytes| Certificate::parse(bytes).map_err(|_| CardRefused::Malformed);
        let (signature, encryption) =
            (parse(signature_certificate)?, parse(encryption_certificate)?);
        let (signature, encryption) = (signature.body(), encryption.body());
        if (signature.role, encryption.role) != (Role::CardSignature, Role::CardEncryption) {
            return Err(CardRefused::Role);
        }
        if signature.holder_id != encryption.holder_id
            || signature.assurance != encryption.assurance
            || signature.authority != encryption.authority
        {
            return Err(CardRefused::Mismatch);
        }
        Ok(Self {
            id: CardId(signature.holder_id),
            assurance: signature.assurance,
            signature_key: VerifyingKey::from_public_key(&signature.key)
                .map_err(|_| CardRefused::Malformed)?,
            encryption_key: WrappingKey::from_public_key(&encryption.key)
                .map_err(|_| CardRefused::Malformed)?,
            since: signature.effective.begins(),
            chain_start: Digest(sha256(&[signature_certificate])),
        })
    }

    /// SHA-256 of `Kup`'s public key object, by which licences name it.
    pub fn encryption_key_id(&self) -> Digest {
        key_id(self.encryption_key.public_key())
    }
}

fn check_day(certificate: &Certificate, now: u64) -> Result<(), CardRefused> {
    let body = certificate.body();
    if (body.effective.begins()..body.expires.ends()).contains(&now) {
        Ok(())
    } else {
        Err(CardRefused::NotToday)
    }
}

#[cfg(test)]
#[path = "card_tests.rs"]
mod tests;
