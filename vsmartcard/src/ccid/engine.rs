//! The reader: one slot, and what the host may ask of it.

use super::apdu::{Chain, Part, Step};
use super::card::{Away, Heard, interface};
use super::descriptor::class_descriptor;
use super::message::{Command, IccStatus, answer, command};
use super::parameters::{self, Parameters};
use super::slot_error::SlotError;
use super::t1::{self, T1};
use super::{MAX_MESSAGE_BYTES, MIN_MESSAGE_BYTES};
use crate::atr::{Atr, Interface};
use crate::plug::{InSlot, Reply};

/// How much of the card's protocol the reader leaves to the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The host speaks T=1 with the card, block by block, and says what PPS there is.
    Tpdu,
    /// The host sends APDUs, short and extended, and the reader does the rest.
    ExtendedApdu,
}

/// What a reader says to PC_to_RDR_Escape: the data of its answer, or `None` for commands that
/// its maker has not given it.
pub type Escapes = fn(&[u8]) -> Option<Vec<u8>>;

/// Why there cannot be such a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The ATR offers no T=1 that a reader can take.
    #[error(
        "this reader speaks T=1 with LRC and no other protocol: take an ATR whose first \
         protocol that is (TD1 ends in 1, TA2 is absent or ends in 1, IFSC is 1 to 254)"
    )]
    NoT1,
}

/// A reader with one slot, in which there is a card or none.
#[derive(Debug)]
pub struct Engine {
    level: Level,
    atr: Atr,
    card: Interface,
    max_message_bytes: usize,
    escapes: Escapes,
    icc: IccStatus,
    /// How long a card stays out that was pulled at work, until a front end has asked.
    away: Option<Away>,
    /// Whether the host has not been told yet what is in the slot.
    is_changed: bool,
    parameters: Parameters,
    t1: T1,
    /// Whether the card has heard anything since it said its ATR; then there is no PPS.
    has_begun: bool,
    chain: Chain,
}

/// What a command that was carried out is answered: the data, and the header's last byte.
type Done = Result<(Vec<u8>, u8), SlotError>;

impl Engine {
    /// Makes a reader whose slot is empty, for messages as long as any APDU.
    ///
    /// # Errors
    /// [`EngineError::NoT1`].
    pub fn new(level: Level, atr: Atr) -> Result<Self, EngineError> {
        let card = atr.interface();
        if !card.is_t1_with_lrc() {
            return Err(EngineError::NoT1);
        }
        Ok(Self {
            level,
            atr,
            card,
            max_message_bytes: MAX_MESSAGE_BYTES,
            escapes: |_| None,
            icc: IccStatus::Absent,
            away: None,
            is_changed: true,
            parameters: Parameters::default(),
            t1: T1::default(),
            has_begun: false,
            chain: Chain::new(MAX_MESSAGE_BYTES),
        })
    }

    /// Limits its messages to so many bytes, but not below [`MIN_MESSAGE_BYTES`] or above
    /// [`MAX_MESSAGE_BYTES`]; longer APDUs come and go in parts.
    #[must_use]
    pub fn with_max_message(mut self, bytes: usize) -> Self {
        self.max_message_bytes = bytes.clamp(MIN_MESSAGE_BYTES, MAX_MESSAGE_BYTES);
        self.chain = Chain::new(self.max_message_bytes);
        self
    }

    /// Lets it answer its maker's commands.
    #[must_use]
    pub fn with_escapes(mut self, escapes: Escapes) -> Self {
        self.escapes = escapes;
        self
    }

    /// Gives the longest message in either direction, in bytes.
    #[must_use]
    pub fn max_message_bytes(&self) -> usize {
        self.max_message_bytes
    }

    /// Gives what stands in its interface descriptor over USB.
    #[must_use]
    pub fn class_descriptor(&self) -> [u8; 54] {
        // At most MAX_MESSAGE_BYTES.
        class_descriptor(self.level, u32::try_from(self.max_message_bytes).unwrap_or(u32::MAX))
    }

    /// Puts the card into the slot; it gets power when the host says so.
    pub fn insert(&mut self) {
        if self.icc == IccStatus::Absent {
            (self.icc, self.is_changed) = (IccStatus::Inactive, true);
        }
    }

    /// Takes the card out of the slot, and its power with it.
    pub fn remove(&mut self, slot: &mut dyn InSlot) {
        self.deactivate(slot);
        self.lose();
    }

