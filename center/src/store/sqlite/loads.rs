//! Loads of value.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use saifu_wire::value::Kind;
use saifu_wire::{AccountId, LoadId, Nonce};

use super::accounts::refuse_frozen;
use super::columns::{UnitColumn, code, id, int, uint, unit};
use super::{Sqlite, failing, ledger, links};
use crate::ledger::Entry;
use crate::refusal::{Refusal, Result};
use crate::store::{CloseFacts, Closing, Judged, LoadRow, LoadState, LoadStore, Make};

impl LoadStore for Sqlite {
    fn loads(&self, account: AccountId) -> Result<Vec<LoadRow>> {
        self.read(|connection| of_account(connection, account))
    }

    fn open_load(&self, load: LoadRow, most: u32) -> Result<Option<LoadRow>> {
        self.writer.write("open load", move |connection| open(connection, &load, most))
    }

    fn withdraw_load(&self, account: AccountId, purse: u32) -> Result<()> {
        self.writer.write("withdraw load", move |connection| withdraw(connection, account, purse))
    }

    fn load(&self, id: LoadId) -> Result<Option<LoadRow>> {
        self.read(|connection| find(connection, id))
    }

    fn issue_credit(
        &self,
        load: LoadId,
        now: u64,
        make: Make<(LoadRow, u64), Vec<u8>>,
    ) -> Result<LoadRow> {
        self.writer
            .write("issue credit", move |connection| issue_credit(connection, load, now, make))
    }

    fn close_load(
        &self,
        event: Closing,
        now: u64,
        judge: Make<CloseFacts, Judged>,
    ) -> Result<Judged> {
        self.writer.write("close load", move |connection| close(connection, &event, now, judge))
    }
}

pub(super) fn open(connection: &Connection, load: &LoadRow, most: u32) -> Result<Option<LoadRow>> {
    refuse_frozen(connection, load.account)?;
    // The row that stands for this purse, if any: the one that is open, or the one that was
    // applied. A voided load stands for nothing, its value went back.
    let standing = "SELECT * FROM loads WHERE account = ?1 AND purse = ?2 AND state <> 4";
    let found = connection
        .query_row(standing, (load.account.0, load.purse), of_row)
        .optional()
        .map_err(failing("find a load"))?;
    match found {
        Some(row) if row.state == LoadState::Applied => Ok(None),
        Some(row) => Ok(Some(row)),
        None => {
            refuse_too_many(connection, load.account, most)?;
            insert(connection, load).map(|()| Some(load.clone()))
        }
    }
}

/// Forgets the purse's load that is open without a credit, if there is one.
pub(super) fn withdraw(connection: &Connection, account: AccountId, purse: u32) -> Result<()> {
    let sql = "
        DELETE FROM loads
        WHERE account = ?1 AND purse = ?2 AND state = 1 AND credit IS NULL";
    connection.execute(sql, (account.0, purse)).map_err(failing("withdraw a load"))?;
    Ok(())
}

/// Refuses a load where the account has had as many as it may, given up again and again.
fn refuse_too_many(connection: &Connection, account: AccountId, most: u32) -> Result<()> {
    let sql = "SELECT count(*) AS had FROM loads WHERE account = ?1";
    let had = connection
        .query_row(sql, [account.0], |row| uint(row, "had"))
        .map_err(failing("count loads"))?;
    if had < u64::from(most) {
        return Ok(());
    }
    Err(Refusal::conflict(format!(
        "account {account} has had {had} loads, as many as it may: turn to the center's owner"
    )))
}

fn insert(connection: &Connection, load: &LoadRow) -> Result<()> {
    let sql = "
        INSERT INTO loads (id, account, purse, kind, unit, amount, nonce, opened, state)
        VALUES (:id, :account, :purse, :kind, :unit, :amount, :nonce, :opened, :state)";
    connection
        .execute(
            sql,
            named_params! {
                ":id": load.id.0, ":account": load.account.0, ":purse": load.purse,
                ":kind": load.kind as u8, ":unit": UnitColumn(load.unit),
                ":amount": int(load.amount)?, ":nonce": load.nonce.0,
                ":opened": int(load.opened)?, ":state": LoadState::Open as u8,
            },
        )
        .map_err(failing("open a load"))?;
    Ok(())
}

