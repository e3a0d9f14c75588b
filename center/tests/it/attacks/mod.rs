//! The attack catalogue as a center meets it: tests named after the rows of `tests/README.md`.
//!
//! Whoever attacks may change, cut, copy, reorder and repeat whatever cards and the center signed,
//! may hold cards of their own, and may take the power away. Refused means here: an answer of the
//! one table of problems, nothing that is stored has changed but the evidence that is kept, and all
//! value is accounted.

mod certificates;
mod chains;
mod credits;
mod identities;
mod licences;
mod memories;
mod payments;
mod races;
mod streams;
mod transport;
mod trouble;

use std::collections::BTreeMap;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use saifu_center::crypto::ecdsa::VerifyingKey;
use saifu_center::crypto::sha256;
use saifu_center::funding::Gift;
use saifu_center_api::{Load, Order, Problem, ProblemCode};
use saifu_wire::certificate::{Certificate, Role};
use saifu_wire::signed::{Message, SIGNATURE_BYTES, Signed};

use crate::card::Card;
use crate::desk::{Desk, code};

/// What a center keeps of an attack and of nothing else.
const EVIDENCE: &[&str] = &["evidence"];

/// A desk, a customer, and orders for 300 each.
fn sales<const COUNT: usize>() -> (Desk, Card, [Order; COUNT]) {
    let desk = Desk::open();
    let (work, card) = (desk.sell("jpy:300"), desk.customer());
    let orders = std::array::from_fn(|n| desk.order(&card, &work, &format!("key-{n}")).unwrap());
    (desk, card, orders)
}

/// A load of 500 whose credit was given out and has not come to its card.
fn credit_under_way(desk: &Desk, card: &Card) -> (Load, Vec<u8>) {
    let (reference, reason) = (card.account.to_string(), "sorry".into());
    let gift = Gift { account: card.account, purse: 1, amount: 500, reference, reason };
    desk.center().give(&gift).unwrap();
    let load = desk.open_load(card).unwrap();
    let credit = desk.credit(card, &load).unwrap();
    (load, credit)
}

/// The key with which a center signs in a role, as its certificate says.
fn key_of(desk: &Desk, role: Role) -> VerifyingKey {
    let all = desk.center().certificates();
    let mut all = all.iter().map(|bytes| Certificate::parse(bytes).unwrap());
    let found = all.find(|certificate| certificate.body().role == role).unwrap();
    VerifyingKey::from_public_key(&found.body().key).unwrap()
}

/// Lets an operation fail at each of the tables that it writes: each time it is refused, and
/// changes nothing.
fn fails_at_each<T>(desk: &Desk, tables: &[String], operation: impl Fn() -> Result<T, Problem>) {
    let store = Connection::open(desk.folder.path().join("center.sqlite3")).unwrap();
    let before = Stored::of(desk);
    for table in tables {
        for change in ["INSERT", "UPDATE"] {
            let fails = format!(
                "CREATE TRIGGER broken_{change} BEFORE {change} ON {table} \
                 BEGIN SELECT RAISE(ABORT, 'no'); END"
            );
            store.execute_batch(&fails).unwrap();
        }
        assert_eq!(code(operation()), ProblemCode::Internal, "{table}");
        store.execute_batch("DROP TRIGGER broken_INSERT; DROP TRIGGER broken_UPDATE").unwrap();
        assert_eq!(before.changed(desk), [""; 0], "{table}");
    }
}

/// Bytes that a card signs though they are no message of the contract.
fn signed(card: &Card, unsigned: &[u8]) -> Vec<u8> {
    [unsigned, &card.signature.sign(unsigned).unwrap()].concat()
}

/// What a signed thing says.
fn message<M: Message + Clone>(bytes: &[u8]) -> M {
    Signed::<M>::parse(bytes).unwrap().message().clone()
}

/// What is signed, without its signature.
fn unsigned(signed: &[u8]) -> &[u8] {
    &signed[..signed.len() - SIGNATURE_BYTES]
}

/// The same with each bit of each byte turned over, one after the other.
fn each_flipped(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    (0..bytes.len() * 8).map(|bit| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        (bit, flipped)
    })
}

/// What a center has stored: a digest of each table's rows.
struct Stored(BTreeMap<String, [u8; 32]>);

impl Stored {
    fn of(desk: &Desk) -> Self {
        let store = Connection::open(desk.folder.path().join("center.sqlite3")).unwrap();
        let tables =
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        let mut statement = store.prepare(tables).unwrap();
        let names = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let digest = |name: String| (name.clone(), digest_of(&store, &name));
        Self(names.map(Result::unwrap).map(digest).collect())
    }

    /// The tables in which something else lies now.
    fn changed(&self, desk: &Desk) -> Vec<String> {
        let now = Self::of(desk).0;
        let differs = |(name, digest): &(&String, &[u8; 32])| now.get(*name) != Some(digest);
        self.0.iter().filter(differs).map(|(name, _)| name.clone()).collect()
    }

    /// Checks that an attack moved nothing, and left nothing but rows in the tables `but`.
    fn has_not_moved(&self, desk: &Desk, but: &[&str]) {
        assert_eq!(self.changed(desk), but);
        desk.value();
    }
}

/// A digest of a table's rows, in their order.
fn digest_of(store: &Connection, table: &str) -> [u8; 32] {
    let mut statement = store.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut all = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        for column in 0..columns {
            match row.get_ref(column).unwrap() {
                ValueRef::Null => all.push(0),
                ValueRef::Integer(number) => all.extend(number.to_be_bytes()),
                ValueRef::Real(number) => all.extend(number.to_be_bytes()),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                    all.extend(bytes.len().to_be_bytes());
                    all.extend(bytes);
                }
            }
        }
    }
    sha256(&[&all])
}
