//! What passes between host and card.

use std::time::Instant;

use saifu_wire::answer::{CardStatus, Health, LifeCycle, MemoryState};
use saifu_wire::codec::Wire;

use super::{Halt, Lane};
use crate::card_storm::believed::Asked;
use crate::card_storm::host::{Host, Mute, Said};
use crate::card_storm::orders::{self, Order, parted};
use crate::card_storm::tally::Wrong;

/// How often a PIN that may be one of two is tried before something else is wrong.
const MOST_TRIES: usize = 4;

/// The status word of a card on which nothing is selected.
const NOTHING_SELECTED: [u8; 2] = [0x69, 0x85];

impl Lane<'_> {
    /// Has the host connect, and looks whether the card is what it was, until that comes to an
    /// end without a kill in between.
    pub(super) fn begin(&mut self) -> Result<(), Halt> {
        let begun = Instant::now();
        loop {
            self.doing = "beginning a session";
            self.turn = self.storm.rack.turn();
            if self.try_begin()? {
                return Ok(());
            }
            self.try_again(begun, "no session comes about")?;
        }
    }

    fn try_begin(&mut self) -> Result<bool, Halt> {
        match self.host.open() {
            Ok(Said::Opened) => {}
            Ok(said) => return self.failed(said).map(|()| false),
            Err(mute) => return self.mute(mute).map(|()| false),
        }
        for order in [orders::select(), orders::id(&self.identity)] {
            if self.exchange(&order)?.is_none() {
                return Ok(false);
            }
        }
        Ok(self.look_at_status()? && self.settle_pin()?)
    }

    fn look_at_status(&mut self) -> Result<bool, Halt> {
        let Some(answer) = self.exchange(&orders::status())? else { return Ok(false) };
        let status = parted(&answer).and_then(|(data, _)| CardStatus::from_bytes(data).ok());
        let Some(status) = status else {
            return Err(self.found(Wrong::Lost, "its status is none"));
        };
        let is_whole = status.life_cycle == LifeCycle::Activated
            && status.memory == MemoryState::Good
            && status.health == Health::Good;
        if !is_whole {
            return Err(self.found(Wrong::Lost, &format!("it tells {status:?}")));
        }
        let told = self.believed.told(status.pin_tries);
        told.map(|()| true).map_err(|what| self.found(Wrong::Lost, &what.to_string()))
    }

    /// Verifies the PIN until it is known, with all its tries.
    fn settle_pin(&mut self) -> Result<bool, Halt> {
        for _ in 0..MOST_TRIES {
            let order = orders::verify(self.believed.pin(), false);
            if self.exchange(&order)?.is_none() {
                return Ok(false);
            }
            if self.believed.is_settled() {
                return Ok(true);
            }
        }
        Err(self.found(Wrong::Lost, "its PIN is none of those it may be"))
    }

    /// A command of a session; whether the session goes on.
    pub(super) fn order(&mut self, order: &Order) -> Result<bool, Halt> {
        let answered = self.exchange(order)?.is_some();
        if !answered && self.storm.rack.ran_since(self.turn) {
            // The lane goes on: it is seen whether the card does.
            let what = format!("{} bytes, and nothing was done to anybody", order.bytes.len());
            drop(self.found(Wrong::Unanswered, &what));
        }
        Ok(answered)
    }

    /// Sends a command and judges its answer; none where the session is lost.
    fn exchange(&mut self, order: &Order) -> Result<Option<Vec<u8>>, Halt> {
        self.send(order)?;
        let said = self.host.hear();
        self.judge(order, said)
    }

    /// Has the host send a command, and does not wait for the answer.
    pub(super) fn send(&mut self, order: &Order) -> Result<(), Halt> {
        self.doing = order.what;
        match self.host.send(&order.bytes) {
            Ok(()) => Ok(()),
            Err(mute) => self.mute(mute),
        }
    }

    /// What comes of a command during which something was done to host, pcscd or card.
    pub(super) fn interrupted(&mut self, order: &Order, host_is_dead: bool) -> Result<(), Halt> {
        self.storm.tally.lock().interrupted += 1;
        match self.host.hear() {
            Err(Mute::Ended) if host_is_dead => self.believed.unanswered(order.asked),
            said => drop(self.judge(order, said)?),
        }
        Ok(())
    }

    fn judge(&mut self, order: &Order, said: Result<Said, Mute>) -> Result<Option<Vec<u8>>, Halt> {
        let answer = match said {
            Ok(Said::Answer(answer)) => answer,
            Ok(said) => {
                self.believed.unanswered(order.asked);
                return self.failed(said).map(|()| None);
            }
            Err(mute) => {
                self.believed.unanswered(order.asked);
                return self.mute(mute).map(|()| None);
            }
        };
        let misfit = order.misfit(&answer).or_else(|| self.disbelieved(order.asked, &answer));
        let Some(what) = misfit else {
            self.note(order);
            return Ok(Some(answer));
        };
        // A card that was put in anew meanwhile has nothing selected.
        if answer == NOTHING_SELECTED && !self.storm.rack.ran_since(self.turn) {
            return Ok(None);
        }
        let wrong = if order.is_malformed() { Wrong::Unanswered } else { Wrong::Lost };
        Err(self.found(wrong, &format!("it is answered with {what}")))
    }

    fn disbelieved(&mut self, asked: Asked, answer: &[u8]) -> Option<String> {
        let (_, word) = parted(answer)?;
        self.believed.answered(asked, word).err().map(|what| what.to_string())
    }

    fn note(&self, order: &Order) {
        let mut seen = self.storm.tally.lock();
        seen.answered += 1;
        seen.malformed += u64::from(order.is_malformed());
        seen.extended += u64::from(order.is_extended());
    }

    /// After a removal or a reset: the card is not there, or has nothing selected. A session that
    /// goes on would be anybody's.
    pub(super) fn is_forgotten(&mut self) -> Result<(), Halt> {
        self.send(&orders::verified())?;
        match self.host.hear() {
            Ok(Said::Answer(answer)) if answer == NOTHING_SELECTED => Ok(()),
            Ok(Said::Answer(answer)) => {
                let what = format!("a session outlives it: {answer:02X?}");
                Err(self.found(Wrong::Lost, &what))
            }
            Ok(said) => self.failed(said),
            Err(mute) => self.mute(mute),
        }
    }

    /// A host's error: it must be clear, and no card may be silent.
    fn failed(&self, said: Said) -> Result<(), Halt> {
        match said {
            Said::Failed(why) => {
                self.storm.tally.lock().error(&self.place(), &why);
                Ok(())
            }
            Said::Silent(why) => Err(self.found(Wrong::Hang, &why)),
            said => Err(self.found(Wrong::Unclear, &format!("the host says {said:?}"))),
        }
    }

    /// A host that nobody killed and that says nothing.
    fn mute(&mut self, mute: Mute) -> Result<(), Halt> {
        match mute {
            Mute::Hangs => Err(self.found(Wrong::Hang, "the host says nothing any more")),
            Mute::Ended => {
                drop(self.found(Wrong::Unclear, "the host has ended by itself"));
                self.host = Host::start(&self.storm.host, &self.pcscd)?;
                Ok(())
            }
        }
    }
}
