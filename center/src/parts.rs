//! What is there of a center in its folder: nothing, a beginning, or all of it.
//!
//! A center is made in an order that tells, wherever it is interrupted, a beginning from a
//! center that has lost a part:
//!
//! ```text
//! center.toml -> center.sqlite3, nobody's -> keys/ -> center.sqlite3, tied to the keys
//! ```
//!
//! So keys without a store, or a tied store without keys, are never a beginning, and new ones
//! never take the place of lost ones: cards know the old keys, the store knows the value.

use std::fs;
use std::io;
use std::path::Path;

use crate::refusal::{Refusal, Result};
use crate::store::sqlite::{self, Owner};

/// The file of the configuration.
pub(crate) const CONFIG: &str = "center.toml";
/// The folder of the keys.
pub(crate) const KEYS: &str = "keys";
/// The file of the store.
pub(crate) const STORE: &str = "center.sqlite3";

/// What a folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parts {
    /// No center, though perhaps the configuration that one is to be made with.
    None,
    /// A center whose making was interrupted: nobody can have used it.
    Begun,
    /// A center.
    Whole,
}

impl Parts {
    /// Looks into `folder`, and changes nothing in it.
    ///
    /// # Errors
    /// `unavailable`: a part of the center is missing or damaged, or cannot be looked at.
    pub(crate) fn of(folder: &Path) -> Result<Self> {
        // From last made to first: whatever another process makes meanwhile is not missed.
        let owner = store_of(folder)?;
        let keys = is_named(&folder.join(KEYS))?;
        if !keys && owner.is_none() {
            return Ok(Self::None);
        }
        if !keys && owner == Some(Owner::Center) {
            return Err(missing(KEYS, folder));
        }
        // The store may have come after the first look, and before the keys did.
        let owner = store_of(folder)?.ok_or_else(|| missing(STORE, folder))?;
        for part in [KEYS, CONFIG].iter().filter(|part| keys || **part == CONFIG) {
            if !is_there(&folder.join(part))? {
                return Err(missing(part, folder));
            }
        }
        match owner {
            Owner::NoSchema if keys => Err(Refusal::unavailable(format!(
                "{STORE} is empty in {}: restore it from a backup, its -wal file too",
                folder.display()
            ))),
            _ if keys => Ok(Self::Whole),
            _ => Ok(Self::Begun),
        }
    }
}

/// Whose the store is; none where there is no store and never was.
fn store_of(folder: &Path) -> Result<Option<Owner>> {
    let store = folder.join(STORE);
    if is_there(&store)? {
        return sqlite::owner(&store).map(Some);
    }
    // A link to nowhere: its disk is not mounted.
    if is_named(&store)? { Err(missing(STORE, folder)) } else { Ok(None) }
}

fn is_there(path: &Path) -> Result<bool> {
    path.try_exists().map_err(|error| unseen(path, &error))
}

/// Whether something has this name, be it a link to what is not there.
fn is_named(path: &Path) -> Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unseen(path, &error)),
    }
}

fn missing(part: &str, folder: &Path) -> Refusal {
    let folder = folder.display();
    Refusal::unavailable(format!("{part} is missing in {folder}: restore it from a backup"))
}

fn unseen(path: &Path, error: &io::Error) -> Refusal {
    let path = path.display();
    Refusal::unavailable(format!("{path} cannot be looked at ({error}): give permission"))
}
