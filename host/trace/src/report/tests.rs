use super::*;
use crate::run::{FileResult, Note, RunResult, SectionResult, Shown, Stopped, Token};
use crate::syntax::{Source, Span};
use std::sync::Arc;
use std::time::Duration;

/// A run with one section of each kind, a file that is no trace, and texts that want to break out.
fn a_run() -> RunResult {
    let text = "section 6.1 \"<a>\"\n< 0102 9000\n".into();
    let source = Arc::new(Source { path: "a \"&\".apdu".into(), text });
    let byte = |text: &str, differs| Token { text: text.into(), differs };
    let failure = Failure {
        place: Span { source, line: 2, from: 0, to: 6 },
        what: "the data is not \"what\" was <expected>: 1 of 2 bytes differ \u{1b}[31m]]>".into(),
        came: Some(Shown::of(vec![byte("01", false), byte("03", true)])),
        expected: Some(Shown::of(vec![byte("01", false), byte("02", true)])),
        command: Some((1, "00 CA 00 00 00  GET DATA".into())),
    };
    let failed = SectionResult {
        number: "6.1".into(),
        text: "<a> # SKIP \u{7}".into(),
        line: 1,
        failures: vec![failure],
        more_failures: 3,
        ..SectionResult::default()
    };
    let skipped = SectionResult {
        number: "6.2".into(),
        skipped: Some("it is not <real>".into()),
        ..SectionResult::default()
    };
    let notes = vec![Note { line: 9, text: "look".into() }];
    let passed = SectionResult { number: "6.3".into(), notes, ..SectionResult::default() };
    let sections = vec![failed, skipped, passed];
    let file = FileResult { path: "a \"&\".apdu".into(), sections, ..FileResult::default() };
    let why = "b.apdu:1:3: an odd number of digits\n    1 | > 00A\n      |   ^^^";
    let other =
        FileResult { path: "b.apdu".into(), unreadable: Some(why.into()), ..FileResult::default() };
    RunResult {
        target: "a \"reader\"".into(),
        files: vec![file, other],
        stopped: Some(Stopped::Target("the reader is gone".into())),
        took: Duration::from_millis(1_500),
    }
}

/// Whether a text has nothing that drives a terminal, colours of the report's own apart.
fn is_tame(text: &str) -> bool {
    let without =
        ["\u{1b}[1;31m", "\u{1b}[32m", "\u{1b}[33m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[0m"];
    let text = without.iter().fold(text.to_owned(), |text, colour| text.replace(colour, ""));
    text.chars().all(|c| c == '\n' || !c.is_control())
}

#[test]
fn people_see_the_line_and_the_differing_byte_under_it() {
    let text = text(&a_run(), false);
    assert!(is_tame(&text), "{text:?}");
    assert!(text.contains("a \"&\".apdu:2:1"), "{text}");
    assert!(text.contains("    2 | < 0102 9000\n            | ^^^^^^"), "{text}");
    let plain = text.replace("\u{1b}[1;31m", "").replace("\u{1b}[0m", "");
    assert!(plain.contains("came      01 03\n                     ^^\n"), "{plain}");
    assert!(plain.contains("expected  01 02\n                     ^^\n"), "{plain}");
    assert!(text.contains("\u{1b}[1;31m03\u{1b}[0m") && text.contains("line 9: look"), "{text}");
    assert!(text.contains("and 3 more failures") && text.contains("the reader is gone"), "{text}");
    assert!(
        text.ends_with(
            "4 sections in 2 files, a \"reader\": 1 passed, 2 failed, 1 skipped (1.5 s)\n"
        )
    );
}

#[test]
fn tap_has_a_point_for_each_section_and_no_directive_of_a_trace_s_own() {
    let tap = tap(&a_run());
    assert!(is_tame(&tap), "{tap:?}");
    let lines: Vec<_> = tap.lines().collect();
    assert_eq!(lines[..2], ["TAP version 14", "1..4"]);
    let points: Vec<_> = lines.iter().filter(|line| line.contains("ok ")).copied().collect();
    assert_eq!(points[0], "not ok 1 - a \"&\".apdu: 6.1 <a> \\# SKIP \u{FFFD}");
    assert_eq!(points[1], "ok 2 - a \"&\".apdu: 6.2 # SKIP it is not <real>");
    assert_eq!(points[2..], ["ok 3 - a \"&\".apdu: 6.3", "not ok 4 - b.apdu: is a trace"]);
    assert!(tap.contains("  ---\n  failures:\n    - \"a \\\"&\\\".apdu:2:1: the data is"), "{tap}");
    assert!(
        tap.contains("; sent: 00 CA 00 00 00  GET DATA; came: 01 03; expected: 01 02\"\n  ...\n"),
        "{tap}"
    );
    assert_eq!(lines.last(), Some(&"Bail out! the reader is gone"));
}

#[test]
fn junit_has_nothing_that_xml_does_not_take() {
    let xml = junit(&a_run());
    assert!(is_tame(&xml), "{xml:?}");
    assert!(!xml.contains("<a>") && !xml.contains("]]>") && !xml.contains("<expected>"), "{xml}");
    assert!(xml.contains("tests=\"4\" failures=\"2\" skipped=\"1\" time=\"1.500\""), "{xml}");
    assert!(xml.contains("failures=\"1\" errors=\"0\" skipped=\"1\""), "{xml}");
    assert!(xml.contains("failures=\"0\" errors=\"1\" skipped=\"0\""), "{xml}");
    assert!(xml.contains("<error message=\"the reader is gone\"/>"), "{xml}");
}

#[test]
fn json_says_it_all() {
    let json = json(&a_run());
    assert_eq!(
        (&json["passed"], &json["failed"], &json["skipped"]),
        (&1.into(), &2.into(), &1.into())
    );
    let section = &json["files"][0]["sections"][0];
    assert_eq!(section["verdict"], "failed");
    let failure = &section["failures"][0];
    assert_eq!((&failure["line"], &failure["column"]), (&2.into(), &1.into()));
    assert_eq!((&failure["came"], &failure["expected"]), (&"01 03".into(), &"01 02".into()));
    assert_eq!(json["files"][1]["verdict"], "failed");
    assert_eq!(json["stopped"], "the reader is gone");
}
