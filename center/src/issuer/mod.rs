//! The issuer: certifies cards and centers on request, and revokes cards (§7, §12, §14).
//!
//! ```text
//! keys/           root key and administration key, sealed
//! register.jsonl  everything it ever certified or revoked, one line each; it only grows
//! ```
//!
//! Requests and answers are files of JSON, so that the issuer's machine needs no network. What
//! it certified once it certifies again with the same bytes, and never another key in its place.

mod card;
mod center;
mod register;
mod revocations;

pub use card::{CardAnswer, CardRequest};
pub(crate) use center::LABEL_ANSWER;
pub use center::{AskedKey, CenterAnswer, CenterRequest, SealedCertificate};
pub use register::Register;
pub use revocations::{RevocationList, Revoked};

use std::path::{Path, PathBuf};

use saifu_wire::CardId;
use saifu_wire::certificate::{Assurance, Certificate, Name, PublicKey};
use saifu_wire::personalise::PinnedRoot;
use saifu_wire::signed::{Message, Signed};

use crate::keys::{Subject, Unlock, authority};
use crate::refusal::{Refusal, Result};

use self::register::Fact;

/// An issuer, opened: nobody else uses its folder meanwhile.
#[derive(Debug)]
pub struct Authority {
    keys: authority::AuthorityKeys,
    register: Register,
}

impl Authority {
    /// Makes an issuer in `folder`, whose root is called `name` (§7.1), as of `now` (Unix time).
    ///
    /// # Errors
    /// `conflict`: there is one already; `malformed`: it needs a passphrase or key to be sealed
    /// under; the folder cannot be written.
    pub fn make(folder: &Path, name: Name, unlock: &Unlock, now: u64) -> Result<Self> {
        if !unlock.is_given() {
            return Err(Refusal::malformed(
                "an issuer's keys never lie plain: set SAIFU_ISSUER_PASSPHRASE, \
                 SAIFU_ISSUER_PASSPHRASE_FILE or SAIFU_ISSUER_KEY",
            ));
        }
        if !authority::make(&keys_of(folder), name, unlock, now)? {
            return Err(Refusal::conflict(format!(
                "there is an issuer in {} already: name another folder",
                folder.display()
            )));
        }
        Self::open(folder, unlock)
    }

    /// Opens the issuer in `folder`.
    ///
    /// # Errors
    /// `not-found`: there is none; `unavailable`: it is sealed under something else, in use, or
    /// damaged.
    pub fn open(folder: &Path, unlock: &Unlock) -> Result<Self> {
        must_be(folder)?;
        let keys = authority::open(&keys_of(folder), unlock)?;
        let register = Register::open(&folder.join("register.jsonl"))?;
        Ok(Self { keys, register })
    }

    /// Seals the keys of the issuer in `folder` under what `new` holds from now on.
    ///
    /// # Errors
    /// As [`Authority::open`]; `conflict` where nothing is given.
    pub fn reseal(folder: &Path, unlock: &Unlock, new: &Unlock) -> Result<()> {
        must_be(folder)?;
        Ok(authority::reseal(&keys_of(folder), unlock, new)?)
    }

    /// The root, as cards pin it and centers trust it.
    pub fn root(&self) -> PinnedRoot {
        self.keys.issuer.root()
    }

    /// The certificate of its administration key (§12).
    pub fn administration(&self) -> &Certificate {
        &self.keys.administration_certificate
    }

    /// Signs an order of the administration for a card (§12), and gives it as it travels: two
    /// lines of hex, the certificate and the order. `order` gets the sequence of the key.
    ///
    /// # Errors
    /// The random source fails.
    pub fn order<M: Message>(&self, order: impl FnOnce(u32) -> M) -> Result<String> {
        let sequence = self.administration().body().sequence;
        let key = &self.keys.administration;
        let signed = Signed::sign(order(sequence), |bytes| key.sign(bytes))?;
        let certificate = hex::encode(self.administration().to_bytes());
        Ok(format!("{certificate}\n{}\n", hex::encode(signed.to_bytes())))
    }

    /// Everything that it certified and revoked.
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// Revokes a card; again, nothing more happens. It need not have certified it.
    ///
    /// # Errors
    /// The register cannot be written.
    pub fn revoke(&mut self, card: CardId, why: &str, now: u64) -> Result<()> {
        if self.register.revoked().any(|(known, ..)| known == card) {
            return Ok(());
        }
        self.register.add(Fact::Revoked(card.to_string(), why.to_owned()), now)
    }

    /// The list of all revoked cards, signed by the root, as of `now`.
    ///
    /// # Errors
    /// The random source fails.
    pub fn revocations(&self, now: u64) -> Result<Signed<RevocationList>> {
        let cards = self.register.revoked().map(|(card, time, _)| Revoked { card, time }).collect();
        let number = self.register.revoked().count() as u64;
        let list = RevocationList { authority: self.root().name, number, time: now, cards };
        Ok(Signed::sign(list, |bytes| self.keys.issuer.sign(bytes))?)
    }

    /// Certifies a key, or finds the certificate that it has.
    fn certify(
        &mut self,
        key: PublicKey,
        subject: Subject,
        retires_below: u32,
        now: u64,
    ) -> Result<Certificate> {
        if let Some(known) = self.register.certificate(&subject) {
            let body = known.body();
            if (&body.key, body.assurance, body.retires_below)
                == (&key, subject.assurance, retires_below)
            {
                return Ok(known.clone());
            }
            return Err(Refusal::conflict(format!(
                "{} has another certificate already: a key is never replaced under its number",
                holder(&subject)
            )));
        }
        let certificate = self.keys.issuer.certify_retiring(key, subject, retires_below, now)?;
        self.register.add(Fact::Certified(certificate.to_bytes().into()), now)?;
        Ok(certificate)
    }
}

fn keys_of(folder: &Path) -> PathBuf {
    folder.join("keys")
}

/// Tells a mistyped folder from a disk that fails.
fn must_be(folder: &Path) -> Result<()> {
    if keys_of(folder).try_exists().unwrap_or(true) {
        return Ok(());
    }
    Err(Refusal::not_found(format!(
        "there is no issuer in {}: name its folder with --issuer, or make one with \
         `saifu-center issuer init`",
        folder.display()
    )))
}

fn holder(subject: &Subject) -> String {
    let (id, sequence) = (hex::encode(subject.holder_id), subject.sequence);
    format!("{id}, role {:02x}, sequence {sequence},", subject.role as u8)
}

/// The word for a class of card.
pub fn class_name(class: Assurance) -> &'static str {
    match class {
        Assurance::Test => "test",
        Assurance::Software => "software",
        Assurance::Hardware => "hardware",
    }
}

/// The class of card of a word.
pub fn class_of(word: &str) -> Option<Assurance> {
    let all = [Assurance::Test, Assurance::Software, Assurance::Hardware];
    all.into_iter().find(|class| class_name(*class) == word)
}

#[cfg(test)]
mod tests;
