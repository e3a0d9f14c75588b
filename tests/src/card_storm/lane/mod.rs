//! One card: its reader, its pcscd, its host, and what it goes through.

mod hand;
mod session;

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::thread::sleep;
use std::time::{Duration, Instant};

use saifu_vsmartcard::harness::PrivatePcscd;
use saifu_vsmartcard::rig::control::Request;

use super::Storm;
use super::believed::Believed;
use super::host::Host;
use super::orders::{self, Identity};
use super::plan::Victim;
use super::tally::Wrong;
use crate::fixture::Draws;
use crate::shop::Anything;

/// A card is to be used again within this, once everything is back.
const USABLE_WITHIN: Duration = Duration::from_secs(30);

/// The pause before something is tried again.
const PAUSE: Duration = Duration::from_millis(10);

/// The longest, in microseconds, that a command runs before something is done to it, and that a
/// pcscd stays away.
const LONGEST_PAUSE: usize = 4_000;

/// The most commands, or groups of them, of a session.
const MOST_ORDERS: usize = 12;

/// Why a lane does not go on.
enum Halt {
    /// What is wrong with its card is noted.
    Found,
    /// Something else is broken.
    Broken(Anything),
}

impl<E: Into<Anything>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

/// A card and what is around it.
pub(super) struct Lane<'s> {
    storm: &'s Storm,
    number: usize,
    identity: Identity,
    pcscd: PrivatePcscd,
    host: Host,
    believed: Believed,
    draws: Draws,
    /// What it is at, for findings.
    doing: &'static str,
    /// The cards' process when the session began.
    turn: u64,
    inserted: u64,
    is_in: bool,
}

impl<'s> Lane<'s> {
    /// A new card's lane, with a host.
    pub(super) fn start(
        storm: &'s Storm,
        number: usize,
        identity: Identity,
        pcscd: PrivatePcscd,
    ) -> Result<Self, Anything> {
        Ok(Self {
            storm,
            number,
            identity,
            host: Host::start(&storm.host, &pcscd)?,
            pcscd,
            believed: Believed::new(),
            draws: Draws::new(&format!("card-storm {} card {number}", storm.seed)),
            doing: "starting",
            turn: storm.rack.turn(),
            inserted: 0,
            is_in: true,
        })
    }

    /// Puts the card in so many times, kills when it is time to, and has it used in between.
    /// What is found ends it.
    pub(super) fn live(
        mut self,
        insertions: u64,
        mut kills: VecDeque<(u64, Victim)>,
    ) -> Result<(), Anything> {
        let ended = self.go_through(insertions, &mut kills);
        self.storm.at_work.fetch_sub(1, Ordering::Relaxed);
        match ended {
            Ok(()) | Err(Halt::Found) => Ok(()),
            Err(Halt::Broken(error)) => Err(format!("card {}: {error}", self.number).into()),
        }
    }

    fn go_through(
        &mut self,
        insertions: u64,
        kills: &mut VecDeque<(u64, Victim)>,
    ) -> Result<(), Halt> {
        while self.inserted < insertions && !self.storm.is_broken() {
            self.put_in()?;
            self.begin()?;
            self.work()?;
            while let Some((_, victim)) = kills.pop_front_if(|(when, _)| *when <= self.inserted) {
                self.kill(victim)?;
                self.begin()?;
                self.work()?;
            }
            self.afterwards()?;
        }
        self.come_back()
    }

    /// The last look at the card: all that it has been told must be there.
    fn come_back(&mut self) -> Result<(), Halt> {
        if !self.is_in {
            self.put_back()?;
        }
        self.begin()
    }

    /// Has the host ask the card for this and that.
    fn work(&mut self) -> Result<(), Halt> {
        for _ in 0..=self.draws.below(MOST_ORDERS) {
            for order in orders::next(&self.believed, &self.identity, &mut self.draws) {
                if !self.order(&order)? {
                    self.begin()?;
                    break;
                }
            }
        }
        Ok(())
    }

    /// Ends the host or its pcscd while a command is on its way, and starts it again.
    fn kill(&mut self, victim: Victim) -> Result<(), Halt> {
        let order = orders::long(&self.believed, &self.identity, &mut self.draws);
        self.send(&order)?;
        self.wait_a_moment();
        match victim {
            Victim::Host => {
                self.host.kill()?;
                self.storm.tally.lock().killed_hosts += 1;
                self.interrupted(&order, true)?;
                self.host = Host::start(&self.storm.host, &self.pcscd)?;
            }
            Victim::Pcscd => {
                self.pcscd.kill()?;
                self.storm.tally.lock().killed_pcscds += 1;
                self.wait_a_moment();
                self.pcscd.restart()?;
                self.interrupted(&order, false)?;
            }
        }
        Ok(())
    }

    /// Leaves the card where it is, resets it, or takes it out, in the middle of a command or not.
    fn afterwards(&mut self) -> Result<(), Halt> {
        let reader = self.number;
        match self.draws.below(5) {
            0 => Ok(()),
            1 => {
                self.doing = "resetting the card";
                self.hand(&Request::Reset { reader })?;
                self.is_forgotten()
            }
            2 => {
                let order = orders::long(&self.believed, &self.identity, &mut self.draws);
                self.send(&order)?;
                self.wait_a_moment();
                self.take_out()?;
                self.interrupted(&order, false)
            }
            _ => {
                self.take_out()?;
                self.is_forgotten()
            }
        }
    }

    fn wait_a_moment(&mut self) {
        sleep(Duration::from_micros(self.draws.below(LONGEST_PAUSE) as u64));
    }

    /// Whether it is too late, of what began then and should be done by now.
    fn is_overdue(&self, begun: Instant) -> bool {
        let back = self.storm.rack.back();
        back.is_some_and(|back| begun.max(back).elapsed() > USABLE_WITHIN)
    }

    /// Pauses before another attempt at what began then; in the end the card is wedged.
    fn try_again(&self, begun: Instant, why: &str) -> Result<(), Halt> {
        if self.storm.is_broken() {
            return Err(Halt::Found);
        }
        if self.is_overdue(begun) {
            return Err(self.found(Wrong::Wedged, &format!("after {USABLE_WITHIN:?}: {why}")));
        }
        sleep(PAUSE);
        Ok(())
    }

    /// Notes what is wrong.
    fn found(&self, wrong: Wrong, what: &str) -> Halt {
        let text = format!("{}, {}: {what}", self.place(), self.doing);
        println!("{wrong}: {text}");
        self.storm.tally.lock().findings.push((wrong, text));
        Halt::Found
    }

    fn place(&self) -> String {
        format!("card {}, insertion {}", self.number, self.inserted)
    }
}
