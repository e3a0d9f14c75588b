//! Stored works (14): one file each, with a place for each of its segments.
//!
//! ```text
//! 14-content/ID-PLACE, 16 and 4 hex digits:   places, by index
//! place:   object bytes (4) ‖ object ‖ what is left of the place, which has room for PLACE bytes
//! ```
//! Numbers are big-endian. A place is as large as the first segment, and no other is larger; the
//! file's name says it, so that nothing in the file speaks of more than one segment. A
//! segment is written into its own place and touches no other; a place that was never written, or
//! is beyond the end, has no object. So a work of 64 MiB is one file and not 16,000, and goes in
//! one step.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use saifu_applet::platform::{MAX_OBJECT_BYTES, ObjectName};

use super::{MAX_LISTED, files};

/// The bytes of a length.
const LENGTH_BYTES: usize = 4;

/// The most works kept open until they are synced.
const MAX_OPEN: usize = 64;

/// The works of a card; those that were written are kept open until they are synced.
#[derive(Debug)]
pub(super) struct Works {
    folder: PathBuf,
    written: BTreeMap<u64, Work>,
}

/// A work's file.
#[derive(Debug)]
struct Work {
    file: File,
    /// The bytes of a place, without the length that it begins with.
    place_bytes: usize,
}

impl Works {
    /// Takes up the works in a folder, which is made when the first is written.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, written: BTreeMap::new() }
    }

    /// Writes a segment; the first begins its work anew.
    pub(super) fn write(&mut self, name: ObjectName, bytes: &[u8]) -> io::Result<()> {
        if name.index() == 0 {
            let work = self.begin(name.work(), bytes)?;
            self.written.insert(name.work(), work);
            return Ok(());
        }
        if !self.written.contains_key(&name.work()) {
            let work = self.reopen(name.work())?;
            self.written.insert(name.work(), work);
        }
        let work = self.written.get_mut(&name.work()).ok_or(io::ErrorKind::NotFound)?;
        if bytes.len() > work.place_bytes {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        work.file.seek(SeekFrom::Start(work.offset(name.index())))?;
        work.file.write_all(&[&length(bytes.len()), bytes].concat())
    }

    /// Reads a segment; `None` when it was never written.
    pub(super) fn read(&self, name: ObjectName) -> io::Result<Option<Vec<u8>>> {
        let Some(mut work) = self.open(name.work(), false)? else { return Ok(None) };
        work.file.seek(SeekFrom::Start(work.offset(name.index())))?;
        let Some(length) = read_length(&mut work.file)?.filter(|length| *length != 0) else {
            return Ok(None);
        };
        if length > work.place_bytes {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = Vec::with_capacity(length);
        work.file.take(length as u64).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// Removes a work.
    pub(super) fn remove(&mut self, id: u64) -> io::Result<()> {
        self.written.remove(&id);
        for place_bytes in self.places_of(id)? {
            files::found(fs::remove_file(self.path(id, place_bytes)))?;
        }
        Ok(())
    }

    /// Gives the id of every work, at most `room` of them.
    pub(super) fn list(&self, room: usize) -> io::Result<Vec<u64>> {
        let names = self.names(room)?;
        Ok(names.into_iter().map(|(id, _)| id).collect())
    }

    /// Makes all that was written durable; what it fails before is made so by the next call.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        if self.written.is_empty() {
            return Ok(());
        }
        files::sync_folder(&self.folder)?;
        files::sync_folder(files::parent(&self.folder))?;
        while let Some((_, work)) = self.written.pop_first() {
            work.file.sync_all()?;
        }
        Ok(())
    }

    fn begin(&mut self, id: u64, bytes: &[u8]) -> io::Result<Work> {
        if self.written.len() >= MAX_OPEN {
            self.sync()?;
        }
        fs::create_dir_all(&self.folder)?;
        self.remove(id)?;
        let path = self.path(id, bytes.len());
        let file = files::write(&path, &[&length(bytes.len()), bytes].concat())?;
        Ok(Work { file, place_bytes: bytes.len() })
    }

    fn reopen(&mut self, id: u64) -> io::Result<Work> {
        if self.written.len() >= MAX_OPEN {
            self.sync()?;
        }
        self.open(id, true)?.ok_or(io::ErrorKind::NotFound.into())
    }

    /// Opens a work's file; only a regular one, so that no pipe can make us wait.
    fn open(&self, id: u64, write: bool) -> io::Result<Option<Work>> {
        let Some(place_bytes) = self.places_of(id)?.pop() else { return Ok(None) };
        let path = self.path(id, place_bytes);
        if !fs::symlink_metadata(&path)?.is_file() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let file = OpenOptions::new().read(true).write(write).open(path)?;
        Ok(Some(Work { file, place_bytes }))
    }

    /// How large the places of a work are; more than one answer where more than one file claims it.
    fn places_of(&self, id: u64) -> io::Result<Vec<usize>> {
        let names = self.names(MAX_LISTED)?.into_iter();
        Ok(names.filter(|name| name.0 == id).map(|name| name.1).collect())
    }

    /// The ids and places that files have for names, the first so many.
    fn names(&self, room: usize) -> io::Result<Vec<(u64, usize)>> {
        let Some(entries) = files::found(fs::read_dir(&self.folder))? else {
            return Ok(Vec::new());
        };
        let names = entries.take(room).map(|entry| Ok(entry?.file_name().to_str().and_then(parse)));
        names.filter_map(Result::transpose).collect()
    }

    fn path(&self, id: u64, place_bytes: usize) -> PathBuf {
        self.folder.join(format!("{id:016x}-{place_bytes:04x}"))
    }
}

impl Work {
    fn offset(&self, index: u64) -> u64 {
        let place = (LENGTH_BYTES + self.place_bytes) as u64;
        index.saturating_mul(place)
    }
}

/// Reads back the name of a work's file, as [`Works::path`] makes it, and no other.
fn parse(name: &str) -> Option<(u64, usize)> {
    let (id, place) = name.split_once('-')?;
    let parsed = (u64::from_str_radix(id, 16).ok()?, usize::from_str_radix(place, 16).ok()?);
    let same = format!("{:016x}-{:04x}", parsed.0, parsed.1) == name;
    (same && (1..=MAX_OBJECT_BYTES).contains(&parsed.1)).then_some(parsed)
}

/// Reads a length; `None` where the file ends.
fn read_length(file: &mut File) -> io::Result<Option<usize>> {
    let mut bytes = Vec::with_capacity(LENGTH_BYTES);
    file.take(LENGTH_BYTES as u64).read_to_end(&mut bytes)?;
    Ok(bytes.try_into().ok().map(|bytes| u32::from_be_bytes(bytes) as usize))
}

/// A length as it is written; an object has at most [`MAX_OBJECT_BYTES`].
fn length(bytes: usize) -> [u8; LENGTH_BYTES] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests;
