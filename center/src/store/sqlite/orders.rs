//! Orders and the keys of their deliveries.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use saifu_wire::{AccountId, ContentId, OrderId};

use super::accounts::refuse_barred;
use super::columns::{id, int, uint};
use super::{Sqlite, failing, refunds};
use crate::blobs::{BlobId, BlobRef};
use crate::delivery::DeliveryKey;
use crate::refusal::{Refusal, Result};
use crate::store::{ContentRow, FundingState, Make, NewOrder, OrderFacts, OrderRow, OrderStore};

impl OrderStore for Sqlite {
    fn place_order(&self, order: NewOrder, make: Make<u64, Vec<u8>>) -> Result<OrderRow> {
        self.writer.write("place order", move |connection| place(connection, &order, make))
    }

    fn order_by_key(&self, account: AccountId, key: &str) -> Result<Option<OrderRow>> {
        self.read(|connection| by_key(connection, account, key))
    }

    fn order(&self, id: OrderId) -> Result<Option<OrderRow>> {
        self.read(|connection| find(connection, id))
    }

    fn orders(&self, account: AccountId, after: u64, limit: u32) -> Result<Vec<OrderRow>> {
        self.read(|connection| list(connection, account, after, limit))
    }

    fn content(&self, order: OrderId) -> Result<Option<ContentRow>> {
        self.read(|connection| content(connection, order))
    }
}

pub(super) const WITH_SETTLED: &str = "
    SELECT o.*, EXISTS (
        SELECT 1 FROM settled_orders s WHERE s.order_id = o.id
    ) AS settled, (SELECT root FROM again_orders a WHERE a.order_id = o.id) AS root
    FROM orders o";

pub(super) fn place(
    connection: &Connection,
    order: &NewOrder,
    make: Make<u64, Vec<u8>>,
) -> Result<OrderRow> {
    if let Some(row) = by_key(connection, order.account, &order.idempotency_key)? {
        return same_request(order, row);
    }
    refuse_barred(connection, order.account)?;
    refuse_too_many(connection, order)?;
    refuse_given_back(connection, order)?;
    let number = next_licence(connection, order.account)?;
    insert(connection, order, number, &make(number)?)?;
    let placed = find(connection, order.id)?;
    placed.ok_or_else(|| Refusal::internal("an order vanished while it was placed"))
}

fn by_key(connection: &Connection, account: AccountId, key: &str) -> Result<Option<OrderRow>> {
    let sql = format!("{WITH_SETTLED} WHERE account = ?1 AND idempotency_key = ?2");
    let found = connection.query_row(&sql, (account.0, key), of_row).optional();
    found.map_err(failing("find an order"))
}

fn same_request(order: &NewOrder, row: OrderRow) -> Result<OrderRow> {
    let asked = (order.work, order.asked_version, order.again_of);
    if (row.work, row.asked_version, row.again_of) == asked {
        return Ok(row);
    }
    Err(Refusal::conflict(
        "this Idempotency-Key was used for an order of another work or version: draw a new key \
         for each order",
    ))
}

pub(super) const OPEN: &str = "
    SELECT count(*) AS open FROM orders o WHERE account = ?1 AND expires >= ?2 AND to_pay
        AND NOT EXISTS (SELECT 1 FROM tokens t WHERE t.order_id = o.id AND t.outcome = 1)
        AND NOT EXISTS (SELECT 1 FROM tokens t WHERE t.order_id = o.id AND t.outcome = 2)";

/// How many orders of an account are open: to be paid, not paid, and waited for.
pub(super) fn open(connection: &Connection, account: AccountId, now: u64) -> Result<u64> {
    let mut statement = connection.prepare_cached(OPEN).map_err(failing("count orders"))?;
    let counted = statement.query_row((account.0, int(now)?), |row| uint(row, "open"));
    counted.map_err(failing("count orders"))
}

/// Refuses an order to be paid where as many as may be open are.
fn refuse_too_many(connection: &Connection, order: &NewOrder) -> Result<()> {
    let Some(most) = order.most_open else { return Ok(()) };
    let open = open(connection, order.account, order.placed)?;
    if open < u64::from(most) {
        return Ok(());
    }
    let account = order.account;
    Err(Refusal::conflict(format!(
        "account {account} has {open} orders that are not paid, as many as it may: pay some, or \
         wait until they expire"
    )))
}

/// Refuses to license again what is given back, or is to be.
fn refuse_given_back(connection: &Connection, order: &NewOrder) -> Result<()> {
    let Some(root) = order.again_of else { return Ok(()) };
    match refunds::state(connection, root)? {
        None | Some(FundingState::Returned) => Ok(()),
        Some(_) => Err(Refusal::conflict(format!(
            "the payment of order {root} is given back: order the work anew"
        ))),
    }
}

/// Takes the next number of the account's licences.
fn next_licence(connection: &Connection, account: AccountId) -> Result<u64> {
    let sql = "
        UPDATE accounts SET next_licence = next_licence + 1 WHERE id = ?1
        RETURNING next_licence - 1 AS number";
    let number = |row: &Row<'_>| uint(row, "number");
    connection.query_row(sql, [account.0], number).map_err(failing("number a licence"))
}

