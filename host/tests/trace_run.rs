//! `saifu trace run`, run as a user runs it, on virtual cards.
#![cfg(feature = "embedded")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

const GOOD: &str = "title \"A card\"\nsection 1 \"select\"\n> SELECT F0534149465501\n\
                    < 6F [1] 84 07 F0534149465501 [*] 9000\nsection 2 \"id\"\n\
                    > SELECT F0534149465501\n> GET DATA p1=DF p2=01\n< id:[16] 9000\n\
                    > VERIFY p2=81 $pin\n";

/// What a run of the program came to.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(ran: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: ran.status.code().unwrap(), out: text(&ran.stdout), err: text(&ran.stderr) }
    }

    /// Checks the exit code and that the output has these in it, in this order.
    #[track_caller]
    fn told(&self, code: i32, says: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        let mut rest = self.out.as_str();
        for part in says {
            let Some((_, after)) = rest.split_once(part) else {
                panic!("{part:?} is missing in\n{}\n{}", self.out, self.err);
            };
            rest = after;
        }
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn of(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().unwrap())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_saifu"));
        command.args(["trace", "run"]).args(arguments).current_dir(self.0.path());
        command.env_remove("SAIFU_PIN");
        command
    }
}

/// Runs one trace and expects it to fail.
#[track_caller]
fn broken(trace: &str, says: &[&str]) {
    let ran = Folder::of(&[("a.apdu", trace)]).run(&["a.apdu"]);
    ran.told(1, says);
    assert!(ran.err.contains("1 of 1 section failed"), "{ran:?}");
}

#[test]
fn a_trace_that_holds_ends_with_0() {
    let folder = Folder::of(&[("a.apdu", GOOD), ("_b.apdu", "> 00 00 00 00\n"), ("c.txt", "no\n")]);
    let ran = folder.run(&["."]);
    ran.told(
        0,
        &["ok", "a.apdu", "A card", "2 sections in 1 file, in process: 2 passed, 0 failed"],
    );
    assert_eq!(ran.err, "");
    assert!(!ran.out.contains('\u{1b}'), "colours are for terminals: {ran:?}");
}

#[test]
fn a_wrong_byte_is_told_with_line_and_place() {
    broken(
        "> SELECT F0534149465501\n< 6F [1] 84 07 F0534149465502 [*] 9000\n",
        &[
            "a.apdu:2:1",
            "1 of 33 bytes differ",
            "2 | < 6F",
            "came",
            "55 01 A5",
            "^^",
            "55 02 [*]",
            "^^",
        ],
    );
}

#[test]
fn a_wrong_status_word_is_told_with_what_it_means() {
    broken(
        "> SELECT 0102\nsw 9000\n",
        &[
            "a.apdu:2:1: the status word is 6A82 (no application",
            "SELECT",
            "6A82",
            "expected  9000",
        ],
    );
}

#[test]
fn a_missing_capture_is_told_with_the_line_that_should_have_made_it() {
    broken(
        "> SELECT 0102\n< 6F id:[16] 9000\n> INTERNAL AUTHENTICATE $id\n",
        &["a.apdu:2:1", "a.apdu:3:1: $id has no value: it should have been captured at a.apdu:2"],
    );
}

#[test]
fn a_wrong_length_a_missing_object_and_a_lost_answer_are_told() {
    broken(
        "> SELECT F0534149465501\nlength 5 to 9\n",
        &["a.apdu:2:1: the data has 33 bytes", "came      33 bytes", "expected  5 to 9 bytes"],
    );
    broken(
        "> SELECT F0534149465501\ntlv 6F/A5/99\n",
        &["a.apdu:2:1: there is no 99 in 6F/A5, which holds 80 81 82 7F66", "expected  6F/A5/99"],
    );
    broken(
        "fault drop\n> SELECT F0534149465501\nsw 9000\n",
        &["a.apdu:3:1: the answer was lost", "came      no answer came", "expected  an answer"],
    );
}

#[test]
fn what_is_no_trace_ends_with_2_and_the_others_run() {
    let folder = Folder::of(&[("a.apdu", "> 00 A4 0\n"), ("b.apdu", GOOD)]);
    let ran = folder.run(&["."]);
    ran.told(2, &["FAIL", "a.apdu:1:", "^", "ok", "b.apdu", "2 passed, 1 failed"]);
    assert!(ran.err.contains("saifu trace check"), "{ran:?}");
    assert_eq!(folder.run(&["nowhere.apdu"]).code, 2);
    assert_eq!(folder.run(&["a.apdu", "--on", "nowhere"]).code, 2);
    assert_eq!(folder.run(&["a.apdu", "--set", "pin=1"]).code, 2);
}

