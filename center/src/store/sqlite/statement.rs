//! A shop's statement: the sums at both ends of a period, and a page of its lines.

use rusqlite::{Connection, Row};
use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, Digest, OrderId, ShopId};

use super::columns::{UnitColumn, code, id, int, uint};
use super::rollups::{self, ShopAccount};
use super::{Sqlite, failing, fees, ledger};
use crate::ledger::{Line, LineKind, Statement, StatementAsked};
use crate::refusal::Result;
use crate::store::StatementStore;

impl StatementStore for Sqlite {
    fn statement(&self, asked: StatementAsked) -> Result<Statement> {
        self.read(|connection| statement(connection, asked))
    }

    fn shop_units(&self, shop: ShopId) -> Result<Vec<(Kind, Unit)>> {
        self.read(|connection| units(connection, shop))
    }
}

/// The most kinds and units that one shop is said to have an account in.
const MAX_UNITS: usize = 1_000;

/// The lines of each index that a shop's account is in: what came in (filed already, and not), what
/// went out, and what is in suspense. Each is read in order, and no further than a page.
pub(super) const LINES: [&str; 4] = [
    "SELECT l.entry, l.booked, CASE l.source WHEN 3 THEN 1 WHEN 5 THEN 2 ELSE 4 END AS line,
         l.amount, l.account, l.evidence, t.order_id, coalesce(v.title, '') AS note
     FROM shop_entries s CROSS JOIN ledger l ON l.entry = s.entry
     LEFT JOIN resolutions r ON r.entry = l.entry
     LEFT JOIN tokens t ON t.entry =
         coalesce((SELECT entry FROM tokens WHERE identity = r.token AND outcome = 2), l.entry)
     LEFT JOIN orders o ON o.id = t.order_id
     LEFT JOIN versions v ON (v.work, v.version) = (o.work, o.version)
     WHERE s.shop = ?1 AND s.kind = ?2 AND s.unit = ?3 AND s.entry > ?4 AND s.entry <= ?5
     ORDER BY s.entry LIMIT ?6",
    "SELECT l.entry, l.booked, CASE l.source WHEN 3 THEN 1 WHEN 5 THEN 2 ELSE 4 END AS line,
         l.amount, l.account, l.evidence, t.order_id, coalesce(v.title, '') AS note
     FROM ledger l
     LEFT JOIN resolutions r ON r.entry = l.entry
     LEFT JOIN tokens t ON t.entry =
         coalesce((SELECT entry FROM tokens WHERE identity = r.token AND outcome = 2), l.entry)
     LEFT JOIN orders o ON o.id = t.order_id
     LEFT JOIN versions v ON (v.work, v.version) = (o.work, o.version)
     WHERE l.target = 4 AND l.target_id = ?1 AND l.kind = ?2 AND l.unit = ?3
         AND l.entry > ?4 AND l.entry <= ?5
     ORDER BY l.entry LIMIT ?6",
    "SELECT l.entry, l.booked, CASE l.target WHEN 7 THEN 5 ELSE 3 END AS line,
         l.amount, l.account, l.evidence, NULL AS order_id, coalesce(p.reference, '') AS note
     FROM ledger l INDEXED BY ledger_from_shop
     LEFT JOIN payouts p ON p.entry = l.entry
     WHERE l.source = 4 AND l.source_id = ?1 AND l.kind = ?2 AND l.unit = ?3
         AND l.entry > ?4 AND l.entry <= ?5
     ORDER BY l.entry LIMIT ?6",
    "SELECT t.entry, t.booked, 6 AS line, t.amount, t.account, t.identity AS evidence,
         t.order_id, t.reason AS note
     FROM tokens t INDEXED BY tokens_in_suspense
     WHERE t.outcome = 2 AND t.shop = ?1 AND t.kind = ?2 AND t.unit = ?3
         AND t.entry > ?4 AND t.entry <= ?5
     ORDER BY t.entry LIMIT ?6",
];

/// Which of them are not filed.
const UNFILED: usize = 1;

