//! Events of cards that close no load, and the end of their chains.

use rusqlite::{Connection, OptionalExtension, named_params};
use saifu_wire::Digest;

use super::columns::int;
use super::{failing, ledger, links, loads, positions, replacements};
use crate::refusal::Result;
use crate::store::{
    ClosingFacts, ClosingRow, EventFacts, EventRow, Evidence, EvidenceKind, Judged, Make,
};

pub(super) fn book(
    connection: &Connection,
    event: &EventRow,
    now: u64,
    judge: Make<EventFacts, Judged>,
) -> Result<Judged> {
    let link = &event.link;
    let judged = judge(EventFacts {
        chain: links::around(connection, link)?,
        spendable: positions::spendable(connection, link.account, link.purse)?
            - replacements::promised(connection, link.account, link.purse)?,
    })?;
    match &judged {
        Judged::Known => {}
        Judged::Fork(why) => links::keep_fork(connection, link, why, now)?,
        Judged::Booked => {
            links::add(connection, link, now)?;
            if let Some(entry) = &event.entry {
                ledger::book(connection, entry, now)?;
            }
        }
    }
    Ok(judged)
}

pub(super) fn close(
    connection: &Connection,
    closing: &ClosingRow,
    now: u64,
    judge: Make<ClosingFacts, Judged>,
) -> Result<Judged> {
    let judged = judge(facts(connection, closing)?)?;
    match &judged {
        Judged::Known => {}
        Judged::Fork(why) => {
            let evidence = Evidence {
                kind: EvidenceKind::Fork,
                account: closing.account,
                identity: closing.identity,
                detail: why.clone(),
                signed: closing.signed.clone(),
            };
            links::keep(connection, &evidence, true, now)?;
        }
        Judged::Booked => {
            insert(connection, closing, now)?;
            for load in &closing.voided {
                let proof = (closing.identity, closing.signed.as_slice());
                loads::void_by_closing(connection, *load, proof, now)?;
            }
        }
    }
    Ok(judged)
}

fn facts(connection: &Connection, closing: &ClosingRow) -> Result<ClosingFacts> {
    let one = |sql: &str| {
        connection
            .query_row(sql, (closing.account.0, int(closing.counter)?), |row| row.get(0))
            .optional()
            .map_err(failing("read a chain"))
    };
    let same = "SELECT identity FROM links WHERE account = ?1 AND counter = ?2";
    Ok(ClosingFacts {
        kept: kept(connection, closing)?,
        same: one(same)?.map(Digest),
        top: links::top(connection, closing.account)?,
    })
}

fn kept(connection: &Connection, closing: &ClosingRow) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT closing FROM closings WHERE account = ?1";
    let found = connection.query_row(sql, [closing.account.0], |row| row.get(0)).optional();
    found.map_err(failing("find a closing"))
}

fn insert(connection: &Connection, closing: &ClosingRow, now: u64) -> Result<()> {
    connection
        .execute(
            "INSERT INTO closings (account, counter, previous, closing, booked)
             VALUES (:account, :counter, :previous, :closing, :booked)",
            named_params! {
                ":account": closing.account.0, ":counter": int(closing.counter)?,
                ":previous": closing.previous.0, ":closing": closing.signed,
                ":booked": int(now)?,
            },
        )
        .map_err(failing("close an account"))?;
    Ok(())
}
