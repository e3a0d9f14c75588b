//! Loads of value.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use saifu_wire::value::Kind;
use saifu_wire::{AccountId, Digest, LoadId, Nonce};

use super::accounts::refuse_barred;
use super::columns::{UnitColumn, code, id, int, uint, unit};
use super::{Sqlite, failing, funding, ledger, links, minted, positions};
use crate::ledger::Entry;
use crate::refusal::{Refusal, Result};
use crate::store::{
    CloseFacts, Closing, FundingId, FundingRow, FundingState, IssueFacts, Judged, LoadRow,
    LoadState, LoadStore, Make, OpenFacts, Waiting,
};

impl LoadStore for Sqlite {
    fn waiting(&self, account: AccountId, now: u64) -> Result<Vec<Waiting>> {
        self.read(|connection| waiting(connection, account, now))
    }

    fn load_under_way(&self, account: AccountId, purse: u32) -> Result<Option<LoadRow>> {
        self.read(|connection| under_way(connection, account, purse))
    }

    fn open_load(
        &self,
        account: AccountId,
        purse: u32,
        now: u64,
        make: Make<OpenFacts, LoadRow>,
    ) -> Result<LoadRow> {
        self.writer
            .write("open load", move |connection| open(connection, account, purse, now, make))
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
        make: Make<IssueFacts, Vec<u8>>,
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

fn waiting(connection: &Connection, account: AccountId, now: u64) -> Result<Vec<Waiting>> {
    let sql = "
        SELECT purse, max(is_out) AS is_out FROM (
            SELECT purse, 0 AS is_out FROM fundings
            WHERE account = ?1 AND state = 1 AND available_from <= ?2
            UNION ALL
            SELECT purse, state = 2 FROM loads WHERE account = ?1 AND state IN (1, 2)
        ) GROUP BY purse ORDER BY purse";
    let mut statement = connection.prepare_cached(sql).map_err(failing("list what waits"))?;
    let of_row =
        |row: &Row<'_>| Ok(Waiting { purse: row.get("purse")?, is_out: row.get("is_out")? });
    let rows = statement.query_map((account.0, int(now)?), of_row);
    let rows = rows.map_err(failing("list what waits"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("list what waits"))
}

fn under_way(connection: &Connection, account: AccountId, purse: u32) -> Result<Option<LoadRow>> {
    let sql = "SELECT * FROM loads WHERE account = ?1 AND purse = ?2 AND state IN (1, 2)";
    let mut statement = connection.prepare_cached(sql).map_err(failing("find a load"))?;
    statement.query_row((account.0, purse), of_row).optional().map_err(failing("find a load"))
}

fn open(
    connection: &Connection,
    account: AccountId,
    purse: u32,
    now: u64,
    make: Make<OpenFacts, LoadRow>,
) -> Result<LoadRow> {
    refuse_barred(connection, account)?;
    if let Some(open) = under_way(connection, account, purse)? {
        return Ok(open);
    }
    let load = make(OpenFacts {
        ready: funding::ready(connection, account, purse, now)?,
        position: positions::spendable(connection, account, purse)?,
        voided: voided(connection, account)?,
    })?;
    insert(connection, &load)?;
    funding::set_state(connection, load.funding, FundingState::Loading)?;
    Ok(load)
}

/// Forgets the purse's load that is open without a credit, if there is one.
fn withdraw(connection: &Connection, account: AccountId, purse: u32) -> Result<()> {
    let sql = "
        DELETE FROM loads
        WHERE account = ?1 AND purse = ?2 AND state = 1 AND credit IS NULL
        RETURNING funding";
    let funding = |row: &Row<'_>| id(row, "funding").map(FundingId);
    let found = connection.query_row(sql, (account.0, purse), funding).optional();
    match found.map_err(failing("withdraw a load"))? {
        None => Ok(()),
        Some(funding) => funding::set_state(connection, funding, FundingState::Ready),
    }
}

/// How many loads the account's card gave up.
fn voided(connection: &Connection, account: AccountId) -> Result<u64> {
    let sql = "SELECT count(*) AS voided FROM loads WHERE account = ?1 AND state = 4";
    let mut statement = connection.prepare_cached(sql).map_err(failing("count loads"))?;
    let count = statement.query_row([account.0], |row| uint(row, "voided"));
    count.map_err(failing("count loads"))
}

fn insert(connection: &Connection, load: &LoadRow) -> Result<()> {
    let sql = "
        INSERT INTO loads (id, funding, account, purse, kind, unit, amount, nonce, opened, state)
        VALUES (:id, :funding, :account, :purse, :kind, :unit, :amount, :nonce, :opened, :state)";
    connection
        .execute(
            sql,
            named_params! {
                ":id": load.id.0, ":funding": load.funding.0, ":account": load.account.0,
                ":purse": load.purse, ":kind": load.kind as u8, ":unit": UnitColumn(load.unit),
                ":amount": int(load.amount)?, ":nonce": load.nonce.0,
                ":opened": int(load.opened)?, ":state": LoadState::Open as u8,
            },
        )
        .map_err(failing("open a load"))?;
    Ok(())
}

fn issue_credit(
    connection: &Connection,
    load: LoadId,
    now: u64,
    make: Make<IssueFacts, Vec<u8>>,
) -> Result<LoadRow> {
    let row = find_or_refuse(connection, load)?;
    if row.state != LoadState::Open {
        return Ok(row);
    }
    refuse_barred(connection, row.account)?;
    let funding = funding::known(connection, row.funding)?;
    let credit = make(IssueFacts {
        load: row.clone(),
        funding: funding.clone(),
        closed: closed(connection, &row)?,
        minted_today: minted::on_day(connection, now, row.kind, row.unit)?,
    })?;
    let entry = Entry::credit_given_out(&row, funding.what.from, &credit);
    ledger::book(connection, &entry, now)?;
    if funding.what.source.mints() {
        minted::add(connection, now, &row)?;
    }
    connection
        .execute(
            "UPDATE loads SET state = ?2, credit = ?3 WHERE id = ?1",
            (load.0, LoadState::Credited as u8, &credit),
        )
        .map_err(failing("give out a credit"))?;
    Ok(LoadRow { state: LoadState::Credited, credit: Some(credit), ..row })
}

fn close(
    connection: &Connection,
    event: &Closing,
    now: u64,
    judge: Make<CloseFacts, Judged>,
) -> Result<Judged> {
    let load = find_or_refuse(connection, event.load)?;
    let funding = funding::known(connection, load.funding)?;
    let closed = closed(connection, &load)?;
    let chain = links::around(connection, &event.link)?;
    let facts = CloseFacts { load: load.clone(), funding: funding.clone(), closed, chain };
    let judged = judge(facts)?;
    match &judged {
        Judged::Known => {}
        Judged::Fork(why) => links::keep_fork(connection, &event.link, why, now)?,
        Judged::Booked => {
            links::add(connection, &event.link, now)?;
            let proof = (event.link.identity, event.link.signed.as_slice());
            end(connection, (&load, &funding), event.state, proof, now)?;
        }
    }
    Ok(judged)
}

/// Voids a load of which a Closing proves that its credit will never be taken. One that was
/// closed meanwhile stays as it is.
pub(super) fn void_by_closing(
    connection: &Connection,
    load: LoadId,
    closing: (Digest, &[u8]),
    now: u64,
) -> Result<()> {
    let load = find_or_refuse(connection, load)?;
    if load.state != LoadState::Credited {
        return Ok(());
    }
    let funding = funding::known(connection, load.funding)?;
    end(connection, (&load, &funding), LoadState::Voided, closing, now)
}

/// Books what was signed of a load's end (its identity, and the whole of it), and moves load and
/// funding on.
fn end(
    connection: &Connection,
    (load, funding): (&LoadRow, &FundingRow),
    state: LoadState,
    (evidence, signed): (Digest, &[u8]),
    now: u64,
) -> Result<()> {
    if let Some(entry) = Entry::load_closed(load, funding.what.from, state, evidence) {
        ledger::book(connection, &entry, now)?;
    }
    let sql = "UPDATE loads SET state = ?2, receipt = ?3 WHERE id = ?1";
    connection.execute(sql, (load.id.0, state as u8, signed)).map_err(failing("close a load"))?;
    match state {
        LoadState::Voided => funding::give_back(connection, funding, signed),
        _ => funding::set_state(connection, funding.id, FundingState::Loaded),
    }
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
        SELECT (SELECT count(*) FROM loads
                WHERE account = ?1 AND purse = ?2 AND state IN (3, 4))
            + (SELECT count(*) FROM cards_words WHERE account = ?1 AND purse = ?2) AS closed";
    let count = |row: &Row<'_>| uint(row, "closed");
    connection
        .query_row(sql, (load.account.0, load.purse), count)
        .map_err(failing("count the loads of a purse"))
}

fn of_row(row: &Row<'_>) -> rusqlite::Result<LoadRow> {
    Ok(LoadRow {
        id: LoadId(id(row, "id")?),
        funding: FundingId(id(row, "funding")?),
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