pub(super) fn issue_credit(
    connection: &Connection,
    load: LoadId,
    now: u64,
    make: Make<(LoadRow, u64), Vec<u8>>,
) -> Result<LoadRow> {
    let row = find_or_refuse(connection, load)?;
    if row.state != LoadState::Open {
        return Ok(row);
    }
    refuse_frozen(connection, row.account)?;
    let closed = closed(connection, &row)?;
    let credit = make((row.clone(), closed))?;
    let entry = Entry::credit_given_out(&row, &credit);
    ledger::book(connection, &entry, now)?;
    connection
        .execute(
            "UPDATE loads SET state = ?2, credit = ?3 WHERE id = ?1",
            (load.0, LoadState::Credited as u8, &credit),
        )
        .map_err(failing("give out a credit"))?;
    Ok(LoadRow { state: LoadState::Credited, credit: Some(credit), ..row })
}

pub(super) fn close(
    connection: &Connection,
    event: &Closing,
    now: u64,
    judge: Make<CloseFacts, Judged>,
) -> Result<Judged> {
    let load = find_or_refuse(connection, event.load)?;
    let closed = closed(connection, &load)?;
    let chain = links::around(connection, &event.link)?;
    let judged = judge(CloseFacts { load: load.clone(), closed, chain })?;
    match &judged {
        Judged::Known => {}
        Judged::Fork(why) => links::keep_fork(connection, &event.link, why, now)?,
        Judged::Booked => {
            links::add(connection, &event.link, now)?;
            if let Some(entry) = Entry::load_closed(&load, event.state, event.link.identity) {
                ledger::book(connection, &entry, now)?;
            }
            connection
                .execute(
                    "UPDATE loads SET state = ?2, receipt = ?3 WHERE id = ?1",
                    (load.id.0, event.state as u8, &event.link.signed),
                )
                .map_err(failing("close a load"))?;
        }
    }
    Ok(judged)
}

pub(super) fn of_account(connection: &Connection, account: AccountId) -> Result<Vec<LoadRow>> {
    let sql = "SELECT * FROM loads WHERE account = ?1 ORDER BY place";
    let mut statement = connection.prepare_cached(sql).map_err(failing("list loads"))?;
    let rows = statement.query_map([account.0], of_row).map_err(failing("list loads"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("list loads"))
}

pub(super) fn find(connection: &Connection, load: LoadId) -> Result<Option<LoadRow>> {
    let sql = "SELECT * FROM loads WHERE id = ?1";
    connection.query_row(sql, [load.0], of_row).optional().map_err(failing("find a load"))
}

fn find_or_refuse(connection: &Connection, load: LoadId) -> Result<LoadRow> {
    find(connection, load)?.ok_or_else(|| {
        Refusal::not_found(format!("there is no load {load}: ask for one of the account's purse"))
    })
}

/// How many loads of the purse were closed: each used up one sequence.
fn closed(connection: &Connection, load: &LoadRow) -> Result<u64> {
    let sql = "
        SELECT count(*) AS closed FROM loads
        WHERE account = ?1 AND purse = ?2 AND state IN (3, 4)";
    let count = |row: &Row<'_>| uint(row, "closed");
    connection
        .query_row(sql, (load.account.0, load.purse), count)
        .map_err(failing("count the loads of a purse"))
}

fn of_row(row: &Row<'_>) -> rusqlite::Result<LoadRow> {
    Ok(LoadRow {
        id: LoadId(id(row, "id")?),
        account: AccountId(id(row, "account")?),
        purse: row.get("purse")?,
        kind: code(row, "kind", Kind::from_code)?,
        unit: unit(row, "unit")?,
        amount: uint(row, "amount")?,
        nonce: Nonce(id(row, "nonce")?),
        opened: uint(row, "opened")?,
        state: code(row, "state", LoadState::from_code)?,
        credit: row.get("credit")?,
        receipt: row.get("receipt")?,
    })
}
