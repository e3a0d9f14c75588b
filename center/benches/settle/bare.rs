//! What cannot be saved: the private operation itself, and a durable insert of a sale's bytes.

use std::path::Path;

use rusqlite::Connection;
use saifu_center::Refusal;
use saifu_center::crypto::Secret;
use saifu_center::crypto::rsa::{KeySize, PrivateKey, WrappingKey};
use saifu_center::crypto::sha256;
use saifu_center::payment::PAYLOAD_BYTES;
use saifu_center::store::sqlite::{Writer, make_durable};
use saifu_wire::codec::Wire;
use saifu_wire::signed::{Outcome, Receipt, SIGNATURE_BYTES, Signed};
use saifu_wire::{AccountId, CenterId, Digest};

use crate::payer::Payment;

/// A raw key, and something to unwrap.
pub(crate) struct RawKey {
    key: PrivateKey,
    wrapped: Vec<u8>,
}

const LABEL: &[u8] = &[7; 32];

impl RawKey {
    pub(crate) fn make() -> Self {
        let key = PrivateKey::generate(KeySize::Rsa2048).expect("a key");
        let public = WrappingKey::from_public_key(key.public_key()).expect("its public half");
        let wrapped = public.wrap_key(LABEL, &Secret::new([8; 32])).expect("a wrapped key");
        Self { key, wrapped }
    }

    /// One private operation.
    pub(crate) fn unwrap(&self) {
        let key = self.key.unwrap_key(LABEL, &self.wrapped).expect("the key");
        assert_eq!(key.expose()[0], 8);
    }
}

/// A store with one table, behind the center's writer.
pub(crate) struct Bare(Writer);

/// What is inserted for a sale: its token's digest, and its bytes.
pub(crate) struct Row {
    digest: [u8; 32],
    bytes: Vec<u8>,
}

/// As many bytes as the center keeps of a sale: token, licence, payload and receipt.
pub(crate) fn row(payment: &Payment) -> Row {
    let receipt = vec![0; SIGNATURE_BYTES + empty_receipt().to_bytes().len()];
    let parts = [&payment.token[..], &payment.licence, &[0; PAYLOAD_BYTES], &receipt];
    Row { digest: sha256(&[&payment.token]), bytes: parts.concat() }
}

fn empty_receipt() -> Receipt {
    Receipt {
        center: CenterId::ZERO,
        signer: 1,
        account: AccountId::ZERO,
        token: Digest::ZERO,
        counter: 1,
        outcome: Outcome::Settled,
        entry: 1,
        time: 0,
    }
}

/// Whether a receipt says that its token is settled.
pub(crate) fn is_settled(receipt: &[u8]) -> bool {
    let receipt = Signed::<Receipt>::parse(receipt);
    receipt.is_ok_and(|receipt| receipt.message().outcome == Outcome::Settled)
}

impl Bare {
    /// Makes one in `folder`, kept as the center keeps its own.
    pub(crate) fn make(folder: &Path) -> Self {
        let store = Connection::open(folder.join("bare.sqlite3")).expect("a store");
        make_durable(&store).expect("a durable store");
        let sql = "CREATE TABLE sales (digest BLOB PRIMARY KEY, bytes BLOB NOT NULL) STRICT";
        store.execute_batch(sql).expect("a table");
        Self(Writer::start(store).expect("a writer"))
    }

    /// Inserts a row, and waits until it is durable.
    pub(crate) fn insert(&self, row: Row) {
        let insert = move |store: &Connection| {
            let mut statement = store.prepare_cached("INSERT INTO sales VALUES (?1, ?2)");
            let statement = statement.as_mut().map_err(|error| failing(error))?;
            statement.execute((row.digest, row.bytes)).map_err(|error| failing(&error))
        };
        self.0.write("insert", insert).expect("an insert");
    }
}

fn failing(error: &rusqlite::Error) -> Refusal {
    Refusal::internal(error.to_string())
}
