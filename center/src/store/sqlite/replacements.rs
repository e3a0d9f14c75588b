//! Cards that take the place of others.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use saifu_wire::AccountId;

use super::columns::{id, int, maybe_uint, uint};
use super::{Sqlite, cards, failing, funding, orders, payouts, positions};
use crate::refusal::{Refusal, Result};
use crate::store::{
    CardPayout, FundingRow, Make, NewFunding, Note, NoteKind, OrderRow, PurseSum, Replacement,
    ReplacementStore, Signature,
};

impl ReplacementStore for Sqlite {
    fn replace_card(&self, replacement: Replacement) -> Result<Replacement> {
        self.writer.write("replace card", move |connection| replace(connection, replacement))
    }

    fn replacement_of(&self, old: AccountId) -> Result<Option<Replacement>> {
        self.read(|connection| of_old(connection, old))
    }

    fn replaced_by(&self, new: AccountId) -> Result<Vec<Replacement>> {
        self.read(|connection| by_new(connection, new))
    }

    fn fund_replacement(
        &self,
        old: AccountId,
        now: u64,
        make: Make<Vec<PurseSum>, Vec<NewFunding>>,
    ) -> Result<Vec<FundingRow>> {
        self.writer.write("fund replacement", move |connection| fund(connection, old, now, make))
    }

    fn pay_out_purse(
        &self,
        account: AccountId,
        purse: u32,
        now: u64,
        make: Make<i64, Signature>,
    ) -> Result<CardPayout> {
        self.writer.write("pay out card", move |connection| {
            pay_out_purse(connection, (account, purse), now, make)
        })
    }

    fn bought(&self, account: AccountId, after: u64, limit: u32) -> Result<Vec<(u64, OrderRow)>> {
        self.read(|connection| bought(connection, account, after, limit))
    }
}

fn replace(connection: &Connection, replacement: Replacement) -> Result<Replacement> {
    if let Some(known) = of_old(connection, replacement.old)? {
        return Ok(known);
    }
    let Replacement { old, new, reason, made, .. } = &replacement;
    let noted = |what, reason: String| Note { what, reason, noted: *made };
    let replaced = format!("replaced by account {new}: {reason}");
    cards::note(connection, *old, &noted(NoteKind::Frozen, replaced.clone()))?;
    cards::note(connection, *old, &noted(NoteKind::Replaced, replaced))?;
    let replaces = format!("account {old}: {reason}");
    cards::note(connection, *new, &noted(NoteKind::Replaces, replaces))?;
    connection
        .execute(
            "INSERT INTO replacements (old, new, reason, made, due, with_limited)
             VALUES (:old, :new, :reason, :made, :due, :with_limited)",
            named_params! {
                ":old": old.0, ":new": new.0, ":reason": reason, ":made": int(*made)?,
                ":due": int(replacement.due)?, ":with_limited": replacement.with_limited,
            },
        )
        .map_err(failing("replace a card"))?;
    Ok(replacement)
}

pub(super) fn of_old(connection: &Connection, old: AccountId) -> Result<Option<Replacement>> {
    let sql = "SELECT * FROM replacements WHERE old = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(failing("find a replacement"))?;
    statement.query_row([old.0], of_row).optional().map_err(failing("find a replacement"))
}

