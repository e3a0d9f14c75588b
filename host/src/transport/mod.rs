//! How commands reach a card.
//!
//! A transport moves whole APDUs and nothing else: chaining, GET RESPONSE and status
//! words belong to [`crate::card`]. Every command goes through [`send`], which keeps to
//! the limits that every reader and driver bears.

mod in_process;
mod pcsc;

pub use in_process::{InProcess, VirtualCard};
pub use pcsc::Pcsc;
pub(crate) use pcsc::connect_alone;

use saifu_wire::apdu::MAX_COMMAND;

/// The fewest bytes of a command: some drivers take less for a message to themselves.
pub const MIN_COMMAND: usize = 4;

/// The most bytes of an answer, status word included.
pub const MAX_ANSWER: usize = 65_535;

/// A way to one card.
pub trait Transport {
    /// Sends a whole command APDU and returns the whole answer, status word included.
    ///
    /// Call it through [`send`], which checks the lengths of both.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError>;

    /// Connects anew, after an error or a pause: nothing is selected afterwards, and whoever
    /// is there may be another card.
    fn reconnect(&mut self) -> Result<(), TransportError>;

    /// What the user calls it: a reader's name, say.
    fn name(&self) -> &str;

    /// Whether extended APDUs pass, else commands are chained and answers fetched in parts;
    /// none where only trying tells.
    fn passes_extended(&self) -> Option<bool> {
        Some(true)
    }
}

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Nothing on this machine knows of readers.
    #[error("this machine's PC/SC service does not answer: {0}")]
    NoService(String),
    /// There is no reader, or not the one that was named.
    #[error("there is no {wanted}{}", seen(.there))]
    NoReader {
        /// What was looked for.
        wanted: String,
        /// The readers there are.
        there: Vec<String>,
    },
    /// More than one card is there, and none was named.
    #[error("there is a card in each of {}", .0.join(", "))]
    ManyCards(Vec<String>),
    /// There is no card.
    #[error("there is no card in {name}")]
    NoCard {
        /// The transport's name.
        name: String,
    },
    /// Another program has the card for itself.
    #[error("another program has the card in {name}")]
    Busy {
        /// The transport's name.
        name: String,
    },
    /// The way to the card broke; whether the command was executed is not known.
    #[error("the card in {name} does not answer: {reason}")]
    Broken {
        /// The transport's name.
        name: String,
        /// What happened.
        reason: String,
    },
    /// No answer came in time; whether the command was executed is not known.
    #[error("the card in {name} has not answered for {seconds} s")]
    Silent {
        /// The transport's name.
        name: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// A command that no reader may be given; it was not sent.
    #[error("a command of {0} bytes was not sent: only 4 to 65,535 bytes are")]
    CommandLength(usize),
    /// An answer without a status word, or longer than answers can be.
    #[error("the card in {name} answered {bytes} bytes, which is no answer")]
    AnswerLength {
        /// The transport's name.
        name: String,
        /// The bytes it answered.
        bytes: usize,
    },
}

impl TransportError {
    /// Whether a command may have been lost on its way, so that connecting anew helps if the
    /// card comes back.
    pub fn is_lost(&self) -> bool {
        use TransportError::{AnswerLength, Broken, Busy, NoCard, NoReader, NoService};
        let passing = matches!(self, NoService(_) | NoReader { .. } | NoCard { .. } | Busy { .. });
        passing || matches!(self, Broken { .. } | AnswerLength { .. })
    }
}

fn seen(readers: &[String]) -> String {
    match readers {
        [] => String::new(),
        readers => format!("; there is {}", readers.join(", ")),
    }
}

/// Sends one command APDU of 4 to 65,535 bytes, and returns an answer of 2 to 65,535.
pub fn send(transport: &mut dyn Transport, command: &[u8]) -> Result<Vec<u8>, TransportError> {
    if !(MIN_COMMAND..=MAX_COMMAND).contains(&command.len()) {
        return Err(TransportError::CommandLength(command.len()));
    }
    let answer = transport.transmit(command)?;
    if !(2..=MAX_ANSWER).contains(&answer.len()) {
        let name = transport.name().to_owned();
        return Err(TransportError::AnswerLength { name, bytes: answer.len() });
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Script;

    #[test]
    fn a_command_no_reader_may_get_is_never_sent() {
        let mut script = Script::new([]);
        for length in [0, 1, 3, 65_536] {
            let refused = send(&mut script, &vec![0; length]);
            assert_eq!(refused, Err(TransportError::CommandLength(length)));
        }
        assert_eq!(script.sent(), 0);
    }

    #[test]
    fn an_answer_without_a_status_word_is_an_error() {
        for answer in [vec![], vec![0x90], vec![0; 65_536]] {
            let bytes = answer.len();
            let mut script = Script::new([(vec![0, 0xCA, 0, 0], answer)]);
            let refused = send(&mut script, &[0, 0xCA, 0, 0]).unwrap_err();
            assert_eq!(refused, TransportError::AnswerLength { name: "script".into(), bytes });
        }
    }

    #[test]
    fn a_status_word_alone_is_an_answer() {
        let mut script = Script::new([(vec![0, 0xCA, 0, 0], vec![0x6D, 0])]);
        assert_eq!(send(&mut script, &[0, 0xCA, 0, 0]), Ok(vec![0x6D, 0]));
    }
}
