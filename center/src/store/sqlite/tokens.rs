//! Tokens: each is booked once, and its receipt kept with it.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use saifu_wire::signed::Outcome;
use saifu_wire::value::Kind;
use saifu_wire::{AccountId, Digest, OrderId, ShopId};

use super::columns::{UnitColumn, code, id, int, maybe_uint, uint, unit};
use super::{Sqlite, accounts, failing, ledger, links, orders, positions};
use crate::ledger::Entry;
use crate::refusal::Result;
use crate::store::{
    Evidence, EvidenceKind, Link, Make, Sale, SettleFacts, TokenRow, TokenStore, Verdict,
};

impl TokenStore for Sqlite {
    fn receipt(&self, account: AccountId, token: Digest) -> Result<Option<Vec<u8>>> {
        self.read(|connection| receipt(connection, account, token))
    }

    fn settle(
        &self,
        token: TokenRow,
        now: u64,
        judge: Make<SettleFacts, Verdict>,
    ) -> Result<Verdict> {
        self.writer.write("settle", move |connection| settle(connection, &token, now, judge))
    }

    fn sales(&self, after: u64, limit: u32) -> Result<Vec<Sale>> {
        self.read(|connection| sales(connection, after, limit))
    }
}

const RECEIPT: &str = "
    SELECT coalesce(r.receipt, t.receipt) FROM tokens t
    LEFT JOIN resolutions r ON r.token = t.identity
    WHERE t.identity = ?1 AND t.account = ?2";

const IS_SETTLED: &str = "SELECT EXISTS (SELECT 1 FROM settled_orders WHERE order_id = ?1)";

/// Every query by which a settlement finds what it goes by.
#[cfg(test)]
pub(super) const SETTLING: [&str; 8] = [
    RECEIPT,
    IS_SETTLED,
    ledger::LAST,
    links::IDENTITY_AT,
    links::PREVIOUS_AT,
    orders::FACTS,
    accounts::IS_FROZEN,
    positions::SPENDABLE,
];

pub(super) fn receipt(
    connection: &Connection,
    account: AccountId,
    token: Digest,
) -> Result<Option<Vec<u8>>> {
    let mut statement = connection.prepare_cached(RECEIPT).map_err(failing("find a receipt"))?;
    let found = statement.query_row((token.0, account.0), |row| row.get(0));
    found.optional().map_err(failing("find a receipt"))
}

pub(super) fn settle(
    connection: &Connection,
    token: &TokenRow,
    now: u64,
    judge: Make<SettleFacts, Verdict>,
) -> Result<Verdict> {
    let facts = facts(connection, token)?;
    let entry = facts.entry;
    let verdict = judge(facts)?;
    match &verdict {
        Verdict::Known(_) => {}
        Verdict::Fork(why) => links::keep_fork(connection, &token.link, why, now)?,
        Verdict::Booked { outcome, reason, receipt, proves } => {
            links::add(connection, &token.link, now)?;
            let booked = ledger::book(connection, &Entry::payment(token, *outcome), now)?;
            debug_assert_eq!(booked, entry);
            insert(connection, token, booked, (*outcome, reason, receipt), now)?;
            orders::used(connection, token.link.account, token.licence_number)?;
            if let Some(kind) = proves {
                links::keep(connection, &evidence(*kind, &token.link, reason), false, now)?;
            }
        }
    }
    Ok(verdict)
}

fn evidence(kind: EvidenceKind, link: &Link, detail: &str) -> Evidence {
    Evidence {
        kind,
        account: link.account,
        identity: link.identity,
        detail: detail.to_owned(),
        signed: link.signed.clone(),
    }
}

