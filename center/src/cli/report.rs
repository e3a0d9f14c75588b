//! `saifu-center status` and `check`, and what is said of the books everywhere.

use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use super::output::{Output, table};
use super::work::all;
use crate::center::Center;
use crate::clock::rfc3339;
use crate::ledger::{Books, KindSums, reconcile};
use crate::money;
use crate::refusal::Result;
use crate::store::EvidenceRow;

/// The most pieces of evidence that are told one by one.
const MAX_EVIDENCE: u32 = 100;

/// Where the value of one kind and unit is.
#[derive(Serialize)]
pub(super) struct Value {
    kind: &'static str,
    unit: String,
    issued: i64,
    unapplied: i64,
    cards: i64,
    settled: i64,
    suspense: i64,
    expired: i64,
    redeemed: i64,
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
pub(super) fn evidence_findings(center: &Center, books: &Books) -> Result<Vec<String>> {
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

pub(super) fn exit_code(findings: &[String]) -> ExitCode {
    if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

pub(super) fn findings_text(findings: &[String]) -> String {
    if findings.is_empty() {
        return "all value is accounted: balances + settled + suspense + expired + redeemed = issued - \
                unapplied\n"
            .into();
    }
    let lines = findings.iter().map(|finding| format!("wrong: {finding}\n"));
    lines.collect::<String>() + "keep the folder as it is and turn to whoever audits the center\n"
}

pub(super) fn values(kinds: &[KindSums]) -> Vec<Value> {
    let value = |sums: &KindSums| Value {
        kind: money::kind_name(sums.kind),
        unit: sums.unit.to_string(),
        issued: sums.issued,
        unapplied: sums.unapplied,
        cards: sums.cards,
        settled: sums.settled,
        suspense: sums.suspense,
        expired: sums.expired,
        redeemed: sums.redeemed,
    };
    kinds.iter().map(value).collect()
}

pub(super) fn value_table(values: &[Value]) -> String {
    if values.is_empty() {
        return String::new();
    }
    let row = |value: &Value| {
        let amounts = [
            value.issued,
            value.unapplied,
            value.cards,
            value.settled,
            value.suspense,
            value.expired,
            value.redeemed,
        ];
        let mut cells = vec![value.kind.to_owned(), value.unit.clone()];
        cells.extend(amounts.map(|amount| amount.to_string()));
        cells.try_into().expect("a row has as many cells as a head")
    };
    let rows: Vec<[String; 9]> = values.iter().map(row).collect();
    let mut text = "\n".to_owned();
    let head = [
        "kind",
        "unit",
        "issued",
        "unapplied",
        "cards",
        "settled",
        "suspense",
        "expired",
        "redeemed",
    ];
    text.push_str(&table(head, std::array::from_fn(|column| column > 1), &rows));
    text
}
