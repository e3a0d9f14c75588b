//! The chain of each card, as far as the center knows it, and what breaks it.

use std::cmp::Ordering;

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use saifu_wire::signed::{Event, Signed, Token};
use saifu_wire::{AccountId, Digest};

use super::columns::{code, id, int, uint};
use super::{Sqlite, failing};
use crate::refusal::Result;
use crate::store::{ChainFacts, Evidence, EvidenceKind, EvidenceRow, EvidenceStore, Link};

impl EvidenceStore for Sqlite {
    fn keep_evidence(&self, evidence: Evidence, freeze: bool, now: u64) -> Result<()> {
        self.writer
            .write("keep evidence", move |connection| keep(connection, &evidence, freeze, now))
    }

    fn evidence(&self, limit: u32) -> Result<Vec<EvidenceRow>> {
        self.read(|connection| evidence(connection, limit))
    }

    fn last_link(&self, account: AccountId) -> Result<u64> {
        self.read(|connection| top(connection, account))
    }
}

/// The most pieces of evidence of one kind that are kept against one card, for it may sign without
/// end. Forks are all kept: each is one more payment that somebody is not paid.
const MAX_EVIDENCE: u32 = 1_000;

/// A link, and those before and after it.
pub(super) const AROUND: &str = "
    SELECT counter, identity, previous FROM links
    WHERE account = ?1 AND counter BETWEEN ?2 - 1 AND ?2 + 1";

/// What is known around the number of `link`.
pub(super) fn around(connection: &Connection, link: &Link) -> Result<ChainFacts> {
    Ok(ChainFacts { last: last(connection, link.account)?, ..near(connection, link)? })
}

/// What is known around the number of `link`, but for the end of its chain.
pub(super) fn near(connection: &Connection, link: &Link) -> Result<ChainFacts> {
    let mut statement = connection.prepare_cached(AROUND).map_err(failing("read a chain"))?;
    let (mut facts, counter) = (ChainFacts::default(), int(link.counter)?);
    let mut read = || {
        let mut rows = statement.query((link.account.0, counter))?;
        while let Some(row) = rows.next()? {
            let (at, identity, previous): (i64, [u8; 32], [u8; 32]) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            match at.cmp(&counter) {
                Ordering::Less => facts.before = Some(Digest(identity)),
                Ordering::Equal => facts.same = Some(Digest(identity)),
                Ordering::Greater => facts.after_previous = Some(Digest(previous)),
            }
        }
        Ok(())
    };
    read().map_err(failing("read a chain"))?;
    Ok(facts)
}

/// The last link of a chain whose card was closed.
fn last(connection: &Connection, account: AccountId) -> Result<Option<(u64, Digest)>> {
    let sql = "SELECT counter, previous FROM closings WHERE account = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(failing("read a chain"))?;
    let of_row = |row: &Row<'_>| Ok((uint(row, "counter")?, Digest(id(row, "previous")?)));
    statement.query_row([account.0], of_row).optional().map_err(failing("read a chain"))
}

/// The highest number that a link of an account has; 0 where it has none.
pub(super) fn top(connection: &Connection, account: AccountId) -> Result<u64> {
    let sql = "SELECT coalesce(max(counter), 0) AS top FROM links WHERE account = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(failing("read a chain"))?;
    statement.query_row([account.0], |row| uint(row, "top")).map_err(failing("read a chain"))
}

/// Keeps a link that is an event.
pub(super) fn add(connection: &Connection, link: &Link, now: u64) -> Result<()> {
    insert(connection, link, (None, Some(&link.signed), held(&link.signed)), now)
}

/// Keeps a link that is a payment; its token is kept where it is booked, as `entry`.
pub(super) fn add_payment(
    connection: &Connection,
    link: &Link,
    entry: u64,
    now: u64,
) -> Result<()> {
    insert(connection, link, (Some(int(entry)?), None, None), now)
}

fn insert(
    connection: &Connection,
    link: &Link,
    (entry, signed, held): (Option<i64>, Option<&[u8]>, Option<u64>),
    now: u64,
) -> Result<()> {
    let sql = "
        INSERT INTO links
            (account, counter, identity, previous, purse, balance, entry, signed, booked, held)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let mut statement = connection.prepare_cached(sql).map_err(failing("keep a link"))?;
    let row = (
        link.account.0,
        int(link.counter)?,
        link.identity.0,
        link.previous.0,
        link.purse,
        int(link.balance)?,
        entry,
        signed,
        int(now)?,
        held.map(int).transpose()?,
    );
    statement.execute(row).map_err(failing("keep a link"))?;
    Ok(())
}

