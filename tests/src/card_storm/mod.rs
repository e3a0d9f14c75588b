//! A storm over ten cards in one process: `make card-storm`.
//!
//! Each card is in a reader of a pcscd of its own, and has a host of its own, a process that asks
//! it all the time: what it is, its PIN, to change that, and what is no command at all. Cards are
//! pulled and put in through the control socket, also while they compute. Meanwhile the cards'
//! process, hosts and pcscds are ended with SIGKILL and started again.
//!
//! Nobody may hang; a card is to be used again as soon as everything is back; each is what it was:
//! its identity, its PIN as it was last changed, its tries; each command is answered, what is none
//! with a status word; each error of a host says what happened.
//!
//! ```text
//! rack   the process with the cards    believed  what a card may be like
//! lane   one card's reader and host    orders    commands, and what is none
//! host   a host, as a process          tally     what was seen
//! killer ends the rack                 plan      which kills come when
//! ```

mod believed;
mod host;
mod killer;
mod lane;
mod orders;
mod plan;
mod rack;
mod report;
mod tally;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use saifu_vsmartcard::harness::PrivatePcscd;
use saifu_vsmartcard::{NewCard, VirtualCard};

use crate::shop::Anything;
use crate::stage::Programs;
use lane::Lane;
use orders::Identity;
use plan::Plan;
use rack::Rack;
use tally::Tally;

pub use host::{HOST, serve};
pub use report::Report;
pub use tally::{Seen, Wrong};

/// How large a storm is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Cards, each in a reader of its own.
    pub cards: u8,
    /// How often they are put in, all together.
    pub insertions: u64,
    /// How often the cards' process, a host or a pcscd is ended.
    pub kills: u64,
}

impl Size {
    /// The whole storm.
    pub const FULL: Self = Self { cards: 10, insertions: 1_000, kills: 200 };

    /// A part of it that has everything.
    pub const REDUCED: Self = Self { cards: 10, insertions: 50, kills: 16 };

    /// The size that `SAIFU_CAMPAIGN` asks for.
    #[must_use]
    pub fn asked_for() -> Self {
        let full = env::var("SAIFU_CAMPAIGN").is_ok_and(|size| size == "full");
        if full { Self::FULL } else { Self::REDUCED }
    }
}

/// What everybody in a storm knows.
struct Storm {
    seed: u64,
    /// The program that is a host when it is told so.
    host: PathBuf,
    rack: Rack,
    tally: Tally,
    /// Cards that have not come to their end.
    at_work: AtomicUsize,
    /// Something has failed beside the cards: nobody goes on.
    broken: AtomicBool,
}

/// Lets a storm loose on new cards in `folder`; `host` is the program that is a host where its
/// first argument is [`HOST`], and its second a reader's name. `faults` are planted in every card,
/// as `saifu-card run --fault` takes them, to see that they are found.
///
/// # Errors
/// What has nothing to do with the cards: a pcscd does not start, a program is missing.
pub fn run(
    size: Size,
    seed: u64,
    host: &Path,
    folder: &Path,
    faults: &[&str],
) -> Result<Report, Anything> {
    let program = Programs::find()?.card;
    println!("{size:?}; SAIFU_SEED={seed} draws the same again");
    fs::create_dir_all(folder)?;
    let cards: Vec<_> = (0..size.cards).map(|card| folder.join(format!("card-{card}"))).collect();
    let identities: Vec<_> = cards.iter().map(|card| made(card)).collect::<Result<_, _>>()?;
    let pcscds: Vec<_> =
        (0..size.cards).map(|_| PrivatePcscd::start()).collect::<Result<_, _>>()?;
    let ports = pcscds.iter().map(PrivatePcscd::vpcd_port).collect();
    let storm = Storm {
        seed,
        host: host.to_owned(),
        rack: Rack::start(&program, (cards, ports), folder, faults)?,
        tally: Tally::default(),
        at_work: AtomicUsize::new(usize::from(size.cards)),
        broken: AtomicBool::new(false),
    };
    let begun = Instant::now();
    storm.rage(size, identities, pcscds)?;
    let took = begun.elapsed();
    let said = storm.rack.end()?;
    let mut seen = storm.tally.into_seen();
    if said.contains("panicked") {
        seen.findings.push((Wrong::Unclear, format!("the cards' process wrote:\n{said}")));
    }
    Ok(Report { size, seen, took })
}

/// Makes a card whose PIN is the first one, and asks it what it will always say.
fn made(folder: &Path) -> Result<Identity, Anything> {
    let new = NewCard { pin: orders::digits(0), ..NewCard::default() };
    let mut card = VirtualCard::create(folder, &new)?;
    let identity = Identity::of(|command| card.transmit(command));
    identity.ok_or_else(|| "a new card does not tell its id and certificates".into())
}

impl Storm {
    /// Lets killer and lanes loose, and waits for their end.
    fn rage(
        &self,
        size: Size,
        identities: Vec<Identity>,
        pcscds: Vec<PrivatePcscd>,
    ) -> Result<(), Anything> {
        let Plan { cards, beside } = Plan::draw(size, self.seed);
        let ready = identities.into_iter().zip(pcscds).zip(beside).enumerate();
        thread::scope(|scope| {
            let killer = scope.spawn(move || self.guarded(|| killer::kill(self, &cards)));
            let lanes: Vec<_> = ready
                .map(|(number, ((identity, pcscd), kills))| {
                    let insertions = plan::share(size, number);
                    scope.spawn(move || {
                        let lane = || Lane::start(self, number, identity, pcscd);
                        self.guarded(|| lane()?.live(insertions, kills))
                    })
                })
                .collect();
            let ends = lanes.into_iter().chain([killer]).map(|thread| match thread.join() {
                Ok(end) => end,
                Err(_) => Err("a thread of the storm panicked".into()),
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
