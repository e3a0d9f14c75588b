//! What operators did: `audit-log.jsonl` in the center's folder, apart from the log of a server.
//!
//! One line of JSON for each action, synced before whoever acted is answered. Each line holds the
//! hash of the line before it and ends with its own:
//!
//! ```text
//! {"n":7,"time":"...","who":"...","what":"...","on":"...","outcome":"...","prev":"<6>","hash":"<7>"}
//! hash = SHA-256 of the line up to ,"hash"
//! ```
//!
//! So no line can be changed, taken out or put in without all after it: [`verify`] reads the
//! whole chain. Whoever can write the folder can make a whole new chain, or cut off its end; who
//! keeps the last hash somewhere else can tell.
//!
//! A file that is full is renamed (`audit-log.<first n>.jsonl`) and never touched again; the
//! chain goes on in the next. A last line that was not written whole was never answered, and is
//! cut off by whoever writes next.

mod chain;
mod reader;

pub use self::reader::{Verified, list, verify};

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use self::chain::{Head, last, line};
use crate::refusal::{Refusal, Result};

/// The file that is written to.
pub const FILE: &str = "audit-log.jsonl";

/// Held while a line is written, by whatever process.
const LOCK: &str = "audit-log.lock";

/// How long a line waits for another's to be written.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often it is looked whether the other's is.
const GLANCE: Duration = Duration::from_millis(5);

/// The bytes from which on a file is full.
const FULL_BYTES: u64 = 8 << 20;

/// The most characters of each text of an entry.
const MAX_TEXT: usize = 512;

/// What an operator did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// When, in seconds of Unix time.
    pub time: u64,
    /// Who: `token:<id>`, or `user:<uid>` for whoever ran a command.
    pub who: String,
    /// The command or the route.
    pub what: String,
    /// What it was done to; never a secret.
    pub on: String,
    /// `done`, or the code of the refusal.
    pub outcome: String,
}

/// An action as the log has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its number, from 1.
    pub n: u64,
    /// When, RFC 3339 UTC.
    pub time: String,
    /// Who.
    pub who: String,
    /// What.
    pub what: String,
    /// On what.
    pub on: String,
    /// How it ended.
    pub outcome: String,
    /// The hash of the entry before; of the first one, 64 zeros.
    pub prev: String,
    /// Its own hash.
    pub hash: String,
}

/// The log of one folder, open to be written.
#[derive(Debug, Clone)]
pub struct AuditLog {
    folder: PathBuf,
    full: u64,
    patience: Duration,
}

impl AuditLog {
    /// Opens the log of `folder`: made if it is not there.
    ///
    /// # Errors
    /// `unavailable`: it cannot be made or written. Nothing should be done then that belongs in
    /// it.
    pub fn open(folder: &Path) -> Result<Self> {
        let log = Self { folder: folder.to_owned(), full: FULL_BYTES, patience: PATIENCE };
        log.locked(|_| Ok(()))?;
        Ok(log)
    }

    /// Writes an action down and waits until it is on the disk.
    ///
    /// # Errors
    /// `unavailable`: it cannot be written, or others write without an end. `internal`: the last line is none of a log.
    pub fn write(&self, action: &Action) -> Result<()> {
        self.locked(|file| {
            let mut head = last(&self.folder, file)?;
            if file.metadata().map_err(|error| self.failed(&error))?.len() >= self.full {
                *file = self.next(&head)?;
                head.first = head.n + 1;
            }
            let line = line(&head, action)?;
            let written = file
                .seek(SeekFrom::End(0))
                .and_then(|_| file.write_all(line.as_bytes()))
                .and_then(|()| file.sync_data());
            written.map_err(|error| self.failed(&error))
        })
    }

    /// Puts the full file aside and begins the next.
    fn next(&self, head: &Head) -> Result<File> {
        let aside = self.folder.join(format!("audit-log.{:08}.jsonl", head.first));
        let renamed = fs::rename(self.folder.join(FILE), aside);
        let file = renamed.and_then(|()| self.file());
        let file = file.map_err(|error| self.failed(&error))?;
        // The new name is lost with the power unless the folder is synced, too.
        let synced = File::open(&self.folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| self.failed(&error))?;
        Ok(file)
    }

    fn locked(&self, act: impl FnOnce(&mut File) -> Result<()>) -> Result<()> {
        let lock = private().open(self.folder.join(LOCK));
        let lock = lock.map_err(|error| self.failed(&error))?;
        self.wait(&lock)?;
        let mut file = self.file().map_err(|error| self.failed(&error))?;
        act(&mut file)
    }

    /// Takes the lock, as soon as nobody else has it.
    fn wait(&self, lock: &File) -> Result<()> {
        let begun = Instant::now();
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(()),
                Err(TryLockError::Error(error)) => return Err(self.failed(&error)),
                Err(TryLockError::WouldBlock) if begun.elapsed() < self.patience => {
                    thread::sleep(GLANCE);
                }
                Err(TryLockError::WouldBlock) => return Err(self.held()),
            }
        }
    }

    fn held(&self) -> Refusal {
        let lock = self.folder.join(LOCK);
        Refusal::unavailable(format!(
            "another process holds {}: see which one hangs, and do this again",
            lock.display()
        ))
    }

    fn file(&self) -> io::Result<File> {
        private().open(self.folder.join(FILE))
    }

    fn failed(&self, error: &io::Error) -> Refusal {
        let file = self.folder.join(FILE);
        Refusal::unavailable(format!(
            "{} cannot be written ({error}): check disk and permissions",
            file.display()
        ))
    }
}

/// How a file of the log is opened: nobody else may look.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options
}

/// At most so many characters, none of which moves a terminal's cursor.
fn tidy(text: &str) -> String {
    text.chars().take(MAX_TEXT).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Every file of the log in `folder`, oldest first.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error: io::Error| {
        let folder = folder.display();
        Refusal::unavailable(format!("{folder} cannot be listed ({error}): give permission"))
    };
    let mut aside = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("audit-log."));
        let number = number.and_then(|name| name.strip_suffix(".jsonl"));
        if let Some(number) = number.and_then(|number| number.parse::<u64>().ok()) {
            aside.push((number, folder.join(&name)));
        }
    }
    aside.sort();
    let current = folder.join(FILE);
    let current = current.exists().then_some(current);
    Ok(aside.into_iter().map(|(_, path)| path).chain(current).collect())
}

#[cfg(test)]
mod tests;
