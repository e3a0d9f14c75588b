//! What ledger and evidence sum up to, read at one moment and from their rows alone.

use rusqlite::{Connection, Row};
use saifu_wire::AccountId;
use saifu_wire::signed::Outcome;
use saifu_wire::value::Kind;

use super::columns::{code, id, uint, unit};
use super::{Sqlite, failing};
use crate::ledger::{Books, Flow, Holder, InstructionKind, PurseFinding, Sum, SumOf};
use crate::refusal::Result;
use crate::store::{BookStore, LoadState};

impl BookStore for Sqlite {
    fn books(&self) -> Result<Books> {
        self.read(books)
    }
}

/// The most purses that one look at the books names as wrong.
const MAX_FINDINGS: u32 = 100;

const FLOWS: &str = "
    SELECT kind, unit, source, target, sum(amount) AS amount FROM ledger
    GROUP BY kind, unit, source, target";

const LOADED: &str = "
    SELECT kind, unit, state AS code, sum(amount) AS amount FROM loads
    WHERE credit IS NOT NULL GROUP BY kind, unit, state";

const PAID: &str = "
    SELECT kind, unit, outcome AS code, sum(amount) AS amount FROM tokens
    GROUP BY kind, unit, outcome";

const INSTRUCTED: &str = "
    SELECT kind, unit, why AS code, sum(amount) AS amount FROM instructions
    GROUP BY kind, unit, why";

/// Purses whose ledger does not agree with the card's own last word, where no link of its
/// chain is missing (the first, which opened the account, is never sent in); purses that have
/// spent what they were not given; purses for which the card claims a value of which the
/// ledger knows nothing; and purses of which something else is noted.
///
/// What was credited to the card that replaces one, or paid out to its holder, is not taken off,
/// for the card knows nothing of it: its payments that turn up later are set off against that.
///
/// What is on hold has left the balance, and is still on the card. A token does not say how much
/// that is: at most what the last event said.
const WRONG_PURSES: &str = "
    WITH moved AS (
        SELECT CASE source WHEN 3 THEN source_id ELSE account END AS account, purse,
            -(source = 3) * amount AS on_card, -(source = 2) * amount AS coming,
            -(source = 3 AND target IN (2, 7)) * amount AS unknown
        FROM ledger WHERE source IN (2, 3)
        UNION ALL
        SELECT CASE target WHEN 3 THEN target_id ELSE account END, purse,
            (target = 3) * amount, (target = 2) * amount,
            (target = 3 AND source = 2 AND target_id <> account) * amount
        FROM ledger WHERE target IN (2, 3)),
    sums AS (
        SELECT account, purse, sum(on_card) AS balance, sum(coming) AS coming,
            sum(on_card) - sum(unknown) AS had FROM moved
        GROUP BY account, purse),
    events AS (
        SELECT account, purse, held, max(counter) FROM links WHERE held IS NOT NULL
        GROUP BY account, purse),
    last AS (
        SELECT account, purse, links.balance + coalesce(links.held, 0) AS least,
            links.balance + coalesce(links.held, events.held, 0) AS most, max(counter)
        FROM links LEFT JOIN events USING (account, purse) GROUP BY account, purse),
    chain AS (
        SELECT account, sum(counter > 1) AS known, max(counter) AS top FROM links
        GROUP BY account)
    SELECT account, purse, coalesce(sums.balance, 0) AS balance,
        coalesce(sums.coming, 0) AS coming, last.most AS signed,
        coalesce(noted.on_card + noted.unapplied, 0) AS noted
    FROM sums FULL JOIN last USING (account, purse)
    FULL JOIN positions noted USING (account, purse) LEFT JOIN chain USING (account)
    WHERE sums.had + sums.coming < 0
       OR (chain.known = chain.top - 1 AND sums.had NOT BETWEEN last.least AND last.most)
       OR (last.most IS NULL AND sums.had <> 0)
       OR (sums.balance IS NULL AND last.most <> 0)
       OR (sums.balance, sums.coming) IS NOT (noted.on_card, noted.unapplied)
           AND (sums.balance IS NOT NULL OR noted.on_card <> 0 OR noted.unapplied <> 0)
    ORDER BY account, purse LIMIT ?1";

/// Everything that ledger and evidence sum up to, read at one moment.
pub(super) fn books(connection: &Connection) -> Result<Books> {
    let moment = connection.unchecked_transaction().map_err(failing("read the books"))?;
    Ok(Books {
        flows: sums(&moment, FLOWS, flow)?,
        loaded: sums(&moment, LOADED, |row| code(row, "code", LoadState::from_code))?,
        paid: sums(&moment, PAID, |row| code(row, "code", Outcome::from_code))?,
        instructed: sums(&moment, INSTRUCTED, |row| code(row, "code", InstructionKind::from_code))?,
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
    of: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<Sum<T>>> {
    let mut statement = connection.prepare_cached(sql).map_err(failing("sum up"))?;
    let of_row = |row: &Row<'_>| {
        Ok(Sum {
            kind: code(row, "kind", Kind::from_code)?,
            unit: unit(row, "unit")?,
            of: of(row)?,
            amount: row.get("amount")?,
        })
    };
    let rows = statement.query_map([], of_row).map_err(failing("sum up"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("sum up"))
}

fn flow(row: &Row<'_>) -> rusqlite::Result<Flow> {
    let holder = |column| code(row, column, Holder::from_code);
    Ok(Flow { source: holder("source")?, target: holder("target")? })
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
            noted: row.get("noted")?,
        })
    };
    let rows = statement.query_map([MAX_FINDINGS], of_row).map_err(failing("compare"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("compare"))
}

fn count(connection: &Connection, sql: &str) -> Result<u64> {
    connection.query_row(sql, [], |row| uint(row, "n")).map_err(failing("count"))
}
