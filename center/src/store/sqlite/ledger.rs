//! The ledger's rows.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::columns::{UnitColumn, int, uint};
use super::{failing, positions, rollups};
use crate::ledger::Entry;
use crate::refusal::Result;

/// The entry that will be booked next.
pub(super) struct Next {
    /// Its number.
    pub(super) number: u64,
    /// When the one before was booked; 0 for the first.
    after: u64,
}

/// The last entry; its index is the table's own order.
pub(super) const LAST: &str = "SELECT entry, booked FROM ledger ORDER BY entry DESC LIMIT 1";

pub(super) const BEFORE: &str = "
    SELECT entry FROM ledger WHERE booked < ?1 ORDER BY booked DESC, entry DESC LIMIT 1";

/// The entry that will be booked next.
pub(super) fn next_entry(connection: &Connection) -> Result<Next> {
    let mut statement = connection.prepare_cached(LAST).map_err(failing("number an entry"))?;
    let last = |row: &Row<'_>| Ok((uint(row, "entry")?, uint(row, "booked")?));
    let last = statement.query_row([], last).optional().map_err(failing("number an entry"))?;
    let (entry, after) = last.unwrap_or_default();
    Ok(Next { number: entry.saturating_add(1), after })
}

/// The last entry that was booked before the second `time`; 0 for none. Entries are booked in the
/// order of time.
pub(super) fn last_before(connection: &Connection, time: u64) -> Result<u64> {
    let mut statement = connection.prepare_cached(BEFORE).map_err(failing("find an entry"))?;
    let found = statement.query_row([int(time)?], |row| uint(row, "entry")).optional();
    found.map(Option::unwrap_or_default).map_err(failing("find an entry"))
}

/// Books an entry, in the ledger and in what it changes of a purse, and returns its number. The
/// books' time never goes back, whatever the clock does: periods are ranges of entries.
pub(super) fn book(connection: &Connection, entry: &Entry, now: u64) -> Result<u64> {
    let Next { number, after } = next_entry(connection)?;
    rollups::note(connection, number)?;
    insert(connection, entry, number, now.max(after))?;
    positions::book(connection, entry, int(entry.amount)?)?;
    Ok(number)
}

fn insert(connection: &Connection, entry: &Entry, number: u64, now: u64) -> Result<()> {
    let sql = "
        INSERT INTO ledger (entry, booked, kind, unit, amount, source, source_id, target,
            target_id, account, purse, evidence)
        VALUES (:entry, :booked, :kind, :unit, :amount, :source, :source_id, :target,
            :target_id, :account, :purse, :evidence)";
    let mut statement = connection.prepare_cached(sql).map_err(failing("book an entry"))?;
    statement
        .execute(named_params! {
            ":entry": int(number)?, ":booked": int(now)?, ":kind": entry.kind as u8,
            ":unit": UnitColumn(entry.unit), ":amount": int(entry.amount)?,
            ":source": entry.source.holder as u8, ":source_id": entry.source.id,
            ":target": entry.target.holder as u8, ":target_id": entry.target.id,
            ":account": entry.account.0, ":purse": entry.purse, ":evidence": entry.evidence.0,
        })
        .map_err(failing("book an entry"))?;
    Ok(())
}
