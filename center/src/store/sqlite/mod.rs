//! A store in one SQLite file.
//!
//! Write-ahead log, synchronous FULL, foreign keys on. One connection writes, on a thread
//! of its own ([`writer`]); a few others read, and see what is committed. Several processes
//! may have the file open: SQLite lets their writers take turns.

mod accounts;
mod cards;
mod catalogue;
mod columns;
mod events;
mod fees;
mod funding;
mod key_use;
mod ledger;
mod links;
mod loads;
mod minted;
mod operators;
mod orders;
mod payments;
mod payouts;
mod positions;
mod refunds;
mod replacements;
mod restores;
mod revocations;
mod rollups;
mod schema;
mod shops;
mod statement;
#[cfg(test)]
mod statement_tests;
mod sums;
mod tokens;
mod vouchers;
mod writer;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};
use saifu_wire::CenterId;

pub use self::writer::Writer;
use super::Store;
use crate::metrics::WriterCounts;
use crate::refusal::{Refusal, Result};

/// How long a writer waits for another process's.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The prepared statements that a connection keeps: more than there are kinds of them.
const STATEMENTS: usize = 128;

/// The pages that a connection keeps, in KiB: the upper levels of every index of a large store.
const CACHE_KIB: i64 = 16 << 10;

/// How much of the file is read where the system has it, without a call for each page.
const MAPPED_BYTES: i64 = 1 << 30;

/// Connections that read. A read takes microseconds, so that a few serve any number of threads.
const READERS: usize = 4;

/// After how many pages of 4 KiB the write-ahead log goes into the file: seldom enough that a
/// page which is written again and again goes there once.
const CHECKPOINT_PAGES: u32 = 8_192;

/// A store in one SQLite file.
pub struct Sqlite {
    writer: Writer,
    readers: Readers,
}

/// Several connections that read, each for one thread at a time.
struct Readers {
    connections: Vec<Mutex<Connection>>,
    turn: AtomicUsize,
}

impl Readers {
    fn open(file: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = |_| {
            let reader = Connection::open_with_flags(file, flags);
            let reader = reader.map_err(failing("open its file"))?;
            reader.busy_timeout(BUSY_TIMEOUT).map_err(failing("set its timeout"))?;
            set_caches(&reader)?;
            Ok(Mutex::new(reader))
        };
        let connections = (0..READERS).map(open).collect::<Result<_>>()?;
        Ok(Self { connections, turn: AtomicUsize::new(0) })
    }

    /// One that is free, or else the next in turn once it is.
    fn take(&self) -> MutexGuard<'_, Connection> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let (after, first) = self.connections.split_at(turn % self.connections.len());
        // A reader that panicked has left no transaction behind: it rolls back when dropped.
        let free = first.iter().chain(after).find_map(|reader| match reader.try_lock() {
            Ok(free) => Some(free),
            Err(TryLockError::Poisoned(free)) => Some(free.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        });
        free.unwrap_or_else(|| first[0].lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sqlite {
    /// Opens the store in `file`, made if it is not there, and brings its schema up to date.
    ///
    /// # Errors
    /// The file cannot be made, read or written, is no such store, or is a newer program's.
    pub fn open(file: &Path) -> Result<Self> {
        let mut connection = Connection::open(file).map_err(failing("open its file"))?;
        make_durable(&connection)?;
        schema::migrate(&mut connection)?;
        Ok(Self { writer: Writer::start(connection)?, readers: Readers::open(file)? })
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        read(&self.readers.take())
    }
}

/// Gives a connection room for what a large store asks of it.
fn set_caches(connection: &Connection) -> Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection
        .pragma_update(None, "cache_size", -CACHE_KIB)
        .and_then(|()| connection.pragma_update(None, "mmap_size", MAPPED_BYTES))
        // A statement is planned once, and not again for what is asked with it.
        .and_then(|()| connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true))
        .map(drop)
        .map_err(failing("set its caches"))
}

/// Has a connection write as the store's does: what is committed is on the disk.
///
/// # Errors
/// The file cannot be written.
pub fn make_durable(connection: &Connection) -> Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failing("set its timeout"))?;
    set_caches(connection)?;
    let pragmas = format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};"
    );
    connection.execute_batch(&pragmas).map_err(failing("set its journal"))
}

/// Says what the database failed to do, and whether trying again may help.
fn failing(what: &'static str) -> impl Fn(rusqlite::Error) -> Refusal {
    move |error| match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            Refusal::unavailable(format!("the store fails to {what}: its disk is full"))
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Refusal::unavailable(format!("the store fails to {what}: another process has it"))
        }
        _ => Refusal::internal(format!("the store fails to {what}: {error}")),
    }
}

impl Store for Sqlite {
    fn writer_counts(&self) -> WriterCounts {
        self.writer.counts()
    }

    fn belong_to(&self, center: CenterId) -> Result<()> {
        self.writer.write("tie to center", move |connection| belong_to(connection, center))
    }
}

/// Whose a store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Nobody's, and nothing is in it, not even a schema.
    NoSchema,
    /// Nobody's: it was made, and no center has it yet.
    Nobody,
    /// A center's.
    Center,
}

/// Looks into the store in `file`, which must be there, and changes nothing in it.
///
/// # Errors
/// The file cannot be read, or is no such store.
pub(crate) fn owner(file: &Path) -> Result<Owner> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(failing("open its file"))?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failing("set its timeout"))?;
    if schema::version(&connection)? == 0 {
        return Ok(Owner::NoSchema);
    }
    Ok(center_of(&connection)?.map_or(Owner::Nobody, |_| Owner::Center))
}

fn center_of(connection: &Connection) -> Result<Option<Vec<u8>>> {
    connection
        .query_row("SELECT id FROM center", [], |row| row.get(0))
        .optional()
        .map_err(failing("read whose it is"))
}

fn belong_to(connection: &Connection, center: CenterId) -> Result<()> {
    match center_of(connection)? {
        Some(id) if id == center.0 => Ok(()),
        Some(id) => Err(Refusal::conflict(format!(
            "the store is center {}'s, the keys are center {center}'s: put files of one center \
             into one folder",
            hex::encode(id)
        ))),
        None => {
            let sql = "INSERT INTO center (only, id) VALUES (1, ?1)";
            connection.execute(sql, [center.0]).map_err(failing("note whose it is"))?;
            Ok(())
        }
    }
}
