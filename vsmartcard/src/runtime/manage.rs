//! MANAGE CHANNEL: opens and closes logical channels.

use saifu_wire::Status;
use saifu_wire::apdu::Class;

use super::{BASIC, CHANNELS, Channel, Runtime, parse_plain};

/// What MANAGE CHANNEL asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manage {
    /// The first closed channel is opened, and its number answered.
    OpenAny,
    Open(u8),
    Close(u8),
}

impl Manage {
    fn find(class: Class, p1: u8, p2: u8) -> Result<Self, Status> {
        Ok(match (p1, p2) {
            (0x00, 0x00) => Self::OpenAny,
            (0x00, number) => Self::Open(number),
            (0x80, 0x00) => Self::Close(class.channel),
            (0x80, number) => Self::Close(number),
            _ => return Err(Status::WrongP1P2),
        })
    }
}

impl Runtime {
    pub(super) fn manage(
        &mut self,
        class: Class,
        apdu: &[u8],
        answer: &mut Vec<u8>,
    ) -> Result<(), Status> {
        let command = parse_plain(class, apdu)?;
        let change = Manage::find(class, command.p1, command.p2)?;
        let answers = change == Manage::OpenAny;
        if !command.data.is_empty() || (answers && command.le.is_none()) {
            return Err(Status::WrongLength);
        }
        match change {
            Manage::OpenAny => answer.push(self.open_any(class.channel)?),
            Manage::Open(number) => self.open(number, class.channel)?,
            Manage::Close(number) => self.close(number)?,
        }
        answer.extend_from_slice(&Status::Ok.to_be_bytes());
        Ok(())
    }

    /// Opens the first closed channel.
    fn open_any(&mut self, from: u8) -> Result<u8, Status> {
        let closed = self.channels.iter().position(|channel| *channel == Channel::Closed);
        let number = closed.ok_or(Status::NotEnoughMemory)? as u8;
        self.open(number, from)?;
        Ok(number)
    }

    /// Opens a channel; from the basic one, with the default applet selected.
    fn open(&mut self, number: u8, from: u8) -> Result<(), Status> {
        match self.channels.get_mut(usize::from(number)) {
            Some(channel @ Channel::Closed) => *channel = Channel::Open,
            Some(_) => return Err(Status::ConditionsNotSatisfied),
            None => return Err(Status::WrongP1P2),
        }
        if from == BASIC {
            self.select_default(number);
        }
        Ok(())
    }

    fn close(&mut self, number: u8) -> Result<(), Status> {
        if number == BASIC || usize::from(number) >= CHANNELS {
            return Err(Status::WrongP1P2);
        }
        self.leave(number);
        self.channels[usize::from(number)] = Channel::Closed;
        Ok(())
    }
}