/// What the purse has on hold, in an event's words.
fn held(signed: &[u8]) -> Option<u64> {
    Signed::<Event>::parse(signed).ok().map(|event| event.message().held)
}

/// Keeps a link that breaks the chain, and freezes its card.
pub(super) fn keep_fork(connection: &Connection, link: &Link, why: &str, now: u64) -> Result<()> {
    let evidence = Evidence {
        kind: EvidenceKind::Fork,
        account: link.account,
        identity: link.identity,
        detail: why.to_owned(),
        signed: link.signed.clone(),
    };
    keep(connection, &evidence, true, now)
}

/// Keeps evidence, once, and no more than proves the point; with `freeze`, freezes the card.
pub(super) fn keep(
    connection: &Connection,
    evidence: &Evidence,
    freeze: bool,
    now: u64,
) -> Result<()> {
    connection
        .execute(
            "INSERT INTO evidence (kind, account, identity, detail, signed, found)
             SELECT :kind, :account, :identity, :detail, :signed, :found
             WHERE :kind = :fork OR :most >
                 (SELECT count(*) FROM evidence WHERE account = :account AND kind = :kind)
             ON CONFLICT (kind, identity) DO NOTHING",
            named_params! {
                ":most": MAX_EVIDENCE, ":fork": EvidenceKind::Fork as u8,
                ":kind": evidence.kind as u8, ":account": evidence.account.0,
                ":identity": evidence.identity.0, ":detail": evidence.detail,
                ":signed": evidence.signed, ":found": int(now)?,
            },
        )
        .map_err(failing("keep evidence"))?;
    if freeze {
        freeze_account(connection, evidence.account, &evidence.detail)?;
    }
    Ok(())
}

/// The first pieces of evidence, forks before all others.
pub(super) fn evidence(connection: &Connection, limit: u32) -> Result<Vec<EvidenceRow>> {
    let sql = "SELECT * FROM evidence ORDER BY kind, place LIMIT ?1";
    let mut statement = connection.prepare_cached(sql).map_err(failing("list evidence"))?;
    let of_row = |row: &Row<'_>| {
        let signed: Vec<u8> = row.get("signed")?;
        Ok(EvidenceRow {
            kind: code(row, "kind", EvidenceKind::from_code)?,
            account: AccountId(id(row, "account")?),
            counter: counter(&signed),
            detail: row.get("detail")?,
            found: uint(row, "found")?,
        })
    };
    let rows = statement.query_map([limit], of_row).map_err(failing("list evidence"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("list evidence"))
}

/// The number of a signed token or event.
fn counter(signed: &[u8]) -> Option<u64> {
    let token = Signed::<Token>::parse(signed).map(|token| token.message().counter);
    token.or_else(|_| Signed::<Event>::parse(signed).map(|event| event.message().counter)).ok()
}

fn freeze_account(connection: &Connection, account: AccountId, why: &str) -> Result<()> {
    connection
        .execute(
            "UPDATE accounts SET frozen = coalesce(frozen, ?2) WHERE id = ?1",
            (account.0, why),
        )
        .map_err(failing("freeze a card"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;

    fn kept(connection: &Connection, kind: EvidenceKind, number: u32) -> u32 {
        let mut identity = [0; 32];
        identity[..4].copy_from_slice(&number.to_be_bytes());
        let evidence = Evidence {
            kind,
            account: AccountId([7; 16]),
            identity: Digest(identity),
            detail: String::new(),
            signed: vec![],
        };
        keep(connection, &evidence, false, 1).unwrap();
        let sql = "SELECT count(*) FROM evidence WHERE kind = ?1";
        connection.query_row(sql, [kind as u8], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_card_that_contradicts_itself_without_end_hides_no_fork_and_nothing_else() {
        use EvidenceKind::{Contradiction, Fork, Overspent};
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "foreign_keys", false).unwrap();
        schema::migrate(&mut connection).unwrap();
        for number in 1..=MAX_EVIDENCE {
            assert_eq!(kept(&connection, Contradiction, number), number);
        }
        assert_eq!(kept(&connection, Contradiction, MAX_EVIDENCE + 1), MAX_EVIDENCE);
        assert_eq!(kept(&connection, Overspent, 1), 1);
        for number in 1..=MAX_EVIDENCE + 1 {
            assert_eq!(kept(&connection, Fork, number), number);
        }
    }
}
