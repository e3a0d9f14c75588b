//! Takes the lists of revoked cards of the issuer that the center trusts (§7.6).
//!
//! A revoked card begins nothing new here, for good. What it has signed is booked all the same.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::center::Center;
use crate::issuer::{RevocationList, Revoked};
use crate::refusal::{Refusal, Result};
use crate::store::{Revocation, RevocationListRow};

/// The most bytes of a file with a list in hex: a list of all the cards that it may name.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// What became of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenRevocations {
    /// The name of the issuer's root.
    pub issuer: String,
    /// The list's number, which is how many cards it names.
    pub number: u64,
    /// How many of them were not revoked here before.
    pub new: u32,
}

/// How the file of a list lies there; of one that does not, nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListFile {
    bytes: u64,
    changed: Option<SystemTime>,
}

impl Center {
    /// Revokes the cards of `list`, the bytes that an issuer signed; again, nothing more happens.
    ///
    /// # Errors
    /// `malformed`; `not-authentic`: no root that the center trusts has signed it; `conflict`: a
    /// list with a higher number was taken before.
    pub fn take_revocations(&self, list: &[u8]) -> Result<TakenRevocations> {
        let list = RevocationList::verify(list, self.trust.roots())?;
        let (issuer, number) = (list.authority.to_string(), list.number);
        let reason = format!("by its issuer {issuer}");
        let revoked =
            |of: &Revoked| Revocation { card: of.card, reason: reason.clone(), revoked: of.time };
        let cards = list.cards.iter().map(revoked).collect();
        let (signed, taken) = (list.time, self.now());
        let row = RevocationListRow { issuer: issuer.clone(), number, signed, taken, cards };
        let new =
            self.store.take_revocations(row, Box::new(move |last| not_older(number, last)))?;
        Ok(TakenRevocations { issuer, number, new })
    }

    /// As [`Center::take_revocations`], of the file that `saifu-center issuer revocations` wrote.
    ///
    /// # Errors
    /// `unavailable`: it cannot be read; and those.
    pub fn take_revocations_of(&self, path: &Path) -> Result<TakenRevocations> {
        let shown = path.display();
        let text = read(path).map_err(|error| {
            Refusal::unavailable(format!(
                "the list of revoked cards {shown} cannot be read ({error}): name the file that \
                 `saifu-center issuer revocations` wrote"
            ))
        })?;
        let bytes = hex::decode(text.trim_ascii()).map_err(|_| {
            Refusal::malformed(format!(
                "{shown} is no list of revoked cards in hex: take the file that `saifu-center \
                 issuer revocations` wrote"
            ))
        })?;
        self.take_revocations(&bytes)
    }

    /// Takes the list that the configuration names, if it names one.
    ///
    /// # Errors
    /// As [`Center::take_revocations_of`].
    pub fn take_configured_revocations(&self) -> Result<Option<TakenRevocations>> {
        self.named_list().map(|path| self.take_revocations_of(&path)).transpose()
    }

    /// How the file of the list that the configuration names lies there now, if it names one: it
    /// lies otherwise once it has changed.
    pub fn configured_revocations(&self) -> Option<ListFile> {
        let found = fs::metadata(self.named_list()?);
        Some(found.map_or_else(
            |_| ListFile::default(),
            |found| ListFile { bytes: found.len(), changed: found.modified().ok() },
        ))
    }

    fn named_list(&self) -> Option<PathBuf> {
        let named = &self.config().issuer.revocations;
        (!named.is_empty()).then(|| self.folder().join(named))
    }
}

fn not_older(number: u64, last: Option<u64>) -> Result<()> {
    match last {
        Some(last) if last > number => Err(Refusal::conflict(format!(
            "this is list {number} of revoked cards, and list {last} of the same issuer was taken \
             before: take the issuer's newest list"
        ))),
        _ => Ok(()),
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is too long"));
    }
    Ok(text)
}
