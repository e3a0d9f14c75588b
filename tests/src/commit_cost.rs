//! What a commit costs, in instructions, on a card that holds 10 licences and on one that holds
//! 10,000: `make commit-cost`.
//!
//! Both cards are prepared natively and saved. A process under callgrind then takes one up and
//! carries out commits as DEBIT makes them, another twice as many; the difference is the commits',
//! without loading and power-up. Whole commands are counted, too, for information.

mod prepared;
mod work;

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::shop::Anything;
use crate::stage::Running;
use prepared::Prepared;
use work::Work;
pub use work::answer_for_work;

/// The argument with which this program works on a prepared card, to be counted.
pub const WORK: &str = "work";

/// The licences that the two cards hold.
const LICENCES: [u64; 2] = [10, 10_000];

/// The commits of the shorter run.
const COMMITS: u64 = 16;

/// The commands that are counted.
const COMMANDS: u64 = 2;

/// How long one counted process may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// Instructions of one commit and of whole commands on one card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Costs {
    commit: u64,
    debit: u64,
    load: u64,
}

/// What both cards' commits cost, in instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitCost {
    few: u64,
    many: u64,
}

impl CommitCost {
    /// The most that the card with many licences may cost, as a ratio.
    pub const MOST: f64 = 1.3;

    /// How many times as much as on the card with few licences a commit costs.
    pub fn ratio(&self) -> f64 {
        ratio(self.few, self.many)
    }

    /// Whether the ratio is within its limit.
    pub fn is_good(&self) -> bool {
        self.ratio() <= Self::MOST
    }
}

impl fmt::Display for CommitCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { few, many } = self;
        let [fewer, more] = LICENCES;
        let (ratio, most) = (self.ratio(), Self::MOST);
        write!(f, "commit-cost: {few} instructions with {fewer} licences, ")?;
        write!(f, "{many} with {more}, ratio {ratio:.3} (limit {most})")
    }
}

/// Counts on both cards, and prints what it counts; `program` is one that calls
/// [`answer_for_work`] when it is given [`WORK`].
///
/// # Errors
/// There is no valgrind; a card cannot be prepared; a command is refused.
pub fn run(program: &Path) -> Result<CommitCost, Anything> {
    let folder = tempfile::tempdir()?;
    let counts = thread::scope(|scope| {
        let card = |licences: u64| {
            let file = folder.path().join(licences.to_string());
            scope.spawn(move || count_on(licences, &file, program).map_err(|e| e.to_string()))
        };
        LICENCES.map(card).map(|thread| thread.join().map_err(|_| "a count panicked".into()))
    });
    let [few, many] = counts.map(|count: Result<_, Anything>| Ok::<Costs, Anything>(count??));
    let (few, many) = (few?, many?);
    tell("a commit", few.commit, many.commit);
    tell("VERIFY and DEBIT", few.debit, many.debit);
    tell("LOAD LICENCE", few.load, many.load);
    Ok(CommitCost { few: few.commit, many: many.commit })
}

fn tell(what: &str, few: u64, many: u64) {
    println!("{what:<16} {few:>12} {many:>12}   ratio {:.3}", ratio(few, many));
}

fn ratio(few: u64, many: u64) -> f64 {
    many as f64 / few as f64
}

fn count_on(licences: u64, file: &Path, program: &Path) -> Result<Costs, Anything> {
    Prepared::make(licences, COMMANDS)?.save(file)?;
    let count = |work, times| instructions(program, work, times, file);
    let (once, twice) = (count(Work::Commits, COMMITS)?, count(Work::Commits, 2 * COMMITS)?);
    let idle = count(Work::Debits, 0)?;
    let each = |all: u64, without: u64, times: u64| {
        all.checked_sub(without).map(|more| more / times).ok_or("more work costs less")
    };
    Ok(Costs {
        commit: each(twice, once, COMMITS)?,
        debit: each(count(Work::Debits, COMMANDS)?, idle, COMMANDS)?,
        load: each(count(Work::Loads, COMMANDS)?, idle, COMMANDS)?,
    })
}

/// Does the work in a process under callgrind; gives the instructions of the whole process.
fn instructions(program: &Path, work: Work, times: u64, card: &Path) -> Result<u64, Anything> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program);
    command.args([WORK, work.name(), &times.to_string()]).arg(card);
    let started = Running::start(&mut command).map_err(|error| {
        format!("valgrind does not start: {error}; scripts/setup test installs it")
    })?;
    let ran = started.wait(PATIENCE)?;
    let said = ran.err.clone();
    ran.good()?;
    let collected = said.lines().find_map(|line| line.split_once("Collected : "));
    let (_, count) = collected.ok_or_else(|| format!("callgrind gives no count:\n{said}"))?;
    Ok(count.trim().parse()?)
}

/// Reads the arguments after [`WORK`].
fn arguments(arguments: &[String]) -> Result<(Work, u64, PathBuf), Anything> {
    match arguments {
        [work, times, card] => {
            Ok((Work::named(work).ok_or("no such work")?, times.parse()?, card.into()))
        }
        _ => Err("three arguments: the work, how often, the card".into()),
    }
}
