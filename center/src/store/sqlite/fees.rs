//! Since which entry of the ledger each shop's rate holds, and the fee up to any entry.

use rusqlite::{Connection, OptionalExtension};
use saifu_wire::ShopId;

use super::columns::{int, uint};
use super::rollups::{self, ShopAccount};
use super::{failing, ledger};
use crate::ledger::{FeeSpan, fee};
use crate::refusal::{Refusal, Result};

/// The most rates that one shop has had: each costs a statement a sum.
pub(super) const MAX_RATES: u32 = 100;

/// A shop's rates that hold for an entry up to the asked one, the newest first.
pub(super) const RATES: &str = "
    SELECT after, basis_points FROM shop_fees WHERE shop = ?1 AND after < ?2 ORDER BY after DESC";

/// The rate at which the first entry of a new shop is taken.
pub(super) fn begin(connection: &Connection, shop: ShopId, basis_points: u32) -> Result<()> {
    note(connection, shop, 0, basis_points)
}

/// From the next entry on another rate holds.
pub(super) fn change(connection: &Connection, shop: ShopId, basis_points: u32) -> Result<()> {
    let count = "SELECT count(*) FROM shop_fees WHERE shop = ?1";
    let rates = connection.query_row(count, [shop.0], |row| row.get::<_, u32>(0));
    if rates.map_err(failing("count a shop's fees"))? >= MAX_RATES {
        return Err(Refusal::conflict(format!(
            "the shop has had {MAX_RATES} fees, and its statements are by each of them: open \
             another shop"
        )));
    }
    let after = ledger::next_entry(connection)?.number.saturating_sub(1);
    note(connection, shop, after, basis_points)
}

fn note(connection: &Connection, shop: ShopId, after: u64, basis_points: u32) -> Result<()> {
    // A rate at which nothing was booked yet is as if it had not been.
    let sql = "INSERT INTO shop_fees (shop, after, basis_points) VALUES (?1, ?2, ?3)
               ON CONFLICT (shop, after) DO UPDATE SET basis_points = excluded.basis_points";
    let noted = connection.execute(sql, (shop.0, int(after)?, basis_points));
    noted.map(drop).map_err(failing("keep a shop's fee"))
}

/// The rate at which entry `at` is taken; none of a shop that nobody opened.
pub(super) fn rate_at(connection: &Connection, shop: ShopId, at: u64) -> Result<u32> {
    let mut statement = connection.prepare_cached(RATES).map_err(failing("read a shop's fee"))?;
    let rate = statement.query_row((shop.0, int(at)?), |row| row.get("basis_points")).optional();
    rate.map(Option::unwrap_or_default).map_err(failing("read a shop's fee"))
}

/// The fee of all that a shop earned up to entry `through`, which is `gross`; entries up to
/// `filed` are filed.
pub(super) fn fee_at(
    connection: &Connection,
    of: ShopAccount,
    (through, filed): (u64, u64),
    gross: i128,
) -> Result<i128> {
    let mut statement = connection.prepare_cached(RATES).map_err(failing("read a shop's fee"))?;
    let rows = statement
        .query_map((of.shop.0, int(through)?), |row| {
            Ok((uint(row, "after")?, row.get("basis_points")?))
        })
        .map_err(failing("read a shop's fee"))?;
    let (mut spans, mut until) = (Vec::new(), gross);
    for row in rows {
        let (after, basis_points) = row.map_err(failing("read a shop's fee"))?;
        let before = match after {
            0 => 0,
            after => rollups::sums_at(connection, of, after, filed)?.gross(),
        };
        spans.push(FeeSpan { basis_points, gross: until - before });
        until = before;
    }
    Ok(fee(&spans))
}
