//! Tokens: each is booked once, and its receipt kept with it.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use saifu_wire::signed::Outcome;
use saifu_wire::value::Kind;
use saifu_wire::{AccountId, Digest, OrderId, ShopId};

use super::columns::{UnitColumn, code, id, int, uint, unit};
use super::{Sqlite, failing, ledger, links, orders};
use crate::ledger::Entry;
use crate::refusal::Result;
use crate::store::{
    Evidence, EvidenceKind, Link, Make, OrderFacts, Sale, SettleFacts, TokenRow, TokenStore,
    Verdict,
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

pub(super) fn receipt(
    connection: &Connection,
    account: AccountId,
    token: Digest,
) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT receipt FROM tokens WHERE identity = ?1 AND account = ?2";
    let mut statement = connection.prepare_cached(sql).map_err(failing("find a receipt"))?;
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
        entry: ledger::next_entry(connection)?,
        chain: links::around(connection, &token.link)?,
        receipt: receipt(connection, token.link.account, token.link.identity)?,
        order: order(connection, token.order)?,
        frozen: super::accounts::is_frozen(connection, token.link.account)?,
        spendable: ledger::spendable(connection, token.link.account, token.link.purse)?,
    })
}

fn order(connection: &Connection, order: OrderId) -> Result<Option<OrderFacts>> {
    let row = orders::find(connection, order)?;
    Ok(row.map(|row| OrderFacts {
        account: row.account,
        licence: row.licence,
        expires: row.expires,
        settled: row.settled,
    }))
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
            licence, outcome, reason, receipt, booked)
        VALUES (:identity, :entry, :account, :order, :shop, :kind, :unit, :amount,
            :licence, :outcome, :reason, :receipt, :booked)";
    let mut statement = connection.prepare_cached(sql).map_err(failing("book a token"))?;
    statement
        .execute(named_params! {
            ":identity": token.link.identity.0, ":entry": int(entry)?,
            ":account": token.link.account.0, ":order": token.order.0, ":shop": token.shop.0,
            ":kind": token.kind as u8, ":unit": UnitColumn(token.unit),
            ":amount": int(token.amount)?, ":licence": token.licence,
            ":outcome": outcome as u8, ":reason": reason, ":receipt": receipt,
            ":booked": int(now)?,
        })
        .map_err(failing("book a token"))?;
    Ok(())
}

pub(super) fn sales(connection: &Connection, after: u64, limit: u32) -> Result<Vec<Sale>> {
    let sql = "
        SELECT t.*, coalesce(v.title, '') AS title FROM tokens t
        LEFT JOIN orders o ON o.id = t.order_id
        LEFT JOIN versions v USING (work, version)
        WHERE t.entry > ?1 ORDER BY t.entry LIMIT ?2";
    let mut statement = connection.prepare_cached(sql).map_err(failing("list sales"))?;
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
        order: OrderId(id(row, "order_id")?),
        account: AccountId(id(row, "account")?),
        shop: ShopId(id(row, "shop")?),
        title: row.get("title")?,
        kind: code(row, "kind", Kind::from_code)?,
        unit: unit(row, "unit")?,
        amount: uint(row, "amount")?,
    })
}
