//! SELECT by AID: which applet is meant, and whether it is to be had.

use std::ops::RangeInclusive;

use saifu_wire::Status;
use saifu_wire::apdu::{Class, Command};

use super::{CHANNELS, Channel, INS_SELECT, Runtime, SELECT_BY_NAME, STATUS_BYTES, parse_plain};

/// The bits of P2 that say which occurrence is meant (ISO/IEC 7816-4 table 63).
const OCCURRENCE: u8 = 0x03;
/// The bits of P2 that ask for no data; without them the file control information is meant.
const NO_DATA: u8 = 0x0C;
/// How long an AID is, in bytes (ISO/IEC 7816-4 section 12.2.3).
pub(super) const AID_BYTES: RangeInclusive<usize> = 5..=16;

/// Which of the applets whose AIDs begin with a name is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occurrence {
    First,
    Last,
    Next,
    Previous,
}

impl Occurrence {
    fn of(p2: u8) -> Self {
        match p2 & OCCURRENCE {
            0x00 => Self::First,
            0x01 => Self::Last,
            0x02 => Self::Next,
            _ => Self::Previous,
        }
    }
}

impl Runtime {
    pub(super) fn select(
        &mut self,
        class: Class,
        apdu: &[u8],
        answer: &mut Vec<u8>,
    ) -> Result<(), Status> {
        let command = parse_plain(class, apdu)?;
        let answers = command.p2 & !OCCURRENCE;
        if !matches!(answers, 0x00 | NO_DATA) {
            return Err(Status::WrongP1P2);
        }
        let index = self.named(class.channel, &command)?;
        let aid = self.applets[index].aid().to_vec();
        let exact = Command { data: &aid, p2: answers, ..command };
        self.begin(class.channel, index, &exact, answer)?;
        if answers == NO_DATA {
            answer.drain(..answer.len().saturating_sub(STATUS_BYTES));
        }
        Ok(())
    }

    /// The applet that a SELECT names.
    fn named(&self, channel: u8, command: &Command<'_>) -> Result<usize, Status> {
        let occurrence = Occurrence::of(command.p2);
        if command.data.is_empty() {
            let default = self.default_index().ok_or(Status::WrongLength)?;
            let only = occurrence == Occurrence::First;
            return only.then_some(default).ok_or(Status::ApplicationNotFound);
        }
        if command.data.len() > *AID_BYTES.end() {
            return Err(Status::WrongLength);
        }
        let found = self.find(command.data, occurrence, self.selected_on(channel));
        found.ok_or(Status::ApplicationNotFound)
    }

    fn find(&self, name: &[u8], occurrence: Occurrence, from: Option<usize>) -> Option<usize> {
        let fits = |index: &usize| self.applets[*index].aid().starts_with(name);
        let end = self.applets.len();
        match occurrence {
            Occurrence::First => (0..end).find(fits),
            Occurrence::Last => (0..end).rfind(fits),
            Occurrence::Next => (from.map_or(0, |index| index + 1)..end).find(fits),
            Occurrence::Previous => (0..from.unwrap_or(end)).rfind(fits),
        }
    }

    /// Ends the session on `channel` and begins one of the applet with this index, if it admits
    /// that.
    fn begin(
        &mut self,
        channel: u8,
        index: usize,
        select: &Command<'_>,
        answer: &mut Vec<u8>,
    ) -> Result<(), Status> {
        self.applets[index].admit(select, self.is_selected_but_on(channel, index))?;
        self.leave(channel);
        self.channels[usize::from(channel)] = Channel::Selected(index);
        self.applets[index].select(channel, &select.to_bytes(), answer);
        Ok(())
    }

    fn is_selected_but_on(&self, channel: u8, index: usize) -> bool {
        (0..CHANNELS)
            .filter(|other| *other != usize::from(channel))
            .any(|other| self.channels[other] == Channel::Selected(index))
    }

    /// Selects the default applet on an open channel, if there is one and it admits that; what
    /// it answers goes nowhere.
    pub(super) fn select_default(&mut self, channel: u8) {
        let Some(index) = self.default_index() else { return };
        let aid = self.applets[index].aid().to_vec();
        let cla = if channel < 4 { channel } else { 0x40 | (channel - 4) };
        let (ins, p1, p2, le) = (INS_SELECT, SELECT_BY_NAME, 0x00, Some(256));
        let select = Command { cla, ins, p1, p2, data: &aid, le, extended: false };
        // An applet that refuses is not selected, and nobody is there to be told.
        let _ = self.begin(channel, index, &select, &mut Vec::new());
    }
}
