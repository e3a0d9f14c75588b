//! Columns to values and back: what a row must not hold is refused as damage.

use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use saifu_wire::codec::{List, Wire};
use saifu_wire::value::{Price, Unit};

use crate::refusal::{Refusal, Result};

/// A number on its way into the store, whose integers have 63 bits.
pub(super) fn int(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| {
        Refusal::contradiction(format!("the number {number} is larger than any honest one"))
    })
}

/// Reads a number that is not negative.
pub(super) fn uint(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    number.try_into().map_err(|_| damaged(row, column, FromSqlError::OutOfRange(number)))
}

/// Reads a number that is not negative, if there is one.
pub(super) fn maybe_uint(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<u64>> {
    row.get::<_, Option<i64>>(column)?.map(|_| uint(row, column)).transpose()
}

/// Reads an identifier or a digest.
pub(super) fn id<const N: usize>(row: &Row<'_>, column: &str) -> rusqlite::Result<[u8; N]> {
    row.get(column)
}

/// Reads a code of the wire formats.
pub(super) fn code<T>(
    row: &Row<'_>,
    column: &str,
    from_code: fn(u8) -> Option<T>,
) -> rusqlite::Result<T> {
    let number: i64 = row.get(column)?;
    let known = u8::try_from(number).ok().and_then(from_code);
    known.ok_or_else(|| damaged(row, column, FromSqlError::OutOfRange(number)))
}

/// Reads a unit.
pub(super) fn unit(row: &Row<'_>, column: &str) -> rusqlite::Result<Unit> {
    row.get::<_, UnitColumn>(column).map(|unit| unit.0)
}

/// Reads the prices of a version.
pub(super) fn prices(row: &Row<'_>, column: &str) -> rusqlite::Result<Vec<Price>> {
    let bytes: Vec<u8> = row.get(column)?;
    let prices = List::<Price, 8>::from_bytes(&bytes).map(|list| list.0);
    prices.map_err(|error| damaged(row, column, FromSqlError::Other(Box::new(error))))
}

fn damaged(row: &Row<'_>, column: &str, error: FromSqlError) -> rusqlite::Error {
    let index = row.as_ref().column_index(column).unwrap_or_default();
    let kind = rusqlite::types::Type::Blob;
    rusqlite::Error::FromSqlConversionFailure(index, kind, Box::new(error))
}

/// A unit as a column holds it: its code.
pub(super) struct UnitColumn(pub(super) Unit);

impl ToSql for UnitColumn {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.0.as_str().as_bytes())))
    }
}

impl FromSql for UnitColumn {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let unit = Unit::new(value.as_str()?);
        unit.map(Self).map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn a_negative_number_is_damage() {
        let connection = Connection::open_in_memory().unwrap();
        let read = |number: Option<i64>| {
            connection.query_row("SELECT ?1 AS n", [number], |row| maybe_uint(row, "n"))
        };
        assert_eq!(read(Some(i64::MAX)), Ok(Some(i64::MAX as u64)));
        assert_eq!((read(Some(0)), read(None)), (Ok(Some(0)), Ok(None)));
        assert!(read(Some(-1)).is_err() && read(Some(i64::MIN)).is_err());
    }
}