fn by_new(connection: &Connection, new: AccountId) -> Result<Vec<Replacement>> {
    let sql = "SELECT * FROM replacements WHERE new = ?1 ORDER BY made, old";
    let mut statement = connection.prepare_cached(sql).map_err(failing("find a replacement"))?;
    let rows = statement.query_map([new.0], of_row).map_err(failing("find a replacement"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("find a replacement"))
}

fn fund(
    connection: &Connection,
    old: AccountId,
    now: u64,
    make: Make<Vec<PurseSum>, Vec<NewFunding>>,
) -> Result<Vec<FundingRow>> {
    let replacement = of_old(connection, old)?
        .ok_or_else(|| Refusal::not_found(format!("account {old} is not replaced")))?;
    if replacement.funded.is_some() || now < replacement.due {
        return Ok(Vec::new());
    }
    let made = make(sums(connection, old)?)?;
    let made = made.iter().map(|new| funding::add(connection, new, now)).collect::<Result<_>>()?;
    connection
        .execute("UPDATE replacements SET funded = ?2 WHERE old = ?1", (old.0, int(now)?))
        .map_err(failing("credit a replaced card's value"))?;
    Ok(made)
}

fn sums(connection: &Connection, account: AccountId) -> Result<Vec<PurseSum>> {
    let sql = "SELECT purse, on_card + unapplied AS sum FROM positions WHERE account = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(failing("read purses"))?;
    let of_row =
        |row: &Row<'_>| Ok(PurseSum { purse: row.get("purse")?, spendable: row.get("sum")? });
    let rows = statement.query_map([account.0], of_row).map_err(failing("read purses"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("read purses"))
}

/// What was promised to the cards that replace this one, of this purse, and is not yet given out.
pub(super) fn promised(connection: &Connection, account: AccountId, purse: u32) -> Result<i64> {
    let sql = "
        SELECT coalesce(sum(f.amount), 0) FROM replacements r
        JOIN fundings f ON f.source = 6 AND f.source_id = r.old AND f.purse = ?2
        WHERE r.old = ?1 AND f.state IN (1, 2) AND NOT EXISTS (
            SELECT 1 FROM loads l WHERE l.funding = f.id AND l.state = 2)";
    let mut statement = connection.prepare_cached(sql).map_err(failing("read a purse"))?;
    statement.query_row((account.0, purse), |row| row.get(0)).map_err(failing("read a purse"))
}

fn pay_out_purse(
    connection: &Connection,
    (account, purse): (AccountId, u32),
    now: u64,
    make: Make<i64, Signature>,
) -> Result<CardPayout> {
    let sql = "
        SELECT l.amount, l.entry FROM card_payouts p JOIN ledger l USING (entry)
        WHERE p.account = ?1 AND p.purse = ?2";
    let of_row = |row: &Row<'_>| {
        Ok(CardPayout { purse, amount: uint(row, "amount")?, entry: uint(row, "entry")? })
    };
    let paid = || {
        let found = connection.query_row(sql, (account.0, purse), of_row).optional();
        found.map_err(failing("find a payout"))
    };
    if let Some(paid) = paid()? {
        return Ok(paid);
    }
    let promised = promised(connection, account, purse)?;
    let instruction = make(positions::spendable(connection, account, purse)? - promised)?;
    let entry = payouts::carry_out(connection, &instruction, now)?;
    let sql =
        "INSERT INTO card_payouts (account, purse, entry, instruction) VALUES (?1, ?2, ?3, ?4)";
    connection
        .execute(sql, (account.0, purse, int(entry)?, instruction.identity.0))
        .map_err(failing("keep a payout"))?;
    paid()?.ok_or_else(|| Refusal::internal("a payout vanished while it was made"))
}

fn bought(
    connection: &Connection,
    account: AccountId,
    after: u64,
    limit: u32,
) -> Result<Vec<(u64, OrderRow)>> {
    let sql = format!(
        "SELECT b.place, w.* FROM (
             SELECT coalesce(a.root, o.id) AS root, min(o.number) AS place FROM orders o
             LEFT JOIN again_orders a ON a.order_id = o.id
             WHERE o.account = ?1 AND (a.root IS NOT NULL
                 OR EXISTS (SELECT 1 FROM settled_orders s WHERE s.order_id = o.id))
             GROUP BY 1) b
         JOIN ({}) w ON w.id = b.root
         WHERE b.place > ?2 ORDER BY b.place LIMIT ?3",
        orders::WITH_SETTLED
    );
    let mut statement = connection.prepare_cached(&sql).map_err(failing("list what was bought"))?;
    let of_row = |row: &Row<'_>| Ok((uint(row, "place")?, orders::of_row(row)?));
    let rows = statement.query_map((account.0, int(after)?, limit), of_row);
    let rows = rows.map_err(failing("list what was bought"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("list what was bought"))
}

fn of_row(row: &Row<'_>) -> rusqlite::Result<Replacement> {
    Ok(Replacement {
        old: AccountId(id(row, "old")?),
        new: AccountId(id(row, "new")?),
        reason: row.get("reason")?,
        made: uint(row, "made")?,
        due: uint(row, "due")?,
        with_limited: row.get("with_limited")?,
        funded: maybe_uint(row, "funded")?,
    })
}
