//! Fundings.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use saifu_wire::value::Kind;
use saifu_wire::{AccountId, Digest};

use super::columns::{UnitColumn, code, id, int, uint, unit};
use super::{Sqlite, failing, payments, vouchers};
use crate::ledger::{Holder, Side};
use crate::refusal::{Refusal, Result};
use crate::store::{
    FundingId, FundingRow, FundingSource, FundingState, FundingStore, MAX_READY, NewFunding,
};

impl FundingStore for Sqlite {
    fn add_funding(&self, funding: NewFunding, now: u64) -> Result<FundingRow> {
        self.writer.write("add funding", move |connection| add(connection, &funding, now))
    }

    fn add_noted_funding(&self, funding: NewFunding, note: String, now: u64) -> Result<FundingRow> {
        self.writer.write("add funding", move |connection| {
            let added = add(connection, &funding, now)?;
            let sql = "
                INSERT INTO funding_notes (funding, note) VALUES (?1, ?2)
                ON CONFLICT (funding) DO NOTHING";
            connection.execute(sql, (added.id.0, note)).map_err(failing("note a funding"))?;
            Ok(added)
        })
    }

    fn fundings_from(
        &self,
        source: FundingSource,
        limit: u32,
    ) -> Result<Vec<(FundingRow, String)>> {
        self.read(|connection| of_source(connection, source, limit))
    }

    fn funding(&self, id: FundingId) -> Result<Option<FundingRow>> {
        self.read(|connection| find(connection, id))
    }

    fn funding_of(&self, source: FundingSource, reference: &str) -> Result<Option<FundingRow>> {
        self.read(|connection| of_reference(connection, source, reference))
    }

    fn fundings(
        &self,
        account: AccountId,
        state: Option<FundingState>,
        limit: u32,
    ) -> Result<Vec<FundingRow>> {
        self.read(|connection| of_account(connection, account, state, limit))
    }
}

/// Adds a funding, once for each source and reference; returns the one that is there.
pub(super) fn add(connection: &Connection, new: &NewFunding, now: u64) -> Result<FundingRow> {
    if let Some(known) = of_reference(connection, new.source, &new.reference)? {
        return Ok(known);
    }
    let sql = "
        INSERT INTO fundings (id, account, purse, kind, unit, amount, source, reference,
            available_from, made, state, source_holder, source_id, refunded_token,
            refunded_licence, evidence)
        VALUES (:id, :account, :purse, :kind, :unit, :amount, :source, :reference,
            :available_from, :made, :state, :holder, :holder_id, :token, :licence, :evidence)";
    let mut statement = connection.prepare_cached(sql).map_err(failing("add a funding"))?;
    statement
        .execute(named_params! {
            ":id": new.id().0, ":account": new.account.0, ":purse": new.purse,
            ":kind": new.kind as u8, ":unit": UnitColumn(new.unit),
            ":amount": int(new.amount)?, ":source": new.source as u8,
            ":reference": new.reference, ":available_from": int(new.available_from)?,
            ":made": int(now)?, ":state": FundingState::Ready as u8,
            ":holder": new.from.holder as u8, ":holder_id": new.from.id,
            ":token": new.refunded_token.0, ":licence": int(new.refunded_licence)?,
            ":evidence": new.evidence,
        })
        .map_err(failing("add a funding"))?;
    let state = FundingState::Ready;
    Ok(FundingRow { id: new.id(), what: new.clone(), made: now, state })
}

/// Moves a funding to another state.
pub(super) fn set_state(connection: &Connection, id: FundingId, state: FundingState) -> Result<()> {
    let sql = "UPDATE fundings SET state = ?2 WHERE id = ?1";
    connection.execute(sql, (id.0, state as u8)).map_err(failing("move a funding on"))?;
    Ok(())
}

/// A funding whose load the card gave up, by the signed `event`, goes back to where it came from.
pub(super) fn give_back(connection: &Connection, funding: &FundingRow, event: &[u8]) -> Result<()> {
    let state = match funding.what.source {
        FundingSource::Initial | FundingSource::Replacement => FundingState::Ready,
        FundingSource::Operator | FundingSource::Refund => FundingState::Returned,
        FundingSource::Voucher => {
            vouchers::give_back(connection, funding.id)?;
            FundingState::Returned
        }
        FundingSource::Payment => {
            payments::give_back(connection, funding, event)?;
            FundingState::Returned
        }
    };
    set_state(connection, funding.id, state)
}

