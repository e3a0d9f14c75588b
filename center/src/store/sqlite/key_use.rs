//! What still rests on a key.

use rusqlite::{Connection, Params};

use super::columns::int;
use super::{Sqlite, failing};
use crate::refusal::Result;
use crate::store::KeyUseStore;

impl KeyUseStore for Sqlite {
    fn any_unpaid_licence(&self, now: u64, rests: &dyn Fn(&[u8]) -> bool) -> Result<bool> {
        let sql = "
            SELECT o.licence FROM orders o WHERE o.expires >= ?1 AND NOT EXISTS (
                SELECT 1 FROM tokens t WHERE t.order_id = o.id AND t.outcome = 1
            )";
        let now = int(now)?;
        self.read(|connection| any(connection, sql, [now], rests))
    }

    fn any_open_credit(&self, rests: &dyn Fn(&[u8]) -> bool) -> Result<bool> {
        // State 2: given out, and the card has not said how it ended.
        let sql = "SELECT credit FROM loads WHERE state = 2 AND credit IS NOT NULL";
        self.read(|connection| any(connection, sql, [], rests))
    }
}

fn any(
    connection: &Connection,
    sql: &str,
    of: impl Params,
    rests: &dyn Fn(&[u8]) -> bool,
) -> Result<bool> {
    let found = || {
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query(of)?;
        while let Some(row) = rows.next()? {
            if rests(row.get_ref(0)?.as_blob()?) {
                return Ok(true);
            }
        }
        Ok(false)
    };
    found().map_err(failing("look for what rests on a key"))
}
