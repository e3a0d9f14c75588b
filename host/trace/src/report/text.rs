//! The report for people.

use super::{counted, plain};
use crate::run::{Counts, Failure, FileResult, RunResult, SectionResult, Shown, Stopped, Verdict};
use std::fmt::Write;
use std::time::Duration;

const RED: &str = "\u{1b}[1;31m";
const GREEN: &str = "\u{1b}[32m";
const YELLOW: &str = "\u{1b}[33m";
const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const END: &str = "\u{1b}[0m";

/// How many bytes stand in a line.
const BYTES_A_LINE: usize = 24;
/// What stands before them.
const INDENT: &str = "                  ";

/// Every file with what failed or was skipped in it, and the sum; with every section where
/// `verbose`. In colours, which whoever writes it to something other than a terminal takes out.
#[must_use]
pub fn text(run: &RunResult, verbose: bool) -> String {
    let mut out = String::new();
    for file in &run.files {
        file_text(&mut out, file, verbose);
    }
    if let Some(Stopped::Target(why)) = &run.stopped {
        let _ = writeln!(out, "{RED}the run ended early:{END} {}", plain(why));
    }
    match run.stopped {
        Some(Stopped::Failure) => out.push_str("the run ended at the first failure, as asked\n"),
        Some(Stopped::Interrupted) => out.push_str("the run was interrupted\n"),
        _ => {}
    }
    let _ = writeln!(out, "{}", summary(run));
    out
}

/// The sum in one line, without colours.
#[must_use]
pub fn summary(run: &RunResult) -> String {
    let Counts { passed, failed, skipped } = run.counts();
    let files = counted(run.files.len() as u64, "file");
    let took = time(run.took);
    let sections = counted(passed + failed + skipped, "section");
    format!(
        "{sections} in {files}, {}: {passed} passed, {failed} failed, \
         {skipped} skipped ({took})",
        plain(&run.target)
    )
}

fn file_text(out: &mut String, file: &FileResult, verbose: bool) {
    let Counts { passed, failed, skipped } = file.counts();
    let (colour, word) = word(file.verdict());
    let title = file.title.as_deref().map(plain).unwrap_or_default();
    let path = plain(&file.path.display().to_string());
    let _ = write!(out, "{colour}{word}{END}  {BOLD}{path}{END}");
    if !title.is_empty() {
        let _ = write!(out, "  {title}");
    }
    if file.unreadable.is_some() {
        let _ = writeln!(out, "  {DIM}is no trace{END}");
    } else {
        let _ = write!(out, "  {DIM}{passed} passed");
        for (count, word) in [(failed, "failed"), (skipped, "skipped")] {
            if count > 0 {
                let _ = write!(out, ", {count} {word}");
            }
        }
        let _ = writeln!(out, "{END}");
    }
    if let Some(why) = &file.unreadable {
        for line in why.lines() {
            let _ = writeln!(out, "      {}", plain(line));
        }
    }
    let tells = |section: &&SectionResult| {
        verbose
            || section.verdict() != Verdict::Passed
            || !section.notes.is_empty()
            || !section.unchecked.is_empty()
    };
    file.sections.iter().filter(tells).for_each(|section| section_text(out, section));
}

fn section_text(out: &mut String, section: &SectionResult) {
    let (colour, word) = word(section.verdict());
    let (name, took) = (plain(&section.name()), time(section.took));
    let (checks, commands) =
        (counted(section.checks, "check"), counted(section.commands, "command"));
    let _ = writeln!(out, "  {colour}{word}{END}  {name}  {DIM}{checks}, {commands}, {took}{END}");
    if let Some(why) = &section.skipped {
        let _ = writeln!(out, "        skipped: {}", plain(why));
    }
    for note in &section.notes {
        let _ = writeln!(out, "        line {}: {}", note.line, plain(&note.text));
    }
    for note in &section.unchecked {
        let _ = writeln!(out, "        line {} not looked at: {}", note.line, plain(&note.text));
    }
    section.failures.iter().for_each(|failure| failure_text(out, failure));
    if section.more_failures > 0 {
        let more = counted(section.more_failures, "more failure");
        let _ = writeln!(out, "        and {more}");
    }
}

fn failure_text(out: &mut String, failure: &Failure) {
    let (place, what) = (plain(&failure.place.place()), plain(&failure.what));
    let _ = writeln!(out, "      {RED}{place}{END}: {what}");
    for line in failure.place.excerpt().lines() {
        let _ = writeln!(out, "      {}", plain(line));
    }
    if let Some((line, command)) = &failure.command {
        let _ = writeln!(out, "        sent      {}  {DIM}line {line}{END}", plain(command));
    }
    for (called, shown) in [("came", &failure.came), ("expected", &failure.expected)] {
        if let Some(shown) = shown {
            let _ = write!(out, "        {called:<8}  ");
            shown_text(out, shown);
        }
    }
}

/// Pieces in lines, those that differ in red and underlined by carets.
fn shown_text(out: &mut String, shown: &Shown) {
    if shown.tokens.is_empty() {
        out.push_str("nothing\n");
        return;
    }
    if shown.before > 0 {
        let _ = write!(out, "({} before)\n{INDENT}", shown.before);
    }
    for (number, row) in shown.tokens.chunks(BYTES_A_LINE).enumerate() {
        if number > 0 {
            out.push_str(INDENT);
        }
        let mut carets = String::new();
        for token in row {
            let text = plain(&token.text);
            let (begin, end) = if token.differs { (RED, END) } else { ("", "") };
            let _ = write!(out, "{begin}{text}{end} ");
            let mark = if token.differs { "^" } else { " " };
            carets += &mark.repeat(text.chars().count());
            carets.push(' ');
        }
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
        let carets = carets.trim_end();
        let is_all_one_word = shown.tokens.len() == 1;
        if !carets.is_empty() && !is_all_one_word {
            let _ = writeln!(out, "{INDENT}{carets}");
        }
    }
    if shown.after > 0 {
        let _ = writeln!(out, "{INDENT}({} more)", shown.after);
    }
}

fn word(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Passed => (GREEN, "ok  "),
        Verdict::Failed => (RED, "FAIL"),
        Verdict::Skipped => (YELLOW, "skip"),
    }
}

/// Milliseconds, from a tenth of a second on seconds.
fn time(took: Duration) -> String {
    if took < Duration::from_millis(100) {
        return format!("{:.1} ms", took.as_secs_f64() * 1_000.0);
    }
    format!("{:.1} s", took.as_secs_f64())
}
