//! `make attacks`: plays every attack of the catalogue that reaches a card through its contacts
//! or its outside memory; with the beginning of a name only those: `attacks pa3`.

use std::env;
use std::process::ExitCode;

use saifu_tests::attacks::{ALL, Attack, SECTIONS, Tally, play_all};

fn main() -> ExitCode {
    let name = env::args().nth(1).unwrap_or_default();
    let attacks: Vec<_> = ALL.iter().filter(|attack| attack.name.starts_with(&name)).collect();
    if attacks.is_empty() {
        eprintln!("attacks: no attack's name begins with '{name}'; without a name, all are played");
        return ExitCode::FAILURE;
    }
    let tallies = play_all(&attacks, &|attack, tally| {
        tally.failures().iter().for_each(|failure| eprintln!("{}: {failure}", attack.name));
    });
    let played: Vec<_> = attacks.into_iter().zip(&tallies).collect();
    SECTIONS.iter().for_each(|section| tell_section(&played, *section));
    end(&played)
}

/// Prints each row of a section with its cases.
fn tell_section(played: &[(&Attack, &Tally)], (name, title, rows): (&str, &str, u8)) {
    let rows: Vec<_> = (1..=rows).map(|number| format!("{name}{number}")).collect();
    let of_row = |row: &String| {
        let first = |attack: &Attack| attack.rows().next().as_ref() == Some(row);
        let mut cases = [0; 2];
        for (_, tally) in played.iter().filter(|(attack, _)| first(attack)) {
            cases[0] += tally.refused_cases() + tally.failed_cases();
            cases[1] += tally.accepted_cases();
        }
        cases
    };
    let counted: Vec<_> = rows.iter().map(|row| (row, of_row(row))).collect();
    let counted: Vec<_> = counted.into_iter().filter(|(_, cases)| *cases != [0; 2]).collect();
    if counted.is_empty() {
        return;
    }
    let cases: u64 = counted.iter().map(|(_, [refused, _])| refused).sum();
    println!("{name} {title}: {cases} cases");
    for (row, [refused, accepted]) in counted {
        println!("  {row:5} {refused:8} to be refused, {accepted:6} to be answered");
    }
}

/// Prints the end, and what was not refused as documented.
fn end(played: &[(&Attack, &Tally)]) -> ExitCode {
    let sum = |count: fn(&Tally) -> u64| played.iter().map(|(_, tally)| count(tally)).sum::<u64>();
    let (refused, failed) = (sum(Tally::refused_cases), sum(Tally::failed_cases));
    for (attack, tally) in played.iter().filter(|(_, tally)| tally.failed_cases() > 0) {
        println!("NOT REFUSED: {}: {} cases", attack.name, tally.failed_cases());
        tally.failures().iter().for_each(|failure| println!("  {failure}"));
    }
    println!("attacks: {} cases, {refused} refused as documented", refused + failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
