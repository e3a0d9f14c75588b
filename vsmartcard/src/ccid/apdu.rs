//! Whole APDUs in one message or in several (CCID 1.1, sections 6.1.4 and 6.2.1).
//!
//! A command that is longer than a message comes in parts, each answered by an empty block
//! that asks for the next; so does an answer, whose parts the host asks for.

use super::slot_error::SlotError;
use super::{HEADER_BYTES, MAX_COMMAND_BYTES};

/// Values of `wLevelParameter` and, of the answer, `bChainParameter`.
const WHOLE: u16 = 0x00;
const FIRST: u16 = 0x01;
const LAST: u16 = 0x02;
const BETWEEN: u16 = 0x03;
const GO_ON: u16 = 0x10;

/// The fewest bytes of a command: CLA, INS, P1, P2.
const MIN_COMMAND_BYTES: usize = 4;

/// What comes of a part.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The command is whole: the card has to answer it.
    Command(Vec<u8>),
    /// This goes to the host.
    Part(Part),
}

/// Data of an answer, and its `bChainParameter`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The data.
    pub(super) data: Vec<u8>,
    /// Where it stands in the answer, or that the command goes on.
    pub(super) chain: u8,
}

/// A command that comes in parts, or an answer that goes.
#[derive(Debug)]
pub(super) struct Chain {
    /// The most data of a message.
    room: usize,
    command: Option<Vec<u8>>,
    answer: Vec<u8>,
    sent: usize,
}

impl Chain {
    /// For messages of at most so many bytes.
    pub(super) fn new(max_message_bytes: usize) -> Self {
        let room = max_message_bytes - HEADER_BYTES;
        Self { room, command: None, answer: Vec::new(), sent: 0 }
    }

    /// Forgets what is not whole.
    pub(super) fn forget(&mut self) {
        *self = Self::new(self.room + HEADER_BYTES);
    }

    /// Takes a part, or the wish for one.
    ///
    /// # Errors
    /// The byte that is wrong; a command in parts is forgotten then.
    pub(super) fn take(&mut self, level: u16, data: &[u8]) -> Result<Step, SlotError> {
        if level == GO_ON {
            return self.go_on(data);
        }
        let begun = self.command.take();
        self.forget();
        let mut command = match (level, begun) {
            (WHOLE | FIRST, _) => Vec::new(),
            (LAST | BETWEEN, Some(begun)) => begun,
            _ => return Err(SlotError::LEVEL),
        };
        command.extend_from_slice(data);
        if command.len() > MAX_COMMAND_BYTES {
            return Err(SlotError::LENGTH);
        }
        if level == FIRST || level == BETWEEN {
            self.command = Some(command);
            return Ok(Step::Part(Part { data: Vec::new(), chain: GO_ON as u8 }));
        }
        let long_enough = command.len() >= MIN_COMMAND_BYTES;
        long_enough.then_some(Step::Command(command)).ok_or(SlotError::LENGTH)
    }

    /// Begins to answer.
    pub(super) fn answer(&mut self, answer: Vec<u8>) -> Part {
        (self.answer, self.sent) = (answer, 0);
        self.part()
    }

    fn go_on(&mut self, data: &[u8]) -> Result<Step, SlotError> {
        if !data.is_empty() {
            return Err(SlotError::LENGTH);
        }
        let waits = self.sent < self.answer.len();
        if waits { Ok(Step::Part(self.part())) } else { Err(SlotError::LEVEL) }
    }

    fn part(&mut self) -> Part {
        let rest = self.answer.get(self.sent..).unwrap_or_default();
        let data = rest[..rest.len().min(self.room)].to_vec();
        let (begins, ends) = (self.sent == 0, data.len() == rest.len());
        self.sent += data.len();
        let chain = match (begins, ends) {
            (true, true) => WHOLE,
            (true, false) => FIRST,
            (false, true) => LAST,
            (false, false) => BETWEEN,
        };
        Part { data, chain: chain as u8 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(data: &[u8], chain: u8) -> Part {
        Part { data: data.to_vec(), chain }
    }

    #[test]
    fn a_command_in_one_message_is_whole() {
        let mut chain = Chain::new(14);
        assert_eq!(chain.take(0, &[1, 2, 3, 4]), Ok(Step::Command(vec![1, 2, 3, 4])));
        assert_eq!(chain.take(0, &[1, 2, 3]), Err(SlotError::LENGTH));
        assert_eq!(chain.take(0, &[]), Err(SlotError::LENGTH));
    }

    #[test]
    fn a_command_in_parts_is_put_together() {
        let mut chain = Chain::new(14);
        assert_eq!(chain.take(1, &[1, 2]), Ok(Step::Part(part(&[], 0x10))));
        assert_eq!(chain.take(3, &[3]), Ok(Step::Part(part(&[], 0x10))));
        assert_eq!(chain.take(2, &[4, 5]), Ok(Step::Command(vec![1, 2, 3, 4, 5])));
    }

    #[test]
    fn parts_out_of_order_are_refused_and_forgotten() {
        let mut chain = Chain::new(14);
        for level in [2, 3, 0x10, 4, 0x0100, 0xFFFF] {
            let begun = chain.take(1, &[1, 2]);
            assert_eq!(begun, Ok(Step::Part(part(&[], 0x10))));
            chain.forget();
            let data: &[u8] = if level == 0x10 { &[] } else { &[1] };
            assert_eq!(chain.take(level, data), Err(SlotError::LEVEL), "{level}");
        }
        assert_eq!(chain.take(0x10, &[1]), Err(SlotError::LENGTH));
    }

    #[test]
    fn a_new_command_takes_the_place_of_one_that_was_not_finished() {
        let mut chain = Chain::new(14);
        chain.take(1, &[1, 2]).unwrap();
        assert_eq!(chain.take(0, &[5, 6, 7, 8]), Ok(Step::Command(vec![5, 6, 7, 8])));
        assert_eq!(chain.take(2, &[9]), Err(SlotError::LEVEL));
    }

    #[test]
    fn a_command_longer_than_any_is_refused() {
        let mut chain = Chain::new(super::super::MAX_MESSAGE_BYTES);
        chain.take(1, &vec![0; MAX_COMMAND_BYTES]).unwrap();
        assert_eq!(chain.take(3, &[0]), Err(SlotError::LENGTH));
        assert_eq!(chain.take(2, &[0]), Err(SlotError::LEVEL), "it is forgotten");
    }

    #[test]
    fn an_answer_goes_in_parts_that_the_host_asks_for() {
        let mut chain = Chain::new(14);
        assert_eq!(chain.answer(vec![1, 2, 3, 4]), part(&[1, 2, 3, 4], 0));
        assert_eq!(chain.take(0x10, &[]), Err(SlotError::LEVEL), "nothing is left");
        assert_eq!(chain.answer(vec![]), part(&[], 0));
        assert_eq!(chain.answer((0..9).collect()), part(&[0, 1, 2, 3], 1));
        assert_eq!(chain.take(0x10, &[]), Ok(Step::Part(part(&[4, 5, 6, 7], 3))));
        assert_eq!(chain.take(0x10, &[]), Ok(Step::Part(part(&[8], 2))));
        assert_eq!(chain.take(0x10, &[]), Err(SlotError::LEVEL));
    }
}
