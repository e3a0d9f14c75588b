//! Shops.

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, named_params};
use saifu_wire::ShopId;

use super::columns::{id, int, maybe_uint, uint};
use super::{Sqlite, failing, fees};
use crate::refusal::{Refusal, Result};
use crate::store::{Make, ShopName, ShopRow, ShopStore};

impl ShopStore for Sqlite {
    fn add_shop(&self, shop: ShopRow) -> Result<ShopRow> {
        self.writer.write("add shop", move |connection| {
            let sql = "INSERT INTO shops (id, slug, name, terms, fee_basis_points, opened, closed)
                       VALUES (:id, :slug, :name, :terms, :fee, :opened, :closed)";
            keep(connection, sql, &shop)?;
            fees::begin(connection, shop.id, shop.fee_basis_points)?;
            Ok(shop)
        })
    }

    fn shop(&self, name: &ShopName) -> Result<Option<ShopRow>> {
        self.read(|connection| find(connection, name))
    }

    fn shops(&self, after: u64, limit: u32) -> Result<Vec<(u64, ShopRow)>> {
        self.read(|connection| list(connection, after, limit))
    }

    fn change_shop(&self, shop: ShopId, change: Make<ShopRow, ShopRow>) -> Result<ShopRow> {
        self.writer.write("change shop", move |connection| {
            let found = find(connection, &ShopName::Id(shop))?;
            let found = found.ok_or_else(|| no_shop(&shop.to_string()))?;
            let fee = found.fee_basis_points;
            let changed = ShopRow { id: shop, ..change(found)? };
            let sql = "UPDATE shops SET slug = :slug, name = :name, terms = :terms,
                           fee_basis_points = :fee, opened = :opened, closed = :closed
                       WHERE id = :id";
            keep(connection, sql, &changed)?;
            if changed.fee_basis_points != fee {
                fees::change(connection, shop, changed.fee_basis_points)?;
            }
            Ok(changed)
        })
    }
}

/// There is no such shop.
pub(super) fn no_shop(named: &str) -> Refusal {
    Refusal::not_found(format!("there is no shop {named}: list the shops"))
}

fn keep(connection: &Connection, sql: &str, shop: &ShopRow) -> Result<()> {
    let kept = connection.execute(
        sql,
        named_params! {
            ":id": shop.id.0, ":slug": shop.slug, ":name": shop.name, ":terms": shop.terms,
            ":fee": shop.fee_basis_points, ":opened": int(shop.opened)?,
            ":closed": shop.closed.map(int).transpose()?,
        },
    );
    match kept {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            Err(Refusal::conflict(format!(
                "another shop has the slug \"{}\": give it one of its own",
                shop.slug
            )))
        }
        kept => kept.map(drop).map_err(failing("keep a shop")),
    }
}

fn find(connection: &Connection, name: &ShopName) -> Result<Option<ShopRow>> {
    let found = match name {
        ShopName::Id(id) => {
            connection.query_row("SELECT * FROM shops WHERE id = ?1", [id.0], of_row)
        }
        ShopName::Slug(slug) => {
            connection.query_row("SELECT * FROM shops WHERE slug = ?1", [slug], of_row)
        }
    };
    found.optional().map_err(failing("find a shop"))
}

fn list(connection: &Connection, after: u64, limit: u32) -> Result<Vec<(u64, ShopRow)>> {
    let sql = "SELECT * FROM shops WHERE place > ?1 ORDER BY place LIMIT ?2";
    let mut statement = connection.prepare_cached(sql).map_err(failing("list shops"))?;
    let rows = statement
        .query_map((int(after)?, limit), |row| Ok((uint(row, "place")?, of_row(row)?)))
        .map_err(failing("list shops"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("list shops"))
}

fn of_row(row: &Row<'_>) -> rusqlite::Result<ShopRow> {
    Ok(ShopRow {
        id: ShopId(id(row, "id")?),
        slug: row.get("slug")?,
        name: row.get("name")?,
        terms: row.get("terms")?,
        fee_basis_points: row.get("fee_basis_points")?,
        opened: uint(row, "opened")?,
        closed: maybe_uint(row, "closed")?,
    })
}
