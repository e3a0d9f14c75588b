//! A store with as many sales as are asked for, written in bulk.
//!
//! Cards, orders, chains and tokens have the sizes of real ones; their names are hashes, so that
//! they lie in the indexes as real ones do. Signatures are not looked at by a store.

use std::path::Path;

use rusqlite::{Connection, Transaction, params};
use saifu_center::crypto::sha256;
use saifu_center::store::sqlite::Sqlite;
use saifu_center::store::{Link, TokenRow};
use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, Digest, OrderId, ShopId};

use crate::shop::Anything;

/// The kind of value of all sales.
pub(super) const KIND: Kind = Kind::BitCash;

/// When everything happens.
pub(super) const NOW: u64 = 1_795_305_600;

/// The lines of a statement's page: fewer than each shop has of the fewest sales.
pub(super) const LINES_PER_PAGE: u32 = 20;

/// The bytes of a signed receipt.
pub(super) const RECEIPT_BYTES: usize = 161;

const LICENCE_BYTES: usize = 680;
const TOKEN_BYTES: usize = 641;
const PAYLOAD_BYTES: usize = 154;
const EVENT_BYTES: usize = 230;
const CERTIFICATE_BYTES: usize = 400;

const SHOPS: u64 = 20;
const SALES_PER_CARD: u64 = 50;
const AMOUNT: u64 = 300;
const GIVEN: u64 = 1_000_000;

/// The entries of the ledger between two notes of the shops' sums.
const NOTED_EVERY: u64 = 512;

/// After how many entries they are filed by shop.
const FILED_EVERY: u64 = 256;

/// What was built.
pub(super) struct Built {
    sales: u64,
    cards: u64,
}

pub(super) fn unit() -> Unit {
    Unit::new("JPY").expect("three capital letters")
}

/// The shop of a sale.
pub(super) fn shop(sale: u64) -> ShopId {
    ShopId(half("shop", sale % SHOPS))
}

/// A number as the store keeps it.
fn int(number: u64) -> i64 {
    number.cast_signed()
}

fn named(what: &str, number: u64) -> [u8; 32] {
    sha256(&[what.as_bytes(), &number.to_be_bytes()])
}

fn half(what: &str, number: u64) -> [u8; 16] {
    *named(what, number).first_chunk().expect("a hash has more bytes than an id")
}

/// An order's id begins with its time, as the center's do: they lie side by side.
fn order(sale: u64) -> [u8; 16] {
    let mut id = half("order", sale);
    id[..6].copy_from_slice(&(NOW * 1_000 + sale).to_be_bytes()[2..]);
    id
}

impl Built {
    /// The card of a sale, and the number of its link there: the first two are the opening and
    /// the credit.
    fn place(&self, sale: u64) -> (u64, u64) {
        (sale % self.cards, 3 + sale / self.cards)
    }

    /// A fresh token: it pays one of the orders that nothing has paid.
    pub(super) fn token(&self, fresh: u64) -> TokenRow {
        let sale = self.sales + fresh;
        let (card, counter) = self.place(sale);
        let previous = match counter {
            3 => named("event", card),
            _ => named("token", sale - self.cards),
        };
        TokenRow {
            link: Link {
                account: AccountId(half("account", card)),
                counter,
                identity: Digest(named("token", sale)),
                previous: Digest(previous),
                purse: 1,
                balance: GIVEN - AMOUNT * (counter - 2),
                signed: vec![1; TOKEN_BYTES],
            },
            payload: vec![2; PAYLOAD_BYTES],
            licence: vec![3; LICENCE_BYTES],
            licence_identity: Digest(named("licence", sale)),
            licence_number: counter - 2,
            order_expires: NOW,
            order: OrderId(order(sale)),
            shop: shop(sale),
            kind: KIND,
            unit: unit(),
            amount: AMOUNT,
        }
    }
}

/// Makes a store in `file` with `sales` sales, and `fresh` orders more that nobody has paid.
pub(super) fn build(file: &Path, sales: u64, fresh: u64) -> Result<Built, Anything> {
    drop(Sqlite::open(file)?);
    let mut connection = Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;
         PRAGMA cache_size = -1000000;",
    )?;
    let built = Built { sales, cards: (sales / SALES_PER_CARD).max(1) };
    let transaction = connection.transaction()?;
    works(&transaction)?;
    (0..built.cards).try_for_each(|card| opened(&transaction, &built, card))?;
    let mut sums = [0; SHOPS as usize];
    for sale in 0..sales {
        ordered(&transaction, &built, sale)?;
        paid(&transaction, &built, sale)?;
        sums[(sale % SHOPS) as usize] += 1;
        note(&transaction, 2 * built.cards + sale + 1, &sums)?;
    }
    (sales..sales + fresh).try_for_each(|sale| ordered(&transaction, &built, sale))?;
    transaction.commit()?;
    connection.execute_batch("PRAGMA journal_mode = WAL;")?;
    Ok(built)
}

/// One work for each shop.
fn works(transaction: &Transaction<'_>) -> Result<(), Anything> {
    let sql = "
        INSERT INTO versions (work, version, shop, title, creator, description, media_type, content,
            content_bytes, preview_media_type, preview, preview_bytes, prices, payment, uses, added)
        VALUES (?1, 1, ?2, 'A work', 'Somebody', '', 'text/plain', ?3, 1, 'text/plain', ?3, 1, x'',
            1, 0, ?4)";
    for work in 0..SHOPS {
        let (id, blob) = (half("work", work), named("blob", work));
        transaction.execute(sql, params![id, shop(work).0, blob, int(NOW)])?;
    }
    Ok(())
}

