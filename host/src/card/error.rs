//! What can go wrong with a card.

use crate::transport::TransportError;
use crate::trust::Untrusted;
use saifu_wire::Malformed;
use saifu_wire::ins::Ins;
use saifu_wire::status::{MORE_DATA, Status, TRIES_LEFT};
use std::fmt;

/// A card's refusal: which command, and the status word (§5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardRefusal {
    /// The command it refused.
    pub command: Ins,
    /// The status word.
    pub status: u16,
}

impl CardRefusal {
    /// What the specification says the status word means.
    pub fn meaning(&self) -> &'static str {
        match Status::from_word(self.status) {
            Some(status) => status.meaning(),
            None if self.tries_left().is_some() => "PIN wrong or not given",
            None if self.status.to_be_bytes()[0] == MORE_DATA => "the answer goes on",
            None => "a status word the specification does not have",
        }
    }

    /// The tries a 63Cx leaves.
    pub fn tries_left(&self) -> Option<u8> {
        (self.status & 0xFFF0 == TRIES_LEFT).then_some(self.status as u8 & 0x0F)
    }

    /// Whether the status word is `status`.
    pub fn is(&self, status: Status) -> bool {
        self.status == status as u16
    }
}

impl fmt::Display for CardRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (command, meaning) = (self.command.name(), self.meaning());
        write!(f, "the card refused {command}: {meaning} ({:04X})", self.status)
    }
}

impl std::error::Error for CardRefusal {}

/// Why a command brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// The card was not reached, or what came back is no answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The card refused, and changed nothing.
    #[error(transparent)]
    Refused(#[from] CardRefusal),
    /// The PIN is wrong.
    #[error("the PIN is wrong; tries left: {tries_left}")]
    WrongPin {
        /// Tries left, at least 1.
        tries_left: u8,
    },
    /// No try is left.
    #[error("the card's PIN is blocked")]
    PinBlocked,
    /// The data of a good answer are not what the specification says.
    #[error("the card's answer to {} is malformed: {why}", command.name())]
    Malformed {
        /// The command it answered.
        command: Ins,
        /// What is wrong.
        why: Malformed,
    },
    /// The answer has another length than what was asked for.
    #[error("the card answered {} with {got} bytes instead of {expected}", command.name())]
    Length {
        /// The command it answered.
        command: Ins,
        /// The bytes that had to come.
        expected: u64,
        /// The bytes that came.
        got: u64,
    },
    /// The card speaks another version of the interface.
    #[error("the card speaks version {0} of the interface; this terminal speaks version 1")]
    Version(u8),
    /// What the card said of itself does not verify.
    #[error(transparent)]
    Untrusted(#[from] Untrusted),
}

impl CardError {
    /// Whether the card refused with `status`.
    pub fn is_refusal(&self, status: Status) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.is(status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16) -> CardRefusal {
        CardRefusal { command: Ins::Debit, status }
    }

    #[test]
    fn a_refusal_says_which_command_why_and_the_status_word() {
        let text = "the card refused DEBIT: conditions of use not satisfied (6985)";
        assert_eq!(refusal(0x6985).to_string(), text);
    }

    #[test]
    fn only_63cx_tells_tries() {
        assert_eq!(refusal(0x63C2).tries_left(), Some(2));
        assert_eq!(refusal(0x63D2).tries_left(), None);
        assert!(refusal(0x6F00).meaning().contains("does not have"));
    }
}
