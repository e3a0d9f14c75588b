//! Payments that are given back.

use rusqlite::{Connection, OptionalExtension, Row};
use saifu_wire::value::Kind;
use saifu_wire::{AccountId, Digest, OrderId, ShopId};

use super::columns::{code, id, uint, unit};
use super::{Sqlite, cards, failing, funding};
use crate::ledger::Holder;
use crate::refusal::{Refusal, Result};
use crate::store::{FundingRow, FundingState, NewFunding, Note, PaidRow, RefundStore};

impl RefundStore for Sqlite {
    fn payment_of(&self, order: OrderId) -> Result<Option<PaidRow>> {
        self.read(|connection| payment_of(connection, order))
    }

    fn add_refund(
        &self,
        funding: NewFunding,
        order: OrderId,
        note: Note,
        now: u64,
    ) -> Result<FundingRow> {
        self.writer
            .write("add refund", move |connection| add(connection, &funding, (order, &note), now))
    }

    fn refund_state(&self, order: OrderId) -> Result<Option<FundingState>> {
        self.read(|connection| state(connection, order))
    }
}

fn payment_of(connection: &Connection, order: OrderId) -> Result<Option<PaidRow>> {
    // One query for each outcome, so that each has its index.
    for outcome in ["outcome = 1", "outcome = 2"] {
        let sql = format!(
            "SELECT t.*, l.purse, t.outcome = 1 OR EXISTS (
                 SELECT 1 FROM resolutions r WHERE r.token = t.identity) AS settled
             FROM tokens t JOIN links l USING (account, counter)
             WHERE t.order_id = ?1 AND t.{outcome} ORDER BY settled DESC, t.entry LIMIT 1"
        );
        let found = connection.query_row(&sql, [order.0], of_row).optional();
        if let Some(found) = found.map_err(failing("find a payment"))? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn of_row(row: &Row<'_>) -> rusqlite::Result<PaidRow> {
    Ok(PaidRow {
        token: Digest(id(row, "identity")?),
        settled: row.get("settled")?,
        account: AccountId(id(row, "account")?),
        purse: row.get("purse")?,
        shop: ShopId(id(row, "shop")?),
        kind: code(row, "kind", Kind::from_code)?,
        unit: unit(row, "unit")?,
        amount: uint(row, "amount")?,
        licence: row.get("licence")?,
    })
}

fn add(
    connection: &Connection,
    new: &NewFunding,
    (order, note): (OrderId, &Note),
    now: u64,
) -> Result<FundingRow> {
    if state(connection, order)?.is_some() {
        return funding::add(connection, new, now);
    }
    let again = "SELECT EXISTS (SELECT 1 FROM again_orders WHERE root = ?1)";
    let again = connection.query_row(again, [order.0], |row| row.get(0));
    if again.map_err(failing("look for a licence"))? {
        return Err(Refusal::conflict(format!(
            "the work of order {order} was licensed again, and the card would keep it: nothing is \
             given back"
        )));
    }
    refuse_moved(connection, new, order)?;
    let made = funding::add(connection, new, now)?;
    let sql = "INSERT INTO refunds (order_id, token, funding) VALUES (?1, ?2, ?3)";
    connection
        .execute(sql, (order.0, new.refunded_token.0, made.id.0))
        .map_err(failing("add a refund"))?;
    cards::note(connection, new.account, note)?;
    Ok(made)
}

/// Refuses to give a payment back from where it is no more: it was settled out of suspense, or
/// another one settled its order, since the refund was signed.
fn refuse_moved(connection: &Connection, new: &NewFunding, order: OrderId) -> Result<()> {
    let paid = payment_of(connection, order)?;
    let stays = paid.is_some_and(|paid| {
        paid.token == new.refunded_token && paid.settled == (new.from.holder == Holder::Settled)
    });
    if stays {
        return Ok(());
    }
    Err(Refusal::conflict(format!(
        "the payment of order {order} was settled this moment: ask for its refund again"
    )))
}

/// Whether a payment is given back, or is to be with its card's next load.
pub(super) fn is_given_back(connection: &Connection, token: Digest) -> Result<bool> {
    let sql = "
        SELECT EXISTS (SELECT 1 FROM refunds r JOIN fundings f ON f.id = r.funding
            WHERE r.token = ?1 AND f.state <> 4)";
    let mut statement = connection.prepare_cached(sql).map_err(failing("find a refund"))?;
    statement.query_row([token.0], |row| row.get(0)).map_err(failing("find a refund"))
}

pub(super) fn state(connection: &Connection, order: OrderId) -> Result<Option<FundingState>> {
    let sql = "
        SELECT f.state FROM refunds r JOIN fundings f ON f.id = r.funding WHERE r.order_id = ?1";
    let of_row = |row: &Row<'_>| code(row, "state", FundingState::from_code);
    let mut statement = connection.prepare_cached(sql).map_err(failing("find a refund"))?;
    statement.query_row([order.0], of_row).optional().map_err(failing("find a refund"))
}