#[test]
fn a_trace_comes_from_standard_input_too() {
    let folder = Folder::of(&[("a.apdu", GOOD), ("b.apdu", "> 00 A4 0\n")]);
    for (name, code, says) in [("a.apdu", 0, "2 passed"), ("b.apdu", 2, "-:1:")] {
        let mut command = folder.command(&["-"]);
        command.stdin(fs::File::open(folder.path(name)).unwrap());
        Ran::of(&command.output().unwrap()).told(code, &[says]);
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_tells_what_there_is_and_ends_as_shells_have_it() {
    let long = "section 1 \"a\"\n> SELECT F0534149465501\nwait 60000 ms\nsection 2 \"b\"\n";
    let folder = Folder::of(&[("a.apdu", GOOD), ("b.apdu", long), ("c.apdu", GOOD)]);
    let mut command = folder.command(&[".", "--verbose", "--tap", "t"]);
    let mut running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(running.stderr.take().unwrap()).lines();
    assert!(told.any(|line| line.unwrap().contains("b.apdu")), "it came so far");
    assert!(told.any(|line| line.unwrap().starts_with("< 6F")), "it waits");
    let id = running.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let ran = Ran::of(&running.wait_with_output().unwrap());
    ran.told(130, &["a.apdu", "2 passed", "b.apdu", "interrupted at line", "was interrupted"]);
    assert!(!ran.out.contains("c.apdu"), "{ran:?}");
    let tap = fs::read_to_string(folder.path("t")).unwrap();
    assert!(tap.ends_with("Bail out! interrupted\n"), "{tap}");
}

#[test]
fn a_reader_that_is_not_there_ends_with_3() {
    let folder = Folder::of(&[("a.apdu", GOOD)]);
    let ran = folder.run(&["a.apdu", "--on", "reader:no such reader", "--card-timeout", "1"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("--on reader:NAME"), "{ran:?}");
}

#[test]
fn what_is_skipped_fails_only_where_that_was_asked_for() {
    let folder = Folder::of(&[("a.apdu", "section 1 \"a\"\nskip unless real\n> 00 00 00 00\n")]);
    folder.run(&["a.apdu"]).told(0, &["skip", "1 a", "in process is not real", "1 skipped"]);
    let strict = folder.run(&["a.apdu", "--strict"]);
    assert!(strict.code == 1 && strict.err.contains("--strict"), "{strict:?}");
}

#[test]
fn a_run_takes_variables_a_filter_and_an_end_and_lists_what_it_would_run() {
    let text = "section 1 \"one\"\n> SELECT $aid\nsection 2 \"two\"\n> SELECT 00\n";
    let folder = Folder::of(&[("a.apdu", text), ("b.apdu", GOOD)]);
    let set = ["a.apdu", "--set", "aid=F0534149465501", "--filter", "one"];
    folder.run(&set).told(0, &["1 section in 1 file"]);
    let first = folder.run(&[".", "--stop-at", "first"]);
    first.told(1, &["a.apdu:2:1: $aid has no value", "ended at the first failure", "1 section"]);
    folder.run(&[".", "--list"]).told(0, &["a.apdu\n  1 one\n  2 two\n", "b.apdu\n  1 select\n"]);
}

#[test]
fn a_pin_is_neither_in_reports_nor_in_what_is_told_of_each_command() {
    let text =
        "card test pin=\"73911937\"\n> SELECT F0534149465501\n> VERIFY p2=81 $pin\nsw 6A82\n";
    let folder = Folder::of(&[("a.apdu", text)]);
    for form in ["text", "json", "junit", "tap"] {
        let ran = folder.run(&["a.apdu", "--verbose", "--report", form]);
        assert_eq!(ran.code, 1, "{ran:?}");
        let all = ran.out + &ran.err;
        assert!(all.contains("VERIFY") && !all.contains("7391") && !all.contains("37 33"), "{all}");
    }
}

#[test]
fn reports_go_to_files_beside_what_is_printed() {
    let folder = Folder::of(&[("a.apdu", "section 1 \"a\"\n> SELECT 00\n"), ("b.apdu", GOOD)]);
    let files = ["--junit", "j.xml", "--tap", "t.tap", "--json-file", "r.json"];
    folder.run(&[&["."], &files[..]].concat()).told(1, &["FAIL", "a.apdu:2:1"]);
    let read = |name: &str| fs::read_to_string(folder.path(name)).unwrap();
    assert!(read("j.xml").contains("<testsuites name=\"in process\" tests=\"3\" failures=\"1\""));
    assert!(read("t.tap").starts_with("TAP version 14\n1..3\nnot ok 1 - "));
    let json: serde_json::Value = serde_json::from_str(&read("r.json")).unwrap();
    assert_eq!(json["files"][0]["sections"][0]["failures"][0]["line"], 2);
    let nowhere = folder.run(&["b.apdu", "--junit", "no/such/folder.xml"]);
    assert!(nowhere.code == 1 && nowhere.err.contains("no/such"), "{nowhere:?}");
}
