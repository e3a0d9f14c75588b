//! What each purse holds by the ledger: one row, changed with the entries that concern it.

use rusqlite::{Connection, OptionalExtension};
use saifu_wire::AccountId;

use super::failing;
use crate::ledger::{Entry, Holder, Side};
use crate::refusal::Result;

pub(super) const SPENDABLE: &str =
    "SELECT on_card + unapplied FROM positions WHERE account = ?1 AND purse = ?2";

/// What is on the card or on its way there, in this purse: the ledger's word.
pub(super) fn spendable(connection: &Connection, account: AccountId, purse: u32) -> Result<i64> {
    let mut statement = connection.prepare_cached(SPENDABLE).map_err(failing("read a purse"))?;
    let sum = statement.query_row((account.0, purse), |row| row.get(0)).optional();
    sum.map(Option::unwrap_or_default).map_err(failing("read a purse"))
}

/// Moves what an entry moves.
pub(super) fn book(connection: &Connection, entry: &Entry, amount: i64) -> Result<()> {
    change(connection, entry, entry.source, -amount)?;
    change(connection, entry, entry.target, amount)
}

fn change(connection: &Connection, entry: &Entry, side: Side, amount: i64) -> Result<()> {
    let (account, on_card, unapplied) = match side.holder {
        Holder::Card => (side.id, amount, 0),
        Holder::Unapplied => (entry.account.0, 0, amount),
        _ => return Ok(()),
    };
    let sql = "
        INSERT INTO positions (account, purse, on_card, unapplied) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (account, purse) DO UPDATE
        SET on_card = on_card + excluded.on_card, unapplied = unapplied + excluded.unapplied";
    let mut statement = connection.prepare_cached(sql).map_err(failing("note a purse"))?;
    statement
        .execute((account, entry.purse, on_card, unapplied))
        .map_err(failing("note a purse"))?;
    Ok(())
}
