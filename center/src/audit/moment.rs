//! One moment of a store, read and never written: what others commit meanwhile is not seen.
//!
//! What the evidence asks the ledger to say is gathered in temporary tables of the reading
//! connection, which lie in a file of the system's temporary folder: memory stays bounded
//! however many sales there are.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, named_params};

use super::tables::VIEWS;
use crate::refusal::{Refusal, Result};

/// How long to wait for a process that has the file for itself.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

const TEMPORARY: &str = "
    PRAGMA temp_store = FILE;
    CREATE TEMP TABLE expected (
        evidence BLOB, source INTEGER, target INTEGER, purse INTEGER, source_id BLOB,
        target_id BLOB, account BLOB, kind INTEGER, unit TEXT, amount INTEGER, entry INTEGER,
        time INTEGER, found INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (evidence, source, target, purse)
    ) WITHOUT ROWID;
    CREATE TEMP TABLE once (what TEXT, id BLOB, PRIMARY KEY (what, id)) WITHOUT ROWID;
    PRAGMA temp.journal_mode = OFF;
    BEGIN;";

/// A store at one moment.
pub(super) struct Moment {
    pub(super) connection: Connection,
}

/// An entry that the evidence asks the ledger to have.
#[derive(Debug, Clone)]
pub(super) struct Booking {
    pub(super) kind: u8,
    pub(super) unit: String,
    pub(super) amount: u64,
    pub(super) source: Side,
    pub(super) target: Side,
    pub(super) account: [u8; 16],
    pub(super) purse: u32,
    pub(super) evidence: [u8; 32],
    /// Its number, where something signed names it.
    pub(super) entry: Option<u64>,
    /// When it was signed, where that is the time at which it was booked.
    pub(super) time: Option<u64>,
}

/// Who gives or gets: a code of the books, and whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) holder: u8,
    pub(super) id: [u8; 16],
}

/// The codes of the books' holders.
pub(super) mod holder {
    pub(in crate::audit) const ISSUED: u8 = 1;
    pub(in crate::audit) const UNAPPLIED: u8 = 2;
    pub(in crate::audit) const CARD: u8 = 3;
    pub(in crate::audit) const SETTLED: u8 = 4;
    pub(in crate::audit) const SUSPENSE: u8 = 5;
    pub(in crate::audit) const EXPIRED: u8 = 6;
    pub(in crate::audit) const REDEEMED: u8 = 7;
}

impl Side {
    pub(super) fn new(holder: u8, id: [u8; 16]) -> Self {
        Self { holder, id }
    }
}

impl Moment {
    /// Opens the store in `file` as it is now.
    ///
    /// # Errors
    /// `unavailable`: it cannot be read; `malformed`: it is no center's store.
    pub(super) fn open(file: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let failed = |error| unreadable(file, &error);
        let connection = Connection::open_with_flags(file, flags).map_err(failed)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
        connection.execute_batch(TEMPORARY).map_err(failed)?;
        connection.execute_batch(VIEWS).map_err(failed)?;
        Ok(Self { connection })
    }

    /// The center that the store belongs to.
    ///
    /// # Errors
    /// `malformed`: it belongs to none, or is no store.
    pub(super) fn center(&self, file: &Path) -> Result<[u8; 16]> {
        let found = self.connection.query_row("SELECT id FROM center", [], |row| row.get(0));
        let found = found.optional().map_err(|error| unreadable(file, &error))?;
        found.ok_or_else(|| {
            let file = file.display();
            Refusal::malformed(format!("{file} belongs to no center: name a center's store"))
        })
    }

    /// How many rows a table has.
    pub(super) fn count(&self, table: &str) -> rusqlite::Result<u64> {
        let sql = format!("SELECT count(*) FROM {table}");
        self.connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
    }

    /// Asks the ledger for an entry; whether it was not asked for before.
    pub(super) fn expect(&self, booking: &Booking) -> rusqlite::Result<bool> {
        let sql = "
            INSERT OR IGNORE INTO expected (evidence, source, target, purse, source_id, target_id,
                account, kind, unit, amount, entry, time)
            VALUES (:evidence, :source, :target, :purse, :source_id, :target_id, :account, :kind,
                :unit, :amount, :entry, :time)";
        let new = self.connection.prepare_cached(sql)?.execute(named_params! {
            ":evidence": booking.evidence, ":source": booking.source.holder,
            ":target": booking.target.holder, ":purse": booking.purse,
            ":source_id": booking.source.id, ":target_id": booking.target.id,
            ":account": booking.account, ":kind": booking.kind, ":unit": booking.unit,
            ":amount": booking.amount.cast_signed(),
            ":entry": booking.entry.map(u64::cast_signed),
            ":time": booking.time.map(u64::cast_signed),
        })?;
        Ok(new == 1)
    }

    /// Notes that `what` happened to `id`; whether for the first time.
    pub(super) fn once(&self, what: &str, id: &[u8]) -> rusqlite::Result<bool> {
        let sql = "INSERT OR IGNORE INTO once (what, id) VALUES (?1, ?2)";
        Ok(self.connection.prepare_cached(sql)?.execute((what, id))? == 1)
    }
}

/// Reads a number that is not negative.
pub(super) fn uint(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| {
        let index = row.as_ref().column_index(column).unwrap_or_default();
        rusqlite::Error::IntegralValueOutOfRange(index, number)
    })
}

/// Says that the store fails to be read.
pub(super) fn unreadable(file: &Path, error: &rusqlite::Error) -> Refusal {
    let file = file.display();
    Refusal::unavailable(format!(
        "the store {file} cannot be audited ({error}): give permission to read it, and see that \
         the folder for temporary files has room"
    ))
}
