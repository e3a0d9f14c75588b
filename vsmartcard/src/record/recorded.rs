//! A card of which everything is recorded.

use super::recording::{Event, RecordError, Recording};
use super::redact::{Secrecy, Shown};
use crate::atr::Atr;
use crate::faults::Faults;
use crate::plug::{InSlot, Reply};

/// Stands around any card, outside its faults, and records what its plug gets and gives.
#[derive(Debug)]
pub struct Recorded<C> {
    card: C,
    recording: Option<Recording>,
    faults: Faults,
    /// The number of the last injected fault that is in the recording.
    told: u64,
    secrecy: Secrecy,
    /// The last answer to reset; pcscd asks for it several times a second.
    atr: Option<Reply>,
}

impl<C: InSlot> Recorded<C> {
    /// Records a card, and what its faults do; without a recording it is only passed on.
    pub fn new(card: C, recording: Option<Recording>, faults: Faults) -> Self {
        let told = faults.injections();
        Self { card, recording, faults, told, secrecy: Secrecy::default(), atr: None }
    }

    /// Lends the card.
    pub const fn card_mut(&mut self) -> &mut C {
        &mut self.card
    }

    /// Ends the recording.
    ///
    /// # Errors
    /// [`RecordError`], when it could not be written to its end.
    pub fn finish(self) -> Result<(), RecordError> {
        self.recording.map_or(Ok(()), Recording::finish)
    }

    fn write(&mut self, event: Event<'_>) {
        if let Some(recording) = &mut self.recording {
            recording.write(event);
        }
    }

    fn power(&mut self, what: &str) {
        self.atr = None;
        self.write(Event::Happened(what));
    }

    fn command(&mut self, command: &[u8]) {
        let shown = self.secrecy.command(command);
        let Some(recording) = &mut self.recording else { return };
        let all = Shown { bytes: command, is_redacted: false };
        recording.write(Event::Command(if recording.is_redacted() { shown } else { all }));
    }

    fn reply(&mut self, reply: &Reply) {
        for injected in self.faults.injected_after(self.told) {
            self.told = injected.number;
            self.write(Event::Comment(&injected.to_string()));
        }
        match reply {
            Reply::Answer(answer) | Reply::Exactly(answer) => self.answer(answer),
            Reply::Twice(answer) => {
                self.answer(answer);
                self.write(Event::Happened("twice"));
            }
            Reply::Stray { answer, after } => {
                self.answer(answer);
                self.write(Event::Happened(&format!("stray {}", hex::encode_upper(after))));
            }
            Reply::Cut { sent_bytes, .. } => {
                self.write(Event::Happened(&format!("cut after {sent_bytes} bytes")));
            }
            Reply::Silence => self.write(Event::Happened("silence")),
            Reply::Pulled(away) => {
                self.write(Event::Happened(&format!("pulled for {} ms", away.as_millis())));
            }
            Reply::Gone => self.write(Event::Happened("gone")),
        }
    }

    fn answer(&mut self, answer: &[u8]) {
        let Some(recording) = &mut self.recording else { return };
        let shown = self.secrecy.answer(answer);
        let all = Shown { bytes: answer, is_redacted: false };
        recording.write(Event::Answer(if recording.is_redacted() { shown } else { all }));
    }
}

impl<C: InSlot> InSlot for Recorded<C> {
    fn power_off(&mut self) {
        self.power("power off");
        self.card.power_off();
    }

    fn power_on(&mut self) {
        self.power("power on");
        self.card.power_on();
    }

    fn reset(&mut self) {
        self.power("reset");
        self.card.reset();
    }

    fn transmit(&mut self, command: &[u8]) -> Reply {
        if self.recording.is_none() {
            return self.card.transmit(command);
        }
        self.command(command);
        let reply = self.card.transmit(command);
        self.reply(&reply);
        reply
    }

    fn atr(&mut self, usual: &Atr) -> Reply {
        let reply = self.card.atr(usual);
        if self.recording.is_some() && self.atr.as_ref() != Some(&reply) {
            match &reply {
                Reply::Answer(atr) => self.write(Event::Atr(atr)),
                other => self.reply(other),
            }
            self.atr = Some(reply.clone());
        }
        reply
    }
}

#[cfg(test)]
mod tests;
