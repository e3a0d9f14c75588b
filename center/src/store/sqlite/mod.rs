//! A store in one SQLite file.
//!
//! Write-ahead log, synchronous FULL, foreign keys on. One connection writes, on a thread
//! of its own ([`writer`]); another reads, and sees what is committed. Several processes
//! may have the file open: SQLite lets their writers take turns.

mod accounts;
mod catalogue;
mod columns;
mod ledger;
mod links;
mod loads;
mod orders;
mod schema;
mod tokens;
mod writer;

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};
use saifu_wire::{AccountId, CenterId, ContentId, Digest, LoadId, OrderId};

use self::writer::Writer;
use super::{
    AccountRow, CloseFacts, Closing, ContentRow, Evidence, EvidenceRow, Judged, LoadRow, Make,
    NewOrder, NewVersion, OrderRow, Sale, SettleFacts, Store, TokenRow, Verdict, VersionRow,
    WorkFilter,
};
use crate::ledger::Books;
use crate::refusal::{Refusal, Result};

/// How long a writer waits for another process's.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// A store in one SQLite file.
pub struct Sqlite {
    writer: Writer,
    reader: Mutex<Connection>,
}

impl Sqlite {
    /// Opens the store in `file`, made if it is not there, and brings its schema up to date.
    ///
    /// # Errors
    /// The file cannot be made, read or written, is no such store, or is a newer program's.
    pub fn open(file: &Path) -> Result<Self> {
        let mut connection = Connection::open(file).map_err(failing("open its file"))?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(failing("set its timeout"))?;
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
            )
            .map_err(failing("set its journal"))?;
        schema::migrate(&mut connection)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let reader = Connection::open_with_flags(file, flags).map_err(failing("open its file"))?;
        reader.busy_timeout(BUSY_TIMEOUT).map_err(failing("set its timeout"))?;
        Ok(Self { writer: Writer::start(connection)?, reader: Mutex::new(reader) })
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        // A reader that panicked has left no transaction behind: reads have none.
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        read(&reader)
    }
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
    fn belong_to(&self, center: CenterId) -> Result<()> {
        self.writer.write("tie to center", move |connection| belong_to(connection, center))
    }

    fn add_version(&self, version: NewVersion, now: u64) -> Result<VersionRow> {
        self.writer.write("add work", move |connection| catalogue::add(connection, version, now))
    }

    fn publish(&self, work: ContentId, version: u32, now: u64) -> Result<VersionRow> {
        self.writer
            .write("publish", move |connection| catalogue::publish(connection, work, version, now))
    }

    fn works(&self, filter: WorkFilter, after: u64, limit: u32) -> Result<Vec<(u64, VersionRow)>> {
        self.read(|connection| catalogue::list(connection, filter, after, limit))
    }

    fn version(&self, work: ContentId, version: Option<u32>) -> Result<Option<VersionRow>> {
        self.read(|connection| catalogue::find(connection, work, version))
    }

    fn open_account(&self, account: AccountRow) -> Result<AccountRow> {
        self.writer.write("open account", move |connection| accounts::open(connection, &account))
    }

    fn account(&self, id: AccountId) -> Result<Option<AccountRow>> {
        self.read(|connection| accounts::find(connection, id))
    }

    fn loads(&self, account: AccountId) -> Result<Vec<LoadRow>> {
        self.read(|connection| loads::of_account(connection, account))
    }

    fn open_load(&self, load: LoadRow, most: u32) -> Result<Option<LoadRow>> {
        self.writer.write("open load", move |connection| loads::open(connection, &load, most))
    }

    fn withdraw_load(&self, account: AccountId, purse: u32) -> Result<()> {
        self.writer
            .write("withdraw load", move |connection| loads::withdraw(connection, account, purse))
    }

    fn load(&self, id: LoadId) -> Result<Option<LoadRow>> {
        self.read(|connection| loads::find(connection, id))
    }

    fn issue_credit(
        &self,
        load: LoadId,
        now: u64,
        make: Make<(LoadRow, u64), Vec<u8>>,
    ) -> Result<LoadRow> {
        self.writer.write("issue credit", move |connection| {
            loads::issue_credit(connection, load, now, make)
        })
    }

    fn close_load(
        &self,
        event: Closing,
        now: u64,
        judge: Make<CloseFacts, Judged>,
    ) -> Result<Judged> {
        self.writer
            .write("close load", move |connection| loads::close(connection, &event, now, judge))
    }

    fn place_order(&self, order: NewOrder, make: Make<u64, Vec<u8>>) -> Result<OrderRow> {
        self.writer.write("place order", move |connection| orders::place(connection, &order, make))
    }

    fn order(&self, id: OrderId) -> Result<Option<OrderRow>> {
        self.read(|connection| orders::find(connection, id))
    }

    fn content(&self, order: OrderId) -> Result<Option<ContentRow>> {
        self.read(|connection| orders::content(connection, order))
    }

    fn receipt(&self, account: AccountId, token: Digest) -> Result<Option<Vec<u8>>> {
        self.read(|connection| tokens::receipt(connection, account, token))
    }

    fn settle(
        &self,
        token: TokenRow,
        now: u64,
        judge: Make<SettleFacts, Verdict>,
    ) -> Result<Verdict> {
        self.writer
            .write("settle", move |connection| tokens::settle(connection, &token, now, judge))
    }

    fn keep_evidence(&self, evidence: Evidence, freeze: bool, now: u64) -> Result<()> {
        self.writer.write("keep evidence", move |connection| {
            links::keep(connection, &evidence, freeze, now)
        })
    }

    fn evidence(&self, limit: u32) -> Result<Vec<EvidenceRow>> {
        self.read(|connection| links::evidence(connection, limit))
    }

    fn sales(&self, after: u64, limit: u32) -> Result<Vec<Sale>> {
        self.read(|connection| tokens::sales(connection, after, limit))
    }

    fn books(&self) -> Result<Books> {
        self.read(ledger::books)
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
