//! The suite of traces shows all of `apdu-spec.md`, in process and through pcscd alike; and what
//! is missing is told by name.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn conformance(folder: Option<&Path>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_conformance")).args(folder).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn every_trace_passes_in_process_and_through_pcscd_and_all_of_the_specification_is_shown() {
    let output = conformance(None);
    let said = said(&output);
    let last = said.lines().last().unwrap_or_default().to_owned();
    let numbers: Vec<&str> = last.split(' ').filter(|word| word.parse::<u32>().is_ok()).collect();
    let [traces, passed, percent] = numbers[..] else { panic!("{said}") };
    assert_eq!(
        last,
        format!("conformance: {traces} traces, {passed} passed; spec coverage {percent} %")
    );
    assert_eq!((traces, percent), (passed, "100"), "{said}");
    assert!(output.status.success(), "{said}");
}

#[test]
fn what_no_trace_shows_is_named_and_fails_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let trace = "section 6.1 \"SELECT\"\n> SELECT F0 53 41 49 46 55 01\nsw 9000\n";
    fs::write(folder.path().join("select.apdu"), trace).unwrap();
    let output = conformance(Some(folder.path()));
    let said = said(&output);
    assert!(said.contains("missing: 80 38 of §6.14"), "{said}");
    assert!(said.contains("missing: 6A82 of §6.1"), "{said}");
    assert!(said.ends_with(" 1 traces, 1 passed; spec coverage 0 %\n"), "{said}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_trace_that_fails_fails_the_run_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let trace = "section 6.1 \"SELECT\"\n> SELECT F0 53 41 49 46 55 01\nsw 6A82\n";
    fs::write(folder.path().join("select.apdu"), trace).unwrap();
    let output = conformance(Some(folder.path()));
    let said = said(&output);
    assert!(said.contains("select.apdu:3:1"), "{said}");
    assert!(said.contains("1 traces, 0 passed"), "{said}");
    assert_eq!(output.status.code(), Some(1));
}
