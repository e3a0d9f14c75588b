//! The demonstration itself, which checks all that it tells, and the order in which it tells it.

use std::process::Command;

use saifu_tests::secrets::known;
use saifu_tests::shop::REAL_WORKS;

/// The signs of the steps that follow a line, up to the next empty one, each once: a sign that
/// comes again at once is one step in two lines.
fn signs<'a>(told: &'a str, from: &str) -> Vec<&'a str> {
    let (_, after) = told.split_once(from).unwrap_or_else(|| panic!("nothing is told of {from}"));
    let lines = after.lines().skip(1).take_while(|line| !line.is_empty());
    let first = lines.filter_map(|line| line.split_whitespace().next());
    let mut signs: Vec<_> = first.filter(|word| word.starts_with("ST")).collect();
    signs.dedup();
    signs
}

#[test]
fn three_real_works_are_sold_in_twelve_steps_and_all_value_is_accounted() {
    let ran = Command::new(env!("CARGO_BIN_EXE_demo")).output().unwrap();
    let told = String::from_utf8(ran.stdout).unwrap();
    let errors = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{told}{errors}");
    for canary in known::programs(&REAL_WORKS).unwrap() {
        assert!(!canary.is_in(told.as_bytes()) && !canary.is_in(errors.as_bytes()));
    }
    let registered = signs(&told, "registers three real works.");
    assert_eq!(registered, ["ST1", "ST2", "ST3"].repeat(3), "{told}");
    assert_eq!(signs(&told, "The terminal meets the card"), ["ST4"], "{told}");
    let before = ["ST5", "ST6", "ST8", "ST9", "ST10"];
    let paid_first = ["ST11", "ST7", "ST8", "ST9", "ST10", "ST12"];
    let decrypted_first = ["ST7", "ST8", "ST9", "ST10", "ST11", "ST12"];
    for (title, rest) in [
        ("\"Seeding\" by", paid_first),
        ("\"Inaugural address (excerpt)\" by", decrypted_first),
        ("\"Alice's Adventures in Wonderland\" by", paid_first),
    ] {
        assert_eq!(signs(&told, title), [&before[..], &rest].concat(), "{title}: {told}");
    }
}
