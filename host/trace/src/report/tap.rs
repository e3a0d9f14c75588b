//! TAP version 14: a test point a section.

use super::{line, plain};
use crate::run::{Counts, RunResult, SectionResult, Stopped, Verdict};
use std::fmt::Write;

/// The report: a point a section, failures as a YAML block behind it.
#[must_use]
pub fn tap(run: &RunResult) -> String {
    let Counts { passed, failed, skipped } = run.counts();
    let mut out = format!("TAP version 14\n1..{}\n", passed + failed + skipped);
    let mut number = 0_u64;
    for file in &run.files {
        let path = file.path.display().to_string();
        if let Some(why) = &file.unreadable {
            number += 1;
            let _ = writeln!(out, "not ok {number} - {}: is a trace", words(&path));
            block(&mut out, why.lines().map(plain));
        }
        for section in &file.sections {
            number += 1;
            let name = format!("{}: {}", words(&path), words(&section.name()));
            point(&mut out, number, &name, section);
        }
    }
    if let Some(why) = run.stopped.as_ref().and_then(Stopped::why) {
        let _ = writeln!(out, "Bail out! {}", plain(why));
    }
    out
}

fn point(out: &mut String, number: u64, name: &str, section: &SectionResult) {
    match section.verdict() {
        Verdict::Passed => {
            let _ = writeln!(out, "ok {number} - {name}");
        }
        Verdict::Skipped => {
            let why = plain(section.skipped.as_deref().unwrap_or_default());
            let _ = writeln!(out, "ok {number} - {name} # SKIP {why}");
        }
        Verdict::Failed => {
            let _ = writeln!(out, "not ok {number} - {name}");
            block(out, section.failures.iter().map(line));
        }
    }
}

/// A YAML block with lines of text.
fn block(out: &mut String, lines: impl Iterator<Item = String>) {
    out.push_str("  ---\n  failures:\n");
    for line in lines {
        let line = line.replace('\\', "\\\\").replace('"', "\\\"");
        let _ = writeln!(out, "    - \"{line}\"");
    }
    out.push_str("  ...\n");
}

/// A text in which no directive begins.
fn words(text: &str) -> String {
    plain(text).replace('\\', "\\\\").replace('#', "\\#")
}
