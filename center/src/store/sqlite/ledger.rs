//! The ledger's rows.

use rusqlite::{Connection, OptionalExtension, Row};

use super::columns::{UnitColumn, int, uint};
use super::{failing, positions, rollups};
use crate::ledger::Entry;
use crate::refusal::Result;

/// The entry that will be booked next.
#[derive(Clone, Copy)]
pub(super) struct Next {
    /// Its number.
    pub(super) number: u64,
    /// When the one before was booked; 0 for the first.
    after: u64,
}

/// The last entry; its index is the table's own order.
pub(super) const LAST: &str = "SELECT entry, booked FROM ledger ORDER BY entry DESC LIMIT 1";

/// When an entry was booked, or the next that is there.
pub(super) const BOOKED: &str = "
    SELECT booked FROM ledger WHERE entry >= ?1 ORDER BY entry LIMIT 1";

/// The entry that will be booked next.
pub(super) fn next_entry(connection: &Connection) -> Result<Next> {
    let mut statement = connection.prepare_cached(LAST).map_err(failing("number an entry"))?;
    let last = |row: &Row<'_>| Ok((uint(row, "entry")?, uint(row, "booked")?));
    let last = statement.query_row([], last).optional().map_err(failing("number an entry"))?;
    let (entry, after) = last.unwrap_or_default();
    Ok(Next { number: entry.saturating_add(1), after })
}

/// The last entry that was booked before the second `time`; 0 for none. Entries are booked in the
/// order of time: it is found by halving, unless the first or the last says it at once.
pub(super) fn last_before(connection: &Connection, time: u64) -> Result<u64> {
    let mut statement = connection.prepare_cached(BOOKED).map_err(failing("find an entry"))?;
    let mut is_before = |entry: u64| {
        let booked = statement.query_row([int(entry)?], |row| uint(row, "booked"));
        booked.map(|booked| booked < time).map_err(failing("find an entry"))
    };
    let Next { number, after } = next_entry(connection)?;
    let (mut before, mut last) = (0, number.saturating_sub(1));
    if after < time {
        return Ok(last);
    }
    if last == 0 || !is_before(1)? {
        return Ok(0);
    }
    while before < last {
        let middle = last - (last - before) / 2;
        if is_before(middle)? {
            before = middle;
        } else {
            last = middle - 1;
        }
    }
    Ok(before)
}

/// Books an entry, in the ledger and in what it changes of a purse, and returns its number. The
/// books' time never goes back, whatever the clock does: periods are ranges of entries.
pub(super) fn book(connection: &Connection, entry: &Entry, now: u64) -> Result<u64> {
    book_as(connection, next_entry(connection)?, entry, now)
}

/// Books an entry as the next.
pub(super) fn book_as(
    connection: &Connection,
    Next { number, after }: Next,
    entry: &Entry,
    now: u64,
) -> Result<u64> {
    rollups::note(connection, number)?;
    insert(connection, entry, number, now.max(after))?;
    positions::book(connection, entry, int(entry.amount)?)?;
    Ok(number)
}

fn insert(connection: &Connection, entry: &Entry, number: u64, now: u64) -> Result<()> {
    let sql = "
        INSERT INTO ledger (entry, booked, kind, unit, amount, source, source_id, target,
            target_id, account, purse, evidence)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let mut statement = connection.prepare_cached(sql).map_err(failing("book an entry"))?;
    let row = (
        int(number)?,
        int(now)?,
        entry.kind as u8,
        UnitColumn(entry.unit),
        int(entry.amount)?,
        entry.source.holder as u8,
        entry.source.id,
        entry.target.holder as u8,
        entry.target.id,
        entry.account.0,
        entry.purse,
        entry.evidence.0,
    );
    statement.execute(row).map_err(failing("book an entry"))?;
    Ok(())
}
