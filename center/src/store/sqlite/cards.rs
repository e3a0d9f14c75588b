//! What becomes of cards.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use saifu_wire::{AccountId, CardId};

use super::accounts::{self, ACCOUNT};
use super::columns::{code, int, uint};
use super::{Sqlite, events, failing, orders};
use crate::refusal::Result;
use crate::store::{
    AccountRow, CardStore, ClosingFacts, ClosingRow, EventFacts, EventRow, Judged, Make, Note,
    NoteKind, PurseStanding, Revocation, Standing,
};

impl CardStore for Sqlite {
    fn book_event(
        &self,
        event: EventRow,
        now: u64,
        judge: Make<EventFacts, Judged>,
    ) -> Result<Judged> {
        self.writer
            .write("book event", move |connection| events::book(connection, &event, now, judge))
    }

    fn close_account(
        &self,
        closing: ClosingRow,
        now: u64,
        judge: Make<ClosingFacts, Judged>,
    ) -> Result<Judged> {
        self.writer.write("close account", move |connection| {
            events::close(connection, &closing, now, judge)
        })
    }

    fn accounts(&self, after: u64, limit: u32) -> Result<Vec<(u64, AccountRow)>> {
        self.read(|connection| list(connection, after, limit))
    }

    fn accounts_named(&self, hex: &str) -> Result<Vec<AccountRow>> {
        self.read(|connection| named(connection, hex))
    }

    fn note_card(&self, account: AccountId, what: Note) -> Result<()> {
        self.writer.write("note card", move |connection| note(connection, account, &what))
    }

    fn notes(&self, account: AccountId) -> Result<Vec<Note>> {
        self.read(|connection| notes(connection, account))
    }

    fn revoke_cards(&self, cards: Vec<Revocation>) -> Result<u32> {
        self.writer.write("revoke cards", move |connection| revoke(connection, &cards))
    }

    fn revocation(&self, card: CardId) -> Result<Option<String>> {
        self.read(|connection| revocation(connection, card))
    }

    fn standing(&self, account: AccountId, now: u64) -> Result<Standing> {
        self.read(|connection| standing(connection, account, now))
    }
}

