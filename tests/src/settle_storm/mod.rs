//! A storm of sales at a center that is ended with SIGKILL all the while: `make settle-storm`.
//!
//! Clients with cards of their own register, load, order, pay and acknowledge over HTTP. They
//! submit a token several times at once, keep tokens back and send them in later and out of
//! order, send in each other's, with a wrong licence, or changed, and ask again for whatever
//! answer was lost. Meanwhile the center's process is ended and started again on its folder.
//!
//! Then every token must be booked exactly once, with one receipt for whoever asked, and all sums
//! must agree to the unit: card by card, shop by shop, kind by kind, with what the cards say.
//!
//! ```text
//! cards    made before, in RAM           mischief  what an honest client would not send in
//! server   the center's process          tally     what the clients saw
//! killer   ends it, starts it again      verdict   tally against the center's books
//! client   one client's sales            world     the center's folder before it is served
//! ```

mod cards;
mod client;
mod killer;
mod mischief;
mod patient;
mod server;
mod tally;
mod verdict;
mod world;

use std::env;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use saifu_vsmartcard::platform::RamPlatform;
use saifu_wire::ContentId;

use crate::shop::Anything;
use crate::stage::Programs;
use client::Client;
use patient::Patience;
use server::Server;
use tally::Tally;

pub use tally::{Paid, Seen};
pub use verdict::{Verdict, judge};
pub use world::FOLDER;

/// How large a storm is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Clients, each with a card; at most 255.
    pub clients: u8,
    /// The sales of all of them.
    pub sales: u64,
    /// How often the center is ended.
    pub kills: u64,
}

impl Size {
    /// The whole storm.
    pub const FULL: Self = Self { clients: 64, sales: 10_000, kills: 100 };

    /// A part of it that has everything.
    pub const REDUCED: Self = Self { clients: 16, sales: 300, kills: 6 };

    /// The size that `SAIFU_CAMPAIGN` asks for.
    #[must_use]
    pub fn asked_for() -> Self {
        let full = env::var("SAIFU_CAMPAIGN").is_ok_and(|size| size == "full");
        if full { Self::FULL } else { Self::REDUCED }
    }
}

/// The seed that `SAIFU_SEED` names, or else one of the clock's.
///
/// # Errors
/// The variable holds no number.
pub fn seed() -> Result<u64, Anything> {
    match env::var("SAIFU_SEED") {
        Ok(seed) => Ok(seed.parse().map_err(|_| format!("SAIFU_SEED is no number: {seed}"))?),
        Err(_) => Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs()),
    }
}

/// What everybody in a storm knows.
struct Storm {
    size: Size,
    seed: u64,
    server: Server,
    works: Vec<ContentId>,
    tally: Tally,
    /// Tokens that have a receipt.
    settled: AtomicU64,
    /// Something has failed: nobody goes on.
    broken: AtomicBool,
    patience: Patience,
}

/// How a storm went.
#[derive(Debug)]
pub struct Report {
    /// What was sold, and how often the center was ended.
    pub size: Size,
    /// The answers that were lost and asked for again.
    pub lost_answers: u64,
    /// What the clients saw.
    pub seen: Seen,
    /// What the center's books say of it.
    pub verdict: Verdict,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verdict { lost, doubled, .. } = self.verdict;
        let (sales, kills) = (self.seen.paid.len(), self.size.kills);
        write!(f, "settle-storm: {sales} sales, {kills} kills, {lost} lost, {doubled} doubled")
    }
}

/// Lets a storm loose on a new center in `folder`, and judges what is left of it.
///
/// # Errors
/// A client, a card or the center fails; what the books say is in the report.
pub fn run(size: Size, seed: u64, folder: &Path) -> Result<Report, Anything> {
    let programs = Programs::find()?;
    println!("{size:?}; SAIFU_SEED={seed} draws the same again");
    let begun = Instant::now();
    let machines = cards::make(size.clients)?;
    let works = world::make(folder)?;
    println!(
        "{} cards and {} works are made: {:.1?}",
        machines.len(),
        works.len(),
        begun.elapsed()
    );
    let storm = Storm {
        size,
        seed,
        server: Server::start(&programs, folder)?,
        works,
        tally: Tally::default(),
        settled: AtomicU64::new(0),
        broken: AtomicBool::new(false),
        patience: Patience::default(),
    };
    let begun = Instant::now();
    storm.rage(machines)?;
    println!("all is sold: {:.1?}", begun.elapsed());
    storm.end(&programs, folder)
}

impl Storm {
    /// Lets clients and killer loose, and waits for their end.
    fn rage(&self, machines: Vec<RamPlatform>) -> Result<(), Anything> {
        thread::scope(|scope| {
            let killer = scope.spawn(|| self.guarded(|| killer::kill(self)));
            let clients: Vec<_> = (0..)
                .zip(machines)
                .map(|(number, machine)| {
                    scope.spawn(move || self.guarded(|| Client::live(self, number, machine)))
                })
                .collect();
            let ends = clients.into_iter().chain([killer]).map(|thread| match thread.join() {
                Ok(end) => end,
                Err(_) => Err("a client panicked".into()),
            });
            ends.collect::<Vec<_>>().into_iter().collect()
        })
    }

    /// Does a thread's work; where it fails, the others stop.
    fn guarded(&self, work: impl FnOnce() -> Result<(), Anything>) -> Result<(), Anything> {
        let stop = StopOthers(&self.broken);
        work()?;
        std::mem::forget(stop);
        Ok(())
    }

    /// Ends the center as it ends by itself, and judges.
    fn end(self, programs: &Programs, folder: &Path) -> Result<Report, Anything> {
        self.server.end()?;
        let seen = self.tally.into_seen();
        let verdict = judge(&seen, programs, folder)?;
        let lost_answers = self.patience.lost_answers();
        Ok(Report { size: self.size, lost_answers, seen, verdict })
    }

    fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }
}

/// Says, when dropped, that nobody shall go on: also where a thread panics.
struct StopOthers<'a>(&'a AtomicBool);

impl Drop for StopOthers<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
