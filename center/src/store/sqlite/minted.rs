//! What was given out on a day, so that its limit is kept without counting credits.

use rusqlite::{Connection, OptionalExtension};
use saifu_wire::value::{Kind, Unit};

use super::columns::{UnitColumn, int, uint};
use super::failing;
use crate::refusal::Result;
use crate::store::LoadRow;

/// A day begins at midnight, UTC.
const DAY_SECONDS: u64 = 86_400;

/// What was given out on the day of `now`, of all sources that make value.
pub(super) fn on_day(connection: &Connection, now: u64, kind: Kind, unit: Unit) -> Result<u64> {
    let sql = "SELECT amount FROM minted WHERE day = ?1 AND kind = ?2 AND unit = ?3";
    let of = (int(now / DAY_SECONDS)?, kind as u8, UnitColumn(unit));
    let mut statement = connection.prepare_cached(sql).map_err(failing("read the day's sum"))?;
    let sum = statement.query_row(of, |row| uint(row, "amount")).optional();
    Ok(sum.map_err(failing("read the day's sum"))?.unwrap_or(0))
}

/// Counts a load whose credit is given out now.
pub(super) fn add(connection: &Connection, now: u64, load: &LoadRow) -> Result<()> {
    let sql = "
        INSERT INTO minted (day, kind, unit, amount) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (day, kind, unit) DO UPDATE SET amount = amount + excluded.amount";
    let row = (int(now / DAY_SECONDS)?, load.kind as u8, UnitColumn(load.unit), int(load.amount)?);
    let mut statement = connection.prepare_cached(sql).map_err(failing("count a credit"))?;
    statement.execute(row).map_err(failing("count a credit"))?;
    Ok(())
}