/// The fundings that are ready for a purse at `now`, oldest first.
pub(super) fn ready(
    connection: &Connection,
    account: AccountId,
    purse: u32,
    now: u64,
) -> Result<Vec<FundingRow>> {
    let sql = "
        SELECT * FROM fundings
        WHERE account = ?1 AND purse = ?2 AND state = 1 AND available_from <= ?3
        ORDER BY place LIMIT ?4";
    let mut statement = connection.prepare_cached(sql).map_err(failing("list fundings"))?;
    let rows = statement.query_map((account.0, purse, int(now)?, MAX_READY), of_row);
    let rows = rows.map_err(failing("list fundings"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("list fundings"))
}

pub(super) fn find(connection: &Connection, id: FundingId) -> Result<Option<FundingRow>> {
    let sql = "SELECT * FROM fundings WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(failing("find a funding"))?;
    statement.query_row([id.0], of_row).optional().map_err(failing("find a funding"))
}

/// A funding that a row of the store names.
pub(super) fn known(connection: &Connection, id: FundingId) -> Result<FundingRow> {
    find(connection, id)?
        .ok_or_else(|| Refusal::internal(format!("funding {id} is named and not there")))
}

fn of_reference(
    connection: &Connection,
    source: FundingSource,
    reference: &str,
) -> Result<Option<FundingRow>> {
    let sql = "SELECT * FROM fundings WHERE source = ?1 AND reference = ?2";
    let mut statement = connection.prepare_cached(sql).map_err(failing("find a funding"))?;
    let found = statement.query_row((source as u8, reference), of_row).optional();
    found.map_err(failing("find a funding"))
}

fn of_account(
    connection: &Connection,
    account: AccountId,
    state: Option<FundingState>,
    limit: u32,
) -> Result<Vec<FundingRow>> {
    let sql = "
        SELECT * FROM fundings WHERE account = ?1 AND (?2 IS NULL OR state = ?2)
        ORDER BY place LIMIT ?3";
    let mut statement = connection.prepare_cached(sql).map_err(failing("list fundings"))?;
    let state = state.map(|state| state as u8);
    let rows = statement.query_map((account.0, state, limit), of_row);
    let rows = rows.map_err(failing("list fundings"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("list fundings"))
}

fn of_source(
    connection: &Connection,
    source: FundingSource,
    limit: u32,
) -> Result<Vec<(FundingRow, String)>> {
    let sql = "
        SELECT fundings.*, coalesce(note, '') AS note
        FROM fundings LEFT JOIN funding_notes ON funding = id
        WHERE source = ?1 ORDER BY place DESC LIMIT ?2";
    let mut statement = connection.prepare_cached(sql).map_err(failing("list fundings"))?;
    let noted = |row: &Row<'_>| Ok((of_row(row)?, row.get("note")?));
    let rows = statement.query_map((source as u8, limit), noted);
    let rows = rows.map_err(failing("list fundings"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("list fundings"))
}

fn of_row(row: &Row<'_>) -> rusqlite::Result<FundingRow> {
    let from =
        Side { holder: code(row, "source_holder", Holder::from_code)?, id: id(row, "source_id")? };
    let what = NewFunding {
        account: AccountId(id(row, "account")?),
        purse: row.get("purse")?,
        kind: code(row, "kind", Kind::from_code)?,
        unit: unit(row, "unit")?,
        amount: uint(row, "amount")?,
        source: code(row, "source", FundingSource::from_code)?,
        reference: row.get("reference")?,
        available_from: uint(row, "available_from")?,
        from,
        refunded_token: Digest(id(row, "refunded_token")?),
        refunded_licence: uint(row, "refunded_licence")?,
        evidence: row.get("evidence")?,
    };
    Ok(FundingRow {
        id: FundingId(id(row, "id")?),
        what,
        made: uint(row, "made")?,
        state: code(row, "state", FundingState::from_code)?,
    })
}
