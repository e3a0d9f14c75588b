//! `saifu trace check` and `saifu trace fmt`, as they are typed.

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const SETTLED: &str = "> SELECT F053  # here\nsw 6A82\n";

/// Runs `saifu trace` in a folder, with something on standard input.
fn trace(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_saifu"))
        .arg("trace")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn mistakes_are_told_with_file_line_and_caret_and_end_with_1() {
    let here = folder(&[
        ("good.apdu", SETTLED),
        ("bad.apdu", "reset\n> SELCT F0\n< 9O00\n"),
        ("worse.apdu", "> 00 $x\nfault dorp@3\nrequire fault\n"),
        ("_part.apdu", "sw 9000\n> $given\n"),
    ]);
    let found = trace(here.path(), &["check", "good.apdu", "_part.apdu"], "");
    assert_eq!((found.status.code(), out(&found).as_str()), (Some(0), "2 traces, no mistake\n"));
    let found = trace(here.path(), &["check", "."], "");
    let told = out(&found);
    assert_eq!(found.status.code(), Some(1), "{told}");
    assert!(
        told.contains(
            "bad.apdu:2:3: no command is called `SELCT`\n    2 | > SELCT F0\n      |   ^^^^^\n"
        ),
        "{told}"
    );
    assert!(
        told.contains("bad.apdu:3:3: ") && told.contains("worse.apdu:1:6: `$x` has no value"),
        "{told}"
    );
    assert!(told.contains("worse.apdu:3:9: `fault` is no capability"), "{told}");
    let is_fault_told = told.contains("worse.apdu:2:7: this is no fault");
    assert_eq!(is_fault_told, cfg!(feature = "embedded"), "{told}");
    assert!(String::from_utf8_lossy(&found.stderr).contains("in 4 traces"));
}

#[test]
fn mistakes_are_told_to_programs() {
    let here = folder(&[]);
    let found = trace(here.path(), &["check", "--json", "-"], "note \"é\" x\n");
    assert_eq!(found.status.code(), Some(1));
    let told: Value = serde_json::from_str(&out(&found)).unwrap();
    let wrong = &told["mistakes"][0];
    assert_eq!((wrong["file"].as_str(), wrong["line"].as_u64()), (Some("-"), Some(1)));
    assert_eq!((wrong["column"].as_u64(), wrong["end"].as_u64()), (Some(10), Some(11)));
    assert_eq!(wrong["expected"], "the end of the line");
    assert_eq!(told["error"]["exit"], 1);
    let found = trace(here.path(), &["check", "--json", "-"], SETTLED);
    let told: Value = serde_json::from_str(&out(&found)).unwrap();
    assert_eq!(
        (told["traces"].as_u64(), told["mistakes"].as_array().map(Vec::len)),
        (Some(1), Some(0))
    );
}

#[test]
fn variables_that_a_run_is_given_are_known() {
    let here = folder(&[("a.apdu", "> 00 $x\n")]);
    assert_eq!(trace(here.path(), &["check", "a.apdu"], "").status.code(), Some(1));
    assert_eq!(trace(here.path(), &["check", "a.apdu", "--set", "x"], "").status.code(), Some(0));
}

#[test]
fn traces_are_settled_in_their_place_and_those_that_cannot_be_read_stay() {
    let here = folder(&[("a.apdu", ">SELECT f053 # here\n\n\nsw  6a82"), ("b.apdu", "> SELCT\n")]);
    let file = |name: &str| fs::read_to_string(here.path().join(name)).unwrap();
    let written = file("a.apdu");
    let found = trace(here.path(), &["fmt", "--check", "a.apdu"], "");
    assert_eq!((found.status.code(), out(&found).as_str()), (Some(1), "not settled: a.apdu\n"));
    assert_eq!(file("a.apdu"), written);
    let found = trace(here.path(), &["fmt", "."], "");
    assert_eq!((found.status.code(), out(&found).as_str()), (Some(1), "settled: ./a.apdu\n"));
    assert!(String::from_utf8_lossy(&found.stderr).contains("b.apdu:1:3: no command is called"));
    assert_eq!(file("a.apdu"), SETTLED.replace("\nsw", "\n\nsw"));
    assert_eq!(file("b.apdu"), "> SELCT\n");
    let found = trace(here.path(), &["fmt", "--check", "a.apdu"], "");
    assert_eq!((found.status.code(), out(&found).as_str()), (Some(0), ""));
    let names: Vec<_> =
        fs::read_dir(here.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn standard_input_is_settled_onto_standard_output() {
    let here = folder(&[]);
    let found = trace(here.path(), &["fmt", "-"], ">SELECT f053 # here\nsw 6a82");
    assert_eq!((found.status.code(), out(&found).as_str()), (Some(0), SETTLED));
    let found = trace(here.path(), &["fmt", "-"], "rest\n");
    assert_eq!((found.status.code(), out(&found).as_str()), (Some(1), ""));
    assert!(String::from_utf8_lossy(&found.stderr).contains("did you mean `reset`?"));
}

#[test]
fn what_is_not_there_is_told() {
    let here = folder(&[]);
    let found = trace(here.path(), &["check", "no such file"], "");
    assert_eq!(found.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&found.stderr).contains("no such file: "));
    for arguments in [&["check"][..], &["fmt"], &["check", "."]] {
        assert_eq!(trace(here.path(), arguments, "").status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn names_of_commands_are_listed() {
    let here = folder(&[]);
    let found = trace(here.path(), &["commands", "00A4"], "");
    let told = out(&found);
    assert!(
        told.contains("SELECT") && told.contains("00A40400") && told.lines().count() == 2,
        "{told}"
    );
    assert_eq!(trace(here.path(), &["commands", "frobnicate"], "").status.code(), Some(1));
}

/// `TRACES.md`: its trace as it stands there, and that it fails once a status word is another.
#[test]
#[cfg(feature = "embedded")]
fn the_introductions_trace_runs_as_it_stands() {
    let introduction = include_str!("../trace/TRACES.md");
    let (_, from) = introduction.split_once("```text\n").unwrap();
    let (text, _) = from.split_once("```").unwrap();
    let here = folder(&[("first.apdu", text)]);
    for arguments in [["check", "first.apdu"], ["fmt", "first.apdu"], ["run", "first.apdu"]] {
        let done = trace(here.path(), &arguments, "");
        let told = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(0), "{arguments:?}\n{}{told}", out(&done));
    }
    assert_eq!(fs::read_to_string(here.path().join("first.apdu")).unwrap(), text);
    let wrong = folder(&[("first.apdu", &text.replace("sw 63C2", "sw 63C1"))]);
    let done = trace(wrong.path(), &["run", "first.apdu"], "");
    assert_eq!(done.status.code(), Some(1), "{}", out(&done));
}

#[cfg(all(feature = "embedded", target_os = "linux"))]
#[test]
fn a_mock_tells_every_mistake_of_what_is_no_trace() {
    let folder = folder(&[("a.apdu", "> 00 A4 0\ntitel \"x\"\n")]);
    let ran = trace(folder.path(), &["mock", "a.apdu", "--", "true"], "");
    let told = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(2), "{told}");
    assert!(told.contains("    1 | > 00 A4 0\n") && told.contains("a.apdu:2:1"), "{told}");
    assert!(told.contains("saifu: a.apdu: 2 mistakes\n"), "{told}");
}
