//! The folder in which a terminal keeps its sales.

use super::journal::disk;
use super::{Entry, Intent, Journal, JournalError, Next, Outgoing, Record, Sale};
use std::fs::{self, DirBuilder, File};
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a lock that another holds is waited for.
const LOCK_PATIENCE: Duration = Duration::from_millis(300);

/// How long to wait between two tries.
const LOCK_PAUSE: Duration = Duration::from_millis(5);

/// The sales of one terminal; no other process has them at the same time.
#[derive(Debug)]
pub struct Sales {
    folder: PathBuf,
    /// Locked for as long as this is open.
    _lock: File,
}

/// A journal that cannot be read, and why.
pub type Unreadable = (PathBuf, JournalError);

impl Sales {
    /// Opens `DATA/sales`, making it where it is missing.
    ///
    /// Fails with [`JournalError::Locked`] while another process has it.
    pub fn open(data: &Path) -> Result<Self, JournalError> {
        let folder = data.join("sales");
        private_folder(&folder).map_err(disk(&folder))?;
        let path = folder.join("lock");
        let lock = File::create(&path).map_err(disk(&path))?;
        let patience = Instant::now() + LOCK_PATIENCE;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Self { folder, _lock: lock }),
                // A child that is just being started holds its parent's lock until it is exec'd.
                Err(fs::TryLockError::WouldBlock) if Instant::now() < patience => sleep(LOCK_PAUSE),
                Err(fs::TryLockError::WouldBlock) => {
                    return Err(JournalError::Locked(data.to_owned()));
                }
                Err(fs::TryLockError::Error(why)) => return Err(disk(&path)(why)),
            }
        }
    }

    /// Begins a sale: its id is the key with which the center is asked.
    pub fn begin(&self, intent: Intent) -> Result<Sale, JournalError> {
        let id = uuid::Uuid::now_v7().to_string();
        let mut journal = Journal::create(self.path(&id))?;
        journal.append(&Entry::Ordered(Box::new(intent.clone())))?;
        Ok(Sale::new(id, journal, Record::new(intent)))
    }

    /// Opens a sale where it stopped; `None` where it was cut off before it began.
    pub fn load(&self, id: &str) -> Result<Option<Sale>, JournalError> {
        let path = self.path(id);
        let known = id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        if !known || !path.exists() {
            return Err(JournalError::Unknown(id.to_owned()));
        }
        let (journal, entries) = Journal::open(path)?;
        let record = Record::replay(entries)?;
        let sale = record.map(|record| Sale::new(id.to_owned(), journal, record));
        sale.iter().for_each(Sale::tidy);
        Ok(sale)
    }

    /// All sales, oldest first; those that were cut off before they began are left out.
    pub fn all(&self) -> Result<Vec<Sale>, JournalError> {
        self.each()?.into_iter().map(|sale| sale.map_err(|(_, why)| why)).collect()
    }

    /// All sales as [`Sales::all`], and in place of one that cannot be read its journal and
    /// why.
    pub fn each(&self) -> Result<Vec<Result<Sale, Unreadable>>, JournalError> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(disk(&self.folder))? {
            let name = entry.map_err(disk(&self.folder))?.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(".jsonl"));
            ids.extend(id.map(str::to_owned));
        }
        // A version 7 UUID begins with the time.
        ids.sort();
        let load = |id: &String| self.load(id).map_err(|why| (self.path(id), why)).transpose();
        Ok(ids.iter().filter_map(load).collect())
    }

    /// The sales that are not at their end, oldest first.
    pub fn unfinished(&self) -> Result<Vec<Sale>, JournalError> {
        let mut sales = self.all()?;
        sales.retain(|sale| sale.record().next() != Next::Nothing);
        Ok(sales)
    }

    /// What cards have signed and their centers are still to be told.
    pub fn outgoing(&self) -> Outgoing {
        Outgoing::of(&self.folder)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.jsonl"))
    }
}

/// Makes a folder for its owner alone: tokens and titles are nobody else's business.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}