/// A shop's account over a period, read at one moment.
pub(super) fn statement(connection: &Connection, asked: StatementAsked) -> Result<Statement> {
    let moment = connection.unchecked_transaction().map_err(failing("read a statement"))?;
    let of = ShopAccount { shop: asked.shop, kind: asked.kind, unit: asked.unit };
    let next = ledger::next_entry(&moment)?.number;
    let filed = rollups::filed(next);
    let begins = ledger::last_before(&moment, asked.from)?;
    let ends = match asked.to {
        Some(to) => ledger::last_before(&moment, to)?.max(begins),
        None => next.saturating_sub(1),
    };
    let opening = rollups::sums_at(&moment, of, begins, filed)?;
    let closing = rollups::sums_at(&moment, of, ends, filed)?;
    // A period that is over keeps the rate of its last entry, whatever came before the next.
    let last = asked.to.map_or(next, |_| ends.max(1));
    Ok(Statement {
        asked,
        opening,
        closing,
        opening_fee: fees::fee_at(&moment, of, (begins, filed), opening.gross())?,
        closing_fee: fees::fee_at(&moment, of, (ends, filed), closing.gross())?,
        basis_points: fees::rate_at(&moment, of.shop, last)?,
        lines: lines(&moment, of, (begins.max(asked.after), filed, ends), asked.limit)?,
    })
}

fn lines(
    connection: &Connection,
    of: ShopAccount,
    (after, filed, through): (u64, u64, u64),
    limit: u32,
) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    let starts = [after, after.max(filed), after, after];
    for (number, (sql, after)) in LINES.into_iter().zip(starts).enumerate() {
        // What is not filed yet comes after all that is: a whole page of that needs none of it.
        if number == UNFILED && lines.len() == limit as usize {
            continue;
        }
        let mut statement = connection.prepare_cached(sql).map_err(failing("list lines"))?;
        let range =
            (of.shop.0, of.kind as u8, UnitColumn(of.unit), int(after)?, int(through)?, limit);
        let rows = statement.query_map(range, line).map_err(failing("list lines"))?;
        for row in rows {
            lines.push(row.map_err(failing("list lines"))?);
        }
    }
    lines.sort_unstable_by_key(|line| line.entry);
    lines.truncate(limit as usize);
    Ok(lines)
}

fn line(row: &Row<'_>) -> rusqlite::Result<Line> {
    Ok(Line {
        entry: uint(row, "entry")?,
        booked: uint(row, "booked")?,
        kind: code(row, "line", LineKind::from_code)?,
        amount: uint(row, "amount")?,
        account: AccountId(id(row, "account")?),
        order: row.get::<_, Option<[u8; 16]>>("order_id")?.map(OrderId),
        note: row.get("note")?,
        evidence: Digest(id(row, "evidence")?),
    })
}

/// The kinds and units in which anything was ever paid to a shop. Each is looked up after the one
/// before it, for the index has one entry for each sale.
fn units(connection: &Connection, shop: ShopId) -> Result<Vec<(Kind, Unit)>> {
    let mut units = Vec::new();
    units_unfiled(connection, shop, &mut units)?;
    for sql in NEXT_UNIT {
        let mut statement =
            connection.prepare_cached(sql).map_err(failing("list a shop's units"))?;
        let mut after = (0_u8, String::new());
        while units.len() < MAX_UNITS {
            let range = (shop.0, after.0, &after.1);
            let mut rows = statement.query(range).map_err(failing("list a shop's units"))?;
            let row = rows.next().map_err(failing("list a shop's units"))?;
            let Some(row) = row else { break };
            let found = rollups::account(row).map_err(failing("list a shop's units"))?;
            after = (found.kind as u8, found.unit.as_str().to_owned());
            units.push((found.kind, found.unit));
        }
    }
    units.sort_unstable();
    units.dedup();
    Ok(units)
}

/// Those of the entries that are not filed yet.
fn units_unfiled(
    connection: &Connection,
    shop: ShopId,
    units: &mut Vec<(Kind, Unit)>,
) -> Result<()> {
    let filed = rollups::filed(ledger::next_entry(connection)?.number);
    let mut read = || {
        let mut statement = connection.prepare_cached(UNITS_UNFILED)?;
        let mut rows = statement.query((int(filed).unwrap_or(i64::MAX), shop.0))?;
        while let Some(row) = rows.next()? {
            let found = rollups::account(row)?;
            units.push((found.kind, found.unit));
        }
        Ok(())
    };
    read().map_err(failing("list a shop's units"))
}

pub(super) const UNITS_UNFILED: &str = "
    SELECT DISTINCT target_id AS shop, kind, unit FROM ledger
    WHERE entry > ?1 AND target = 4 AND target_id = ?2";

pub(super) const NEXT_UNIT: [&str; 2] = [
    "SELECT shop, kind, unit FROM shop_entries WHERE shop = ?1 AND (kind, unit) > (?2, ?3)
     ORDER BY kind, unit LIMIT 1",
    "SELECT shop, kind, unit FROM tokens INDEXED BY tokens_in_suspense
     WHERE outcome = 2 AND shop = ?1 AND (kind, unit) > (?2, ?3)
     ORDER BY kind, unit LIMIT 1",
];
