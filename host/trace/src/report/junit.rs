//! JUnit XML, as CI systems read it: a suite a file, a test case a section.

use super::{is_hidden, line};
use crate::run::{Counts, FileResult, RunResult, SectionResult, Stopped, Verdict};
use std::fmt::Write;
use std::time::Duration;

/// The report. A file that is no trace is a suite with one case in error; a run that broke off
/// is a suite more, with the reason.
#[must_use]
pub fn junit(run: &RunResult) -> String {
    let Counts { passed, failed, skipped } = run.counts();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        out,
        "<testsuites name=\"{}\" tests=\"{}\" failures=\"{failed}\" skipped=\"{skipped}\" \
         time=\"{}\">",
        escaped(&run.target),
        passed + failed + skipped,
        seconds(run.took)
    );
    for file in &run.files {
        suite(&mut out, file);
    }
    if let Some(why) = run.stopped.as_ref().and_then(Stopped::why) {
        let why = escaped(why);
        let _ = writeln!(
            out,
            "  <testsuite name=\"the run\" tests=\"1\" errors=\"1\"><testcase name=\"reaches its \
             end\" classname=\"the run\"><error message=\"{why}\"/></testcase></testsuite>"
        );
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(out: &mut String, file: &FileResult) {
    let path = escaped(&file.path.display().to_string());
    let Counts { passed, failed, skipped } = file.counts();
    let errors = u64::from(file.unreadable.is_some());
    let _ = writeln!(
        out,
        "  <testsuite name=\"{path}\" tests=\"{}\" failures=\"{}\" errors=\"{errors}\" \
         skipped=\"{skipped}\" time=\"{}\">",
        passed + failed + skipped,
        failed - errors,
        seconds(file.took)
    );
    if let Some(why) = &file.unreadable {
        let (first, all) = (escaped(why.lines().next().unwrap_or_default()), escaped(why));
        let _ = writeln!(
            out,
            "    <testcase name=\"is a trace\" classname=\"{path}\" file=\"{path}\">\n      <error \
             message=\"{first}\">{all}</error>\n    </testcase>"
        );
    }
    for section in &file.sections {
        case(out, section, &path);
    }
    out.push_str("  </testsuite>\n");
}

fn case(out: &mut String, section: &SectionResult, path: &str) {
    let (name, took) = (escaped(&section.name()), seconds(section.took));
    let _ = write!(
        out,
        "    <testcase name=\"{name}\" classname=\"{path}\" file=\"{path}\" line=\"{}\" \
         time=\"{took}\"",
        section.line
    );
    match section.verdict() {
        Verdict::Passed => out.push_str("/>\n"),
        Verdict::Skipped => {
            let why = escaped(section.skipped.as_deref().unwrap_or_default());
            let _ = writeln!(out, ">\n      <skipped message=\"{why}\"/>\n    </testcase>");
        }
        Verdict::Failed => {
            out.push_str(">\n");
            failures(out, section);
            out.push_str("    </testcase>\n");
        }
    }
}

/// One element, since readers differ in what they make of several: the first failure is its
/// message, all stand in it.
fn failures(out: &mut String, section: &SectionResult) {
    let first = section.failures.first().map(|failure| escaped(&failure.what));
    let _ = write!(out, "      <failure message=\"{}\">", first.unwrap_or_default());
    for failure in &section.failures {
        let _ = writeln!(out, "{}", escaped(&line(failure)));
    }
    if section.more_failures > 0 {
        let _ = writeln!(out, "and {} more", section.more_failures);
    }
    out.push_str("</failure>\n");
}

/// What may stand in an attribute and between tags; lines stay.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            c if is_hidden(c) => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

fn seconds(took: Duration) -> String {
    format!("{:.3}", took.as_secs_f64())
}