/// Notes a number that was used, should the store have forgotten its licence: an older store
/// put back from a backup must not number another licence so.
pub(super) fn used(connection: &Connection, account: AccountId, number: u64) -> Result<()> {
    let sql = "UPDATE accounts SET next_licence = ?2 + 1 WHERE id = ?1 AND next_licence <= ?2";
    let mut statement = connection.prepare_cached(sql).map_err(failing("number a licence"))?;
    statement.execute((account.0, int(number)?)).map_err(failing("number a licence"))?;
    Ok(())
}

fn insert(connection: &Connection, order: &NewOrder, number: u64, licence: &[u8]) -> Result<()> {
    let sql = "
        INSERT INTO orders (id, account, idempotency_key, work, version, asked_version, number,
            licence, header, placed, expires, to_pay)
        VALUES (:id, :account, :key, :work, :version, :asked_version, :number, :licence,
            :header, :placed, :expires, :to_pay)";
    connection
        .execute(
            sql,
            named_params! {
                ":id": order.id.0, ":account": order.account.0, ":key": order.idempotency_key,
                ":work": order.work.0, ":version": order.version,
                ":asked_version": order.asked_version, ":number": int(number)?,
                ":licence": licence, ":header": order.header, ":placed": int(order.placed)?,
                ":expires": int(order.expires)?, ":to_pay": order.most_open.is_some(),
            },
        )
        .map_err(failing("place an order"))?;
    if let Some(root) = order.again_of {
        let sql = "INSERT INTO again_orders (order_id, root) VALUES (?1, ?2)";
        connection.execute(sql, (order.id.0, root.0)).map_err(failing("place an order"))?;
    }
    connection
        .execute(
            "INSERT INTO content_keys (order_id, content_key) VALUES (?1, ?2)",
            (order.id.0, order.key.expose()),
        )
        .map_err(failing("keep a content key"))?;
    Ok(())
}

pub(super) fn find(connection: &Connection, order: OrderId) -> Result<Option<OrderRow>> {
    let sql = format!("{WITH_SETTLED} WHERE o.id = ?1");
    let mut statement = connection.prepare_cached(&sql).map_err(failing("find an order"))?;
    statement.query_row([order.0], of_row).optional().map_err(failing("find an order"))
}

pub(super) const FACTS: &str = "
    SELECT account, licence, expires,
        EXISTS (SELECT 1 FROM settled_orders s WHERE s.order_id = o.id) AS settled
    FROM orders o WHERE id = ?1";

/// What settling a token asks of an order.
pub(super) fn facts(connection: &Connection, order: OrderId) -> Result<Option<OrderFacts>> {
    let mut statement = connection.prepare_cached(FACTS).map_err(failing("find an order"))?;
    let of_row = |row: &Row<'_>| {
        Ok(OrderFacts {
            account: AccountId(id(row, "account")?),
            licence: row.get("licence")?,
            expires: uint(row, "expires")?,
            settled: row.get("settled")?,
        })
    };
    statement.query_row([order.0], of_row).optional().map_err(failing("find an order"))
}

fn list(
    connection: &Connection,
    account: AccountId,
    after: u64,
    limit: u32,
) -> Result<Vec<OrderRow>> {
    let sql =
        format!("{WITH_SETTLED} WHERE o.account = ?1 AND o.number > ?2 ORDER BY o.number LIMIT ?3");
    let mut statement = connection.prepare_cached(&sql).map_err(failing("list orders"))?;
    let rows = statement.query_map((account.0, int(after)?, limit), of_row);
    let rows = rows.map_err(failing("list orders"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("list orders"))
}

pub(super) fn content(connection: &Connection, order: OrderId) -> Result<Option<ContentRow>> {
    let sql = "
        SELECT k.content_key, o.header, v.content, v.content_bytes
        FROM orders o JOIN content_keys k ON k.order_id = o.id
        JOIN versions v USING (work, version) WHERE o.id = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(failing("find a delivery"))?;
    let of_row = |row: &Row<'_>| {
        let content =
            BlobRef { sha256: BlobId(id(row, "content")?), length: uint(row, "content_bytes")? };
        let key = DeliveryKey::from_bytes(id(row, "content_key")?);
        Ok(ContentRow { key, header: row.get("header")?, content })
    };
    statement.query_row([order.0], of_row).optional().map_err(failing("find a delivery"))
}

pub(super) fn of_row(row: &Row<'_>) -> rusqlite::Result<OrderRow> {
    Ok(OrderRow {
        id: OrderId(id(row, "id")?),
        account: AccountId(id(row, "account")?),
        work: ContentId(id(row, "work")?),
        version: row.get("version")?,
        asked_version: row.get("asked_version")?,
        again_of: row.get::<_, Option<[u8; 16]>>("root")?.map(OrderId),
        number: uint(row, "number")?,
        licence: row.get("licence")?,
        header: row.get("header")?,
        expires: uint(row, "expires")?,
        settled: row.get("settled")?,
    })
}
