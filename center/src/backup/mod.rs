//! Backups of a center while it serves, and a center put back from one.
//!
//! ```text
//! manifest.json     format, center, time, last entry; each part with length and SHA-256
//! center.sqlite3    the store at one moment
//! center.toml       the configuration
//! audit-log.*       what operators did
//! keys/             the keys as they lie: what is encrypted stays encrypted
//! works/blobs/      the works and previews that the store names
//! ```
//!
//! A backup holds keys and content keys: whoever has it has the center. It is made for its owner
//! alone (0600), whole or not at all. What cards did after it is not lost: they keep it, and a
//! center that was put back settles it when it comes.

mod container;
mod gather;
mod manifest;
mod restore;
mod stream;

pub use manifest::{FORMAT, Manifest, Part};
pub use restore::restore;

use std::io;
use std::path::Path;

use self::container::{Writer, parent, scratch};
use self::gather::gather;
use self::manifest::{MANIFEST, WORKS};
use crate::refusal::{Refusal, Result};

/// How a backup is made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// A folder, not one file.
    pub folder: bool,
    /// An older backup in a folder of the same file system: works that are in it are not copied
    /// again.
    pub older: Option<&'a Path>,
}

/// Told now and then: how many bytes are done, and how many there are.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// Backs the center in `folder` up to `to`, which must not be there, also while it serves; `now` is
/// the time (Unix time).
///
/// # Errors
/// `conflict`: there is something at `to`; `not-found`: the older backup is none; `unavailable`: something cannot be read or written.
pub fn back_up(
    folder: &Path,
    to: &Path,
    options: Options<'_>,
    now: u64,
    progress: Progress<'_>,
) -> Result<Manifest> {
    let failed = |error: io::Error| refuse(to, &error);
    if let Some(older) = options.older.filter(|older| !older.join(MANIFEST).is_file()) {
        return Err(Refusal::not_found(format!(
            "there is no older backup in a folder {}: name one that `backup --folder` made, or \
             leave --reuse out",
            older.display()
        )));
    }
    let mut writer = Writer::begin(to, options.folder).map_err(failed)?;
    let scratch = scratch(parent(to)).map_err(failed)?;
    let gathered = gather(folder, scratch.path())?;
    let parts = gathered.sources.iter().map(|source| source.part.clone()).collect();
    let manifest = Manifest::new(gathered.center, now, gathered.entry, parts);
    writer.manifest(&manifest).map_err(failed)?;
    let (mut done, all) = (0_u64, manifest.bytes());
    for source in &gathered.sources {
        let older = options.older.filter(|_| source.part.path.starts_with(WORKS));
        let mut moved = |bytes| {
            done = done.saturating_add(bytes);
            progress(done, all);
        };
        writer.part(&source.part, &source.file, older, &mut moved).map_err(failed)?;
    }
    writer.finish(to).map_err(failed)?;
    Ok(manifest)
}

/// Reads a whole backup and checks every digest.
///
/// # Errors
/// `malformed`: it is damaged or no backup; `unavailable`: it cannot be read.
pub fn verify(from: &Path, progress: Progress<'_>) -> Result<Manifest> {
    let mut done = 0_u64;
    container::read(from, &mut |manifest, _, part| {
        let all = manifest.bytes();
        stream::digest(part, &mut io::sink(), &mut |bytes| {
            done = done.saturating_add(bytes);
            progress(done, all);
        })
        .map(drop)
    })
}

fn refuse(to: &Path, error: &io::Error) -> Refusal {
    let to = to.display();
    if error.kind() == io::ErrorKind::AlreadyExists {
        return Refusal::conflict(format!("there is {to} already: name another file or folder"));
    }
    Refusal::unavailable(format!(
        "the backup {to} cannot be made ({error}): see that there is room and permission, and \
         run `saifu-center check` where a work is damaged"
    ))
}
