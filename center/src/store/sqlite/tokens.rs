//! Tokens: each is booked once, and its receipt kept with it.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row};
use saifu_wire::signed::Outcome;
use saifu_wire::value::Kind;
use saifu_wire::{AccountId, Digest, OrderId, ShopId};

use super::columns::{UnitColumn, code, id, int, maybe_uint, uint, unit};
use super::{Sqlite, failing, ledger, links, orders};
use crate::ledger::Entry;
use crate::money::MAX_AMOUNT;
use crate::refusal::{Refusal, Result};
use crate::store::{
    ChainFacts, Evidence, EvidenceKind, Link, LinkName, Make, Sale, SettleFacts, TokenRow,
    TokenStore, Verdict,
};

impl TokenStore for Sqlite {
    fn receipt(&self, token: LinkName) -> Result<Option<Vec<u8>>> {
        self.read(|connection| receipt(connection, token))
    }

    fn settle(
        &self,
        token: Arc<TokenRow>,
        now: u64,
        judge: Make<SettleFacts, Verdict>,
    ) -> Result<Verdict> {
        self.writer.write_judged("settle", move |connection| settle(connection, &token, now, judge))
    }

    fn sales(&self, after: u64, limit: u32) -> Result<Vec<Sale>> {
        self.read(|connection| sales(connection, after, limit))
    }
}

const RECEIPT: &str = "
    SELECT coalesce(r.receipt, t.receipt) FROM links l JOIN tokens t ON t.entry = l.entry
    LEFT JOIN resolutions r ON r.token = t.identity
    WHERE l.account = ?1 AND l.counter = ?2 AND l.identity = ?3";

const IS_SETTLED: &str = "SELECT EXISTS (SELECT 1 FROM settled_orders WHERE order_id = ?1)";

/// What an account is in the way of, and what a purse of it can have.
const PAYER: &str = "
    SELECT a.frozen IS NOT NULL OR EXISTS (SELECT 1 FROM revocations r WHERE r.card = a.card),
        c.counter, c.previous,
        (SELECT on_card + unapplied FROM positions WHERE account = a.id AND purse = ?2)
    FROM accounts a LEFT JOIN closings c ON c.account = a.id WHERE a.id = ?1";

/// Every query by which a settlement finds what it goes by.
#[cfg(test)]
pub(super) const SETTLING: [&str; 6] =
    [RECEIPT, IS_SETTLED, PAYER, ledger::LAST, links::AROUND, orders::FACTS];

fn receipt(connection: &Connection, token: LinkName) -> Result<Option<Vec<u8>>> {
    let mut statement = connection.prepare_cached(RECEIPT).map_err(failing("find a receipt"))?;
    let named = (token.account.0, int(token.counter)?, token.identity.0);
    let found = statement.query_row(named, |row| row.get(0));
    found.optional().map_err(failing("find a receipt"))
}

pub(super) fn settle(
    connection: &Connection,
    token: &TokenRow,
    now: u64,
    judge: Make<SettleFacts, Verdict>,
) -> Result<Verdict> {
    let licence = token.licence_number.saturating_add(1);
    for number in [token.link.counter, token.link.balance, token.amount, licence] {
        // What no row can hold is refused before anything is changed.
        int(number)?;
    }
    let next = ledger::next_entry(connection)?;
    let facts = facts(connection, token, next)?;
    refuse_uncountable(&facts, token.amount)?;
    let remembered = facts.order.is_some();
    let verdict = judge(facts)?;
    match &verdict {
        Verdict::Known(_) | Verdict::Unproven => {}
        Verdict::Fork(why) => links::keep_fork(connection, &token.link, why, now)?,
        Verdict::Booked { outcome, reason, receipt, proves } => {
            let entry = Entry::payment(token, *outcome);
            let entry = ledger::book_as(connection, next, &entry, now)?;
            links::add_payment(connection, &token.link, entry, now)?;
            insert(connection, token, entry, (*outcome, reason, receipt), now)?;
            if !remembered {
                orders::used(connection, token.link.account, token.licence_number)?;
            }
            if let Some(kind) = proves {
                links::keep(connection, &evidence(*kind, &token.link, reason), false, now)?;
            }
        }
    }
    Ok(verdict)
}

/// How far below nothing a card that overspends can bring a purse: by a thousand payments of the
/// highest amount, so that the sums of thousands of such cards can still be counted.
const MOST_OVERSPENT: i64 = 1_000 * MAX_AMOUNT.cast_signed();

/// Refuses what would bring a purse further below nothing, before anything is changed: a card that
/// pays without end fails for itself alone.
fn refuse_uncountable(facts: &SettleFacts, amount: u64) -> Result<()> {
    let known = facts.chain.same.is_some();
    if known || facts.spendable >= int(amount)? - MOST_OVERSPENT {
        return Ok(());
    }
    Err(Refusal::contradiction(
        "the card has paid far more than it was ever given: turn to the center's owner",
    ))
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

fn facts(connection: &Connection, token: &TokenRow, next: ledger::Next) -> Result<SettleFacts> {
    let chain = links::near(connection, &token.link)?;
    let (frozen, last, spendable) = payer(connection, token)?;
    let known = chain.same == Some(token.link.identity);
    let order = orders::facts(connection, token.order)?;
    Ok(SettleFacts {
        entry: next.number,
        chain: ChainFacts { last, ..chain },
        receipt: if known { receipt(connection, token.link.name())? } else { None },
        settled: match &order {
            Some(order) => order.settled,
            None => is_settled(connection, token.order)?,
        },
        order,
        frozen,
        spendable,
    })
}

type PayerFacts = (bool, Option<(u64, Digest)>, i64);

/// Whether a card is frozen or revoked, the end of its chain, and what its purse can have.
fn payer(connection: &Connection, token: &TokenRow) -> Result<PayerFacts> {
    let mut statement = connection.prepare_cached(PAYER).map_err(failing("find an account"))?;
    let of_row = |row: &Row<'_>| {
        let closed = row.get::<_, Option<i64>>(1)?.map(i64::unsigned_abs);
        let last = closed.zip(row.get::<_, Option<[u8; 32]>>(2)?.map(Digest));
        Ok((row.get(0)?, last, row.get::<_, Option<i64>>(3)?.unwrap_or_default()))
    };
    let found = statement.query_row((token.link.account.0, token.link.purse), of_row).optional();
    Ok(found.map_err(failing("find an account"))?.unwrap_or_default())
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
        INSERT INTO tokens (entry, identity, account, counter, order_id, shop, kind, unit, amount,
            outcome, reason, booked, signed, licence, receipt, payload)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
    let mut statement = connection.prepare_cached(sql).map_err(failing("book a token"))?;
    let row = (
        int(entry)?,
        token.link.identity.0,
        token.link.account.0,
        int(token.link.counter)?,
        token.order.0,
        token.shop.0,
        token.kind as u8,
        UnitColumn(token.unit),
        int(token.amount)?,
        outcome as u8,
        reason,
        int(now)?,
        &token.link.signed,
        &token.licence,
        receipt,
        &token.payload,
    );
    statement.execute(row).map_err(failing("book a token"))?;
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
