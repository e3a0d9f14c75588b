//! `saifu-center log`: what operators did.

use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::output::Output;
use crate::operators::audit_log::{Entry, list, verify};
use crate::refusal::Result;

/// The entries that are read at once.
const PAGE: u32 = 1_000;

/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_millis(500);

#[derive(Args)]
pub(super) struct Log {
    /// Only after this entry
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    after: u64,
    /// Go on as operators act, until interrupted
    #[arg(long)]
    follow: bool,
    /// Read the whole chain and say whether it holds, and the hash of its last entry
    #[arg(long, conflicts_with_all = ["follow", "after"])]
    verify: bool,
}

/// What came of reading the chain, as it is told.
#[derive(Serialize)]
struct Told {
    entries: u64,
    head: String,
    finding: Option<String>,
}

pub(super) fn run(folder: &Path, asked: &Log, output: &Output) -> Result<ExitCode> {
    if asked.verify {
        return check(folder, output);
    }
    let mut after = asked.after;
    loop {
        let entries = list(folder, after, PAGE)?;
        if let Some(last) = entries.last() {
            after = last.n;
            output.say(&entries, |entries| entries.iter().map(line).collect())?;
        } else if asked.follow {
            thread::sleep(PAUSE);
        } else {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

fn check(folder: &Path, output: &Output) -> Result<ExitCode> {
    let verified = verify(folder)?;
    let told = Told { entries: verified.entries, head: verified.head, finding: verified.finding };
    output.say(&told, |told| match &told.finding {
        Some(finding) => format!("wrong: {finding}\n{} entries before it hold", told.entries),
        None => format!("the chain holds: {} entries, the last one {}", told.entries, told.head),
    })?;
    Ok(if told.finding.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn line(entry: &Entry) -> String {
    let Entry { n, time, who, what, on, outcome, .. } = entry;
    let on = if on.is_empty() { String::new() } else { format!(" [{on}]") };
    format!("{n} {time} {who}: {what}{on}: {outcome}\n")
}
