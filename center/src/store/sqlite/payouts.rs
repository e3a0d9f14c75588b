//! Instructions, and what follows from them.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use saifu_wire::value::Kind;
use saifu_wire::{AccountId, Digest, OrderId, ShopId};

use super::columns::{UnitColumn, code, id, int, uint, unit};
use super::rollups::{self, ShopAccount};
use super::{Sqlite, failing, fees, ledger, positions, refunds, replacements, tokens};
use crate::ledger::{Entry, Payable};
use crate::refusal::{Refusal, Result};
use crate::store::{
    Make, NewPayout, PayoutRow, PayoutStore, Resolution, ResolveFacts, Resolved, Sale, Signature,
    TokenName,
};

impl PayoutStore for Sqlite {
    fn pay_out(
        &self,
        payout: NewPayout,
        now: u64,
        make: Make<Payable, Signature>,
    ) -> Result<PayoutRow> {
        self.writer.write("pay out", move |connection| pay_out(connection, payout, now, make))
    }

    fn resolve(
        &self,
        token: TokenName,
        now: u64,
        make: Make<ResolveFacts, Resolution>,
    ) -> Result<Resolved> {
        self.writer.write("resolve", move |connection| resolve(connection, token, now, make))
    }

    fn suspended(&self, after: u64, limit: u32) -> Result<Vec<Sale>> {
        self.read(|connection| tokens::suspended(connection, after, limit))
    }
}

/// Keeps a signed instruction and books what it says; returns the entry's number.
pub(super) fn carry_out(connection: &Connection, signed: &Signature, now: u64) -> Result<u64> {
    let entry = Entry::instructed(&signed.instruction, signed.identity);
    let number = ledger::book(connection, &entry, now)?;
    let sql = "
        INSERT INTO instructions (identity, why, kind, unit, amount, signed, made)
        VALUES (:identity, :why, :kind, :unit, :amount, :signed, :made)";
    let mut statement = connection.prepare_cached(sql).map_err(failing("keep an instruction"))?;
    statement
        .execute(named_params! {
            ":identity": signed.identity.0, ":why": signed.instruction.why as u8,
            ":kind": entry.kind as u8, ":unit": UnitColumn(entry.unit),
            ":amount": int(entry.amount)?, ":signed": signed.signed, ":made": int(now)?,
        })
        .map_err(failing("keep an instruction"))?;
    Ok(number)
}

fn pay_out(
    connection: &Connection,
    payout: NewPayout,
    now: u64,
    make: Make<Payable, Signature>,
) -> Result<PayoutRow> {
    if let Some(row) = paid_out(connection, &payout)? {
        return if row.payout == payout { Ok(row) } else { Err(used_otherwise(&row.payout)) };
    }
    let of = ShopAccount { shop: payout.shop, kind: payout.kind, unit: payout.unit };
    let next = ledger::next_entry(connection)?.number;
    let (through, filed) = (next.saturating_sub(1), rollups::filed(next));
    let sums = rollups::sums_at(connection, of, through, filed)?;
    let fee = fees::fee_at(connection, of, (through, filed), sums.gross())?;
    let instruction = make(Payable { settled: sums.balance(), fee })?;
    let entry = carry_out(connection, &instruction, now)?;
    let sql = "
        INSERT INTO payouts (shop, reference, entry, instruction) VALUES (?1, ?2, ?3, ?4)";
    connection
        .execute(sql, (payout.shop.0, &payout.reference, int(entry)?, instruction.identity.0))
        .map_err(failing("keep a payout"))?;
    let row = paid_out(connection, &payout)?;
    row.ok_or_else(|| Refusal::internal("a payout vanished while it was made"))
}

fn used_otherwise(payout: &NewPayout) -> Refusal {
    let NewPayout { reference, amount, unit, .. } = payout;
    Refusal::conflict(format!(
        "\"{reference}\" is a payout of {amount} {unit} already: name each payout otherwise"
    ))
}

