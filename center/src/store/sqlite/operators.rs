//! Tokens of operators.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::columns::{code, id, int, maybe_uint, uint};
use super::{Sqlite, failing};
use crate::refusal::{Refusal, Result};
use crate::store::{OperatorRow, OperatorStore, Role, SecretProof};

impl OperatorStore for Sqlite {
    fn add_operator(&self, row: OperatorRow, most: u32) -> Result<()> {
        self.writer.write("add operator", move |connection| add(connection, &row, most))
    }

    fn operator(&self, id: [u8; 8]) -> Result<Option<OperatorRow>> {
        self.read(|connection| find(connection, id))
    }

    fn operators(&self, limit: u32) -> Result<Vec<OperatorRow>> {
        self.read(|connection| list(connection, limit))
    }

    fn revoke_operator(&self, id: [u8; 8], now: u64) -> Result<Option<OperatorRow>> {
        self.writer.write("revoke operator", move |connection| {
            let sql = "UPDATE operators SET revoked = ?2 WHERE id = ?1 AND revoked IS NULL";
            let now = int(now)?;
            connection.execute(sql, (id, now)).map_err(failing("revoke a token"))?;
            find(connection, id)
        })
    }

    fn note_operator(&self, id: [u8; 8], now: u64) -> Result<()> {
        self.writer.write("note operator", move |connection| {
            let sql = "UPDATE operators SET last_used = ?2 WHERE id = ?1";
            let now = int(now)?;
            connection.execute(sql, (id, now)).map(drop).map_err(failing("note a token's use"))
        })
    }

    fn probe(&self) -> Result<()> {
        self.writer.write("probe", |_| Ok(()))
    }
}

const ADD: &str = "
    INSERT INTO operators (id, role, shop, salt, memory_kib, passes, hash, made, expires)
    VALUES (:id, :role, :shop, :salt, :memory_kib, :passes, :hash, :made, :expires)";

fn add(connection: &Connection, row: &OperatorRow, most: u32) -> Result<()> {
    let sql = "SELECT count(*) FROM operators WHERE revoked IS NULL";
    let count: u32 =
        connection.query_row(sql, [], |row| row.get(0)).map_err(failing("count the tokens"))?;
    if count >= most {
        return Err(Refusal::conflict(format!(
            "{count} tokens are in use, as many as there may be: revoke some first"
        )));
    }
    let OperatorRow { proof, .. } = row;
    connection
        .execute(
            ADD,
            named_params! {
                ":id": row.id, ":role": row.role as u8, ":shop": row.shop,
                ":salt": proof.salt, ":memory_kib": proof.memory_kib, ":passes": proof.passes,
                ":hash": proof.hash, ":made": int(row.made)?, ":expires": int(row.expires)?,
            },
        )
        .map(drop)
        .map_err(failing("keep a token"))
}

fn find(connection: &Connection, id: [u8; 8]) -> Result<Option<OperatorRow>> {
    let sql = "SELECT * FROM operators WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(failing("find a token"))?;
    statement.query_row([id], of_row).optional().map_err(failing("find a token"))
}

fn list(connection: &Connection, limit: u32) -> Result<Vec<OperatorRow>> {
    let sql = "SELECT * FROM operators ORDER BY revoked IS NOT NULL, made DESC, id LIMIT ?1";
    let mut statement = connection.prepare_cached(sql).map_err(failing("list the tokens"))?;
    let rows = statement.query_map([limit], of_row).map_err(failing("list the tokens"))?;
    rows.collect::<rusqlite::Result<_>>().map_err(failing("list the tokens"))
}

fn of_row(row: &Row<'_>) -> rusqlite::Result<OperatorRow> {
    Ok(OperatorRow {
        id: id(row, "id")?,
        role: code(row, "role", Role::from_code)?,
        shop: row.get("shop")?,
        proof: SecretProof {
            salt: id(row, "salt")?,
            memory_kib: row.get("memory_kib")?,
            passes: row.get("passes")?,
            hash: id(row, "hash")?,
        },
        made: uint(row, "made")?,
        expires: uint(row, "expires")?,
        revoked: maybe_uint(row, "revoked")?,
        last_used: maybe_uint(row, "last_used")?,
    })
}
