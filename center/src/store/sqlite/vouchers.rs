//! Vouchers.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use saifu_wire::value::Kind;
use saifu_wire::{Digest, ShopId};

use super::columns::{UnitColumn, code, id, int, maybe_uint, uint, unit};
use super::{Sqlite, failing, funding};
use crate::refusal::Result;
use crate::store::{
    Batch, BatchId, BatchRow, FundingId, FundingRow, Make, RedeemFacts, Redeemed, VoucherState,
    VoucherStore,
};

impl VoucherStore for Sqlite {
    fn add_batch(&self, batch: BatchRow, codes: Vec<Digest>) -> Result<()> {
        self.writer.write("add vouchers", move |connection| add(connection, &batch, &codes))
    }

    fn batches(&self, limit: u32) -> Result<Vec<Batch>> {
        self.read(|connection| batches(connection, limit))
    }

    fn batch(&self, id: BatchId) -> Result<Option<Batch>> {
        self.read(|connection| batch(connection, id))
    }

    fn sell_batch(&self, id: BatchId, now: u64) -> Result<bool> {
        let sql = "UPDATE voucher_batches SET sold = coalesce(sold, ?2) WHERE id = ?1";
        self.writer.write("sell vouchers", move |connection| {
            let done = connection.execute(sql, (id, int(now)?));
            done.map(|rows| rows == 1).map_err(failing("sell a batch"))
        })
    }

    fn void_batch(&self, id: BatchId) -> Result<u64> {
        let sql = "UPDATE vouchers SET state = 3 WHERE batch = ?1 AND state = 1";
        self.writer.write("void vouchers", move |connection| {
            let done = connection.execute(sql, [id]).map_err(failing("void a batch"))?;
            Ok(done as u64)
        })
    }

    fn void_code(&self, code: Digest) -> Result<bool> {
        let sql = "UPDATE vouchers SET state = 3 WHERE code = ?1 AND state = 1";
        self.writer.write("void voucher", move |connection| {
            let done = connection.execute(sql, [code.0]).map_err(failing("void a voucher"))?;
            Ok(done == 1)
        })
    }

    fn redeem(
        &self,
        code: Digest,
        now: u64,
        make: Make<RedeemFacts, Redeemed>,
    ) -> Result<FundingRow> {
        self.writer.write("redeem voucher", move |connection| redeem(connection, code, now, make))
    }
}

fn add(connection: &Connection, batch: &BatchRow, codes: &[Digest]) -> Result<()> {
    let sql = "
        INSERT INTO voucher_batches (id, kind, unit, amount, shop, expires, made, sold)
        VALUES (:id, :kind, :unit, :amount, :shop, :expires, :made, :sold)";
    connection
        .execute(
            sql,
            named_params! {
                ":id": batch.id, ":kind": batch.kind as u8, ":unit": UnitColumn(batch.unit),
                ":amount": int(batch.amount)?, ":shop": batch.shop.0,
                ":expires": int(batch.expires)?, ":made": int(batch.made)?,
                ":sold": batch.sold.map(int).transpose()?,
            },
        )
        .map_err(failing("add a batch"))?;
    let sql = "INSERT INTO vouchers (code, batch, state) VALUES (?1, ?2, 1)";
    let mut statement = connection.prepare_cached(sql).map_err(failing("add a voucher"))?;
    for code in codes {
        statement.execute((code.0, batch.id)).map_err(failing("add a voucher"))?;
    }
    Ok(())
}

fn batches(connection: &Connection, limit: u32) -> Result<Vec<Batch>> {
    let sql = "SELECT * FROM voucher_batches ORDER BY place DESC LIMIT ?1";
    let mut statement = connection.prepare_cached(sql).map_err(failing("list batches"))?;
    let rows = statement.query_map([limit], batch_of_row).map_err(failing("list batches"))?;
    let rows = rows.collect::<rusqlite::Result<Vec<_>>>().map_err(failing("list batches"))?;
    rows.into_iter().map(|row| counted(connection, row)).collect()
}

fn batch(connection: &Connection, id: BatchId) -> Result<Option<Batch>> {
    let sql = "SELECT * FROM voucher_batches WHERE id = ?1";
    let found = connection.query_row(sql, [id], batch_of_row).optional();
    let found = found.map_err(failing("find a batch"))?;
    found.map(|row| counted(connection, row)).transpose()
}

fn counted(connection: &Connection, row: BatchRow) -> Result<Batch> {
    let count = |state: VoucherState| {
        let sql = "SELECT count(*) AS n FROM vouchers WHERE batch = ?1 AND state = ?2";
        let mut statement = connection.prepare_cached(sql).map_err(failing("count vouchers"))?;
        let count = statement.query_row((row.id, state as u8), |row| uint(row, "n"));
        count.map_err(failing("count vouchers"))
    };
    let unused = count(VoucherState::Unused)?;
    let (redeemed, voided) = (count(VoucherState::Redeemed)?, count(VoucherState::Voided)?);
    Ok(Batch { row, unused, redeemed, voided })
}

fn redeem(
    connection: &Connection,
    code: Digest,
    now: u64,
    make: Make<RedeemFacts, Redeemed>,
) -> Result<FundingRow> {
    let new = match make(facts(connection, code)?)? {
        Redeemed::Before(funding) => return Ok(funding),
        Redeemed::Now(new) => new,
    };
    let funding = funding::add(connection, &new, now)?;
    let sql = "
        UPDATE vouchers SET state = 2, redemptions = redemptions + 1, funding = ?2
        WHERE code = ?1";
    connection.execute(sql, (code.0, funding.id.0)).map_err(failing("redeem a voucher"))?;
    Ok(funding)
}

fn facts(connection: &Connection, hash: Digest) -> Result<RedeemFacts> {
    let sql = "
        SELECT voucher_batches.*, state, redemptions, funding
        FROM vouchers JOIN voucher_batches ON voucher_batches.id = vouchers.batch
        WHERE code = ?1";
    let of_row = |row: &Row<'_>| {
        let state = code(row, "state", VoucherState::from_code)?;
        let known = (batch_of_row(row)?, state, row.get("redemptions")?);
        Ok((known, row.get::<_, Option<[u8; 16]>>("funding")?))
    };
    let mut statement = connection.prepare_cached(sql).map_err(failing("find a voucher"))?;
    let found = statement.query_row([hash.0], of_row).optional();
    let Some((known, funding)) = found.map_err(failing("find a voucher"))? else {
        return Ok(RedeemFacts { known: None, funding: None });
    };
    let funding = funding.map(|id| funding::known(connection, FundingId(id))).transpose()?;
    Ok(RedeemFacts { known: Some(known), funding })
}

/// The voucher of a funding that its card gave up is unused again.
pub(super) fn give_back(connection: &Connection, funding: FundingId) -> Result<()> {
    let sql = "UPDATE vouchers SET state = 1, funding = NULL WHERE funding = ?1 AND state = 2";
    connection.execute(sql, [funding.0]).map_err(failing("give a voucher back"))?;
    Ok(())
}

fn batch_of_row(row: &Row<'_>) -> rusqlite::Result<BatchRow> {
    Ok(BatchRow {
        id: id(row, "id")?,
        kind: code(row, "kind", Kind::from_code)?,
        unit: unit(row, "unit")?,
        amount: uint(row, "amount")?,
        shop: ShopId(id(row, "shop")?),
        expires: uint(row, "expires")?,
        made: uint(row, "made")?,
        sold: maybe_uint(row, "sold")?,
    })
}
