//! Ten cards that are pulled, and killed with all around them: `make card-storm`, reduced.
#![cfg(target_os = "linux")]

use std::path::Path;

use saifu_tests::card_storm::{self, Report, Size, Wrong};
use saifu_tests::settle_storm::seed;

fn storm(size: Size, faults: &[&str]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let host = Path::new(env!("CARGO_BIN_EXE_card-storm"));
    let report = card_storm::run(size, seed().unwrap(), host, folder.path(), faults);
    report.unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn however_often_cards_hosts_and_pcscds_are_killed_every_card_answers_and_is_what_it_was() {
    let size = Size::asked_for();
    let report = storm(size, &[]);
    let Size { cards, insertions, kills } = size;
    let said = format!(
        "card-storm: {cards} cards, {insertions} insertions, {kills} kills, 0 hangs, 0 wedged, \
        0 lost, 0 unanswered"
    );
    assert_eq!(report.to_string(), said, "{:#?}", report.seen);
    assert!(report.is_good(), "{:#?}", report.seen);
    let seen = &report.seen;
    assert!(seen.answered > 5 * insertions && seen.malformed > insertions, "{seen:#?}");
    assert!(seen.extended > insertions && !seen.errors.is_empty(), "no kill was felt: {seen:#?}");
}

/// What is found of one card whose answers have this fault.
fn found(fault: &str) -> Vec<Wrong> {
    let report = storm(Size { cards: 1, insertions: 2, kills: 0 }, &[fault]);
    assert!(!report.is_good(), "{fault}");
    report.seen.findings.iter().map(|(wrong, _)| *wrong).collect()
}

// A session begins with four commands; what a card does to the fifth, nobody else has done.
#[test]
fn a_card_that_goes_without_an_answer_is_found() {
    assert_eq!(found("reconnect@5"), [Wrong::Unanswered]);
}

#[test]
fn a_card_that_says_nothing_is_found_to_hang() {
    assert_eq!(found("drop@5"), [Wrong::Hang]);
}

// From the second on, each: one alone may meet a drawn command whose answer is nothing special.
#[test]
fn a_card_that_is_not_what_it_was_is_found() {
    assert_eq!(found("corrupt=0@2+:00CADF01"), [Wrong::Lost], "its id");
    assert_eq!(found("status=63C2@2+:0020"), [Wrong::Lost], "its PIN");
    assert_eq!(found("corrupt=3@2+:00CADF02"), [Wrong::Lost], "its tries");
}