fn list(connection: &Connection, after: u64, limit: u32) -> Result<Vec<(u64, AccountRow)>> {
    let sql = ACCOUNT.replace("a.*,", "a.rowid AS place, a.*,");
    let sql = format!("{sql} WHERE a.rowid > ?1 ORDER BY a.rowid LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql).map_err(failing("list cards"))?;
    let of_row = |row: &Row<'_>| Ok((uint(row, "place")?, accounts::of_row(row)?));
    let rows = statement.query_map((int(after)?, limit), of_row).map_err(failing("list cards"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("list cards"))
}

fn named(connection: &Connection, hex: &str) -> Result<Vec<AccountRow>> {
    let sql = format!(
        "{ACCOUNT} WHERE substr(lower(hex(a.id)), 1, length(?1)) = ?1
         OR substr(lower(hex(a.card)), 1, length(?1)) = ?1 LIMIT 2"
    );
    let mut statement = connection.prepare_cached(&sql).map_err(failing("find a card"))?;
    let rows = statement.query_map([hex], accounts::of_row).map_err(failing("find a card"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("find a card"))
}

pub(super) fn note(connection: &Connection, account: AccountId, note: &Note) -> Result<()> {
    let frozen = match note.what {
        NoteKind::Frozen => "UPDATE accounts SET frozen = ?2 WHERE id = ?1 AND frozen IS NULL",
        NoteKind::Thawed => {
            "UPDATE accounts SET frozen = NULL WHERE id = ?1 AND frozen IS NOT NULL AND ?2 <> ''"
        }
        _ => return insert_note(connection, account, note),
    };
    let changed = connection
        .execute(frozen, (account.0, &note.reason))
        .map_err(failing("note a card's standing"))?;
    if changed > 0 { insert_note(connection, account, note) } else { Ok(()) }
}

fn insert_note(connection: &Connection, account: AccountId, note: &Note) -> Result<()> {
    connection
        .execute(
            "INSERT INTO card_notes (account, what, reason, noted)
             VALUES (:account, :what, :reason, :noted)",
            named_params! {
                ":account": account.0, ":what": note.what as u8, ":reason": note.reason,
                ":noted": int(note.noted)?,
            },
        )
        .map_err(failing("note a card's standing"))?;
    Ok(())
}

fn notes(connection: &Connection, account: AccountId) -> Result<Vec<Note>> {
    let sql = "SELECT * FROM card_notes WHERE account = ?1 ORDER BY place";
    let mut statement = connection.prepare_cached(sql).map_err(failing("list notes"))?;
    let of_row = |row: &Row<'_>| {
        Ok(Note {
            what: code(row, "what", NoteKind::from_code)?,
            reason: row.get("reason")?,
            noted: uint(row, "noted")?,
        })
    };
    let rows = statement.query_map([account.0], of_row).map_err(failing("list notes"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("list notes"))
}

pub(super) fn revoke(connection: &Connection, cards: &[Revocation]) -> Result<u32> {
    let sql = "
        INSERT INTO revocations (card, reason, revoked) VALUES (?1, ?2, ?3)
        ON CONFLICT (card) DO NOTHING";
    let mut new = 0;
    for Revocation { card, reason, revoked } in cards {
        let inserted = connection
            .execute(sql, (card.0, reason, int(*revoked)?))
            .map_err(failing("revoke a card"))?;
        if inserted == 0 {
            continue;
        }
        new += 1;
        if let Some(account) = accounts::of_card(connection, *card)? {
            let (what, reason) = (NoteKind::Revoked, reason.clone());
            insert_note(connection, account.id, &Note { what, reason, noted: *revoked })?;
        }
    }
    Ok(new)
}

fn revocation(connection: &Connection, card: CardId) -> Result<Option<String>> {
    let sql = "SELECT reason FROM revocations WHERE card = ?1";
    let found = connection.query_row(sql, [card.0], |row| row.get(0)).optional();
    found.map_err(failing("look for a revocation"))
}

const COUNTS: &str = "
    SELECT coalesce(max(counter), 0) AS top,
        coalesce(max(counter) - 1 - sum(counter > 1), 0) AS gaps,
        (SELECT count(*) FROM evidence WHERE account = ?1) AS evidence,
        (SELECT count(*) FROM evidence WHERE account = ?1 AND kind = 1) AS forks
    FROM links WHERE account = ?1";

const PURSES: &str = "
    WITH held AS (
        SELECT purse, on_card, unapplied FROM positions WHERE account = ?1),
    said AS (
        SELECT purse, balance, max(counter) FROM links
        WHERE account = ?1 AND purse <> 0 GROUP BY purse)
    SELECT purse, coalesce(on_card, 0) AS on_card, coalesce(unapplied, 0) AS unapplied,
        said.balance AS said,
        CASE WHEN EXISTS (SELECT 1 FROM replacements WHERE old = ?1 AND funded IS NOT NULL)
            THEN max(0, -coalesce(on_card + unapplied, 0)) ELSE 0 END AS set_off
    FROM held FULL JOIN said USING (purse) ORDER BY purse";

fn standing(connection: &Connection, account: AccountId, now: u64) -> Result<Standing> {
    let moment = connection.unchecked_transaction().map_err(failing("read a card's standing"))?;
    let purses = purses(&moment, account)?;
    let open_orders = orders::open(&moment, account, now)?;
    let of_row = |row: &Row<'_>| {
        Ok(Standing {
            top: uint(row, "top")?,
            gaps: uint(row, "gaps")?,
            open_orders,
            evidence: uint(row, "evidence")?,
            forks: uint(row, "forks")?,
            purses,
        })
    };
    let counted = moment.query_row(COUNTS, [account.0], of_row);
    counted.map_err(failing("read a card's standing"))
}

fn purses(connection: &Connection, account: AccountId) -> Result<Vec<PurseStanding>> {
    let mut statement = connection.prepare_cached(PURSES).map_err(failing("read purses"))?;
    let of_row = |row: &Row<'_>| {
        Ok(PurseStanding {
            purse: row.get("purse")?,
            on_card: row.get("on_card")?,
            unapplied: row.get("unapplied")?,
            said: row.get("said")?,
            set_off: uint(row, "set_off")?,
        })
    };
    let rows = statement.query_map([account.0], of_row).map_err(failing("read purses"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("read purses"))
}
