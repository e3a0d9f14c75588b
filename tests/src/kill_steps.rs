//! A sale in which terminal, card and center are ended, each at each step.
//!
//! The three programs run as processes of their own and tell of each barrier: before and
//! after each line of the journal, each transaction of the center and each commit of the
//! card. At each of them, in a sale of its own, one of the three is ended with SIGKILL while
//! all stand still, and started again. Then `saifu resume` must end with one debit, one
//! settlement and the right file.

mod barriers;
mod case;
mod world;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use saifu_host::center::words;
use saifu_wire::signed::PaymentOrder;

use crate::shop::Anything;
use crate::stage::Programs;
use case::Case;
use world::World;

/// How many sales run side by side.
const WORKERS: usize = 3;

/// One of the three programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Program {
    Terminal,
    Card,
    Center,
}

/// A barrier of the sale: the how manieth it is, from 0, and who reaches it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Point {
    index: usize,
    program: Program,
    name: String,
}

/// Tries every point of a sale that is paid so, and prints each.
///
/// # Errors
/// A sale does not recover, or the programs cannot be run.
pub fn run(payment: PaymentOrder) -> Result<(), Anything> {
    run_those(payment, &|_| true)
}

/// Tries one point, named by its number and the program that is ended: `14 card`.
///
/// # Errors
/// As [`run`]; there is no such point.
pub fn run_only(payment: PaymentOrder, named: &str) -> Result<(), Anything> {
    run_those(payment, &|case| format!("{} {}", case.point.index, case.victim) == named)
}

fn run_those(payment: PaymentOrder, chosen: &dyn Fn(&Case) -> bool) -> Result<(), Anything> {
    let world = World::prepare(Programs::find()?, payment)?;
    let points = world.points()?;
    println!("a {} sale has {} barriers", words::payment(payment), points.len());
    let cases: Vec<_> = points.iter().flat_map(cases).filter(chosen).collect();
    let (all, recovered) = (cases.len(), run_all(&world, &cases));
    println!("kill-steps: {all} points, {recovered} recovered");
    match recovered == all && all > 0 {
        true => Ok(()),
        false => Err("not every point has recovered".into()),
    }
}

fn cases(point: &Point) -> impl Iterator<Item = Case> {
    let victims = [Program::Terminal, Program::Card, Program::Center].into_iter();
    victims.map(|victim| Case { point: point.clone(), victim })
}

/// Runs the cases side by side; how many have recovered.
fn run_all(world: &World, cases: &[Case]) -> usize {
    let (next, recovered) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let said = Mutex::new(());
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let done = case.run(world);
            recovered.fetch_add(done.is_ok().into(), Ordering::Relaxed);
            let _one_at_a_time = said.lock().unwrap_or_else(PoisonError::into_inner);
            match done {
                Ok(how) => println!("{case}: {how}"),
                Err(error) => println!("{case}: NOT RECOVERED: {error}"),
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(work);
        }
    });
    recovered.into_inner()
}
