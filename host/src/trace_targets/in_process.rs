//! A virtual card in this process.

use super::Cards;
use saifu_trace::run::{EMULATED, FAULTS, POWER, SLOT, TIME};
use saifu_trace::target::{FreshCard, Outcome, Target, TargetError};
use saifu_vsmartcard::VirtualCard;
use saifu_vsmartcard::atr::Atr;
use saifu_vsmartcard::faults::{Faults, Faulty};
use saifu_vsmartcard::plug::{InSlot, MAX_FRAME_PAYLOAD, Reply};
use std::time::{Duration, Instant};

/// The bytes of a frame's header: its length, as vpcd has it.
const HEADER: usize = 2;

/// What is said of a card that is out.
const OUT: &str = "there is no card in the reader";

/// A virtual card in this process, and the line between it and a reader: what a fault leaves on
/// it is what the next command meets, as behind vpcd.
pub struct InProcess {
    cards: Cards,
    faults: Faults,
    card: Option<Faulty<VirtualCard>>,
    is_in: bool,
    has_power: bool,
    /// What the reader has not taken yet: frames of answers.
    line: Vec<u8>,
}

impl Default for InProcess {
    fn default() -> Self {
        Self::with(Cards::default())
    }
}

impl InProcess {
    /// An empty reader; cards come from `cards`.
    #[must_use]
    pub fn with(cards: Cards) -> Self {
        Self {
            cards,
            faults: Faults::default(),
            card: None,
            is_in: false,
            has_power: false,
            line: Vec::new(),
        }
    }

    /// What the reader takes of a reply.
    fn take(&mut self, reply: Reply) -> Outcome {
        if self.line.is_empty()
            && let Reply::Answer(answer) = reply
        {
            // What no plug sends, it says 6F00 instead of.
            let fits = (2..=MAX_FRAME_PAYLOAD).contains(&answer.len());
            return Outcome::Answer(if fits { answer } else { vec![0x6F, 0x00] });
        }
        let ends = reply.ends_connection();
        let back = !matches!(reply, Reply::Gone);
        self.put(reply);
        let taken = self.next_frame();
        if ends || taken.is_none() {
            self.line.clear();
            self.is_in = back;
            self.restart();
        }
        match taken {
            Some(answer) if !answer.is_empty() => Outcome::Answer(answer),
            Some(_) => Outcome::Lost("an answer of length 0 came".into()),
            None if ends => Outcome::Lost("the card left the reader".into()),
            None => Outcome::Lost("no answer came".into()),
        }
    }

    /// Puts a reply onto the line.
    fn put(&mut self, reply: Reply) {
        let line = &mut self.line;
        match reply {
            Reply::Answer(answer) | Reply::Exactly(answer) => put_frame(line, &answer),
            Reply::Twice(answer) => {
                put_frame(line, &answer);
                put_frame(line, &answer);
            }
            Reply::Stray { answer, after } => {
                put_frame(line, &answer);
                line.extend_from_slice(&after);
            }
            Reply::Cut { answer, sent_bytes } => {
                let before = line.len();
                put_frame(line, &answer);
                line.truncate(before + sent_bytes);
            }
            Reply::Silence | Reply::Pulled(_) | Reply::Gone => {}
        }
    }

    /// Takes the first frame from the line; none where not all of it is there, and an empty one
    /// is none that a reader goes on from.
    fn next_frame(&mut self) -> Option<Vec<u8>> {
        let length = self.line.first_chunk::<HEADER>()?;
        let end = HEADER + usize::from(u16::from_be_bytes(*length));
        let frame = self.line.get(HEADER..end).filter(|frame| !frame.is_empty())?.to_vec();
        self.line.drain(..end);
        Some(frame)
    }

    /// Gives the card power anew, if it is in the reader.
    fn restart(&mut self) {
        self.has_power = self.is_in;
        match &mut self.card {
            Some(card) if self.is_in => card.power_on(),
            Some(card) => card.power_off(),
            None => {}
        }
    }

    fn card(&mut self) -> Result<&mut Faulty<VirtualCard>, TargetError> {
        self.card.as_mut().ok_or_else(|| TargetError::Broken("no card was made".into()))
    }
}

impl Target for InProcess {
    fn name(&self) -> String {
        "in process".into()
    }

    fn is_real(&self) -> bool {
        false
    }

    fn capabilities(&self) -> Vec<&'static str> {
        vec![EMULATED, FAULTS, POWER, SLOT, TIME]
    }

    fn prepare(&mut self, wish: &FreshCard) -> Result<(), TargetError> {
        let machine = self.cards.fresh(wish)?;
        self.faults.clear();
        self.faults.restore_power();
        self.line.clear();
        let card = VirtualCard::on_faulty(machine, &self.faults);
        self.card = Some(Faulty::new(card, self.faults.clone()));
        (self.is_in, self.has_power) = (true, true);
        Ok(())
    }

    fn transmit(&mut self, command: &[u8]) -> Result<(Outcome, Duration), TargetError> {
        super::check_length(command)?;
        let begun = Instant::now();
        if !self.is_in {
            return Ok((Outcome::Lost(OUT.into()), begun.elapsed()));
        }
        if !self.has_power {
            return Ok((Outcome::Lost("the card has no power".into()), begun.elapsed()));
        }
        let reply = self.card()?.transmit(command);
        let took = begun.elapsed();
        Ok((self.take(reply), took))
    }

    fn atr(&mut self) -> Result<Vec<u8>, TargetError> {
        let atr = Atr::default();
        match self.card()?.atr(&atr) {
            Reply::Answer(atr) => Ok(atr),
            _ => Ok(atr.as_bytes().to_vec()),
        }
    }

    fn reset(&mut self) -> Result<(), TargetError> {
        if self.is_in && self.has_power {
            self.card()?.reset();
        } else if self.is_in {
            self.restart();
        }
        Ok(())
    }

    fn power_off(&mut self) -> Result<(), TargetError> {
        self.has_power = false;
        self.card()?.power_off();
        Ok(())
    }

    fn power_on(&mut self) -> Result<(), TargetError> {
        self.restart();
        Ok(())
    }

    fn remove(&mut self) -> Result<(), TargetError> {
        self.is_in = false;
        self.line.clear();
        self.restart();
        Ok(())
    }

    fn insert(&mut self) -> Result<(), TargetError> {
        self.is_in = true;
        self.restart();
        Ok(())
    }

    fn fault(&mut self, fault: Option<&str>) -> Result<(), TargetError> {
        super::plant(&self.faults, fault)
    }
}

/// Puts an answer onto a line, its length before it.
fn put_frame(line: &mut Vec<u8>, answer: &[u8]) {
    line.extend_from_slice(&(answer.len() as u16).to_be_bytes());
    line.extend_from_slice(answer);
}

#[cfg(test)]
mod tests;
