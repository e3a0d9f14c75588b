//! The tables in `tests/README.md`, of the mission's parts and claims and of the attack catalogue,
//! have every row, and name tests that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use saifu_tests::attacks::{ALL, SECTIONS};

/// What begins the catalogue; the other table comes before it.
const CATALOGUE: &str = "## The attack catalogue";

/// The rows of the mission's tables that are about the card.
const MISSION: [&str; 23] = [
    "6",
    "7",
    "8",
    "9",
    "10",
    "11",
    "12",
    "13",
    "14",
    "15",
    "16",
    "17",
    "keys",
    "claims 1, 6, 16",
    "claims 3, 4",
    "claim 5",
    "claims 7, 19",
    "claims 8, 21",
    "claim 9",
    "claims 10, 11, 12, 17, 18",
    "claim 15",
    "procedure 1",
    "procedure 2",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The rows of tables, without their heads: the row's id, and its cell of tests.
fn rows(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .filter_map(|line| {
            let (id, rest) = line.strip_prefix("| ")?.split_once(" | ")?;
            let (_, tests) = rest.strip_suffix(" |")?.rsplit_once(" | ")?;
            (tests != "tests").then_some((id, tests))
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
    fs::read_to_string(root().join("tests/README.md")).expect("the tables")
}

#[test]
fn every_part_and_claim_about_the_card_is_listed_once_with_a_test() {
    let text = readme();
    let (mission, _) = text.split_once(CATALOGUE).expect("the catalogue");
    let listed: Vec<_> = rows(mission).into_iter().map(|(id, _)| id).collect();
    assert_eq!(listed, MISSION);
    for (id, cell) in rows(mission) {
        assert!(tests(cell).count() > 0, "{id} has no test");
    }
}

#[test]
fn every_row_of_the_catalogue_is_listed_once_with_a_test_or_as_the_centers_alone() {
    let text = readme();
    let (_, catalogue) = text.split_once(CATALOGUE).expect("the catalogue");
    let listed: Vec<_> = rows(catalogue).into_iter().map(|(id, _)| id.to_owned()).collect();
    let expected: Vec<_> = SECTIONS
        .iter()
        .flat_map(|(name, _, count)| (1..=*count).map(move |row| format!("{name}{row}")))
        .collect();
    assert_eq!(listed, expected);
    for (id, cell) in rows(catalogue) {
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
