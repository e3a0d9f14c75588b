//! What is to be backed up: the store at one moment, and all that it names.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::manifest::{Part, WORKS, is_configuration};
use super::stream::digest;
use crate::parts;
use crate::refusal::{Refusal, Result};

/// What lies among the keys and is none of them.
const LOCK: &str = "lock";

/// The most folders below one another that the folder of keys has.
const MAX_DEPTH: usize = 4;

/// A file to be backed up.
pub(super) struct Source {
    pub(super) part: Part,
    pub(super) file: PathBuf,
}

/// A center at one moment.
pub(super) struct Gathered {
    pub(super) center: String,
    pub(super) entry: u64,
    pub(super) sources: Vec<Source>,
}

/// Copies the store in `folder` as it is at one moment to `scratch`, and finds what belongs to it.
/// Others may go on writing: a work that the copy names is never deleted, nor changed.
///
/// # Errors
/// `unavailable`: something cannot be read or written.
pub(super) fn gather(folder: &Path, scratch: &Path) -> Result<Gathered> {
    let copy = scratch.join(parts::STORE);
    let store = copy_store(&folder.join(parts::STORE), &copy).map_err(|error| {
        Refusal::unavailable(format!(
            "the store in {} cannot be copied ({error}): see that there is room where the backup \
             goes",
            folder.display()
        ))
    })?;
    let failed = |error: io::Error| {
        let folder = folder.display();
        Refusal::unavailable(format!("{folder} cannot be read ({error}): give permission"))
    };
    let mut sources = vec![whole(parts::STORE.into(), copy).map_err(failed)?];
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if is_configuration(&name) {
            let file = folder.join(&name);
            sources.push(whole(name, file).map_err(failed)?);
        }
    }
    sources.extend(all_keys(&folder.join(parts::KEYS)).map_err(failed)?);
    for (sha256, bytes) in store.works {
        let path = format!("{WORKS}/{sha256}");
        sources.push(Source { file: folder.join(&path), part: Part { path, bytes, sha256 } });
    }
    Ok(Gathered { center: store.center, entry: store.entry, sources })
}

/// What a copied store says.
struct Store {
    center: String,
    entry: u64,
    /// The blobs that it names: digest and length.
    works: Vec<(String, u64)>,
}

fn copy_store(store: &Path, copy: &Path) -> rusqlite::Result<Store> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let live = Connection::open_with_flags(store, flags)?;
    live.busy_timeout(std::time::Duration::from_secs(10))?;
    live.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
    drop(live);
    let copy = Connection::open_with_flags(copy, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let center: Vec<u8> = copy.query_row("SELECT id FROM center", [], |row| row.get(0))?;
    let last = "SELECT coalesce(max(entry), 0) FROM ledger";
    let entry: i64 = copy.query_row(last, [], |row| row.get(0))?;
    let mut named = copy.prepare(
        "SELECT content AS id, content_bytes AS bytes FROM versions
         UNION SELECT preview, preview_bytes FROM versions ORDER BY id",
    )?;
    let of_row = |row: &rusqlite::Row<'_>| {
        let (id, bytes): (Vec<u8>, i64) = (row.get("id")?, row.get("bytes")?);
        Ok((hex::encode(id), bytes.unsigned_abs()))
    };
    let works = named.query_map([], of_row)?.collect::<rusqlite::Result<_>>()?;
    Ok(Store { center: hex::encode(center), entry: entry.unsigned_abs(), works })
}

/// How often keys are read again that change meanwhile.
const TRIES: u32 = 5;

/// The folder of keys as it is at one moment: read until two readings are the same.
fn all_keys(folder: &Path) -> io::Result<Vec<Source>> {
    for _ in 0..TRIES {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        keys(folder, parts::KEYS, MAX_DEPTH, &mut first)?;
        keys(folder, parts::KEYS, MAX_DEPTH, &mut second)?;
        if first.iter().map(|key| &key.part).eq(second.iter().map(|key| &key.part)) {
            return Ok(first);
        }
    }
    Err(io::Error::new(io::ErrorKind::WouldBlock, "its keys are being changed: try again"))
}

fn keys(folder: &Path, name: &str, depth: usize, sources: &mut Vec<Source>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_unstable_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            if depth > 0 {
                keys(&entry.path(), &path, depth - 1, sources)?;
            }
        } else if entry.file_name() != LOCK {
            sources.push(whole(path, entry.path())?);
        }
    }
    Ok(())
}

/// A file of which nothing is known yet.
fn whole(path: String, file: PathBuf) -> io::Result<Source> {
    let (bytes, sha256) = digest(&mut fs::File::open(&file)?, &mut io::sink(), &mut |_| {})?;
    Ok(Source { part: Part { path, bytes, sha256 }, file })
}
