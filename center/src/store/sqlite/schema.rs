//! The numbered steps by which the schema came to be what it is.
//!
//! SQLite's `user_version` is the number of the last step taken; a step that was released
//! is never changed, only followed by another.

use rusqlite::{Connection, TransactionBehavior};

use super::failing;
use crate::refusal::{Refusal, Result};

const STEPS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_validity.sql"),
    include_str!("migrations/0003_books.sql"),
    include_str!("migrations/0004_funding.sql"),
    include_str!("migrations/0005_mall.sql"),
    include_str!("migrations/0006_cards.sql"),
    include_str!("migrations/0007_operators.sql"),
    include_str!("migrations/0008_restores.sql"),
];

/// Takes the steps that are still to be taken, each in a transaction of its own.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    for (number, step) in (1..).zip(STEPS) {
        // Immediate, so that of two processes the second waits and then finds it done.
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failing("begin a migration"))?;
        if version(&transaction)? < number {
            transaction.execute_batch(step).map_err(failing("migrate its schema"))?;
            let done = transaction.pragma_update(None, "user_version", number);
            done.map_err(failing("migrate its schema"))?;
        }
        transaction.commit().map_err(failing("migrate its schema"))?;
    }
    let is = version(connection)?;
    if is as usize != STEPS.len() {
        return Err(Refusal::unavailable(format!(
            "the store has schema {is}, this program knows {} of them: use the newer program",
            STEPS.len()
        )));
    }
    Ok(())
}

pub(super) fn version(connection: &Connection) -> Result<i64> {
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0));
    version.map_err(failing("read its schema's version"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_are_taken_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
        assert_eq!(version(&connection).unwrap() as usize, STEPS.len());
    }

    #[test]
    fn a_store_of_a_newer_program_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        let newer = STEPS.len() as i64 + 1;
        connection.pragma_update(None, "user_version", newer).unwrap();
        let error = migrate(&mut connection).unwrap_err().to_string();
        assert!(error.contains("newer program"), "{error}");
    }
}
