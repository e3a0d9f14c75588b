//! What each shop's account sums up to, noted now and then, so that no statement sums the past.
//!
//! The writer files entries by shop now and then, and after each [`EVERY`] notes, for each
//! account of a shop that moved since, everything up to there; nothing noted is ever changed. A sum
//! up to any entry is the last note before it and the at most [`EVERY`] entries since.

use rusqlite::{Connection, OptionalExtension, Row, ToSql};
use saifu_wire::ShopId;
use saifu_wire::value::{Kind, Unit};

use super::columns::{UnitColumn, code, id, int, uint, unit};
use super::failing;
use crate::ledger::{Counted, LineKind, ShopSums};
use crate::refusal::Result;

/// After how many entries of the ledger sums are noted.
pub(super) const EVERY: u64 = 512;

/// After how many entries they are filed by shop: fewer, for whoever sums up reads through those
/// that are not.
const FILE_EVERY: u64 = 256;

const _: () = assert!(EVERY.is_multiple_of(FILE_EVERY));

/// A shop's account in one kind and unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShopAccount {
    pub(super) shop: ShopId,
    pub(super) kind: Kind,
    pub(super) unit: Unit,
}

/// What came in of a shop's account in a range of entries that are not filed yet.
pub(super) const UNFILED: &str = "
    SELECT CASE source WHEN 3 THEN 1 WHEN 5 THEN 2 ELSE 4 END AS line, count(*) AS n,
        sum(amount) AS amount
    FROM ledger
    WHERE target = 4 AND target_id = ?1 AND kind = ?2 AND unit = ?3 AND entry > ?4 AND entry <= ?5
    GROUP BY line";

/// What came in, as far as it is filed, and what went out of a shop's account, and what is in
/// suspense, in a range of entries: one query for each, over an index of its own.
pub(super) const SUMS: [&str; 3] = [
    "SELECT CASE source WHEN 3 THEN 1 WHEN 5 THEN 2 ELSE 4 END AS line, count(*) AS n,
         sum(amount) AS amount
     FROM shop_entries
     WHERE shop = ?1 AND kind = ?2 AND unit = ?3 AND entry > ?4 AND entry <= ?5
     GROUP BY line",
    "SELECT CASE target WHEN 7 THEN 5 ELSE 3 END AS line, count(*) AS n, sum(amount) AS amount
     FROM ledger INDEXED BY ledger_from_shop
     WHERE source = 4 AND source_id = ?1 AND kind = ?2 AND unit = ?3 AND entry > ?4 AND entry <= ?5
     GROUP BY line",
    "SELECT 6 AS line, count(*) AS n, coalesce(sum(amount), 0) AS amount
     FROM tokens INDEXED BY tokens_in_suspense
     WHERE outcome = 2 AND shop = ?1 AND kind = ?2 AND unit = ?3 AND entry > ?4 AND entry <= ?5",
];

/// The last note of a shop's account up to an entry.
pub(super) const LAST: &str = "
    SELECT * FROM rollups WHERE shop = ?1 AND kind = ?2 AND unit = ?3 AND through <= ?4
    ORDER BY through DESC LIMIT 1";

/// Notes what is due before entry `next` is booked.
pub(super) fn note(connection: &Connection, next: u64) -> Result<()> {
    let through = next.saturating_sub(1);
    if through == 0 || !through.is_multiple_of(FILE_EVERY) {
        return Ok(());
    }
    let filed = file(connection, through)?;
    if !through.is_multiple_of(EVERY) {
        return Ok(());
    }
    for account in moved(connection, through)? {
        let sums = sums_at(connection, account, through, filed)?;
        insert(connection, account, through, &sums)?;
    }
    Ok(())
}

/// Up to which entry all are filed, before entry `next` is booked.
pub(super) fn filed(next: u64) -> u64 {
    next.saturating_sub(2) / FILE_EVERY * FILE_EVERY
}

/// Files the last entries up to `through` by the shops that they came in to.
fn file(connection: &Connection, through: u64) -> Result<u64> {
    let sql = "
        INSERT INTO shop_entries (shop, kind, unit, entry, source, amount)
        SELECT target_id, kind, unit, entry, source, amount FROM ledger
        WHERE target = 4 AND entry > ?1 AND entry <= ?2";
    let range = (int(through.saturating_sub(FILE_EVERY))?, int(through)?);
    let mut statement = connection.prepare_cached(sql).map_err(failing("file entries"))?;
    statement.execute(range).map_err(failing("file entries"))?;
    Ok(through)
}

