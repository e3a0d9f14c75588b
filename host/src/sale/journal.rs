//! A sale's journal: a file of JSON lines, each on disk before anything follows from it.
//!
//! A line that has no end was torn by a cut of power or process: what it says has not
//! happened yet, and it is taken away. Anything else that cannot be read is an error, for
//! what a damaged journal hides may be a payment.

use super::Entry;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The most bytes of a journal.
const MAX_JOURNAL_BYTES: u64 = 1 << 20;

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    /// The bytes that are whole lines.
    length: u64,
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk refused.
    #[error("{}: {source}", path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A line cannot be read.
    #[error("{}, line {line}: {reason}", path.display())]
    Line {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// Lines stand in an order that cannot be.
    #[error("its lines stand in an order that cannot be")]
    Order,
    /// Another version of this program wrote it.
    #[error("it has form {0}; this program knows forms 1 to 3")]
    Format(u32),
    /// There is no sale of this name.
    #[error("there is no sale {0}")]
    Unknown(String),
    /// Another terminal is at work with the same folder.
    #[error("{} is in use by another saifu", .0.display())]
    Locked(PathBuf),
}

#[derive(Serialize, Deserialize)]
struct Line {
    at: String,
    #[serde(flatten)]
    entry: Entry,
}

impl Journal {
    /// Makes an empty journal; it is there after a cut of power, too.
    pub fn create(path: PathBuf) -> Result<Self, JournalError> {
        let made = OpenOptions::new().create_new(true).write(true).open(&path);
        let file = made.map_err(disk(&path))?;
        sync_folder_of(&path)?;
        Ok(Self { file, path, length: 0 })
    }

    /// Opens a journal and reads it; a torn last line is taken away.
    pub fn open(path: PathBuf) -> Result<(Self, Vec<Entry>), JournalError> {
        let (file, text) = read(&path).map_err(disk(&path))?;
        let entries = parse(&text, &path)?;
        Ok((Self { file, path, length: text.len() as u64 }, entries))
    }

    /// The folder that it lies in.
    pub(super) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    /// Writes one line and waits until it is on disk.
    pub fn append(&mut self, entry: &Entry) -> Result<(), JournalError> {
        let event = entry.event();
        saifu_barrier::reach(&format!("journal line {event}: before it is written"));
        let at = jiff::Timestamp::now().to_string();
        let line = Line { at, entry: entry.clone() };
        let written = serde_json::to_string(&line).map_err(io::Error::other);
        let written = written.and_then(|text| self.write(&text));
        self.length += written.map_err(disk(&self.path))?;
        saifu_barrier::reach(&format!("journal line {event}: on disk"));
        Ok(())
    }

    /// Writes over what an earlier attempt may have left behind the last whole line.
    fn write(&mut self, text: &str) -> io::Result<u64> {
        self.file.set_len(self.length)?;
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(format!("{text}\n").as_bytes())?;
        self.file.sync_all()?;
        Ok(text.len() as u64 + 1)
    }
}

/// The whole lines of the file at `path`.
fn read(path: &Path) -> io::Result<(File, String)> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut bytes = Vec::new();
    (&mut file).take(MAX_JOURNAL_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_JOURNAL_BYTES {
        return Err(io::Error::other("longer than any journal"));
    }
    // A cut may tear a line inside a character; whole lines are whole text.
    bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
    String::from_utf8(bytes).map(|text| (file, text)).map_err(io::Error::other)
}

fn parse(text: &str, path: &Path) -> Result<Vec<Entry>, JournalError> {
    let lines = text.lines().enumerate();
    let parsed = lines.map(|(index, line)| {
        let parsed = serde_json::from_str::<Line>(line).map(|line| line.entry);
        parsed.map_err(|why| JournalError::Line {
            path: path.to_owned(),
            line: index + 1,
            reason: why.to_string(),
        })
    });
    parsed.collect()
}

pub(super) fn disk(path: &Path) -> impl Fn(io::Error) -> JournalError {
    move |source| JournalError::Disk { path: path.to_owned(), source }
}

/// Makes sure that a new or renamed file is found after a cut of power.
pub(super) fn sync_folder_of(path: &Path) -> Result<(), JournalError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(disk(folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn abandoned(reason: &str) -> Entry {
        Entry::Abandoned { reason: reason.into() }
    }

    #[test]
    fn lines_come_back_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let mut journal = Journal::create(path.clone()).unwrap();
        journal.append(&abandoned("one")).unwrap();
        journal.append(&Entry::Loaded).unwrap();
        let (mut journal, entries) = Journal::open(path.clone()).unwrap();
        assert_eq!(entries, [abandoned("one"), Entry::Loaded]);
        journal.append(&abandoned("two")).unwrap();
        assert_eq!(Journal::open(path).unwrap().1.len(), 3);
    }

    #[test]
    fn a_line_torn_at_any_byte_has_not_happened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let mut journal = Journal::create(path.clone()).unwrap();
        journal.append(&Entry::Loaded).unwrap();
        let whole = fs::read(&path).unwrap().len();
        journal.append(&abandoned("é")).unwrap();
        let bytes = fs::read(&path).unwrap();
        for cut in whole..bytes.len() {
            fs::write(&path, &bytes[..cut]).unwrap();
            let (mut journal, entries) = Journal::open(path.clone()).unwrap();
            assert_eq!(entries, [Entry::Loaded], "cut at {cut}");
            journal.append(&Entry::Acknowledged).unwrap();
            let after = Journal::open(path.clone()).unwrap().1;
            assert_eq!(after, [Entry::Loaded, Entry::Acknowledged], "cut at {cut}");
        }
    }

    #[test]
    fn a_damaged_line_is_an_error_and_not_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        fs::write(&path, "{\"at\":\"now\",\"event\":\"loaded\"}\nrubbish\n").unwrap();
        let error = Journal::open(path).unwrap_err();
        assert!(matches!(error, JournalError::Line { line: 2, .. }), "{error}");
    }

    #[test]
    fn a_journal_is_never_made_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        Journal::create(path.clone()).unwrap();
        assert!(Journal::create(path).is_err());
    }
}