fn paid_out(connection: &Connection, payout: &NewPayout) -> Result<Option<PayoutRow>> {
    let sql = "
        SELECT p.shop, p.reference, l.entry, l.booked, l.kind, l.unit, l.amount
        FROM payouts p JOIN ledger l USING (entry) WHERE p.shop = ?1 AND p.reference = ?2";
    let of_row = |row: &Row<'_>| {
        let payout = NewPayout {
            shop: ShopId(id(row, "shop")?),
            kind: code(row, "kind", Kind::from_code)?,
            unit: unit(row, "unit")?,
            amount: uint(row, "amount")?,
            reference: row.get("reference")?,
        };
        Ok(PayoutRow { payout, entry: uint(row, "entry")?, booked: uint(row, "booked")? })
    };
    connection
        .query_row(sql, (payout.shop.0, &payout.reference), of_row)
        .optional()
        .map_err(failing("find a payout"))
}

fn resolve(
    connection: &Connection,
    token: TokenName,
    now: u64,
    make: Make<ResolveFacts, Resolution>,
) -> Result<Resolved> {
    let facts = facts(connection, token)?;
    let (token, order) = (facts.token, facts.order);
    if let Some(resolved) = resolved(connection, token)? {
        return Ok(resolved);
    }
    let Resolution { instruction, receipt } = make(facts)?;
    let entry = carry_out(connection, &instruction, now)?;
    let sql = "
        INSERT INTO resolutions (token, entry, order_id, instruction, receipt)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    connection
        .execute(sql, (token.0, int(entry)?, order.0, instruction.identity.0, &receipt))
        .map_err(failing("settle from suspense"))?;
    Ok(Resolved { token, entry, receipt })
}

fn resolved(connection: &Connection, token: Digest) -> Result<Option<Resolved>> {
    let sql = "SELECT entry, receipt FROM resolutions WHERE token = ?1";
    let of_row = |row: &Row<'_>| {
        Ok(Resolved { token, entry: uint(row, "entry")?, receipt: row.get("receipt")? })
    };
    connection.query_row(sql, [token.0], of_row).optional().map_err(failing("find a receipt"))
}

fn facts(connection: &Connection, token: TokenName) -> Result<ResolveFacts> {
    let (which, value) = match token {
        TokenName::Entry(entry) => ("t.entry = ?1", int(entry)?.into()),
        TokenName::Identity(identity) => {
            ("t.identity = ?1 AND t.outcome = 2", rusqlite::types::Value::Blob(identity.0.to_vec()))
        }
    };
    let sql = format!(
        "SELECT t.*, l.purse FROM tokens t JOIN links l USING (account, counter) WHERE {which}"
    );
    let of_row = |row: &Row<'_>| {
        Ok(ResolveFacts {
            token: Digest(id(row, "identity")?),
            counter: uint(row, "counter")?,
            account: AccountId(id(row, "account")?),
            purse: row.get("purse")?,
            order: OrderId(id(row, "order_id")?),
            shop: ShopId(id(row, "shop")?),
            kind: code(row, "kind", Kind::from_code)?,
            unit: unit(row, "unit")?,
            amount: uint(row, "amount")?,
            settled: row.get::<_, u8>("outcome")? == 1,
            order_settled: false,
            given_back: false,
            spendable: 0,
            entry: 0,
        })
    };
    let found = connection.query_row(&sql, [value], of_row).optional();
    let facts = found.map_err(failing("find a payment"))?.ok_or_else(|| {
        Refusal::not_found(
            "no such payment is in suspense: `sales --suspense` lists those that are",
        )
    })?;
    Ok(ResolveFacts {
        order_settled: tokens::is_settled(connection, facts.order)?,
        given_back: refunds::is_given_back(connection, facts.token)?,
        spendable: positions::spendable(connection, facts.account, facts.purse)?
            - replacements::promised(connection, facts.account, facts.purse)?,
        entry: ledger::next_entry(connection)?.number,
        ..facts
    })
}
