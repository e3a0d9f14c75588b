//! A center put back from a backup, into a folder of its own.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::container::{self, create, parent, private_folder, scratch, sync, sync_all};
use super::stream::digest;
use super::{Manifest, Progress};
use crate::parts;
use crate::refusal::{Refusal, Result};
use crate::store::RestoreStore as _;
use crate::store::sqlite::Sqlite;

/// Puts the center of the backup `from` back into `folder`, which must be empty or not exist, and
/// notes in its store that it was; `now` is the time (Unix time).
///
/// Every digest is checked before anything is written. The folder is there whole, or as before.
///
/// # Errors
/// `conflict`: the folder is not empty; `malformed`: the backup is damaged; `unavailable`: something
/// cannot be read or written.
pub fn restore(from: &Path, folder: &Path, now: u64, progress: Progress<'_>) -> Result<Manifest> {
    let failed = |error: io::Error| refuse(folder, &error);
    refuse_full(folder)?;
    let (mut done, mut all) = (0_u64, 0_u64);
    super::verify(from, &mut |read, bytes| {
        (done, all) = (read, bytes.saturating_mul(2));
        progress(read, all);
    })?;
    let parent = parent(folder);
    private_folder(parent).map_err(failed)?;
    let scratch = scratch(parent).map_err(failed)?;
    let manifest = container::read(from, &mut |_, part, bytes| {
        let place = scratch.path().join(&part.path);
        private_folder(place.parent().unwrap_or(scratch.path()))?;
        let mut file = create(&place)?;
        digest(bytes, &mut file, &mut |moved| {
            done = done.saturating_add(moved);
            progress(done, all);
        })?;
        file.sync_all()
    })?;
    let store = Sqlite::open(&scratch.path().join(parts::STORE))?;
    store.note_restore(now, manifest.made)?;
    drop(store);
    sync_all(scratch.path()).map_err(failed)?;
    fs::rename(scratch.path(), folder).map_err(failed)?;
    // What was the scratch folder is the center's now, and stays.
    scratch.keep();
    sync(parent).map_err(failed)?;
    Ok(manifest)
}

fn refuse_full(folder: &Path) -> Result<()> {
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(refuse(folder, &error)),
        Ok(false) => Err(Refusal::conflict(format!(
            "{} is not empty: a center is put back into a new folder, name one with --data",
            folder.display()
        ))),
    }
}

fn refuse(folder: &Path, error: &io::Error) -> Refusal {
    let folder = folder.display();
    Refusal::unavailable(format!(
        "the center cannot be put back into {folder} ({error}): see that there is room and \
         permission"
    ))
}
