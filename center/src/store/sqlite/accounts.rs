//! Accounts.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use saifu_wire::certificate::Assurance;
use saifu_wire::{AccountId, CardId};

use super::columns::{code, id, int, uint};
use super::{Sqlite, failing};
use crate::refusal::{Refusal, Result};
use crate::store::{AccountRow, AccountStore, LICENCE_JUMP};

impl AccountStore for Sqlite {
    fn open_account(&self, account: AccountRow) -> Result<AccountRow> {
        self.writer.write("open account", move |connection| open(connection, &account))
    }

    fn account(&self, id: AccountId) -> Result<Option<AccountRow>> {
        self.read(|connection| find(connection, id))
    }
}

/// A center that was put back from a backup may have forgotten the account and its licences.
const OPEN: &str = "
    INSERT INTO accounts (id, card, assurance, signature_certificate, encryption_certificate,
        opening, opened, next_licence)
    VALUES (:id, :card, :assurance, :signature, :encryption, :opening, :opened,
        1 + :jump * (SELECT count(*) FROM restores))
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
                ":jump": int(LICENCE_JUMP)?,
            },
        )
        .map_err(failing("open an account"))?;
    let found = of_card(connection, account.card)?;
    found.ok_or_else(|| Refusal::internal("an account vanished while it was opened"))
}

/// The account of a card.
pub(super) fn of_card(connection: &Connection, card: CardId) -> Result<Option<AccountRow>> {
    let sql = format!("{ACCOUNT} WHERE a.card = ?1");
    let found = connection.query_row(&sql, [card.0], of_row).optional();
    found.map_err(failing("find an account"))
}

/// An account with all that is known of its card.
pub(super) const ACCOUNT: &str = "
    SELECT a.*, (SELECT reason FROM revocations r WHERE r.card = a.card) AS revoked,
        (SELECT closing FROM closings c WHERE c.account = a.id) AS closing
    FROM accounts a";

pub(super) fn find(connection: &Connection, account: AccountId) -> Result<Option<AccountRow>> {
    let sql = format!("{ACCOUNT} WHERE a.id = ?1");
    let mut statement = connection.prepare_cached(&sql).map_err(failing("find an account"))?;
    statement.query_row([account.0], of_row).optional().map_err(failing("find an account"))
}

/// Refuses a card that is frozen, revoked or closed; new things are not begun with it.
pub(super) fn refuse_barred(connection: &Connection, account: AccountId) -> Result<()> {
    match find(connection, account)? {
        Some(row) => crate::accounts::refuse_barred(&row),
        None => Err(Refusal::not_found(format!("there is no account {account}: register first"))),
    }
}

pub(super) fn of_row(row: &Row<'_>) -> rusqlite::Result<AccountRow> {
    Ok(AccountRow {
        id: AccountId(id(row, "id")?),
        card: CardId(id(row, "card")?),
        assurance: code(row, "assurance", Assurance::from_code)?,
        signature_certificate: row.get("signature_certificate")?,
        encryption_certificate: row.get("encryption_certificate")?,
        opening: row.get("opening")?,
        opened: uint(row, "opened")?,
        frozen: row.get("frozen")?,
        revoked: row.get("revoked")?,
        closing: row.get("closing")?,
    })
}
