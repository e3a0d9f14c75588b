//! `saifu-center audit`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::bar::Bar;
use super::output::{Output, table};
use crate::audit::{self, Asked, Finding, Gap, Line, Report};
use crate::clock::rfc3339;
use crate::parts;
use crate::refusal::Result;

#[derive(Args)]
pub(super) struct Audit {
    /// Audit this store instead of the center's own, such as one out of a backup
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// The issuer's root under which certificates are good, a file of `saifu-center issuer root`
    /// [default: the root of a test center]
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// The most findings, and the most gaps, that are told one by one
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
}

/// Audits the store of the center in `folder`, also while it serves.
pub(super) fn audit(folder: &Path, asked: &Audit, output: &Output) -> Result<ExitCode> {
    let keys = folder.join(parts::KEYS);
    let certificates = audit::certificates(&keys)?;
    let roots = match &asked.root {
        Some(root) => vec![super::pinned_root(&super::issuer::read(root)?)?],
        None => audit::roots(&keys)?,
    };
    let store = asked.store.clone().unwrap_or_else(|| folder.join(parts::STORE));
    let bar = Bar::new(output, "auditing");
    let limit = asked.limit;
    let asked = Asked { store: &store, certificates: &certificates, roots: &roots, limit };
    let report = audit::audit(&asked, &mut |done, all| bar.show(done, all))?;
    drop(bar);
    output.say(&report, text)?;
    Ok(if report.agrees() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn text(report: &Report) -> String {
    let mut text = format!(
        "{} accounts, {} links, {} payments and {} entries are read\n",
        report.accounts, report.links, report.tokens, report.entries
    );
    text.extend(report.findings.iter().map(finding));
    if report.more_findings() > 0 {
        text += &format!("wrong: {} more findings\n", report.more_findings());
    }
    text.extend(report.gaps.iter().map(gap));
    if report.more_gaps > 0 {
        text += &format!("missing: {} more gaps\n", report.more_gaps);
    }
    text += &told(report);
    text += &values(&report.value);
    text += match report.agrees() {
        true => "everything agrees with what is signed\n",
        false => "the books do NOT agree with what is signed: keep the folder as it is\n",
    };
    text
}

fn finding(finding: &Finding) -> String {
    format!("wrong: {}: {}\n", finding.rule.name(), finding.what)
}

fn gap(gap: &Gap) -> String {
    let runs: Vec<String> = gap.runs.iter().take(8).map(run).collect();
    let more = if gap.runs.len() > 8 { ", ..." } else { "" };
    let mut text =
        format!("missing: account {}: {} links: {}{more}", gap.account, gap.links, runs.join(", "));
    for purse in &gap.purses {
        text += &format!("; purse {}: {} {} not settled", purse.purse, purse.unsettled, purse.unit);
    }
    text + "\n"
}

fn run((first, last): &(u64, u64)) -> String {
    if first == last { first.to_string() } else { format!("{first} to {last}") }
}

/// What is no fault, and the owner should know.
fn told(report: &Report) -> String {
    let mut text = String::new();
    for (restored, backup) in &report.restores {
        let (restored, backup) = (rfc3339(*restored), rfc3339(*backup));
        text += &format!("restored: {restored}, from a backup of {backup}\n");
    }
    for (count, what) in [
        (report.cards_word, "credits are booked on a card's word"),
        (report.forgotten_orders, "settled payments are of orders that are not remembered"),
        (report.payloads_unseen, "payments are not checkable: their payload is not kept"),
        (report.evidence, "pieces of evidence are kept against cards"),
    ] {
        if count > 0 {
            text += &format!("told: {count} {what}\n");
        }
    }
    text
}

fn values(lines: &[Line]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let row = |line: &Line| {
        let amounts = [
            line.issued,
            line.unapplied,
            line.balances,
            line.holds,
            line.unsettled,
            line.settled,
            line.suspense,
            line.expired,
            line.redeemed,
        ];
        let [a, b, c, d, e, f, g, h, i] = amounts.map(|amount| amount.to_string());
        let agrees = if line.agrees { "yes" } else { "NO" };
        [line.kind_name(), line.unit.clone(), a, b, c, d, e, f, g, h, i, agrees.into()]
    };
    let head = [
        "kind",
        "unit",
        "issued",
        "unapplied",
        "balances",
        "holds",
        "unsettled",
        "settled",
        "suspense",
        "expired",
        "redeemed",
        "agrees",
    ];
    let right = [false, false, true, true, true, true, true, true, true, true, true, false];
    table(head, right, &lines.iter().map(row).collect::<Vec<_>>())
}
