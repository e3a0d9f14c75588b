//! The demonstration: three real works, one card, one center, each step told (ST1 to ST12).
//!
//! Card and center are real; they only live in this process. Every figure that is printed
//! was measured, and the last line is printed only when all of it adds up.

mod tell;

use std::fs;
use std::path::Path;

use saifu_center::store::VersionRow;
use saifu_host::account;
use saifu_host::card::Card;
use saifu_host::center::Client;
use saifu_host::sale::{Sale, Sales};
use saifu_host::session::Session;
use saifu_wire::signed::PaymentOrder;

use crate::shop::{Anything, REAL_WORKS, RealWork, Shop, Willing, purse};
use tell::Teller;

/// Runs the demonstration in a folder that is gone afterwards.
///
/// # Errors
/// Anything that does not go as it should: a refusal, a wrong byte, value not accounted.
pub fn run() -> Result<(), Anything> {
    let folder = tempfile::tempdir()?;
    let shop = Shop::open(folder.path())?;
    tell::opening(&shop);
    let mut published = Vec::new();
    for work in &REAL_WORKS {
        published.push(publish(&shop, work)?);
    }
    let (client, mut card) = (shop.client()?, shop.card()?);
    let bought = shopping(&shop, &client, &mut card, &published)?;
    balance_the_books(&shop, &client, &mut card, bought)
}

/// ST1 to ST3.
fn publish(shop: &Shop, work: &RealWork) -> Result<VersionRow, Anything> {
    let row = shop.publish(work)?;
    if row.added.preview.length >= row.added.content.length / 4 {
        return Err(format!("the preview of {} is not light", work.file).into());
    }
    tell::published(work, &row);
    Ok(row)
}

/// ST4, the account, and then each work from ST5 to ST12.
fn shopping(
    shop: &Shop,
    client: &Client,
    card: &mut Card,
    published: &[VersionRow],
) -> Result<usize, Anything> {
    let mut session = Session::open(card, client, &shop.root)?;
    tell::met(&session);
    let sales = Sales::open(&shop.data)?;
    account::register(&mut session, &crate::shop::pin()?, &mut Teller::default())?;
    tell::balance("the card's word", &purse(&mut session)?);
    for row in published {
        tell::browsed(&client.work(row.added.work)?, &client.preview(row.added.work)?);
    }
    for (row, real) in published.iter().zip(&REAL_WORKS) {
        buy(shop, &sales, &mut session, row, real)?;
    }
    Ok(published.len())
}

/// One sale, from the order to the receipt; the file must be the original.
fn buy(
    shop: &Shop,
    sales: &Sales,
    session: &mut Session<'_>,
    row: &VersionRow,
    real: &RealWork,
) -> Result<(), Anything> {
    let before = purse(session)?;
    let work = session.client.work(row.added.work)?;
    tell::buying(&work, &before);
    let output = shop.data.join(real.file);
    let mut customer = Willing::default();
    let mut sale = Sale::begin(sales, session, &mut customer, work, output.clone())?;
    let mut teller = Teller::paying(row.added.payment == PaymentOrder::PayFirst);
    sale.run(session, &mut customer, &mut teller)?;
    compare(&output, real)?;
    let after = purse(session)?;
    if before.balance.checked_sub(real.price) != Some(after.balance) {
        return Err(format!("the balance went from {} to {}", before.balance, after.balance).into());
    }
    tell::bought(&before, &after);
    Ok(())
}

fn compare(output: &Path, real: &RealWork) -> Result<(), Anything> {
    let (bought, original) = (fs::read(output)?, real.read()?);
    if bought != original {
        return Err(format!("{} is not the original", output.display()).into());
    }
    tell::same(real, &bought);
    Ok(())
}

/// Value in must be value out: by the card's word, by the ledger, and by the outbox.
fn balance_the_books(
    shop: &Shop,
    client: &Client,
    card: &mut Card,
    bought: usize,
) -> Result<(), Anything> {
    let mut session = Session::open(card, client, &shop.root)?;
    let on_card = purse(&mut session)?.balance;
    let outbox = session.selected.verify(&crate::shop::pin()?)?.outbox()?;
    let sums = shop.ledger()?;
    let prices: u64 = REAL_WORKS.iter().map(|work| work.price).sum();
    let settled = shop.center.sales(0, 100)?.len();
    tell::books(&sums, on_card);
    let accounted = shop.findings()?.is_empty()
        && outbox.0.is_empty()
        && sums.settled == prices
        && on_card.checked_add(sums.settled) == Some(sums.issued)
        && (bought, settled) == (REAL_WORKS.len(), REAL_WORKS.len());
    if !accounted {
        return Err(format!("value is not accounted: {:?}", shop.findings()?).into());
    }
    println!("demo: {bought} works bought, {settled} settled, value in = value out");
    Ok(())
}
