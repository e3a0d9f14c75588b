//! `saifu purchases`: what was bought with this data folder, and where each sale stands.

use super::context::Context;
use super::text::{plain, table};
use super::{Failure, Report};
use crate::money::Money;
use crate::sale::{Next, Record, Sale, Unreadable};
use saifu_wire::signed::Outcome;
use serde_json::{Value, json};

pub(super) fn run(context: &Context) -> Result<Report, Failure> {
    let (sales, unreadable) = readable(context.sales()?.each()?);
    let rows: Vec<_> = sales.iter().map(row).collect();
    let text = match rows.is_empty() {
        true => "nothing was bought yet\n".to_owned(),
        false => table(["SALE", "BEGUN", "TITLE", "PAID", "STATE", "FILE"], &rows),
    };
    let all: Vec<_> = sales.iter().map(object).collect();
    Ok(Report::new(text, json!({ "purchases": all })).with(unreadable))
}

/// The sales that can be read, and what is to be said of the others.
pub(super) fn readable(each: Vec<Result<Sale, Unreadable>>) -> (Vec<Sale>, Vec<Failure>) {
    let (mut sales, mut unreadable) = (Vec::new(), Vec::new());
    for sale in each {
        match sale {
            Ok(sale) => sales.push(sale),
            Err((path, why)) => unreadable.push(Failure::of_journal(&path, why)),
        }
    }
    (sales, unreadable)
}

fn row(sale: &Sale) -> [String; 6] {
    let record = sale.record();
    let file = record.file.as_ref().map(|_| record.intent.output.display().to_string());
    [
        sale.id().to_owned(),
        begun(sale).unwrap_or_default(),
        plain(&record.intent.work.title),
        paid(record).map(|money| money.to_string()).unwrap_or_default(),
        state(record),
        file.unwrap_or_default(),
    ]
}

/// A sale as JSON.
pub(super) fn object(sale: &Sale) -> Value {
    let record = sale.record();
    let paid = paid(record);
    json!({
        "sale": sale.id(),
        "begun": begun(sale),
        "order": sale.order_id().map(|order| order.to_string()),
        "licence": record.licence_ref().map(|licence| licence.number),
        "work": record.intent.work.id,
        "version": record.intent.work.version,
        "title": record.intent.work.title,
        "paid": paid.as_ref().map(|money| money.amount),
        "unit": paid.as_ref().map(|money| money.unit.clone()),
        "balance_after": record.balance_after,
        "state": state(record),
        "outcome": record.outcome().map(outcome),
        "complete": record.next() == Next::Nothing && record.abandoned.is_none(),
        "plan": record.intent.plan,
        "held": record.is_on_hold(),
        "kept": record.stored || record.opened.as_ref().is_some_and(|opened| opened.kept),
        "file": (!record.is_for_later()).then_some(&record.intent.output),
        "bytes": record.file.as_ref().map(|(bytes, _)| bytes),
        "sha256": record.file.as_ref().map(|(_, sha256)| sha256),
    })
}

/// What the card has paid.
fn paid(record: &Record) -> Option<Money> {
    let choice = record.approved.iter().flatten().next()?;
    record.debited.then(|| Money::new(choice.amount, &choice.unit))
}

/// Where a sale stands, in words.
pub(super) fn state(record: &Record) -> String {
    match (record.next(), &record.abandoned) {
        (_, Some(reason)) => format!("given up: {}", plain(reason)),
        (Next::Order, _) => "not ordered yet".into(),
        (Next::Approve, _) => "ordered, not agreed to".into(),
        (Next::Load | Next::Debit | Next::Hold, _) => "agreed to, not paid yet".into(),
        (Next::Wait, _) => "kept by the card, the price on hold until it is opened".into(),
        (Next::Release, _) => "opened, the price on hold still".into(),
        (Next::Store | Next::Decrypt | Next::Keep, _) if record.is_on_hold() => {
            "the price on hold, not opened yet".into()
        }
        (next, _) if record.outcome() == Some(Outcome::Suspense) => {
            let opens = record.file.is_none() && !record.is_for_later();
            let opened = if opens { ", not opened yet" } else { "" };
            let told = if next == Next::Acknowledge { ", the card not told yet" } else { "" };
            format!("booked to suspense: ask the center{opened}{told}")
        }
        (Next::Keep, _) => "opened, not in its place yet".into(),
        (Next::Decrypt, _) if record.receipt.is_some() => "settled, not opened yet".into(),
        (Next::Decrypt, _) => "paid, not opened yet".into(),
        (Next::Store, _) if record.receipt.is_some() => "settled, not kept by the card yet".into(),
        (Next::Store, _) => "paid, not kept by the card yet".into(),
        (Next::Settle | Next::Acknowledge, _) if record.file.is_none() => {
            "kept by the card, not settled yet".into()
        }
        (Next::Settle | Next::Acknowledge, _) => "opened, not settled yet".into(),
        (Next::Nothing, None) if record.file.is_none() => "complete, kept by the card".into(),
        (Next::Nothing, None) => "complete".into(),
    }
}

/// How the center booked a payment, as JSON says it.
pub(super) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Settled => "settled",
        Outcome::Suspense => "suspense",
    }
}

/// When it was begun: its id, a version 7 UUID, says so.
fn begun(sale: &Sale) -> Option<String> {
    let time = uuid::Uuid::try_parse(sale.id()).ok()?.get_timestamp()?;
    let seconds = i64::try_from(time.to_unix().0).ok()?;
    jiff::Timestamp::from_second(seconds).ok().map(|time| time.to_string())
}
