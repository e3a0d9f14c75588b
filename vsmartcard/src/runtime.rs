//! A card runtime: hosts applets by AID and keeps which is selected on which channel.
//!
//! It carries out SELECT by AID and MANAGE CHANNEL (ISO/IEC 7816-4 sections 11.2.2 and 11.1.2)
//! and passes every other command on as it came. A session of an applet begins with its
//! selection and ends in one place, `leave`, or with the power.

use saifu_wire::Status;
use saifu_wire::apdu::{Class, Command};
use saifu_wire::applet::Applet;

/// The number of logical channels, the basic one included.
pub const CHANNELS: usize = 20;

const INS_MANAGE_CHANNEL: u8 = 0x70;
const INS_SELECT: u8 = 0xA4;
const SELECT_BY_NAME: u8 = 0x04;

/// A card with its applets, as a reader sees it: powered up, reset, sent APDUs.
pub struct Runtime {
    applets: Vec<Box<dyn Applet + Send>>,
    channels: [Channel; CHANNELS],
    powered: bool,
}

/// A logical channel: closed, open, or open with the applet of this index selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Channel {
    Closed,
    Open,
    Selected(usize),
}

impl Runtime {
    /// A card without power, hosting `applets`; the first is found first by a partial AID.
    pub fn new(applets: Vec<Box<dyn Applet + Send>>) -> Self {
        Self { applets, channels: [Channel::Closed; CHANNELS], powered: false }
    }

    /// Gives the card power; every applet forgets what was volatile and recovers.
    pub fn power_up(&mut self) {
        self.applets.iter_mut().for_each(|applet| applet.power_up());
        self.open_basic_channel();
        self.powered = true;
    }

    /// Takes the power away; what was volatile is gone. The next command powers the card up.
    pub fn power_down(&mut self) {
        self.applets.iter_mut().for_each(|applet| applet.reset());
        self.powered = false;
    }

    /// Resets the card: nothing is selected, every session is gone.
    pub fn reset(&mut self) {
        self.applets.iter_mut().for_each(|applet| applet.reset());
        self.open_basic_channel();
    }

    /// Answers one command APDU; every input gets data and a status word. A card without power
    /// is powered up first.
    pub fn transmit(&mut self, apdu: &[u8]) -> Vec<u8> {
        let mut answer = Vec::new();
        if !self.powered {
            self.power_up();
        }
        if let Err(status) = self.dispatch(apdu, &mut answer) {
            answer.clear();
            answer.extend_from_slice(&status.to_be_bytes());
        }
        answer
    }

    fn open_basic_channel(&mut self) {
        self.channels = [Channel::Closed; CHANNELS];
        self.channels[0] = Channel::Open;
    }

    fn dispatch(&mut self, apdu: &[u8], answer: &mut Vec<u8>) -> Result<(), Status> {
        let &[cla, ins, p1, ..] = apdu else { return Err(Status::WrongLength) };
        if apdu.len() < 4 {
            return Err(Status::WrongLength);
        }
        let class = Class::parse(cla).ok_or(Status::ClassNotSupported)?;
        let state = self.channels[usize::from(class.channel)];
        if state == Channel::Closed {
            return Err(Status::ChannelNotSupported);
        }
        match ins {
            INS_SELECT if !class.proprietary && p1 == SELECT_BY_NAME => {
                self.interrupt(class.channel);
                self.select(class, apdu, answer)
            }
            INS_MANAGE_CHANNEL if !class.proprietary => {
                self.interrupt(class.channel);
                self.manage(class, apdu, answer)
            }
            _ => self.pass_on(class.channel, apdu, answer),
        }
    }

    fn pass_on(&mut self, channel: u8, apdu: &[u8], answer: &mut Vec<u8>) -> Result<(), Status> {
        let Channel::Selected(index) = self.channels[usize::from(channel)] else {
            return Err(Status::ConditionsNotSatisfied);
        };
        self.applets[index].transmit(channel, apdu, answer);
        Ok(())
    }