    /// Whether there is a card in the slot.
    #[must_use]
    pub fn has_card(&self) -> bool {
        self.icc != IccStatus::Absent
    }

    /// Tells, once, that the card was pulled while it worked, and until when it is out; a front
    /// end inserts it again.
    pub fn pulled(&mut self) -> Option<Away> {
        self.away.take()
    }

    /// Takes power away, as when the host goes.
    pub fn deactivate(&mut self, slot: &mut dyn InSlot) {
        if self.icc == IccStatus::Active {
            slot.power_off();
            self.icc = IccStatus::Inactive;
        }
        self.begin_anew();
    }

    /// Gives RDR_to_PC_NotifySlotChange, once after each change; also after the start.
    pub fn notification(&mut self) -> Option<[u8; 2]> {
        let present = u8::from(self.has_card());
        std::mem::take(&mut self.is_changed).then_some([answer::NOTIFY_SLOT_CHANGE, 2 | present])
    }

    /// Forgets that it told the host what is in the slot, as when there is a new one.
    pub fn greet(&mut self) {
        self.is_changed = true;
    }

    /// Answers a message of the host, with the card that `slot` is.
    ///
    /// `None` is for a message that is shorter than its header: it has no sequence number that
    /// an answer could carry. All others are answered; bad ones change nothing, but for a
    /// command in parts, which is forgotten.
    pub fn answer(&mut self, message: &[u8], slot: &mut dyn InSlot) -> Option<Vec<u8>> {
        let command = Command::parse(message)?;
        if command.slot != 0 {
            return Some(command.failed(IccStatus::Absent, SlotError::SLOT));
        }
        let outcome = if self.is_long_as_it_says(&command) {
            self.carry_out(&command, slot)
        } else {
            Err(SlotError::LENGTH)
        };
        Some(match outcome {
            Ok((data, last)) => command.done(self.icc, last, &data),
            Err(error) => command.failed(self.icc, error),
        })
    }

    fn is_long_as_it_says(&self, command: &Command<'_>) -> bool {
        let whole = super::HEADER_BYTES + command.data.len();
        usize::try_from(command.length) == Ok(command.data.len()) && whole <= self.max_message_bytes
    }

    fn carry_out(&mut self, it: &Command<'_>, slot: &mut dyn InSlot) -> Done {
        match it.kind {
            command::XFR_BLOCK => self.exchange(it, slot),
            command::SET_PARAMETERS => self.set_parameters(it),
            command::ESCAPE => self.escape(it.data),
            command::POWER_ON
            | command::POWER_OFF
            | command::GET_SLOT_STATUS
            | command::GET_PARAMETERS
            | command::RESET_PARAMETERS
            | command::ABORT
                if !it.data.is_empty() =>
            {
                Err(SlotError::LENGTH)
            }
            command::POWER_ON => self.power_on(it.specific[0], slot),
            command::POWER_OFF => {
                self.deactivate(slot);
                self.clock()
            }
            command::GET_SLOT_STATUS => self.clock(),
            command::GET_PARAMETERS => self.active().and_then(|()| self.tell_parameters()),
            command::RESET_PARAMETERS => self.reset_parameters(),
            command::ABORT => {
                self.chain.forget();
                self.clock()
            }
            // Among them: clock, T0APDU, Secure, Mechanical, SetDataRateAndClockFrequency.
            _ => Err(SlotError::NOT_SUPPORTED),
        }
    }

    /// The card has power afterwards if its ATR is one that the reader can take.
    fn power_on(&mut self, voltage: u8, slot: &mut dyn InSlot) -> Done {
        const HIGHEST_VOLTAGE: u8 = 3;
        if voltage > HIGHEST_VOLTAGE {
            return Err(SlotError::FIRST);
        }
        match self.icc {
            IccStatus::Absent => return Err(SlotError::ICC_MUTE),
            IccStatus::Inactive => slot.power_on(),
            IccStatus::Active => slot.reset(),
        }
        self.icc = IccStatus::Active;
        self.begin_anew();
        let usual = self.atr.clone();
        let said = self.hear(slot.atr(&usual)).and_then(|atr| Ok((interface(&atr)?, atr)));
        let (card, atr) = said.inspect_err(|_| self.deactivate(slot))?;
        self.card = card;
        if self.level == Level::ExtendedApdu {
            self.parameters = Parameters::of(&self.card);
        }
        Ok((atr, 0))
    }