fn facts(connection: &Connection, token: &TokenRow) -> Result<SettleFacts> {
    Ok(SettleFacts {
        entry: ledger::next_entry(connection)?.number,
        chain: links::around(connection, &token.link)?,
        receipt: receipt(connection, token.link.account, token.link.identity)?,
        order: orders::facts(connection, token.order)?,
        settled: is_settled(connection, token.order)?,
        frozen: accounts::is_frozen(connection, token.link.account)?,
        spendable: positions::spendable(connection, token.link.account, token.link.purse)?,
    })
}

/// Whether a token settled an order, known here or not.
pub(super) fn is_settled(connection: &Connection, order: OrderId) -> Result<bool> {
    let mut statement = connection.prepare_cached(IS_SETTLED).map_err(failing("find a payment"))?;
    statement.query_row([order.0], |row| row.get(0)).map_err(failing("find a payment"))
}

fn insert(
    connection: &Connection,
    token: &TokenRow,
    entry: u64,
    (outcome, reason, receipt): (Outcome, &str, &[u8]),
    now: u64,
) -> Result<()> {
    let sql = "
        INSERT INTO tokens (identity, entry, account, order_id, shop, kind, unit, amount,
            licence, outcome, reason, receipt, booked, payload)
        VALUES (:identity, :entry, :account, :order, :shop, :kind, :unit, :amount,
            :licence, :outcome, :reason, :receipt, :booked, :payload)";
    let mut statement = connection.prepare_cached(sql).map_err(failing("book a token"))?;
    statement
        .execute(named_params! {
            ":identity": token.link.identity.0, ":entry": int(entry)?,
            ":account": token.link.account.0, ":order": token.order.0, ":shop": token.shop.0,
            ":kind": token.kind as u8, ":unit": UnitColumn(token.unit),
            ":amount": int(token.amount)?, ":licence": token.licence,
            ":outcome": outcome as u8, ":reason": reason, ":receipt": receipt,
            ":booked": int(now)?, ":payload": token.payload,
        })
        .map_err(failing("book a token"))?;
    Ok(())
}

const SALES: &str = "
    SELECT t.*, coalesce(v.title, '') AS title, r.entry AS resolved FROM tokens t
    LEFT JOIN resolutions r ON r.token = t.identity
    LEFT JOIN orders o ON o.id = t.order_id
    LEFT JOIN versions v USING (work, version)";

pub(super) fn sales(connection: &Connection, after: u64, limit: u32) -> Result<Vec<Sale>> {
    list(connection, "t.entry > ?1", after, limit)
}

/// Payments that are in suspense still: neither settled since, nor given back.
pub(super) fn suspended(connection: &Connection, after: u64, limit: u32) -> Result<Vec<Sale>> {
    let which = "t.outcome = 2 AND r.token IS NULL AND t.entry > ?1 AND NOT EXISTS (
        SELECT 1 FROM refunds g JOIN fundings f ON f.id = g.funding
        WHERE g.token = t.identity AND f.state <> 4)";
    list(connection, which, after, limit)
}

fn list(connection: &Connection, which: &str, after: u64, limit: u32) -> Result<Vec<Sale>> {
    let sql = format!("{SALES} WHERE {which} ORDER BY t.entry LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql).map_err(failing("list sales"))?;
    let rows =
        statement.query_map((int(after)?, limit), sale_of_row).map_err(failing("list sales"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("list sales"))
}

fn sale_of_row(row: &Row<'_>) -> rusqlite::Result<Sale> {
    Ok(Sale {
        entry: uint(row, "entry")?,
        booked: uint(row, "booked")?,
        outcome: code(row, "outcome", Outcome::from_code)?,
        reason: row.get("reason")?,
        token: Digest(id(row, "identity")?),
        resolved: maybe_uint(row, "resolved")?,
        order: OrderId(id(row, "order_id")?),
        account: AccountId(id(row, "account")?),
        shop: ShopId(id(row, "shop")?),
        title: row.get("title")?,
        kind: code(row, "kind", Kind::from_code)?,
        unit: unit(row, "unit")?,
        amount: uint(row, "amount")?,
    })
}
