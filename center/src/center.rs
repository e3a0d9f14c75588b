//! The center as one thing: its folder opened, its parts together.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use saifu_wire::personalise::PinnedRoot;
use saifu_wire::{CenterId, test_root};

use crate::blobs::{Blobs, Folder};
use crate::chance::{self, Chance};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::crypto::rsa::KeySize;
use crate::funding::{Attempts, Providers};
use crate::keys::{Keys, Mode, Ring, Trust, Unlock, Unwrap};
use crate::ledger::Books;
use crate::metrics::{Metrics, WriterCounts};
use crate::operators::Verified;
use crate::parts::{self, Parts};
use crate::payers::Payers;
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
    /// What opens its keys, and seals those of a new one.
    pub unlock: Unlock,
    /// Where its keys, what it draws for a sale, and what it signs come from, in place of the
    /// system: so that all of it repeats. Only for centers in test mode.
    pub chance: Option<Arc<dyn Chance>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            config: Config::default(),
            clock: Arc::new(SystemClock),
            unlock: Unlock::Nothing,
            chance: None,
        }
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
    pub(crate) payers: Payers,
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
            false => config_of_new(folder, &options.config)?,
        };
        made("configuration");
        let (store, works) = (folder.join(parts::STORE), folder.join("works"));
        close_to_others(folder, &store, &works)?;
        let store = Sqlite::open(&store)?;
        made("store");
        let keys = folder.join(parts::KEYS);
        let chance = chance_of(&config, options.chance)?;
        let mut keys = match whole {
            true => Keys::open(&keys, &options.unlock)?,
            false => Keys::open_or_create(&keys, options.clock.now(), &options.unlock, &chance)?,
        };
        keys.by_chance(chance);
        made("keys");
        store.belong_to(keys.center())?;
        let providers = Providers::of(&config)?;
        Ok(Self {
            store: Box::new(store),
            blobs: Box::new(Folder::open(&works, config.max_work_bytes)?),
            trust: trust(&config, &keys)?,
            keys: Arc::new(keys),
            attempts: Attempts::default(),
            providers,
            config,
            metrics: Metrics::default(),
            verified: Verified::default(),
            folder: folder.to_owned(),
            payers: Payers::new(),
            clock: options.clock,
        })
    }

    /// Makes a center in production in `folder`: its keys wait for the certificates of the
    /// issuer with this root, and until they are installed it cannot be opened.
    ///
    /// # Errors
    /// `conflict`: there is a center, or a configuration for test mode; `malformed`: nothing to
    /// seal its keys under is given, or the root is the published one; the folder cannot be
    /// written.
    pub fn make_production(folder: &Path, options: &Options, root: PinnedRoot) -> Result<()> {
        if !options.unlock.is_given() || root.point == test_root::ROOT_POINT {
            return Err(Refusal::malformed(
                "a center in production needs a root that is not the published test root, and a \
                 passphrase for its keys: set SAIFU_CENTER_PASSPHRASE, \
                 SAIFU_CENTER_PASSPHRASE_FILE or SAIFU_CENTER_KEY",
            ));
        }
        private::folder(folder).map_err(|error| {
            Refusal::unavailable(format!("{} cannot be made ({error})", folder.display()))
        })?;
        if Parts::of(folder)? == Parts::Whole {
            return Err(Refusal::conflict(format!(
                "there is a center in {} already: name another folder",
                folder.display()
            )));
        }
        if Config::load_or_write(folder, &options.config)?.test_mode {
            return Err(Refusal::conflict(format!(
                "the configuration in {} is one for test mode: set test_mode to false there",
                folder.display()
            )));
        }
        let store = Sqlite::open(&folder.join(parts::STORE))?;
        let ring = Ring::generate(root, KeySize::default())?;
        ring.store(&folder.join(parts::KEYS), &options.unlock)?;
        store.belong_to(ring.center())
    }

    /// Has `unwrap` do the payment key's private operation: where that half lies elsewhere, as
    /// in hardware.
    ///
    /// # Errors
    /// `internal`: its keys are in use already.
    pub fn unwrapping_elsewhere(mut self, unwrap: Arc<dyn Unwrap>) -> Result<Self> {
        let keys = Arc::get_mut(&mut self.keys)
            .ok_or_else(|| Refusal::internal("the center's keys are in use already"))?;
        keys.unwrap_elsewhere(&unwrap);
        Ok(self)
    }

    /// Its id.
    pub fn id(&self) -> CenterId {
        self.keys.center()
    }

    /// The roots under which it takes cards.
    pub fn roots(&self) -> &[PinnedRoot] {
        self.trust.roots()
    }

    /// What its owner decided.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Its certificates that a card may need to see, tag 7F21 included: those of now first.
    pub fn certificates(&self) -> Vec<Vec<u8>> {
        self.keys.shown().iter().map(|certificate| certificate.to_bytes()).collect()
    }

    /// Whether its keys are encrypted in its folder.
    pub fn has_sealed_keys(&self) -> bool {
        self.keys.is_sealed()
    }

    /// How many private operations its payment keys have done since it was opened.
    pub fn payment_key_operations(&self) -> u64 {
        self.keys.payment_operations()
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

/// The configuration of a center that is to be its own issuer, in test mode.
fn config_of_new(folder: &Path, made_with: &Config) -> Result<Config> {
    let refused = Refusal::conflict(
        "a center in production (test_mode = false) needs an issuer: make it with `saifu-center \
         init --production --issuer-root FILE`",
    );
    if !made_with.test_mode {
        return Err(refused);
    }
    let config = Config::load_or_write(folder, made_with)?;
    if config.test_mode { Ok(config) } else { Err(refused) }
}

/// Where a center's keys, draws and signatures come from: in production from the system alone.
fn chance_of(config: &Config, given: Option<Arc<dyn Chance>>) -> Result<Arc<dyn Chance>> {
    match given {
        Some(_) if !config.test_mode => Err(Refusal::conflict(
            "a center in production takes its random numbers from the system alone: use one in \
             test mode",
        )),
        given => Ok(given.unwrap_or_else(chance::system)),
    }
}

/// Which cards a center takes; its configuration and its keys agree on that.
fn trust(config: &Config, keys: &Keys) -> Result<Trust> {
    match (config.test_mode, keys.is_test()) {
        (true, true) => Ok(Trust::test()),
        (false, false) if keys.is_sealed() => {
            Ok(Trust::new(Mode::Production, vec![keys.root().clone()]))
        }
        (false, false) => Err(Refusal::conflict(
            "the keys of a center in production must not lie plain: `saifu-center keys passwd`",
        )),
        (false, true) => Err(Refusal::conflict(
            "the configuration says production, and the center's keys stand under the published \
             test root: set test_mode to true, or make another center with `saifu-center init \
             --production --issuer-root FILE`",
        )),
        (true, false) => Err(Refusal::conflict(
            "the configuration says test mode, and an issuer has certified the center's keys: set \
             test_mode to false",
        )),
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