/// The shops' accounts that moved in the last entries up to `through`.
fn moved(connection: &Connection, through: u64) -> Result<Vec<ShopAccount>> {
    let sql = "
        SELECT target_id AS shop, kind, unit FROM ledger
        WHERE target = 4 AND entry > ?1 AND entry <= ?2
        UNION SELECT source_id, kind, unit FROM ledger
        WHERE source = 4 AND entry > ?1 AND entry <= ?2
        UNION SELECT shop, kind, unit FROM tokens
        WHERE outcome = 2 AND entry > ?1 AND entry <= ?2";
    let mut statement = connection.prepare_cached(sql).map_err(failing("note sums"))?;
    let range = (int(through.saturating_sub(EVERY))?, int(through)?);
    let rows = statement.query_map(range, account).map_err(failing("note sums"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("note sums"))
}

pub(super) fn account(row: &Row<'_>) -> rusqlite::Result<ShopAccount> {
    Ok(ShopAccount {
        shop: ShopId(id(row, "shop")?),
        kind: code(row, "kind", Kind::from_code)?,
        unit: unit(row, "unit")?,
    })
}

/// What a shop's account sums up to, entry `through` included, where entries up to `filed` are.
pub(super) fn sums_at(
    connection: &Connection,
    of: ShopAccount,
    through: u64,
    filed: u64,
) -> Result<ShopSums> {
    let (noted, mut sums) = last(connection, of, through)?;
    let unfiled = (UNFILED, noted.max(filed));
    for (sql, after) in SUMS.map(|sql| (sql, noted)).into_iter().chain([unfiled]) {
        let mut statement = connection.prepare_cached(sql).map_err(failing("sum up a shop"))?;
        let range = (of.shop.0, of.kind as u8, UnitColumn(of.unit), int(after)?, int(through)?);
        let line = |row: &Row<'_>| {
            let counted = Counted { count: uint(row, "n")?, amount: uint(row, "amount")? };
            Ok((code(row, "line", LineKind::from_code)?, counted))
        };
        let rows = statement.query_map(range, line).map_err(failing("sum up a shop"))?;
        for row in rows {
            let (kind, counted) = row.map_err(failing("sum up a shop"))?;
            sums.add(kind, counted)?;
        }
    }
    Ok(sums)
}

/// Up to where the account was noted last, and as what.
fn last(connection: &Connection, of: ShopAccount, through: u64) -> Result<(u64, ShopSums)> {
    let mut statement = connection.prepare_cached(LAST).map_err(failing("read sums"))?;
    let of_row = |row: &Row<'_>| {
        let counted = LineKind::EACH.map(|kind| Ok((kind, counted(row, kind)?)));
        Ok((uint(row, "through")?, counted))
    };
    let asked = (of.shop.0, of.kind as u8, UnitColumn(of.unit), int(through)?);
    let found = statement.query_row(asked, of_row).optional().map_err(failing("read sums"))?;
    let mut sums = ShopSums::default();
    let Some((noted, lines)) = found else { return Ok((0, sums)) };
    for line in lines {
        let (kind, counted) = line.map_err(failing("read sums"))?;
        sums.add(kind, counted)?;
    }
    Ok((noted, sums))
}

fn counted(row: &Row<'_>, kind: LineKind) -> rusqlite::Result<Counted> {
    let [count, amount] = columns(kind);
    Ok(Counted { count: uint(row, count)?, amount: uint(row, amount)? })
}

/// The columns that count and sum up one kind of line.
fn columns(kind: LineKind) -> [&'static str; 2] {
    match kind {
        LineKind::Sale => ["sales", "sales_amount"],
        LineKind::Resolved => ["resolved", "resolved_amount"],
        LineKind::Refund => ["refunds", "refunds_amount"],
        LineKind::Returned => ["returned", "returned_amount"],
        LineKind::Payout => ["payouts", "payouts_amount"],
        LineKind::Suspense => ["suspense", "suspense_amount"],
    }
}

fn insert(connection: &Connection, of: ShopAccount, through: u64, sums: &ShopSums) -> Result<()> {
    let names = LineKind::EACH.map(columns).concat().join(", ");
    let sql = format!(
        "INSERT INTO rollups (shop, kind, unit, through, {names})
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    );
    let (shop, kind, unit, through) =
        (of.shop.0, of.kind as u8, UnitColumn(of.unit), int(through)?);
    let mut values: Vec<&dyn ToSql> = vec![&shop, &kind, &unit, &through];
    let mut numbers = Vec::new();
    for kind in LineKind::EACH {
        let Counted { count, amount } = sums.of(kind);
        numbers.extend([int(count)?, int(amount)?]);
    }
    values.extend(numbers.iter().map(|number| number as &dyn ToSql));
    let mut statement = connection.prepare_cached(&sql).map_err(failing("note sums"))?;
    statement.execute(values.as_slice()).map_err(failing("note sums"))?;
    Ok(())
}
