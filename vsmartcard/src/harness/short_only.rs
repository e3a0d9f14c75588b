//! A reader that passes short APDUs and no others, between any card and its plug.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::atr::Atr;
use crate::plug::{InSlot, Reply};

/// The longest short command: header, Lc, 255 bytes of data and Le.
const MAX_COMMAND_BYTES: usize = 4 + 1 + 255 + 1;
/// The longest answer to a short command: 256 bytes of data and the status word.
const MAX_ANSWER_BYTES: usize = 256 + 2;
/// The header, the byte that says "extended", and a length of two bytes.
const MIN_EXTENDED_BYTES: usize = 4 + 1 + 2;

const WRONG_LENGTH: [u8; 2] = [0x67, 0x00];
const NO_DIAGNOSIS: [u8; 2] = [0x6F, 0x00];

/// What happens to a command that is too long for the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnExtended {
    /// It is answered 6700.
    Refuse,
    /// It is not answered and the connection breaks, as with a driver that gives up.
    Break,
}

/// The lengths of what has passed a reader, in bytes, and what has not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PassedLengths {
    /// The longest command that reached the card.
    pub longest_command: usize,
    /// The longest answer that the card gave, at most 258 bytes if it keeps to ISO/IEC 7816-3.
    pub longest_answer: usize,
    /// How many commands did not reach the card.
    pub kept_back: u64,
}

/// Tells what has passed a [`ShortOnly`] that is in a thread of its own by now.
#[derive(Debug, Clone, Default)]
pub struct Passed {
    lengths: Arc<Mutex<PassedLengths>>,
}

impl Passed {
    /// Gives what has passed so far.
    #[must_use]
    pub fn lengths(&self) -> PassedLengths {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, PassedLengths> {
        self.lengths.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A card behind a reader that passes short APDUs only (ISO/IEC 7816-3, section 12.1.3).
///
/// An extended command never reaches the card. Where the card gives more than 258 bytes, that
/// is noted and 6F00 passes instead.
#[derive(Debug)]
pub struct ShortOnly<C> {
    card: C,
    on_extended: OnExtended,
    passed: Passed,
}

impl<C: InSlot> ShortOnly<C> {
    /// Puts a card behind such a reader.
    pub fn new(card: C, on_extended: OnExtended) -> Self {
        Self { card, on_extended, passed: Passed::default() }
    }

    /// Gives what tells of what passes.
    #[must_use]
    pub fn passed(&self) -> Passed {
        self.passed.clone()
    }

    fn keep_back(&mut self) -> Reply {
        self.passed.lock().kept_back += 1;
        match self.on_extended {
            OnExtended::Refuse => Reply::Answer(WRONG_LENGTH.to_vec()),
            OnExtended::Break => Reply::Pulled(Duration::ZERO),
        }
    }
}

impl<C: InSlot> InSlot for ShortOnly<C> {
    fn power_off(&mut self) {
        self.card.power_off();
    }

    fn power_on(&mut self) {
        self.card.power_on();
    }

    fn reset(&mut self) {
        self.card.reset();
    }

    fn transmit(&mut self, command: &[u8]) -> Reply {
        if is_too_long(command) {
            return self.keep_back();
        }
        let reply = self.card.transmit(command);
        let Reply::Answer(answer) = &reply else { return reply };
        let mut lengths = self.passed.lock();
        lengths.longest_command = lengths.longest_command.max(command.len());
        lengths.longest_answer = lengths.longest_answer.max(answer.len());
        if answer.len() > MAX_ANSWER_BYTES { Reply::Answer(NO_DIAGNOSIS.to_vec()) } else { reply }
    }

    fn atr(&mut self, usual: &Atr) -> Reply {
        self.card.atr(usual)
    }
}

/// Whether a command is extended by its form, which is a zero where Lc or Le would be and at
/// least two bytes after it, or has more bytes than a short one can.
fn is_too_long(command: &[u8]) -> bool {
    let is_extended = command.len() >= MIN_EXTENDED_BYTES && command[4] == 0;
    is_extended || command.len() > MAX_COMMAND_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::{CardThread, Echo};
    use crate::plug::{ReaderError, VpcdListener};
    use std::time::Duration;

    const WITHIN: Duration = Duration::from_secs(10);
    const EXTENDED: [&[u8]; 4] = [
        &[0, 0xCA, 0, 0, 0, 0, 0],
        &[0, 0xCA, 0, 0, 0, 0, 1, 7],
        &[0, 0xCA, 0, 0, 0, 0, 1, 7, 0, 0],
        &[1; 262],
    ];

    fn longest() -> Vec<u8> {
        [&[0, 0xCA, 0, 0, 255][..], &[7; 255], &[0]].concat()
    }

    #[test]
    fn short_commands_of_all_four_cases_reach_the_card() {
        let mut reader = ShortOnly::new(Echo::answering(256), OnExtended::Refuse);
        for short in [&[0, 0xCA, 0, 0][..], &[0, 0xCA, 0, 0, 0], &[0, 0xCA, 0, 0, 1, 7], &longest()]
        {
            assert_eq!(reader.transmit(short).into_answer().unwrap().len(), 258);
        }
        let passed = PassedLengths { longest_command: 261, longest_answer: 258, kept_back: 0 };
        assert_eq!(reader.passed().lengths(), passed);
    }

    #[test]
    fn an_extended_command_is_refused_and_never_reaches_the_card() {
        let mut reader = ShortOnly::new(Echo::answering(0), OnExtended::Refuse);
        for extended in EXTENDED {
            assert_eq!(reader.transmit(extended), Reply::Answer(WRONG_LENGTH.to_vec()));
        }
        let none = PassedLengths { kept_back: 4, ..PassedLengths::default() };
        assert_eq!(reader.passed().lengths(), none);
    }

    #[test]
    fn an_answer_that_is_too_long_is_noted_and_does_not_pass() {
        let mut reader = ShortOnly::new(Echo::answering(257), OnExtended::Refuse);
        assert_eq!(reader.transmit(&[0, 0xCA, 0, 0, 0]), Reply::Answer(NO_DIAGNOSIS.to_vec()));
        assert_eq!(reader.passed().lengths().longest_answer, 259);
    }

    #[test]
    fn an_extended_command_breaks_the_connection_and_the_card_comes_back() {
        let listener = VpcdListener::bind("127.0.0.1:0").unwrap();
        let card = ShortOnly::new(Echo::answering(0), OnExtended::Break);
        let _thread = CardThread::start(card, listener.address().unwrap().port()).unwrap();
        let mut reader = listener.accept(WITHIN).unwrap();
        let broken = reader.transmit(EXTENDED[0], WITHIN);
        assert!(matches!(broken, Err(ReaderError::Pulled)), "{broken:?}");
        let mut again = listener.accept(WITHIN).unwrap();
        assert_eq!(again.atr(WITHIN).unwrap(), Atr::default().as_bytes());
        assert_eq!(again.transmit(&longest(), WITHIN).unwrap(), [0x90, 0x00]);
    }
}
