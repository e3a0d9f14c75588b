//! A card runtime: hosts applets by AID and keeps which is selected on which channel.
//!
//! It carries out SELECT by AID and MANAGE CHANNEL (ISO/IEC 7816-4 sections 11.2.2 and 11.1.2)
//! and passes every other command on as it came. Applets come and go while the card lives. A
//! session of an applet begins with its selection and ends in one place, `leave`, or with the
//! power.
//!
//! ```text
//! 00 A4 04 P2 Lc name Le   P2 00 first or only, 01 last, 02 next, 03 previous occurrence of an
//!                          AID that begins with the name
//!                          0C to these: the status word is the whole answer
//! 00 A4 04 00 Le           the default applet; 6700 where there is none
//! ```
//!
//! The next and the previous one are counted from the applet that is selected on the channel,
//! in the order of their installation; from none, they are the first and the last.

mod install;
mod manage;
mod select;

pub use install::{InstallError, MAX_APPLETS};

use saifu_wire::Status;
use saifu_wire::apdu::{Class, Command};
use saifu_wire::applet::Applet;

/// The number of logical channels, the basic one included.
pub const CHANNELS: usize = 20;

const BASIC: u8 = 0;
const INS_MANAGE_CHANNEL: u8 = 0x70;
const INS_SELECT: u8 = 0xA4;
const SELECT_BY_NAME: u8 = 0x04;

const STATUS_BYTES: usize = 2;
/// What is said for an applet that said nothing (ISO/IEC 7816-4, 6F00: no precise diagnosis).
const NO_DIAGNOSIS: [u8; STATUS_BYTES] = [0x6F, 0x00];

/// A card with its applets, as a reader sees it: powered up, reset, sent APDUs.
pub struct Runtime {
    applets: Vec<Box<dyn Applet + Send>>,
    channels: [Channel; CHANNELS],
    /// The AID of the applet that is selected without a SELECT.
    default: Option<Vec<u8>>,
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
        Self { applets, channels: [Channel::Closed; CHANNELS], default: None, powered: false }
    }

    /// Gives the card power; every applet forgets what was volatile and recovers.
    pub fn power_up(&mut self) {
        self.applets.iter_mut().for_each(|applet| applet.power_up());
        self.powered = true;
        self.open_basic_channel();
    }

    /// Takes the power away; what was volatile is gone. The next command powers the card up.
    pub fn power_down(&mut self) {
        self.applets.iter_mut().for_each(|applet| applet.reset());
        self.channels = [Channel::Closed; CHANNELS];
        self.powered = false;
    }

    /// Resets the card: every session is gone, nothing but the default applet is selected.
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
        if answer.len() < STATUS_BYTES {
            answer = NO_DIAGNOSIS.to_vec();
        }
        answer
    }

    fn open_basic_channel(&mut self) {
        self.channels = [Channel::Closed; CHANNELS];
        self.channels[usize::from(BASIC)] = Channel::Open;
        self.select_default(BASIC);
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
        let index = self.selected_on(channel).ok_or(Status::ConditionsNotSatisfied)?;
        self.applets[index].transmit(channel, apdu, answer);
        Ok(())
    }

    /// Tells the selected applet that what comes is not for it, whatever becomes of it.
    fn interrupt(&mut self, channel: u8) {
        if let Some(index) = self.selected_on(channel) {
            self.applets[index].interrupt(channel);
        }
    }

    fn selected_on(&self, channel: u8) -> Option<usize> {
        match self.channels[usize::from(channel)] {
            Channel::Selected(index) => Some(index),
            _ => None,
        }
    }

    /// Ends whatever session there is on `channel`, and leaves the channel open.
    fn leave(&mut self, channel: u8) {
        if let Some(index) = self.selected_on(channel) {
            self.channels[usize::from(channel)] = Channel::Open;
            self.applets[index].deselect(channel);
        }
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

#[cfg(test)]
mod tests;
