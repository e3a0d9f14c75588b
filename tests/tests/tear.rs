//! Power cut at every write of every command: a part of `make tear`; and that it sees whoever
//! writes in a wrong order.

use saifu_tests::tear::{self, Plant, Size};

/// A part that is large enough to see a wrong order, with one command.
const SOME: Size = Size { stride: 5, beginnings: 3, again: 3, only_write: None };

#[test]
fn wherever_power_fails_a_command_is_done_or_not_begun_and_all_value_is_there() {
    let size = Size::asked_for();
    let report = tear::run(tear::all_cases(), None, size, &|_| ());
    let told: Vec<_> = report.rows.iter().flat_map(|row| &row.violations).collect();
    assert!(told.is_empty(), "{told:#?}");
    assert!(report.rows.iter().all(|row| row.writes > 0 && row.cuts > 0), "{:#?}", report.rows);
    let least = if size == Size::FULL { 100_000 } else { 5_000 };
    assert!(report.cuts() >= least, "only {} cuts", report.cuts());
}

#[test]
fn pi2_whoever_takes_power_away_at_each_wrong_pin_gets_no_try_for_nothing() {
    let row = tear::guess();
    assert_eq!(row.violations, [""; 0]);
    assert!(row.cuts > 1_000, "only {} cuts", row.cuts);
}

/// Violations of commands whose name begins so, without a fault and with one.
fn seen(plant: Plant, name: &str) -> [usize; 2] {
    let cases = tear::cases_named(name);
    assert!(!cases.is_empty(), "no command is called {name}");
    [None, Some(plant)].map(|plant| tear::run(&cases, plant, SOME, &|_| ()).violations())
}

#[track_caller]
fn is_seen(plant: Plant, name: &str) {
    let [sound, planted] = seen(plant, name);
    assert_eq!(sound, 0, "{name} without a fault");
    assert!(planted > 0, "{plant:?} is not seen in {name}");
}

#[test]
fn a_slot_that_is_written_before_its_objects_is_seen() {
    is_seen(Plant::SlotFirst, "DEBIT, of all");
}

#[test]
fn an_old_root_that_goes_before_the_commit_point_is_seen() {
    is_seen(Plant::RemovesFirst, "DEBIT, of all");
}

#[test]
fn a_new_object_in_the_place_of_an_old_one_is_seen() {
    is_seen(Plant::InPlace, "DEBIT, of all");
}

#[test]
fn objects_that_are_never_synced_are_seen() {
    is_seen(Plant::NeverSyncs, "DEBIT, of all");
}

#[test]
fn a_try_that_is_not_yet_stored_when_a_pin_is_compared_is_seen() {
    is_seen(Plant::SlotLate, "VERIFY, wrong");
}

#[test]
fn a_current_slot_that_is_erased_before_the_other_is_written_is_seen() {
    is_seen(Plant::ErasesSlot, "DEBIT, of all");
}
