//! `make iso7816`: the ISO 7816-4 suite (`tests/iso7816`) on four cards, each through a pcscd of
//! its own: the Saifu applet, Nitrokey's OpenPGP and PIV cards in our runtime, and Debian's card.
//!
//! It tells where each deviates, and fails where ours does, or where another does otherwise than
//! the suite's README says: a new deviation is noticed, and one that is gone, too.

mod cards;
mod deviations;
mod revived;
mod run;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use cards::Card;
use deviations::{Listed, complaints};
use run::{Found, Saifu};

type Anything = Box<dyn std::error::Error + Send + Sync>;

/// Said of a thread that ended so.
const PANICKED: &str = "a thread of the suite panicked";
/// So many lines of what came are told of a section.
const LINES: usize = 3;
const SUITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/iso7816");

fn main() -> ExitCode {
    match suite(SUITE.as_ref()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("iso7816: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the suite on all cards at once; whether all came as it should.
fn suite(suite: &Path) -> Result<bool, Anything> {
    let saifu = Saifu::at(program()?)?;
    let listed = Listed::read(&suite.join("README.md"))?;
    let found = thread::scope(|scope| {
        let each = |card: Card| {
            scope.spawn({
                let saifu = &saifu;
                move || saifu.run(card, suite)
            })
        };
        let running = Card::ALL.map(each);
        running.map(|card| card.join().map_err(|_| PANICKED)?)
    });
    let found = found.into_iter().collect::<Result<Vec<_>, Anything>>()?;
    found.iter().for_each(tell);
    let complaints = complaints(&listed, &found);
    complaints.iter().for_each(|complaint| println!("{complaint}"));
    println!("{}", last_line(&found)?);
    Ok(complaints.is_empty())
}

/// `saifu`, which is built beside this program.
fn program() -> Result<PathBuf, Anything> {
    let own = env::current_exe()?;
    Ok(own.parent().ok_or("this program is nowhere")?.join("saifu"))
}

fn tell(found: &Found) {
    let (card, passed, skipped) = (found.card.name(), found.passed, found.skipped);
    let deviates = found.deviations.len();
    println!("{card}: {passed} sections passed, {skipped} skipped, {deviates} deviate");
    for deviation in &found.deviations {
        println!("  {} {}", deviation.section, deviation.text);
        deviation.lines.iter().take(LINES).for_each(|line| println!("      {line}"));
        if let Some(more @ 1..) = deviation.lines.len().checked_sub(LINES) {
            println!("      and {more} more");
        }
    }
}

fn last_line(found: &[Found]) -> Result<String, Anything> {
    let sections = found.first().ok_or("no card")?.sections();
    if let Some(other) = found.iter().find(|other| other.sections() != sections) {
        let (name, others) = (other.card.name(), other.sections());
        return Err(format!("{name} was asked {others} sections, and not {sections}").into());
    }
    let count = |one: &Found| match (one.card, one.deviations.len()) {
        (Card::Ours, number) => format!("{} {number} deviations", one.card.name()),
        (_, number) => format!("{} {number}", one.card.name()),
    };
    let counts: Vec<_> = found.iter().map(count).collect();
    Ok(format!("iso7816: {} cards, {sections} sections each; {}", found.len(), counts.join(", ")))
}
