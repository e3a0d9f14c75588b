//! Restores, and what cards say of loads that are not remembered since.

use rusqlite::{Connection, named_params};

use super::columns::{UnitColumn, int, maybe_uint};
use super::{Sqlite, failing, ledger, links};
use crate::ledger::{Entry, Holder, Side};
use crate::refusal::Result;
use crate::store::{CardsWord, ChainFacts, Judged, LICENCE_JUMP, Make, RestoreStore};

impl RestoreStore for Sqlite {
    fn note_restore(&self, now: u64, backup: u64) -> Result<()> {
        self.writer.write("note restore", move |connection| note(connection, now, backup))
    }

    fn last_restore(&self) -> Result<Option<u64>> {
        self.read(last)
    }

    fn book_cards_word(
        &self,
        word: CardsWord,
        now: u64,
        judge: Make<ChainFacts, Judged>,
    ) -> Result<Judged> {
        self.writer
            .write("book a card's word", move |connection| book(connection, &word, now, judge))
    }
}

fn note(connection: &Connection, now: u64, backup: u64) -> Result<()> {
    let sql = "
        INSERT INTO restores (time, backup_time, entry)
        VALUES (?1, ?2, (SELECT coalesce(max(entry), 0) FROM ledger))";
    connection.execute(sql, (int(now)?, int(backup)?)).map_err(failing("note a restore"))?;
    let sql = "UPDATE accounts SET next_licence = next_licence + ?1";
    connection.execute(sql, [int(LICENCE_JUMP)?]).map_err(failing("number licences"))?;
    Ok(())
}

fn last(connection: &Connection) -> Result<Option<u64>> {
    let sql = "SELECT max(time) AS time FROM restores";
    let mut statement = connection.prepare_cached(sql).map_err(failing("find a restore"))?;
    let time = statement.query_row([], |row| maybe_uint(row, "time"));
    time.map_err(failing("find a restore"))
}

fn book(
    connection: &Connection,
    word: &CardsWord,
    now: u64,
    judge: Make<ChainFacts, Judged>,
) -> Result<Judged> {
    let judged = judge(links::around(connection, &word.link)?)?;
    match &judged {
        Judged::Known => {}
        Judged::Fork(why) => links::keep_fork(connection, &word.link, why, now)?,
        Judged::Booked => {
            links::add(connection, &word.link, now)?;
            keep(connection, word, now)?;
            withdraw(connection, word)?;
            if word.amount > 0 {
                ledger::book(connection, &entry(word), now)?;
                take_funding(connection, word)?;
            }
        }
    }
    Ok(judged)
}

/// Forgets the load that the card has closed, if it is remembered as one without a credit.
fn withdraw(connection: &Connection, word: &CardsWord) -> Result<()> {
    let sql = "
        UPDATE fundings SET state = 1 WHERE state = 2
        AND id IN (SELECT funding FROM loads WHERE id = ?1 AND state = 1)";
    connection.execute(sql, [word.load.0]).map_err(failing("withdraw a load"))?;
    let sql = "DELETE FROM loads WHERE id = ?1 AND state = 1";
    connection.execute(sql, [word.load.0]).map_err(failing("withdraw a load"))?;
    Ok(())
}

fn keep(connection: &Connection, word: &CardsWord, now: u64) -> Result<()> {
    let sql = "
        INSERT INTO cards_words (load, account, purse, kind, unit, amount, event, booked)
        VALUES (:load, :account, :purse, :kind, :unit, :amount, :event, :booked)";
    connection
        .execute(
            sql,
            named_params! {
                ":load": word.load.0, ":account": word.link.account.0, ":purse": word.link.purse,
                ":kind": word.kind as u8, ":unit": UnitColumn(word.unit),
                ":amount": int(word.amount)?, ":event": word.link.identity.0,
                ":booked": int(now)?,
            },
        )
        .map_err(failing("keep a card's word"))?;
    Ok(())
}

/// What waits for this purse with this amount is taken for what was loaded: it is not loaded twice
/// because the center forgot that it was.
fn take_funding(connection: &Connection, word: &CardsWord) -> Result<()> {
    let sql = "
        UPDATE fundings SET state = 3 WHERE id = (
            SELECT f.id FROM fundings f LEFT JOIN loads l ON l.funding = f.id AND l.state = 1
            WHERE f.account = ?1 AND f.purse = ?2 AND f.amount = ?3
                AND (f.state = 1 OR (f.state = 2 AND l.id IS NOT NULL))
            ORDER BY f.place LIMIT 1)";
    let of = (word.link.account.0, word.link.purse, int(word.amount)?);
    connection.execute(sql, of).map_err(failing("take a funding"))?;
    let sql = "
        DELETE FROM loads WHERE account = ?1 AND state = 1
        AND funding IN (SELECT id FROM fundings WHERE state = 3)";
    connection.execute(sql, [word.link.account.0]).map_err(failing("withdraw a load"))?;
    Ok(())
}

fn entry(word: &CardsWord) -> Entry {
    let account = word.link.account;
    Entry {
        kind: word.kind,
        unit: word.unit,
        amount: word.amount,
        source: Side::ISSUED,
        target: Side::new(Holder::Card, account.0),
        account,
        purse: word.link.purse,
        evidence: word.link.identity,
    }
}
