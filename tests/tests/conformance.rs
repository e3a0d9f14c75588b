//! The suite of traces shows all of `apdu-spec.md`, in process and through pcscd alike; and what
//! is missing is told by name.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use saifu_trace::run::CAPABILITIES;
use saifu_trace::syntax::{Outside, check, format, is_part, load, parse, read, traces_in};
use saifu_vsmartcard::faults::Fault;

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

#[test]
fn every_trace_has_its_settled_form_and_nothing_in_it_is_wrong_before_it_runs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("traces");
    let capabilities: Vec<&str> = CAPABILITIES.iter().map(|(word, _)| *word).collect();
    let fault = |text: &str| text.parse::<Fault>().map(drop).map_err(|error| error.to_string());
    let outside = Outside { variables: &[], fault: &fault, capabilities: &capabilities };
    for path in traces_in(&folder).unwrap() {
        let source = read(&path).unwrap();
        let settled = format(&parse(source.clone()).unwrap());
        assert!(settled == source.text, "saifu trace fmt {}", path.display());
        if !is_part(&path, &folder) {
            let wrong = check(&load(&path, &folder).unwrap(), &outside);
            assert!(wrong.is_empty(), "{}", wrong[0]);
        }
    }
}