/// A card with its account, and the credit that it took.
fn opened(transaction: &Transaction<'_>, built: &Built, card: u64) -> Result<(), Anything> {
    let account = half("account", card);
    let event = named("event", card);
    transaction
        .prepare_cached(
            "INSERT INTO accounts (id, card, assurance, signature_certificate,
                 encryption_certificate, opening, opened, next_licence)
             VALUES (?1, ?2, 1, ?3, ?3, ?3, ?4, ?5)",
        )?
        .execute(params![
            account,
            half("card", card),
            vec![4_u8; CERTIFICATE_BYTES],
            int(NOW),
            int(built.sales / built.cards + 1_000),
        ])?;
    transaction
        .prepare_cached(
            "INSERT INTO links (account, counter, identity, previous, purse, balance, signed,
                 booked, held)
             VALUES (?1, 2, ?2, ?3, 1, ?4, ?5, ?6, 0)",
        )?
        .execute(params![
            account,
            event,
            [0_u8; 32],
            int(GIVEN),
            vec![5_u8; EVENT_BYTES],
            int(NOW)
        ])?;
    let load = half("load", card);
    for (entry, evidence, source, target) in [
        (2 * card + 1, named("credit", card), (1, [0; 16]), (2, load)),
        (2 * card + 2, event, (2, load), (3, account)),
    ] {
        book(transaction, (entry, GIVEN, account, evidence), source, target)?;
    }
    let sales = (0..built.sales).skip(card as usize).step_by(built.cards as usize).count() as u64;
    transaction
        .prepare_cached("INSERT INTO positions VALUES (?1, 1, ?2, 0)")?
        .execute(params![account, int(GIVEN - AMOUNT * sales)])?;
    Ok(())
}

fn book(
    transaction: &Transaction<'_>,
    (entry, amount, account, evidence): (u64, u64, [u8; 16], [u8; 32]),
    source: (u8, [u8; 16]),
    target: (u8, [u8; 16]),
) -> Result<(), Anything> {
    transaction
        .prepare_cached(
            "INSERT INTO ledger (entry, booked, kind, unit, amount, source, source_id, target,
                 target_id, account, purse, evidence)
             VALUES (?1, ?2, ?3, 'JPY', ?4, ?5, ?6, ?7, ?8, ?9, 1, ?10)",
        )?
        .execute(params![
            int(entry),
            int(NOW),
            KIND as u8,
            int(amount),
            source.0,
            source.1,
            target.0,
            target.1,
            account,
            evidence
        ])?;
    Ok(())
}

/// An order, with its licence and the key of its delivery.
fn ordered(transaction: &Transaction<'_>, built: &Built, sale: u64) -> Result<(), Anything> {
    let (order, (card, counter)) = (order(sale), built.place(sale));
    transaction
        .prepare_cached(
            "INSERT INTO orders (id, account, idempotency_key, work, version, number, licence,
                 header, placed, expires, to_pay)
             VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?8, 1)",
        )?
        .execute(params![
            order,
            half("account", card),
            format!("key-{sale}"),
            half("work", sale % SHOPS),
            int(counter - 2),
            vec![3_u8; LICENCE_BYTES],
            vec![6_u8; 80],
            int(NOW),
        ])?;
    transaction
        .prepare_cached("INSERT INTO content_keys (order_id, content_key) VALUES (?1, ?2)")?
        .execute(params![order, named("key", sale)])?;
    Ok(())
}

/// A sale's payment, settled.
fn paid(transaction: &Transaction<'_>, built: &Built, sale: u64) -> Result<(), Anything> {
    let token = Built { sales: sale, cards: built.cards }.token(0);
    let (link, entry) = (&token.link, 2 * built.cards + sale + 1);
    let account = link.account.0;
    transaction
        .prepare_cached(
            "INSERT INTO links (account, counter, identity, previous, purse, balance, entry,
                 booked)
             VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7)",
        )?
        .execute(params![
            account,
            int(link.counter),
            link.identity.0,
            link.previous.0,
            int(link.balance),
            int(entry),
            int(NOW)
        ])?;
    let (from, to) = ((3, account), (4, token.shop.0));
    book(transaction, (entry, AMOUNT, account, link.identity.0), from, to)?;
    transaction
        .prepare_cached(
            "INSERT INTO tokens (identity, entry, account, order_id, shop, kind, unit, amount,
                 licence, outcome, reason, receipt, booked, payload, counter, signed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'JPY', ?7, ?8, 1, '', ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            link.identity.0,
            int(entry),
            account,
            token.order.0,
            token.shop.0,
            KIND as u8,
            int(AMOUNT),
            token.licence,
            vec![7_u8; RECEIPT_BYTES],
            int(NOW),
            token.payload,
            int(link.counter),
            link.signed,
        ])?;
    Ok(())
}

/// Files entries by shop and notes the shops' sums where they are due, as the center does.
fn note(transaction: &Transaction<'_>, entry: u64, sales: &[u64]) -> Result<(), Anything> {
    if !entry.is_multiple_of(FILED_EVERY) {
        return Ok(());
    }
    transaction
        .prepare_cached(
            "INSERT INTO shop_entries
             SELECT target_id, kind, unit, entry, source, amount FROM ledger
             WHERE target = 4 AND entry > ?1 AND entry <= ?2",
        )?
        .execute([int(entry - FILED_EVERY), int(entry)])?;
    if !entry.is_multiple_of(NOTED_EVERY) {
        return Ok(());
    }
    for (number, sales) in (0..).zip(sales) {
        transaction
            .prepare_cached(
                "INSERT INTO rollups VALUES (?1, ?2, 'JPY', ?3, ?4, ?5, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                     0)",
            )?
            .execute(params![
                shop(number).0,
                KIND as u8,
                int(entry),
                int(*sales),
                int(sales * AMOUNT)
            ])?;
    }
    Ok(())
}
