//! The lists of revoked cards that were taken.

use rusqlite::{Connection, OptionalExtension, named_params};

use super::columns::{int, uint};
use super::{Sqlite, cards, failing};
use crate::refusal::Result;
use crate::store::{Make, RevocationListRow, RevocationStore};

impl RevocationStore for Sqlite {
    fn take_revocations(
        &self,
        list: RevocationListRow,
        judge: Make<Option<u64>, ()>,
    ) -> Result<u32> {
        self.writer.write("take revocations", move |connection| {
            judge(last(connection, &list.issuer)?)?;
            note(connection, &list)?;
            cards::revoke(connection, &list.cards)
        })
    }
}

fn last(connection: &Connection, issuer: &str) -> Result<Option<u64>> {
    let sql = "SELECT number FROM revocation_lists WHERE issuer = ?1";
    let found = connection.query_row(sql, [issuer], |row| uint(row, "number")).optional();
    found.map_err(failing("look for a list of revoked cards"))
}

fn note(connection: &Connection, list: &RevocationListRow) -> Result<()> {
    let sql = "
        INSERT INTO revocation_lists (issuer, number, signed, taken)
        VALUES (:issuer, :number, :signed, :taken)
        ON CONFLICT (issuer) DO UPDATE SET number = :number, signed = :signed, taken = :taken";
    let of = named_params! {
        ":issuer": list.issuer, ":number": int(list.number)?, ":signed": int(list.signed)?,
        ":taken": int(list.taken)?,
    };
    connection.execute(sql, of).map_err(failing("note a list of revoked cards"))?;
    Ok(())
}
