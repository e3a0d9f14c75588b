//! Accounts.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use saifu_wire::certificate::Assurance;
use saifu_wire::{AccountId, CardId};

use super::columns::{code, id, int, uint};
use super::{Sqlite, failing};
use crate::refusal::{Refusal, Result};
use crate::store::{AccountRow, AccountStore};

impl AccountStore for Sqlite {
    fn open_account(&self, account: AccountRow) -> Result<AccountRow> {
        self.writer.write("open account", move |connection| open(connection, &account))
    }

    fn account(&self, id: AccountId) -> Result<Option<AccountRow>> {
        self.read(|connection| find(connection, id))
    }
}

const OPEN: &str = "
    INSERT INTO accounts (id, card, assurance, signature_certificate, encryption_certificate,
        opening, opened)
    VALUES (:id, :card, :assurance, :signature, :encryption, :opening, :opened)
    ON CONFLICT (card) DO NOTHING";

pub(super) fn open(connection: &Connection, account: &AccountRow) -> Result<AccountRow> {
    connection
        .execute(
            OPEN,
            named_params! {
                ":id": account.id.0, ":card": account.card.0,
                ":assurance": account.assurance as u8,
                ":signature": account.signature_certificate,
                ":encryption": account.encryption_certificate,
                ":opening": account.opening, ":opened": int(account.opened)?,
            },
        )
        .map_err(failing("open an account"))?;
    let found = connection
        .query_row("SELECT * FROM accounts WHERE card = ?1", [account.card.0], of_row)
        .map_err(failing("open an account"))?;
    Ok(found)
}

pub(super) fn find(connection: &Connection, account: AccountId) -> Result<Option<AccountRow>> {
    let sql = "SELECT * FROM accounts WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(failing("find an account"))?;
    statement.query_row([account.0], of_row).optional().map_err(failing("find an account"))
}

/// Refuses a card that is frozen; new things are not begun with it.
pub(super) fn refuse_frozen(connection: &Connection, account: AccountId) -> Result<()> {
    match find(connection, account)? {
        Some(row) => crate::accounts::refuse_frozen(&row),
        None => Err(Refusal::not_found(format!("there is no account {account}: register first"))),
    }
}

/// Whether a card is frozen.
pub(super) fn is_frozen(connection: &Connection, account: AccountId) -> Result<bool> {
    Ok(find(connection, account)?.is_some_and(|row| row.frozen.is_some()))
}

fn of_row(row: &Row<'_>) -> rusqlite::Result<AccountRow> {
    Ok(AccountRow {
        id: AccountId(id(row, "id")?),
        card: CardId(id(row, "card")?),
        assurance: code(row, "assurance", Assurance::from_code)?,
        signature_certificate: row.get("signature_certificate")?,
        encryption_certificate: row.get("encryption_certificate")?,
        opening: row.get("opening")?,
        opened: uint(row, "opened")?,
        frozen: row.get("frozen")?,
    })
}
