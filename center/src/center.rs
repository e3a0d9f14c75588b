//! The center as one thing: its folder opened, its parts together.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use saifu_wire::CenterId;

use crate::blobs::{Blobs, Folder};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::funding::{Attempts, Providers};
use crate::keys::{Keys, Trust};
use crate::ledger::Books;
use crate::metrics::{Metrics, WriterCounts};
use crate::operators::Verified;
use crate::parts::{self, Parts};
use crate::private;
use crate::refusal::{Refusal, Result};
use crate::store::sqlite::Sqlite;
use crate::store::{EvidenceRow, Sale, Store};

/// How a center is opened.
#[derive(Clone)]
pub struct Options {
    /// The configuration that a new center is made with; one that is there keeps its own.
    pub config: Config,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl Default for Options {
    fn default() -> Self {
        Self { config: Config::default(), clock: Arc::new(SystemClock) }
    }
}

/// A center.
///
/// What it does stands beside what it is about: works in [`catalogue`](crate::catalogue),
/// cards in [`accounts`](crate::accounts) and [`loads`](crate::loads), sales in
/// [`orders`](crate::orders) and [`settlement`](crate::settlement).
pub struct Center {
    pub(crate) store: Box<dyn Store>,
    pub(crate) blobs: Box<dyn Blobs>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) trust: Trust,
    pub(crate) config: Config,
    pub(crate) metrics: Metrics,
    pub(crate) verified: Verified,
    folder: PathBuf,
    pub(crate) attempts: Attempts,
    pub(crate) providers: Providers,
    clock: Arc<dyn Clock>,
}

impl Center {
    /// Opens the center in `folder`; made if it is not there, and finished if its making was
    /// interrupted:
    ///
    /// ```text
    /// center.toml       what its owner decides
    /// keys/             its keys and their certificates
    /// center.sqlite3    everything it remembers
    /// works/            the works and previews, by their digest
    /// ```
    ///
    /// # Errors
    /// The folder cannot be made, read or written, a part of the center is missing, or its parts
    /// do not belong together. A part that is missing is never made anew.
    pub fn open(folder: &Path, options: Options) -> Result<Self> {
        // Keys of deliveries lie in there: nobody else may look.
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| {
            let folder = folder.display();
            Refusal::unavailable(format!(
                "the folder {folder} cannot be made ({error}): name another, or give permission"
            ))
        })?;
        let whole = Parts::of(folder)? == Parts::Whole;
        let made = |part: &str| {
            if !whole {
                saifu_barrier::reach(&format!("center: {part} made"));
            }
        };
        let config = match whole {
            true => Config::load(folder)?,
            false => Config::load_or_write(folder, &options.config)?,
        };
        made("configuration");
        let (store, works) = (folder.join(parts::STORE), folder.join("works"));
        close_to_others(folder, &store, &works)?;
        let store = Sqlite::open(&store)?;
        made("store");
        let keys = folder.join(parts::KEYS);
        let keys = match whole {
            true => Keys::open(&keys)?,
            false => Keys::open_or_create(&keys, options.clock.now())?,
        };
        made("keys");
        store.belong_to(keys.center())?;
        let providers = Providers::of(&config)?;
        Ok(Self {
            store: Box::new(store),
            blobs: Box::new(Folder::open(&works, config.max_work_bytes)?),
            keys: Arc::new(keys),
            trust: Trust::test(),
            attempts: Attempts::default(),
            providers,
            config,
            metrics: Metrics::default(),
            verified: Verified::default(),
            folder: folder.to_owned(),
            clock: options.clock,
        })
    }

    /// Its id.
    pub fn id(&self) -> CenterId {
        self.keys.center()
    }

    /// What its owner decided.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Its certificates, tag 7F21 included.
    pub fn certificates(&self) -> Vec<Vec<u8>> {
        self.keys.certificates().iter().map(|certificate| certificate.to_bytes()).collect()
    }

    /// How many private operations its payment key has done since it was opened.
    pub fn payment_key_operations(&self) -> u64 {
        self.keys.payment_key().operations()
    }

    /// Everything that its ledger and its evidence sum up to.
    ///
    /// # Errors
    /// The store fails.
    pub fn books(&self) -> Result<Books> {
        self.store.books()
    }

    /// The first `limit` pieces of evidence against cards, forks before all others.
    ///
    /// # Errors
    /// The store fails.
    pub fn evidence(&self, limit: u32) -> Result<Vec<EvidenceRow>> {
        self.store.evidence(limit)
    }

    /// At most `limit` booked tokens after entry `after` of the ledger, oldest first.
    ///
    /// # Errors
    /// The store fails.
    pub fn sales(&self, after: u64, limit: u32) -> Result<Vec<Sale>> {
        self.store.sales(after, limit)
    }

    /// What it has counted since it was opened.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What its store's writer has done since it was opened.
    pub fn writer_counts(&self) -> WriterCounts {
        self.store.writer_counts()
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The time, by its clock.
    pub fn now(&self) -> u64 {
        self.clock.now()
    }
}

/// Closes store and works to others, also where the folder around them is open. SQLite gives its
/// journals the mode of the store.
fn close_to_others(folder: &Path, store: &Path, works: &Path) -> Result<()> {
    let closed = || {
        private::file(store)?;
        for journal in ["center.sqlite3-wal", "center.sqlite3-shm"] {
            private::file_if_there(&folder.join(journal))?;
        }
        private::folder(works)
    };
    closed().map_err(|error| {
        let folder = folder.display();
        Refusal::unavailable(format!(
            "the files in {folder} cannot be closed to others ({error}): run the center as their \
             owner"
        ))
    })
}