    /// Tells the selected applet that what comes is not for it, whatever becomes of it.
    fn interrupt(&mut self, channel: u8) {
        if let Some(index) = self.selected_on(channel) {
            self.applets[index].interrupt(channel);
        }
    }

    fn select(&mut self, class: Class, apdu: &[u8], answer: &mut Vec<u8>) -> Result<(), Status> {
        let command = parse_plain(class, apdu)?;
        let after = match command.p2 {
            0x00 => None,
            0x02 => self.selected_on(class.channel),
            _ => return Err(Status::WrongP1P2),
        };
        if command.data.is_empty() || command.le.is_none() {
            return Err(Status::WrongLength);
        }
        let index = self.find(command.data, after).ok_or(Status::ApplicationNotFound)?;
        self.leave(class.channel);
        self.channels[usize::from(class.channel)] = Channel::Selected(index);
        let exact = exact_select(&command, self.applets[index].aid());
        self.applets[index].select(class.channel, &exact, answer);
        Ok(())
    }

    fn selected_on(&self, channel: u8) -> Option<usize> {
        match self.channels[usize::from(channel)] {
            Channel::Selected(index) => Some(index),
            _ => None,
        }
    }

    /// The first applet whose AID begins with `name`, after the one with index `after`.
    fn find(&self, name: &[u8], after: Option<usize>) -> Option<usize> {
        let first = after.map_or(0, |index| index + 1);
        (first..self.applets.len()).find(|index| self.applets[*index].aid().starts_with(name))
    }

    /// Ends whatever session there is on `channel`.
    fn leave(&mut self, channel: u8) {
        if let Some(index) = self.selected_on(channel) {
            self.applets[index].deselect(channel);
        }
    }

    fn manage(&mut self, class: Class, apdu: &[u8], answer: &mut Vec<u8>) -> Result<(), Status> {
        let command = parse_plain(class, apdu)?;
        let change = Manage::find(class, command.p1, command.p2)?;
        let answers = change == Manage::OpenAny;
        if !command.data.is_empty() || (answers && command.le.is_none()) {
            return Err(Status::WrongLength);
        }
        match change {
            Manage::OpenAny => answer.push(self.open_channel()?),
            Manage::Open(number) => self.open_numbered(number)?,
            Manage::Close(number) => self.close_channel(number)?,
        }
        answer.extend_from_slice(&Status::Ok.to_be_bytes());
        Ok(())
    }

    /// Opens the first closed channel.
    fn open_channel(&mut self) -> Result<u8, Status> {
        let closed = self.channels.iter().position(|channel| *channel == Channel::Closed);
        let number = closed.ok_or(Status::NotEnoughMemory)? as u8;
        self.open_numbered(number)?;
        Ok(number)
    }

    fn open_numbered(&mut self, number: u8) -> Result<(), Status> {
        match self.channels.get_mut(usize::from(number)) {
            Some(channel @ Channel::Closed) => *channel = Channel::Open,
            Some(_) => return Err(Status::ConditionsNotSatisfied),
            None => return Err(Status::WrongP1P2),
        }
        Ok(())
    }

    fn close_channel(&mut self, number: u8) -> Result<(), Status> {
        if number == 0 || usize::from(number) >= CHANNELS {
            return Err(Status::WrongP1P2);
        }
        self.leave(number);
        self.channels[usize::from(number)] = Channel::Closed;
        Ok(())
    }
}

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

/// Takes a command of the runtime apart: neither secured nor part of a chain.
fn parse_plain(class: Class, apdu: &[u8]) -> Result<Command<'_>, Status> {
    let command = Command::parse(apdu).map_err(|_| Status::WrongLength)?;
    if class.secure {
        return Err(Status::SecureMessagingNotSupported);
    }
    if class.chained {
        return Err(Status::ChainingNotSupported);
    }
    Ok(command)
}

/// The SELECT that reaches the applet: its whole AID, first occurrence.
fn exact_select(command: &Command<'_>, aid: &[u8]) -> Vec<u8> {
    Command { data: aid, p2: 0x00, ..*command }.to_bytes()
}

#[cfg(test)]
mod tests;
