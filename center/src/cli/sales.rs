//! `saifu-center sales`: what was sold, and what waits in suspense.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use saifu_wire::Digest;
use saifu_wire::signed::Outcome;
use serde::Serialize;

use super::output::{Output, print, table};
use super::report::{Value, evidence_findings, exit_code, findings_text, value_table, values};
use crate::center::Center;
use crate::clock::rfc3339;
use crate::ledger::reconcile;
use crate::money;
use crate::refusal::{Refusal, Result};
use crate::store::{Sale, TokenName};

/// The sales that are read at once.
const PAGE: u32 = 1_000;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Sales {
    /// Only after this entry of the ledger
    #[arg(long, value_name = "ENTRY", default_value_t = 0)]
    after: u64,
    /// Only payments that are in suspense still
    #[arg(long)]
    suspense: bool,
    /// Check the books as well
    #[arg(long)]
    check: bool,
    #[command(subcommand)]
    command: Option<SalesCommand>,
}

#[derive(Subcommand)]
enum SalesCommand {
    /// Settle a payment that is in suspense, where its order is not settled otherwise
    Settle {
        /// The payment: its entry of the ledger, or its token
        #[arg(value_name = "ENTRY|TOKEN")]
        payment: String,
    },
}

#[derive(Serialize)]
struct Settled {
    token: String,
    entry: u64,
    receipt: String,
}

fn settle(center: &Center, payment: &str, output: &Output) -> Result<ExitCode> {
    let entry = payment.parse().ok().map(TokenName::Entry);
    let token = || Digest::from_hex(payment).map(TokenName::Identity);
    let name = entry.or_else(token).ok_or_else(|| {
        Refusal::malformed(format!(
            "\"{payment}\" names no payment: give its entry or its token, as `sales --suspense` \
             lists them"
        ))
    })?;
    let resolved = center.resolve(name)?;
    let settled = Settled {
        token: resolved.token.to_string(),
        entry: resolved.entry,
        receipt: hex::encode(&resolved.receipt),
    };
    output.say(&settled, |settled| {
        let Settled { token, entry, .. } = settled;
        format!("token {token} is settled by entry {entry}; its card gets the new receipt")
    })?;
    Ok(ExitCode::SUCCESS)
}

#[derive(Serialize)]
struct Told {
    entry: u64,
    booked: String,
    outcome: &'static str,
    reason: String,
    token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<u64>,
    order: String,
    account: String,
    title: String,
    kind: &'static str,
    unit: String,
    amount: u64,
}

/// What is told after the sales, which are said page by page.
#[derive(Serialize)]
struct End {
    value: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Vec<String>>,
}

pub(super) fn sales(center: &Center, asked: &Sales, output: &Output) -> Result<ExitCode> {
    if let Some(SalesCommand::Settle { payment }) = &asked.command {
        return settle(center, payment, output);
    }
    say_sales(center, asked, output)?;
    let books = center.books()?;
    let mut checked = reconcile(&books);
    checked.findings.extend(evidence_findings(center, &books)?);
    let findings = asked.check.then_some(checked.findings);
    let code = exit_code(findings.as_deref().unwrap_or_default());
    let end = End { value: values(&checked.kinds), findings };
    print(if output.json { json_end(&end)? } else { end_text(&end) })?;
    Ok(code)
}

/// Says the sales, a page at a time: what it needs of memory does not grow with them.
fn say_sales(center: &Center, asked: &Sales, output: &Output) -> Result<()> {
    let (mut is_first, mut after) = (true, asked.after);
    if output.json {
        print("{\n  \"sales\": [".into())?;
    }
    loop {
        let page = match asked.suspense {
            true => center.suspended(after, PAGE)?,
            false => center.sales(after, PAGE)?,
        };
        let Some(last) = page.last() else { break };
        after = last.entry;
        let page: Vec<Told> = page.iter().map(told).collect();
        print(if output.json { json_page(&page, is_first)? } else { page_text(&page) })?;
        is_first = false;
    }
    if !is_first || output.json {
        return Ok(());
    }
    print(match (asked.suspense, asked.after) {
        (true, _) => "nothing is in suspense".into(),
        (false, 0) => "no sales yet".into(),
        (false, after) => format!("no sales after entry {after}"),
    })
}

