//! A sale as a trace: recorded over PC/SC from the real terminal, run again on a fresh card, and
//! made again with a fresh card and center of the same names.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use saifu_host::embedded::TEST_PIN;
use saifu_tests::repeating::{self, Serving};
use saifu_tests::shop::{Anything, REAL_WORKS, RealWork, Shop};
use saifu_tests::stage::{Programs, Ran, Running};
use saifu_trace::syntax::{Source, format, parse};
use serde_json::Value;

const WITHIN: Duration = Duration::from_secs(240);

/// Registers, loads, buys, pays, fetches and acknowledges: all that a sale is.
const SALE: &str = r#""$0" register && "$0" buy "$1" --output "$2" --yes"#;

/// What of a recording is drawn outside card and center: when it was, and the challenge of the
/// terminal to the card, which has its own chance.
const TERMINALS_OWN: &str = "> INTERNAL AUTHENTICATE ";

/// Makes a center and a card of this name, sells the card a work, and gives the recording.
fn record(name: &str, work: &RealWork) -> Result<String, Anything> {
    let folder = tempfile::tempdir()?;
    let here = folder.path();
    let shop = Shop::of(repeating::center(&here.join("center"), name)?, here)?;
    shop.publish(work)?;
    let serving = Serving::start(Arc::clone(&shop.center))?;
    let terminal = Programs::find()?.terminal;
    let (file, bought) = (here.join("sale.apdu"), here.join("bought"));
    let mut saifu = Command::new(&terminal);
    saifu.args(["trace", "record", "--seed", name, "--output"]).arg(&file);
    saifu.args(["--", "sh", "-c", SALE]).arg(&terminal).arg(work.title).arg(&bought);
    saifu.env("SAIFU_DATA", here.join("terminal")).env("SAIFU_PIN", TEST_PIN);
    saifu.env("SAIFU_CARD", "pcsc").env("SAIFU_CENTER", serving.url());
    Running::start(&mut saifu)?.wait(WITHIN)?.good()?;
    assert_eq!(fs::read(&bought)?, work.read()?, "what was bought is the work");
    let books = shop.findings()?;
    assert!(books.is_empty(), "{books:?}");
    Ok(fs::read_to_string(&file)?)
}

/// One recording for all tests.
fn sale() -> &'static str {
    static SALE: OnceLock<String> = OnceLock::new();
    SALE.get_or_init(|| record("sale", &REAL_WORKS[2]).unwrap_or_else(|error| panic!("{error}")))
}

/// The same with each line whole, whatever its length.
fn whole_lines() -> String {
    let joined: Vec<_> = sale().split("\\\n").collect();
    let tails = joined.iter().skip(1).map(|line| line.trim_start());
    joined[0].to_owned() + &tails.collect::<String>()
}

/// Runs a trace on a virtual card in the process, which is told the PIN.
fn run(trace: &str, pin: &str) -> (Ran, Value) {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), trace);
    let mut saifu = Command::new(Programs::find().unwrap().terminal);
    saifu.args(["trace", "run", "--json", "--set", &format!("pin=\"{pin}\"")]).arg(file);
    saifu.env_remove("SAIFU_PIN");
    let ran = Running::start(&mut saifu).unwrap().wait(WITHIN).unwrap();
    let json = serde_json::from_str(&ran.out).unwrap_or(Value::Null);
    (ran, json)
}

fn written(folder: &Path, trace: &str) -> PathBuf {
    let file = folder.join("sale.apdu");
    fs::write(&file, trace).unwrap();
    file
}

/// The recording without what is drawn outside card and center.
fn comparable(trace: &str) -> Vec<&str> {
    let mut lines = trace.lines();
    assert!(lines.next().is_some_and(|first| first.starts_with("# recorded 20")));
    let mut kept = Vec::new();
    let mut is_theirs = false;
    for line in lines {
        // Its answer, and what goes on in further lines, belong to a command.
        is_theirs = line.starts_with(TERMINALS_OWN)
            || (is_theirs && (line.starts_with('<') || line.starts_with(' ')));
        if !is_theirs {
            kept.push(line);
        }
    }
    kept
}

#[test]
fn the_same_sale_of_the_same_names_is_the_same_trace() {
    let again = record("sale", &REAL_WORKS[2]).unwrap();
    let (first, again) = (comparable(sale()), comparable(&again));
    for (line, (first, again)) in first.iter().zip(&again).enumerate() {
        assert_eq!(first, again, "line {line} of what is compared");
    }
    assert_eq!(first.len(), again.len());
}

#[test]
fn a_sale_of_another_name_is_another_trace() {
    let other = record("another", &REAL_WORKS[2]).unwrap();
    assert_ne!(comparable(sale()), comparable(&other));
}

#[test]
fn a_recording_has_no_secret_and_the_settled_form() {
    let work = REAL_WORKS[2].read().unwrap();
    let pin = hex::encode_upper(TEST_PIN);
    let digits: String = whole_lines().chars().filter(|c| !c.is_whitespace()).collect();
    assert!(!digits.contains(&format!("0020008104{pin}")) && sale().contains("> VERIFY $pin\n"));
    assert!(!digits.contains(&hex::encode_upper(&work[1_000..1_032])), "a part of the work");
    let source = Source { path: "sale.apdu".into(), text: sale().to_owned() };
    let trace = parse(Arc::new(source)).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    let settled = format(&trace);
    for (line, settled) in sale().lines().zip(settled.lines()) {
        assert_eq!(line, settled);
    }
    assert_eq!(sale().lines().count(), settled.lines().count());
}

#[test]
fn a_recorded_sale_runs_green_on_a_fresh_card_of_the_same_seed() {
    let (ran, json) = run(sale(), TEST_PIN);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    assert_eq!(json["failed"], 0, "{json:#}");
}

/// The trace with one hexadecimal digit changed, of the last byte before the end of the first
/// line that begins so, its status word left alone.
fn with_a_changed_byte(trace: &str, beginning: &str, from_end: usize) -> String {
    let at = trace.find(&format!("\n{beginning}")).expect("such a line") + 1;
    let end = at + trace[at..].find('\n').expect("its end") - from_end;
    let digit = if trace.as_bytes()[end - 1] == b'0' { "1" } else { "0" };
    [&trace[..end - 1], digit, &trace[end..]].concat()
}

#[test]
fn one_changed_byte_turns_a_recorded_sale_red() {
    for (beginning, from_end, what) in [
        ("< 53 54 4B 4E", " 9000".len(), "the token"),
        ("expect sha256($work2)", 0, "the work"),
        ("> CREDIT", 0, "the signature of the credit"),
        ("> DECRYPT", 0, "the tag of a segment"),
        ("atr ", 0, "the answer to reset"),
    ] {
        let (ran, json) = run(&with_a_changed_byte(&whole_lines(), beginning, from_end), TEST_PIN);
        assert_eq!(ran.code, Some(1), "{what}: {}{}", ran.out, ran.err);
        assert!(json["failed"].as_u64() > Some(0), "{what}: {json:#}");
    }
}

#[test]
fn a_card_of_another_seed_or_with_another_pin_turns_a_recorded_sale_red() {
    let other = sale().replace("card test seed=\"sale\"", "card test seed=\"another\"");
    assert_ne!(other, sale());
    let (ran, _) = run(&other, TEST_PIN);
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    let (ran, _) = run(sale(), "9999");
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
}
