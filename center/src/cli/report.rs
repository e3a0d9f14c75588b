//! `saifu-center status`, `sales` and `check`.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use saifu_wire::signed::Outcome;
use serde::Serialize;

use super::output::{Output, table};
use super::work::all;
use crate::center::Center;
use crate::clock::rfc3339;
use crate::ledger::{Books, KindSums, reconcile};
use crate::money;
use crate::refusal::Result;
use crate::store::{EvidenceRow, Sale};

/// The sales that are read at once.
const PAGE: u32 = 1_000;

/// The most pieces of evidence that are told one by one.
const MAX_EVIDENCE: u32 = 100;

#[derive(Args)]
pub(super) struct Sales {
    /// Only after this entry of the ledger
    #[arg(long, value_name = "ENTRY", default_value_t = 0)]
    after: u64,
    /// Check the books as well
    #[arg(long)]
    check: bool,
}

/// Where the value of one kind and unit is.
#[derive(Serialize)]
struct Value {
    kind: &'static str,
    unit: String,
    issued: i64,
    unapplied: i64,
    cards: i64,
    settled: i64,
    suspense: i64,
}

#[derive(Serialize)]
struct Status {
    id: String,
    name: String,
    test_mode: bool,
    keys_sealed: bool,
    folder: String,
    works: usize,
    accounts: u64,
    frozen: u64,
    evidence: u64,
    links_missing: u64,
    value: Vec<Value>,
}

pub(super) fn status(center: &Center, folder: &Path, output: &Output) -> Result<()> {
    let books = center.books()?;
    let status = Status {
        id: center.id().to_string(),
        name: center.config().name.clone(),
        test_mode: center.config().test_mode,
        keys_sealed: center.has_sealed_keys(),
        folder: folder.display().to_string(),
        works: all(center)?.len(),
        accounts: books.accounts,
        frozen: books.frozen,
        evidence: books.evidence,
        links_missing: books.gaps,
        value: values(&reconcile(&books).kinds),
    };
    output.say(&status, status_text)
}

fn status_text(status: &Status) -> String {
    let mode =
        if status.test_mode { "test mode: all value is play money" } else { "in production" };
    let keys = match status.keys_sealed {
        true => "sealed",
        false => "NOT SEALED, readable in its folder: `saifu-center keys passwd` seals them",
    };
    let text = format!(
        "{} ({mode})\ncenter    {}\nfolder    {}\nkeys      {keys}\nworks     {}\naccounts  {}, {} frozen\n\
         evidence  {}\nmissing   {} links of cards' chains\n",
        status.name,
        status.id,
        status.folder,
        status.works,
        status.accounts,
        status.frozen,
        status.evidence,
        status.links_missing
    );
    text + &value_table(&status.value)
}

#[derive(Serialize)]
struct Told {
    entry: u64,
    booked: String,
    outcome: &'static str,
    reason: String,
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
    let (mut sales, mut after) = (Vec::new(), asked.after);
    loop {
        let page = center.sales(after, PAGE)?;
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
    let title = match (told.title.as_str(), told.reason.as_str()) {
        (title, "") => title.to_owned(),
        (title, reason) => format!("{title} ({reason})").trim_start().to_owned(),
    };
    let (entry, amount) = (told.entry.to_string(), told.amount.to_string());
    [entry, told.booked.clone(), told.outcome.into(), amount, told.unit.clone(), title]
}

#[derive(Serialize)]
struct Checked {
    works: usize,
    value: Vec<Value>,
    findings: Vec<String>,
}

pub(super) fn check(center: &Center, output: &Output) -> Result<ExitCode> {
    let works = all(center)?;
    let books = center.books()?;
    let reconciled = reconcile(&books);
    let mut findings = reconciled.findings;
    findings.extend(evidence_findings(center, &books)?);
    for row in &works {
        for refusal in center.check_work(row) {
            findings.push(format!("work {}, version {}: {refusal}", row.added.work, row.version));
        }
    }
    let code = exit_code(&findings);
    let checked = Checked { works: works.len(), value: values(&reconciled.kinds), findings };
    output.say(&checked, |checked| {
        let works = format!("{} works are read through\n", checked.works);
        works + &value_table(&checked.value) + &findings_text(&checked.findings)
    })?;
    Ok(code)
}

/// What cards have proved against themselves, and how many proofs are not told.
fn evidence_findings(center: &Center, books: &Books) -> Result<Vec<String>> {
    let rows = center.evidence(MAX_EVIDENCE)?;
    let more = books.evidence.saturating_sub(rows.len() as u64);
    let mut findings: Vec<String> = rows.iter().map(evidence_finding).collect();
    if more > 0 {
        findings.push(format!("{more} more pieces of evidence are kept"));
    }
    Ok(findings)
}

fn evidence_finding(row: &EvidenceRow) -> String {
    let kind = row.kind.name();
    let counter = row.counter.map_or("unknown".to_owned(), |counter| counter.to_string());
    let EvidenceRow { account, detail, .. } = row;
    let found = rfc3339(row.found);
    format!("evidence: {kind}, account {account}, number {counter}, found {found}: {detail}")
}

fn exit_code(findings: &[String]) -> ExitCode {
    if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn findings_text(findings: &[String]) -> String {
    if findings.is_empty() {
        return "all value is accounted: balances + settled + suspense = issued - unapplied\n"
            .into();
    }
    let lines = findings.iter().map(|finding| format!("wrong: {finding}\n"));
    lines.collect::<String>() + "keep the folder as it is and turn to whoever audits the center\n"
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
        order: sale.order.to_string(),
        account: sale.account.to_string(),
        title: sale.title.clone(),
        kind: money::kind_name(sale.kind),
        unit: sale.unit.to_string(),
        amount: sale.amount,
    }
}

fn values(kinds: &[KindSums]) -> Vec<Value> {
    let value = |sums: &KindSums| Value {
        kind: money::kind_name(sums.kind),
        unit: sums.unit.to_string(),
        issued: sums.issued,
        unapplied: sums.unapplied,
        cards: sums.cards,
        settled: sums.settled,
        suspense: sums.suspense,
    };
    kinds.iter().map(value).collect()
}

fn value_table(values: &[Value]) -> String {
    if values.is_empty() {
        return String::new();
    }
    let row = |value: &Value| {
        let amounts = [value.issued, value.unapplied, value.cards, value.settled, value.suspense];
        let [issued, unapplied, cards, settled, suspense] =
            amounts.map(|amount| amount.to_string());
        [value.kind.into(), value.unit.clone(), issued, unapplied, cards, settled, suspense]
    };
    let rows: Vec<_> = values.iter().map(row).collect();
    let mut text = "\n".to_owned();
    let head = ["kind", "unit", "issued", "unapplied", "cards", "settled", "suspense"];
    text.push_str(&table(head, [false, false, true, true, true, true, true], &rows));
    text
}