    /// `bClockStatus`: it runs while the card has power, else it is stopped low.
    fn clock(&self) -> Done {
        let stopped_low = 1;
        Ok((Vec::new(), if self.icc == IccStatus::Active { 0 } else { stopped_low }))
    }

    fn set_parameters(&mut self, it: &Command<'_>) -> Done {
        let parameters = Parameters::set(it.specific[0], it.data)?;
        self.active()?;
        self.parameters = parameters;
        self.tell_parameters()
    }

    fn reset_parameters(&mut self) -> Done {
        self.active()?;
        self.parameters = match self.level {
            Level::Tpdu => Parameters::default(),
            Level::ExtendedApdu => Parameters::of(&self.card),
        };
        self.tell_parameters()
    }

    fn tell_parameters(&self) -> Done {
        Ok((self.parameters.0.to_vec(), parameters::T1))
    }

    fn escape(&self, data: &[u8]) -> Done {
        match (self.escapes)(data) {
            Some(said) => Ok((said, 0)),
            None => Err(SlotError::NOT_SUPPORTED),
        }
    }

    fn exchange(&mut self, it: &Command<'_>, slot: &mut dyn InSlot) -> Done {
        match self.level {
            Level::Tpdu if it.level() != 0 => Err(SlotError::LEVEL),
            Level::Tpdu => self.active().and_then(|()| self.exchange_block(it.data, slot)),
            Level::ExtendedApdu => self.active().and_then(|()| self.exchange_part(it, slot)),
        }
    }

    fn exchange_block(&mut self, block: &[u8], slot: &mut dyn InSlot) -> Done {
        if let (false, [0xFF, ..]) = (self.has_begun, block) {
            return pps(block).map(|said| (said, 0)).ok_or(SlotError::ICC_MUTE);
        }
        self.has_begun = true;
        let said = match self.t1.take(block) {
            t1::Reply::Block(block) => block,
            t1::Reply::Command(command) => {
                let answer = self.hear(slot.transmit(&command))?;
                self.t1.answer(answer)
            }
            t1::Reply::Silence => return Err(SlotError::ICC_MUTE),
        };
        Ok((said, 0))
    }

    fn exchange_part(&mut self, it: &Command<'_>, slot: &mut dyn InSlot) -> Done {
        let part = match self.chain.take(it.level(), it.data)? {
            Step::Part(part) => part,
            Step::Command(command) => {
                let answer = self.hear(slot.transmit(&command))?;
                self.chain.answer(answer)
            }
        };
        let Part { data, chain } = part;
        Ok((data, chain))
    }

    /// What a card has said that was to say something.
    fn hear(&mut self, reply: Reply) -> Result<Vec<u8>, SlotError> {
        match Heard::of(reply) {
            Heard::Said(said) => return Ok(said),
            Heard::Nothing => {}
            Heard::Lost(away) => {
                self.lose();
                self.away = Some(away);
            }
        }
        Err(SlotError::ICC_MUTE)
    }

    fn active(&self) -> Result<(), SlotError> {
        if self.icc == IccStatus::Active { Ok(()) } else { Err(SlotError::ICC_MUTE) }
    }

    fn lose(&mut self) {
        if self.has_card() {
            (self.icc, self.is_changed) = (IccStatus::Absent, true);
        }
        self.begin_anew();
    }

    /// Forgets what a card without power forgets.
    fn begin_anew(&mut self) {
        self.t1 = T1::default();
        self.has_begun = false;
        self.chain.forget();
        self.parameters = Parameters::default();
    }
}

/// The card's answer to a PPS (ISO/IEC 7816-3, section 9): the same, when it asks for T=1;
/// `None`, for which the card is mute, when it is malformed or asks for another protocol.
fn pps(request: &[u8]) -> Option<Vec<u8>> {
    let [_ppss, pps0, ..] = *request else { return None };
    let follow = (pps0 & 0x70).count_ones() as usize;
    let sum = request.iter().fold(0, |sum, byte| sum ^ byte);
    let good = request.len() == 3 + follow && sum == 0 && pps0 & 0x8F == parameters::T1;
    good.then(|| request.to_vec())
}

#[cfg(test)]
mod tests;