/// A page's sales in JSON, one on a line, as they go on the list of those before.
fn json_page(page: &[Told], is_first: bool) -> Result<String> {
    let mut lines = String::new();
    for (at, told) in page.iter().enumerate() {
        lines.push_str(if is_first && at == 0 { "    " } else { "    ," });
        lines.push_str(&serde_json::to_string(told).map_err(no_json)?);
        lines.push('\n');
    }
    Ok(lines)
}

/// What ends the list, and the object that it is in.
fn json_end(end: &End) -> Result<String> {
    let object = serde_json::to_string_pretty(end).map_err(no_json)?;
    Ok(format!("  ],{}", object.trim_start_matches('{')))
}

fn no_json(error: serde_json::Error) -> Refusal {
    Refusal::internal(format!("no JSON comes of this: {error}"))
}

fn page_text(page: &[Told]) -> String {
    let rows: Vec<_> = page.iter().map(line).collect();
    let head = ["entry", "booked", "outcome", "amount", "unit", "kind", "order", "title"];
    table(head, [true, false, false, true, false, false, false, false], &rows)
}

fn end_text(end: &End) -> String {
    let findings = end.findings.as_deref().map(findings_text).unwrap_or_default();
    value_table(&end.value) + &findings
}

fn line(told: &Told) -> [String; 8] {
    let title = match (told.title.as_str(), told.reason.as_str(), told.settled_by) {
        (title, "", _) => title.to_owned(),
        (title, reason, None) => format!("{title} ({reason})").trim_start().to_owned(),
        (title, _, Some(entry)) => format!("{title} (settled by {entry})").trim_start().to_owned(),
    };
    let (entry, amount) = (told.entry.to_string(), told.amount.to_string());
    let (booked, outcome) = (told.booked.clone(), told.outcome.into());
    let (unit, kind, order) = (told.unit.clone(), told.kind.into(), told.order.clone());
    [entry, booked, outcome, amount, unit, kind, order, title]
}

fn told(sale: &Sale) -> Told {
    Told {
        entry: sale.entry,
        booked: rfc3339(sale.booked),
        outcome: match sale.outcome {
            Outcome::Settled => "settled",
            Outcome::Suspense => "suspense",
        },
        reason: sale.reason.clone(),
        token: sale.token.to_string(),
        settled_by: sale.resolved,
        order: sale.order.to_string(),
        account: sale.account.to_string(),
        title: sale.title.clone(),
        kind: money::kind_name(sale.kind),
        unit: sale.unit.to_string(),
        amount: sale.amount,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sold(entry: u64) -> Told {
        Told {
            entry,
            booked: rfc3339(0),
            outcome: "settled",
            reason: String::new(),
            token: "00".into(),
            settled_by: None,
            order: "00".into(),
            account: "00".into(),
            title: "\"]}".into(),
            kind: "bit-cash",
            unit: "JPY".into(),
            amount: 1,
        }
    }

    #[test]
    fn pages_of_any_length_and_none_are_one_object_of_json() {
        for pages in [vec![], vec![1], vec![2, 1], vec![3, 3, 2]] {
            let mut said = "{\n  \"sales\": [\n".to_owned();
            let (mut entry, mut is_first) = (0, true);
            for length in pages {
                let page: Vec<Told> = (entry..entry + length).map(sold).collect();
                said += &json_page(&page, is_first).unwrap();
                (entry, is_first) = (entry + length, false);
            }
            said += &json_end(&End { value: vec![], findings: Some(vec![]) }).unwrap();
            let told: serde_json::Value = serde_json::from_str(&said).unwrap();
            let entries: Vec<_> = told["sales"].as_array().unwrap().iter().collect();
            let should: Vec<_> = (0..entry).map(|entry| serde_json::json!(sold(entry))).collect();
            assert_eq!(entries, should.iter().collect::<Vec<_>>(), "{said}");
            let none = serde_json::json!([]);
            assert_eq!((&told["value"], &told["findings"]), (&none, &none));
        }
    }
}
