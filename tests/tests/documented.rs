//! The tables in `tests/README.md`, of the mission's parts and claims and of the attack catalogue,
//! have every row, and name tests that exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use saifu_tests::attacks::{ALL, SECTIONS};

/// What begins the catalogue; the other table comes before it.
const CATALOGUE: &str = "## The attack catalogue";

/// Where the catalogue is played on a center.
const ON_A_CENTER: &str = "center/tests/it/attacks";

/// The rows of the mission's tables: those about the card, then those about the center.
const MISSION: [&str; 37] = [
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
    "1",
    "step 0",
    "ST1 to ST3",
    "ST5 to ST9",
    "ST12",
    "claim 2",
    "claims 13, 24",
    "claims 14, 23",
    "production",
    "revocation",
    "funding",
    "replacement",
    "audit",
    "backup",
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
fn every_part_and_claim_is_listed_once_with_a_test() {
    let text = readme();
    let (mission, _) = text.split_once(CATALOGUE).expect("the catalogue");
    let listed: Vec<_> = rows(mission).into_iter().map(|(id, _)| id).collect();
    assert_eq!(listed, MISSION);
    for (id, cell) in rows(mission) {
        assert!(tests(cell).count() > 0, "{id} has no test");
    }
}

#[test]
fn every_row_of_the_catalogue_is_listed_once_with_a_test() {
    let text = readme();
    let (_, catalogue) = text.split_once(CATALOGUE).expect("the catalogue");
    let listed: Vec<_> = rows(catalogue).into_iter().map(|(id, _)| id.to_owned()).collect();
    let expected: Vec<_> = SECTIONS
        .iter()
        .flat_map(|(name, _, count)| (1..=*count).map(move |row| format!("{name}{row}")))
        .collect();
    assert_eq!(listed, expected);
    for (id, cell) in rows(catalogue) {
        assert!(tests(cell).count() > 0, "{id} has no test");
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

/// The rows that the name of a test begins with: `pa7_pa17_a_center` is of PA7 and PA17.
fn rows_of(name: &str) -> impl Iterator<Item = String> {
    let is_row = |part: &&str| {
        let (section, number) = part.split_at(part.len().min(2));
        let is_section = SECTIONS.iter().any(|(name, ..)| name.eq_ignore_ascii_case(section));
        is_section && number.parse::<u8>().is_ok()
    };
    name.split('_').take_while(is_row).map(str::to_uppercase)
}

/// The tests of a source.
fn named(source: &str) -> impl Iterator<Item = &str> {
    source.split("#[test]\nfn ").skip(1).filter_map(|rest| Some(rest.split_once('(')?.0))
}

#[test]
fn every_attack_on_a_center_is_named_after_its_rows_and_listed_there() {
    let text = readme();
    let (_, catalogue) = text.split_once(CATALOGUE).expect("the catalogue");
    let cells: BTreeMap<_, _> = rows(catalogue).into_iter().collect();
    let files = fs::read_dir(root().join(ON_A_CENTER)).expect("the attacks on a center");
    let mut count = 0;
    for path in files.map(|file| file.expect("a file").path()) {
        let file = format!("{ON_A_CENTER}/{}", path.file_name().unwrap_or_default().display());
        let source = fs::read_to_string(&path).expect("a source");
        for name in named(&source) {
            assert!(rows_of(name).next().is_some(), "{name} in {file} is of no row");
            for row in rows_of(name) {
                let cell = cells.get(row.as_str()).copied().unwrap_or_default();
                assert!(tests(cell).any(|test| test == (name, &file)), "{name} is not at {row}");
            }
            count += 1;
        }
    }
    assert!(count > 60, "only {count} attacks: looked in the wrong folder");
}

#[test]
fn every_section_of_the_catalogue_is_played_on_a_center() {
    let text = readme();
    let (_, catalogue) = text.split_once(CATALOGUE).expect("the catalogue");
    for (section, ..) in SECTIONS {
        let of = rows(catalogue).into_iter().filter(|(id, _)| id.starts_with(section));
        let center = of.flat_map(|(_, cell)| tests(cell)).filter(|(_, f)| f.starts_with("center/"));
        assert!(center.count() > 0, "{section} has no test of a center");
    }
}

#[test]
fn rows_are_read_from_the_beginning_of_a_name_alone() {
    let of = |name| rows_of(name).collect::<Vec<_>>();
    assert_eq!(of("pa7_pa17_a_center_and_cr1"), ["PA7", "PA17"]);
    assert_eq!(of("a_pa7"), [""; 0]);
    assert_eq!(
        named("#[test]\nfn one() {}\n#[test]\nfn two() {}").collect::<Vec<_>>(),
        ["one", "two"]
    );
}

#[test]
fn a_test_that_does_not_exist_is_found() {
    let planted = "| AP1 | a class | `ap1_nobody_wrote_it` (tests/README.md) |";
    assert_eq!(missing(planted), ["ap1_nobody_wrote_it in tests/README.md"]);
}
