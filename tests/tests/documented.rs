//! The table of the attack catalogue in `tests/README.md` has every row, and names tests that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use saifu_tests::attacks::{ALL, SECTIONS};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The table's rows: the row's id, and its cell of tests.
fn rows(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .filter_map(|line| {
            let (id, rest) = line.strip_prefix("| ")?.split_once(" | ")?;
            let (_, tests) = rest.strip_suffix(" |")?.rsplit_once(" | ")?;
            id.ends_with(|last: char| last.is_ascii_digit()).then_some((id, tests))
        })
        .collect()
}

/// The tests that a cell names, each with its file.
fn tests(cell: &str) -> impl Iterator<Item = (&str, &str)> {
    cell.split('`').skip(1).step_by(2).zip(cell.split(['(', ')']).skip(1).step_by(2))
}

/// What is named and not there.
fn missing(text: &str) -> Vec<String> {
    let named = rows(text).into_iter().flat_map(|(_, cell)| tests(cell));
    let is_missing = |(name, file): &(&str, &str)| {
        let source = fs::read_to_string(root().join(file)).unwrap_or_default();
        !source.contains(&format!("fn {name}("))
    };
    named.filter(is_missing).map(|(name, file)| format!("{name} in {file}")).collect()
}

fn readme() -> String {
    fs::read_to_string(root().join("tests/README.md")).expect("the table")
}

#[test]
fn every_row_of_the_catalogue_is_listed_once_with_a_test_or_as_the_centers_alone() {
    let text = readme();
    let listed: Vec<_> = rows(&text).into_iter().map(|(id, _)| id.to_owned()).collect();
    let expected: Vec<_> = SECTIONS
        .iter()
        .flat_map(|(name, _, count)| (1..=*count).map(move |row| format!("{name}{row}")))
        .collect();
    assert_eq!(listed, expected);
    for (id, cell) in rows(&text) {
        assert!(tests(cell).count() > 0 || cell == "the center alone", "{id} has no test");
    }
}

#[test]
fn every_test_that_is_listed_exists() {
    assert_eq!(missing(&readme()), [""; 0]);
}

#[test]
fn every_attack_is_listed() {
    let text = readme();
    let listed: BTreeSet<_> =
        rows(&text).into_iter().flat_map(|(_, cell)| tests(cell)).map(|(name, _)| name).collect();
    for attack in ALL {
        assert!(listed.contains(attack.name), "{} is not listed", attack.name);
    }
}

#[test]
fn a_test_that_does_not_exist_is_found() {
    let planted = "| AP1 | a class | `ap1_nobody_wrote_it` (tests/README.md) |";
    assert_eq!(missing(planted), ["ap1_nobody_wrote_it in tests/README.md"]);
}
