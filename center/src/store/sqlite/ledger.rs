//! The ledger's rows, and what they and the evidence sum up to.

use rusqlite::{Connection, Row, named_params};
use saifu_wire::AccountId;
use saifu_wire::signed::Outcome;
use saifu_wire::value::Kind;

use super::columns::{UnitColumn, code, id, int, uint, unit};
use super::{Sqlite, failing};
use crate::ledger::{Books, Entry, Holder, PurseFinding, Sum, SumOf};
use crate::refusal::Result;
use crate::store::{BookStore, LoadState};

impl BookStore for Sqlite {
    fn books(&self) -> Result<Books> {
        self.read(books)
    }
}

/// The most purses that one look at the books names as wrong.
const MAX_FINDINGS: u32 = 100;

/// The number of the entry that will be booked next.
pub(super) fn next_entry(connection: &Connection) -> Result<u64> {
    let sql = "SELECT coalesce(max(entry), 0) + 1 AS next FROM ledger";
    let mut statement = connection.prepare_cached(sql).map_err(failing("number an entry"))?;
    statement.query_row([], |row| uint(row, "next")).map_err(failing("number an entry"))
}

/// Books an entry and returns its number.
pub(super) fn book(connection: &Connection, entry: &Entry, now: u64) -> Result<u64> {
    let number = next_entry(connection)?;
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
    Ok(number)
}

/// What is on the card or on its way there, in this purse: the ledger's word.
pub(super) fn spendable(connection: &Connection, account: AccountId, purse: u32) -> Result<i64> {
    let sql = "
        SELECT coalesce(sum(CASE WHEN target IN (2, 3) THEN amount ELSE 0 END
                          - CASE WHEN source IN (2, 3) THEN amount ELSE 0 END), 0)
        FROM ledger WHERE account = ?1 AND purse = ?2";
    let mut statement = connection.prepare_cached(sql).map_err(failing("sum up a purse"))?;
    let sum = statement.query_row((account.0, purse), |row| row.get(0));
    sum.map_err(failing("sum up a purse"))
}

const HELD: &str = "
    SELECT kind, unit, holder AS code, sum(amount) AS amount FROM (
        SELECT kind, unit, target AS holder, amount FROM ledger
        UNION ALL SELECT kind, unit, source, -amount FROM ledger
    ) GROUP BY kind, unit, holder";

const LOADED: &str = "
    SELECT kind, unit, state AS code, sum(amount) AS amount FROM loads
    WHERE credit IS NOT NULL GROUP BY kind, unit, state";

const PAID: &str = "
    SELECT kind, unit, outcome AS code, sum(amount) AS amount FROM tokens
    GROUP BY kind, unit, outcome";

/// Purses whose ledger does not agree with the card's own last word, where no link of its
/// chain is missing (the first, which opened the account, is never sent in); purses that have
/// spent what they were not given; and purses for which the card claims a value of which the
/// ledger knows nothing.
const WRONG_PURSES: &str = "
    WITH held AS (
        SELECT account, purse,
            sum(CASE WHEN target = 3 THEN amount ELSE 0 END
              - CASE WHEN source = 3 THEN amount ELSE 0 END) AS balance,
            sum(CASE WHEN target = 2 THEN amount ELSE 0 END
              - CASE WHEN source = 2 THEN amount ELSE 0 END) AS coming
        FROM ledger GROUP BY account, purse),
    last AS (SELECT account, purse, balance, max(counter) FROM links GROUP BY account, purse),
    chain AS (
        SELECT account, sum(counter > 1) AS known, max(counter) AS top FROM links
        GROUP BY account)
    SELECT account, purse, coalesce(held.balance, 0) AS balance,
        coalesce(held.coming, 0) AS coming, last.balance AS signed
    FROM held FULL JOIN last USING (account, purse) LEFT JOIN chain USING (account)
    WHERE held.balance + held.coming < 0
       OR (chain.known = chain.top - 1 AND held.balance <> last.balance)
       OR (last.balance IS NULL AND held.balance <> 0)
       OR (held.balance IS NULL AND last.balance <> 0)
    ORDER BY account, purse LIMIT ?1";

/// Everything that ledger and evidence sum up to, read at one moment.
pub(super) fn books(connection: &Connection) -> Result<Books> {
    let moment = connection.unchecked_transaction().map_err(failing("read the books"))?;
    Ok(Books {
        held: sums(&moment, HELD, Holder::from_code)?,
        loaded: sums(&moment, LOADED, LoadState::from_code)?,
        paid: sums(&moment, PAID, Outcome::from_code)?,
        purses: wrong_purses(&moment)?,
        accounts: count(&moment, "SELECT count(*) AS n FROM accounts")?,
        frozen: count(&moment, "SELECT count(*) AS n FROM accounts WHERE frozen IS NOT NULL")?,
        evidence: count(&moment, "SELECT count(*) AS n FROM evidence")?,
        gaps: count(
            &moment,
            "SELECT coalesce(sum(gaps), 0) AS n FROM (
                 SELECT max(counter) - 1 - sum(counter > 1) AS gaps FROM links GROUP BY account)",
        )?,
    })
}

fn sums<T: SumOf>(
    connection: &Connection,
    sql: &str,
    from_code: fn(u8) -> Option<T>,
) -> Result<Vec<Sum<T>>> {
    let mut statement = connection.prepare_cached(sql).map_err(failing("sum up"))?;
    let of_row = |row: &Row<'_>| {
        Ok(Sum {
            kind: code(row, "kind", Kind::from_code)?,
            unit: unit(row, "unit")?,
            of: code(row, "code", from_code)?,
            amount: row.get("amount")?,
        })
    };
    let rows = statement.query_map([], of_row).map_err(failing("sum up"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("sum up"))
}

fn wrong_purses(connection: &Connection) -> Result<Vec<PurseFinding>> {
    let mut statement = connection.prepare_cached(WRONG_PURSES).map_err(failing("compare"))?;
    let of_row = |row: &Row<'_>| {
        Ok(PurseFinding {
            account: AccountId(id(row, "account")?),
            purse: row.get("purse")?,
            balance: row.get("balance")?,
            coming: row.get("coming")?,
            signed: row.get("signed")?,
        })
    };
    let rows = statement.query_map([MAX_FINDINGS], of_row).map_err(failing("compare"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("compare"))
}

fn count(connection: &Connection, sql: &str) -> Result<u64> {
    connection.query_row(sql, [], |row| uint(row, "n")).map_err(failing("count"))
}
