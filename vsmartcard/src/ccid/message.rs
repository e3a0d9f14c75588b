//! CCID messages (CCID 1.1, sections 6.1 and 6.2) as bytes.

use super::descriptor::{CLOCK_KHZ, RATE_BPS};
use super::slot_error::SlotError;

/// The bytes before a message's data.
pub const HEADER_BYTES: usize = 10;

/// Commands of the bulk-out pipe that the engine knows; to all others it says so.
pub(super) mod command {
    pub(crate) const SET_PARAMETERS: u8 = 0x61;
    pub(crate) const POWER_ON: u8 = 0x62;
    pub(crate) const POWER_OFF: u8 = 0x63;
    pub(crate) const GET_SLOT_STATUS: u8 = 0x65;
    pub(crate) const SECURE: u8 = 0x69;
    pub(crate) const ESCAPE: u8 = 0x6B;
    pub(crate) const GET_PARAMETERS: u8 = 0x6C;
    pub(crate) const RESET_PARAMETERS: u8 = 0x6D;
    pub(crate) const XFR_BLOCK: u8 = 0x6F;
    pub(crate) const ABORT: u8 = 0x72;
    pub(crate) const SET_RATE_AND_CLOCK: u8 = 0x73;
}

/// Answers of the bulk-in pipe, and what the interrupt pipe says.
pub(super) mod answer {
    pub(crate) const NOTIFY_SLOT_CHANGE: u8 = 0x50;
    pub(crate) const DATA_BLOCK: u8 = 0x80;
    pub(crate) const SLOT_STATUS: u8 = 0x81;
    pub(crate) const PARAMETERS: u8 = 0x82;
    pub(crate) const ESCAPE: u8 = 0x83;
    pub(crate) const RATE_AND_CLOCK: u8 = 0x84;
}

const FAILED: u8 = 0x40;
const TIME_EXTENSION: u8 = 0x80;

/// What the slot holds, as the low bits of `bStatus` say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IccStatus {
    /// A card with power.
    Active = 0,
    /// A card without.
    Inactive = 1,
    /// No card.
    Absent = 2,
}

/// A command as it came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Command<'a> {
    /// `bMessageType`.
    pub(super) kind: u8,
    /// `dwLength`.
    pub(super) length: u32,
    /// `bSlot`.
    pub(super) slot: u8,
    /// `bSeq`.
    pub(super) sequence: u8,
    /// The three bytes that depend on the command.
    pub(super) specific: [u8; 3],
    /// What follows the header, however long `dwLength` says it is.
    pub(super) data: &'a [u8],
}

impl<'a> Command<'a> {
    /// Takes a message apart; `None` when it is shorter than a header, so that nobody can say
    /// which command to answer.
    pub(super) fn parse(message: &'a [u8]) -> Option<Self> {
        let (&header, data) = message.split_first_chunk::<HEADER_BYTES>()?;
        let [kind, l0, l1, l2, l3, slot, sequence, a, b, c] = header;
        let length = u32::from_le_bytes([l0, l1, l2, l3]);
        Some(Self { kind, length, slot, sequence, specific: [a, b, c], data })
    }

    /// `wLevelParameter`, of a command that has one.
    pub(super) fn level(&self) -> u16 {
        u16::from_le_bytes([self.specific[1], self.specific[2]])
    }

    /// The type of its answer; commands that nobody knows get the slot's status.
    fn answer_kind(&self) -> u8 {
        match self.kind {
            command::POWER_ON | command::XFR_BLOCK | command::SECURE => answer::DATA_BLOCK,
            command::GET_PARAMETERS | command::RESET_PARAMETERS | command::SET_PARAMETERS => {
                answer::PARAMETERS
            }
            command::ESCAPE => answer::ESCAPE,
            command::SET_RATE_AND_CLOCK => answer::RATE_AND_CLOCK,
            _ => answer::SLOT_STATUS,
        }
    }

    /// Its answer when it was carried out; `last` is the header's last byte, which depends on
    /// the answer.
    pub(super) fn done(&self, icc: IccStatus, last: u8, data: &[u8]) -> Vec<u8> {
        self.answer(icc as u8, 0, last, data)
    }

    /// Its answer when it failed. The one about rate and clock has them in any case.
    pub(super) fn failed(&self, icc: IccStatus, error: SlotError) -> Vec<u8> {
        let [clock, rate] = [CLOCK_KHZ, RATE_BPS].map(u32::to_le_bytes);
        let data = match self.answer_kind() {
            answer::RATE_AND_CLOCK => [clock, rate].concat(),
            _ => Vec::new(),
        };
        self.answer(icc as u8 | FAILED, error.0, 0, &data)
    }

    fn answer(&self, status: u8, error: u8, last: u8, data: &[u8]) -> Vec<u8> {
        // No caller has more data than MAX_MESSAGE_BYTES.
        let length = u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes();
        let mut bytes = Vec::with_capacity(HEADER_BYTES + data.len());
        bytes.push(self.answer_kind());
        bytes.extend_from_slice(&length);
        bytes.extend_from_slice(&[self.slot, self.sequence, status, error, last]);
        bytes.extend_from_slice(data);
        bytes
    }
}

/// Says to the host that the card still works on a command, so that it waits on for so many
/// times the block waiting time; `None` when the message is no XfrBlock.
///
/// A front end whose host counts sends it while [`super::Engine::answer`] has not come back.
#[must_use]
pub fn more_time(message: &[u8], block_waiting_times: u8) -> Option<Vec<u8>> {
    let command = Command::parse(message).filter(|it| it.kind == command::XFR_BLOCK)?;
    let status = TIME_EXTENSION | IccStatus::Active as u8;
    Some(command.answer(status, block_waiting_times.max(1), 0, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_shorter_than_its_header_is_none() {
        for length in 0..HEADER_BYTES {
            assert!(Command::parse(&[0x65; HEADER_BYTES][..length]).is_none());
        }
        let command = Command::parse(&[0x65, 1, 2, 0, 0, 6, 7, 8, 9, 10, 11]).unwrap();
        assert_eq!((command.kind, command.length), (0x65, 0x0201));
        assert_eq!((command.slot, command.sequence, command.specific), (6, 7, [8, 9, 10]));
        assert_eq!((command.level(), command.data), (0x0A09, &[11][..]));
    }

    #[test]
    fn each_command_has_its_type_of_answer() {
        let kind = |kind: u8| {
            let message = [kind, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            Command::parse(&message).unwrap().done(IccStatus::Active, 0, &[])[0]
        };
        assert_eq!([0x62, 0x6F, 0x69].map(kind), [0x80; 3]);
        assert_eq!([0x63, 0x65, 0x6E, 0x6A, 0x71, 0x72, 0x00, 0xFF].map(kind), [0x81; 8]);
        assert_eq!([0x6C, 0x6D, 0x61].map(kind), [0x82; 3]);
        assert_eq!([0x6B, 0x73].map(kind), [0x83, 0x84]);
    }

    #[test]
    fn an_exchange_is_given_more_time_and_nothing_else_is() {
        let exchange = [0x6F, 1, 0, 0, 0, 0, 9, 0, 0, 0, 0xAA];
        let more = more_time(&exchange, 3).unwrap();
        assert_eq!(more, [0x80, 0, 0, 0, 0, 0, 9, 0x80, 3, 0]);
        assert_eq!(more_time(&exchange, 0).unwrap()[8], 1, "no time at all would be no more");
        assert_eq!(more_time(&[0x65, 0, 0, 0, 0, 0, 9, 0, 0, 0], 3), None);
        assert_eq!(more_time(&exchange[..9], 3), None);
    }
}
