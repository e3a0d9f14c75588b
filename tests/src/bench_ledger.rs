//! What settling a payment and the first page of a statement cost with few sales in the books and
//! with many, `make bench-ledger`.
//!
//! Two stores are built with the schema and the rows of production, which differ in nothing but
//! how many sales they have. Then, in one run and taking turns, each settles fresh tokens through
//! the store's own operation, commit included, and answers statements. What counts is the ratio of
//! the medians: it must stay below [`MOST`], for a shop's books only grow.

mod build;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use saifu_center::ledger::StatementAsked;
use saifu_center::store::sqlite::Sqlite;
use saifu_center::store::{StatementStore, TokenStore, Verdict};
use saifu_wire::signed::Outcome;
use tempfile::TempDir;

use self::build::{Built, LINES_PER_PAGE, NOW, RECEIPT_BYTES};
use crate::shop::Anything;

/// The most that many sales may cost, as a multiple of few.
pub const MOST: f64 = 1.5;

const FEW: u64 = 1_000;
const MANY: u64 = 1_000_000;

/// How often each is measured.
const TIMES: u64 = 400;

/// Rounds before anything counts.
const WARMING: u64 = 40;

/// What was measured, the medians of few and of many.
pub struct Cost {
    settling: [Duration; 2],
    statement: [Duration; 2],
}

impl Cost {
    /// Whether many sales cost little more than few.
    pub fn is_good(&self) -> bool {
        ratio(self.settling) <= MOST && ratio(self.statement) <= MOST
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, [few, many]) in [("settling", self.settling), ("statement", self.statement)] {
            writeln!(out, "{what}: {few:?} with {FEW} sales, {many:?} with {MANY}")?;
        }
        let (settling, statement) = (ratio(self.settling), ratio(self.statement));
        write!(out, "bench-ledger: settling x{settling:.2}, statement x{statement:.2}")
    }
}

fn ratio([few, many]: [Duration; 2]) -> f64 {
    many.as_secs_f64() / few.as_secs_f64()
}

/// A store, and what is to be settled in it.
struct Bench {
    store: Sqlite,
    built: Built,
    /// Removed with the bench.
    _folder: TempDir,
}

/// Builds both stores and measures them.
///
/// # Errors
/// The stores cannot be built (some 5 GB are needed for a while), or fail.
pub fn run() -> Result<Cost, Anything> {
    let benches = [bench(FEW)?, bench(MANY)?];
    let mut settling = [Vec::new(), Vec::new()];
    let mut statement = [Vec::new(), Vec::new()];
    for turn in 0..WARMING + TIMES {
        for (at, bench) in benches.iter().enumerate() {
            let settled = settle(bench, turn)?;
            let read = page(bench, turn)?;
            if turn >= WARMING {
                settling[at].push(settled);
                statement[at].push(read);
            }
        }
    }
    Ok(Cost { settling: settling.map(median), statement: statement.map(median) })
}

fn bench(sales: u64) -> Result<Bench, Anything> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("center.sqlite3");
    let began = Instant::now();
    let built = build::build(&file, sales, WARMING + TIMES)?;
    println!("{sales} sales are in the books after {:.1?}", began.elapsed());
    Ok(Bench { store: Sqlite::open(&file)?, built, _folder: folder })
}

fn settle(bench: &Bench, turn: u64) -> Result<Duration, Anything> {
    let token = bench.built.token(turn);
    let amount = token.amount.cast_signed();
    let began = Instant::now();
    let judge = Box::new(move |facts: saifu_center::store::SettleFacts| {
        assert!(facts.order.is_some() && !facts.settled && facts.spendable >= amount);
        let (outcome, receipt) = (Outcome::Settled, vec![0; RECEIPT_BYTES]);
        Ok(Verdict::Booked { outcome, reason: "", receipt, proves: None })
    });
    bench.store.settle(Arc::new(token), NOW, judge)?;
    Ok(began.elapsed())
}

fn page(bench: &Bench, turn: u64) -> Result<Duration, Anything> {
    let (kind, unit) = (build::KIND, build::unit());
    let shop = build::shop(turn);
    let limit = LINES_PER_PAGE;
    let asked = StatementAsked { shop, kind, unit, from: 1, to: None, after: 0, limit };
    let began = Instant::now();
    let statement = bench.store.statement(asked)?;
    let took = began.elapsed();
    assert_eq!(statement.lines.len(), limit as usize, "a whole page of shop {shop}");
    Ok(took)
}

fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations[durations.len() / 2]
}

#[cfg(test)]
mod tests {
    use saifu_center::store::BookStore;

    use super::*;

    fn cost(settling: u64, statement: u64) -> Cost {
        let few = Duration::from_micros(100);
        Cost {
            settling: [few, Duration::from_micros(settling)],
            statement: [few, Duration::from_micros(statement)],
        }
    }

    #[test]
    fn dear_settling_and_dear_statements_fail_and_the_last_line_says_both() {
        assert!(cost(149, 90).is_good());
        assert!(!cost(152, 90).is_good() && !cost(90, 152).is_good());
        let said = cost(120, 95).to_string();
        assert!(said.ends_with("\nbench-ledger: settling x1.20, statement x0.95"), "{said}");
    }

    #[test]
    fn a_store_that_is_built_settles_and_tells_as_the_centers_own() {
        let bench = bench(FEW).unwrap();
        for turn in 0..30 {
            settle(&bench, turn).unwrap();
            page(&bench, turn).unwrap();
        }
        let sales = bench.store.sales(0, 10_000).unwrap();
        assert_eq!(sales.len() as u64, FEW + 30);
        let books = bench.store.books().unwrap();
        assert_eq!(books.purses, [], "what is noted of a purse is what the ledger says");
    }
}
