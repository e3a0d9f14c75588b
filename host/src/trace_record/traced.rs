//! A card of which everything goes to a tape.

use super::tape::Tape;
use saifu_vsmartcard::atr::Atr;
use saifu_vsmartcard::plug::{InSlot, Reply};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Stands around any card and records what its plug gets and gives.
pub struct Traced {
    card: Box<dyn InSlot + Send>,
    tape: Arc<Mutex<Tape>>,
}

impl Traced {
    /// Records a card; whoever shares the tape can end it when the card is out.
    #[must_use]
    pub fn new(card: Box<dyn InSlot + Send>, tape: Arc<Mutex<Tape>>) -> Self {
        Self { card, tape }
    }

    fn tape(&self) -> MutexGuard<'_, Tape> {
        self.tape.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl InSlot for Traced {
    fn power_off(&mut self) {
        self.tape().script().power();
        self.card.power_off();
    }

    fn power_on(&mut self) {
        self.tape().script().power();
        self.card.power_on();
    }

    fn reset(&mut self) {
        self.tape().script().reset();
        self.card.reset();
    }

    fn transmit(&mut self, command: &[u8]) -> Reply {
        self.tape().command(command);
        let reply = self.card.transmit(command);
        let mut tape = self.tape();
        match &reply {
            Reply::Answer(answer) | Reply::Twice(answer) | Reply::Stray { answer, .. } => {
                tape.answer(answer);
            }
            Reply::Exactly(answer) => tape.answer(answer),
            Reply::Cut { .. } => tape.lost("its answer was cut off"),
            Reply::Silence => tape.lost("the card is silent"),
            Reply::Pulled(_) => tape.lost("the card was pulled, and came back"),
            Reply::Gone => tape.lost("the card is gone"),
        }
        drop(tape);
        reply
    }

    fn atr(&mut self, usual: &Atr) -> Reply {
        let reply = self.card.atr(usual);
        if let Reply::Answer(atr) = &reply {
            self.tape().script().atr(atr);
        }
        reply
    }
}
