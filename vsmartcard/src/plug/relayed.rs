//! Another's card, from its connection to a slot.

use std::time::Duration;

use super::listener::{ReaderError, VpcdListener, VpcdReader};
use super::{InSlot, Reply, Stop};
use crate::atr::Atr;

/// How often whoever waits for a card looks whether it shall stop.
const LOOKS_EACH: Duration = Duration::from_millis(100);
/// A card says its answer to reset, and takes a control, within this.
const CONTROL_WITHIN: Duration = Duration::from_secs(5);
/// No card takes as long for a command; a host gives up before.
const COMMAND_WITHIN: Duration = Duration::from_secs(3_600);

/// What is said to a command that no card can be sent (6700: wrong length).
const WRONG_LENGTH: [u8; 2] = [0x67, 0x00];

/// Any card that speaks vpcd's protocol, as something that can be put into another reader.
///
/// It listens where vpcd would. What the card says is passed on as it is, but for bytes that
/// nobody asked for: after those, it is gone.
#[derive(Debug)]
pub struct Relayed {
    cards: VpcdListener,
    card: Option<VpcdReader>,
}

impl Relayed {
    /// A slot for the cards that connect to `cards`, one after the other.
    #[must_use]
    pub const fn new(cards: VpcdListener) -> Self {
        Self { cards, card: None }
    }

    /// Lets go of the card there was, and waits for one; whether one came before `stop`.
    ///
    /// # Errors
    /// [`ReaderError::System`].
    pub fn wait_for_card(&mut self, stop: &Stop) -> Result<bool, ReaderError> {
        self.card = None;
        while !stop.is_stopped() {
            match self.cards.accept(LOOKS_EACH) {
                Ok(card) => {
                    self.card = Some(card);
                    return Ok(true);
                }
                Err(ReaderError::Late) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// Tells the card to do what has no answer; one that is gone shows it at the next command.
    fn control(&mut self, control: fn(&mut VpcdReader, Duration) -> Result<(), ReaderError>) {
        if let Some(card) = &mut self.card {
            let _ = control(card, CONTROL_WITHIN);
        }
    }
}

impl InSlot for Relayed {
    fn power_off(&mut self) {
        self.control(VpcdReader::power_off);
    }

    fn power_on(&mut self) {
        self.control(VpcdReader::power_on);
    }

    fn reset(&mut self) {
        self.control(VpcdReader::reset);
    }

    fn transmit(&mut self, command: &[u8]) -> Reply {
        let Some(card) = &mut self.card else { return Reply::Gone };
        match card.transmit_as_is(command, COMMAND_WITHIN) {
            Ok(answer) if answer.len() < 2 => Reply::Exactly(answer),
            Ok(answer) => Reply::Answer(answer),
            Err(ReaderError::Length(_)) => Reply::Answer(WRONG_LENGTH.to_vec()),
            Err(_) => Reply::Gone,
        }
    }

    fn atr(&mut self, _: &Atr) -> Reply {
        let atr = self.card.as_mut().and_then(|card| card.atr(CONTROL_WITHIN).ok());
        atr.map_or(Reply::Gone, Reply::Answer)
    }
}

#[cfg(test)]
mod tests;
