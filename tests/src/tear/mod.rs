//! Power that fails, everywhere: `make tear`.
//!
//! Each command that writes is played in several situations (a [`Case`]). Power is cut once at
//! each of its writes, with everything that a cut may leave of that write, and once more at each
//! write of the recovery from that. Then
//!
//! - the card is exactly as before the command or as after it, by all it can be asked ([`Seen`]);
//! - whatever was answered is done, and a PIN that was compared has cost its try;
//! - all value is where it must be: in balances, holds and tokens, purse by purse;
//! - the command given again ends as it does with power;
//! - no outside memory of earlier, whole or with one object among the current ones, is taken for
//!   the right one, and the right one revives the card.
//!
//! Nothing is random: a cut is told by the command's name and its write, and can be played again.
//! A [`Plant`] is a machine that writes in a wrong order; the campaign must see each.

mod case;
mod cases;
mod cuts;
mod guesses;
mod plant;
mod play;
mod put_back;
mod record;
mod report;
mod seen;
mod world;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

pub use case::Case;
pub use cuts::Size;
pub use guesses::guess;
pub use plant::Plant;
pub use report::{Report, Row};
pub use seen::{Answer, Seen, Sums, View};

use play::Play;

/// How many commands are played side by side.
const WORKERS: usize = 2;

/// Every command in every situation; the cards are made once.
#[must_use]
pub fn all_cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    let make = || in_parallel(cases::FAMILIES, |family, _| family()).into_iter().flatten();
    CASES.get_or_init(|| make().collect())
}

/// Those whose name begins so.
#[must_use]
pub fn cases_named(name: &str) -> Vec<Case> {
    all_cases().iter().filter(|case| case.name.starts_with(name)).cloned().collect()
}

/// Plays cases, on a machine with a fault if one is planted, and tells of each as it ends.
#[must_use]
pub fn run(
    cases: &[Case],
    plant: Option<Plant>,
    size: Size,
    tell: &(dyn Fn(&Row) + Sync),
) -> Report {
    let said = Mutex::new(());
    let rows = in_parallel(cases, |case, index| {
        let row = Play::run(case, plant, size, index);
        let _one_at_a_time = said.lock().unwrap_or_else(PoisonError::into_inner);
        tell(&row);
        row
    });
    Report { rows }
}

/// Does something with each of a list on [`WORKERS`] threads; the results in the list's order.
fn in_parallel<T: Sync, R: Send>(list: &[T], work: impl Fn(&T, usize) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let worker = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = list.get(index) else { break };
            let result = work(item, index);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
        }
    };
    thread::scope(|scope| (0..WORKERS).for_each(|_| drop(scope.spawn(worker))));
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
