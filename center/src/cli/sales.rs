//! `saifu-center sales`: what was sold, and what waits in suspense.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use saifu_wire::Digest;
use saifu_wire::signed::Outcome;
use serde::Serialize;

use super::output::{Output, table};
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

#[derive(Serialize)]
struct SalesTold {
    sales: Vec<Told>,
    value: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Vec<String>>,
}

pub(super) fn sales(center: &Center, asked: &Sales, output: &Output) -> Result<ExitCode> {
    if let Some(SalesCommand::Settle { payment }) = &asked.command {
        return settle(center, payment, output);
    }
    let (mut sales, mut after) = (Vec::new(), asked.after);
    loop {
        let page = match asked.suspense {
            true => center.suspended(after, PAGE)?,
            false => center.sales(after, PAGE)?,
        };
        let Some(last) = page.last() else { break };
        after = last.entry;
        sales.extend(page.iter().map(told));
    }
    let books = center.books()?;
    let mut checked = reconcile(&books);
    checked.findings.extend(evidence_findings(center, &books)?);
    let findings = asked.check.then_some(checked.findings);
    let code = exit_code(findings.as_deref().unwrap_or_default());
    let told = SalesTold { sales, value: values(&checked.kinds), findings };
    output.say(&told, sales_text)?;
    Ok(code)
}

fn sales_text(told: &SalesTold) -> String {
    let mut text = if told.sales.is_empty() {
        "no sales yet\n".to_owned()
    } else {
        let rows: Vec<_> = told.sales.iter().map(line).collect();
        let head = ["entry", "booked", "outcome", "amount", "unit", "title"];
        table(head, [true, false, false, true, false, false], &rows)
    };
    text.push_str(&value_table(&told.value));
    if let Some(findings) = &told.findings {
        text.push_str(&findings_text(findings));
    }
    text
}

fn line(told: &Told) -> [String; 6] {
    let title = match (told.title.as_str(), told.reason.as_str(), told.settled_by) {
        (title, "", _) => title.to_owned(),
        (title, reason, None) => format!("{title} ({reason})").trim_start().to_owned(),
        (title, _, Some(entry)) => format!("{title} (settled by {entry})").trim_start().to_owned(),
    };
    let (entry, amount) = (told.entry.to_string(), told.amount.to_string());
    [entry, told.booked.clone(), told.outcome.into(), amount, told.unit.clone(), title]
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
