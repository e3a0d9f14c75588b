//! The report for scripts.
//!
//! ```text
//! { "target": text, "seconds": number, "stopped": text or null,
//!   "passed": n, "failed": n, "skipped": n,
//!   "files": [ { "path": text, "title": text or null, "verdict": "passed" | "failed" | "skipped",
//!                "unreadable": text or null, "seconds": number,
//!     "sections": [ { "number": text, "text": text, "line": n, "verdict": as above,
//!                     "checks": n, "commands": n, "seconds": number, "skipped": text or null,
//!                     "notes": [ { "line": n, "text": text } ], "unchecked": [ as notes ],
//!                     "more_failures": n,
//!       "failures": [ { "file": text, "line": n, "column": n, "what": text,
//!                       "came": text or null, "expected": text or null,
//!                       "command": text or null, "command_line": n or null } ] } ] } ] }
//! ```

use crate::run::{Counts, Failure, FileResult, Note, RunResult, SectionResult, Verdict};
use serde_json::{Value, json};

/// All of it, but for what was covered.
#[must_use]
pub fn json(run: &RunResult) -> Value {
    let Counts { passed, failed, skipped } = run.counts();
    let stopped = run.stopped.as_ref().map(|stopped| stopped.why().unwrap_or("the first failure"));
    json!({
        "target": run.target,
        "seconds": run.took.as_secs_f64(),
        "stopped": stopped,
        "passed": passed,
        "failed": failed,
        "skipped": skipped,
        "files": run.files.iter().map(file).collect::<Vec<_>>(),
    })
}

fn file(file: &FileResult) -> Value {
    json!({
        "path": file.path.display().to_string(),
        "title": file.title,
        "verdict": verdict(file.verdict()),
        "unreadable": file.unreadable,
        "seconds": file.took.as_secs_f64(),
        "sections": file.sections.iter().map(section).collect::<Vec<_>>(),
    })
}

fn section(section: &SectionResult) -> Value {
    json!({
        "number": section.number,
        "text": section.text,
        "line": section.line,
        "verdict": verdict(section.verdict()),
        "checks": section.checks,
        "commands": section.commands,
        "seconds": section.took.as_secs_f64(),
        "skipped": section.skipped,
        "notes": section.notes.iter().map(note).collect::<Vec<_>>(),
        "unchecked": section.unchecked.iter().map(note).collect::<Vec<_>>(),
        "more_failures": section.more_failures,
        "failures": section.failures.iter().map(failure).collect::<Vec<_>>(),
    })
}

fn note(note: &Note) -> Value {
    json!({ "line": note.line, "text": note.text })
}

fn failure(failure: &Failure) -> Value {
    json!({
        "file": failure.place.source.path.display().to_string(),
        "line": failure.place.line,
        "column": failure.place.column(),
        "what": failure.what,
        "came": failure.came.as_ref().map(|shown| shown.line()),
        "expected": failure.expected.as_ref().map(|shown| shown.line()),
        "command": failure.command.as_ref().map(|(_, command)| command),
        "command_line": failure.command.as_ref().map(|(line, _)| line),
    })
}

/// A verdict in a word.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::Failed => "failed",
        Verdict::Skipped => "skipped",
    }
}
