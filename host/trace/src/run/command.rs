//! Commands as they are sent: from hex or from a name (LANGUAGE.md §3).

use super::limits::MAX_VALUE_BYTES;
use super::value::{NoValue, Variables};
use crate::commands;
use crate::explain::is_secret;
use crate::syntax::ast::{Form, Named};

/// The class bit that says that a chain goes on (ISO/IEC 7816-4).
const CHAINING: u8 = 0x10;
/// The most bytes that are asked for.
const MAX_LE: u64 = 65_536;
/// The most bytes of an extended data field.
const MAX_DATA: usize = 65_535;
/// The most bytes of a short data field.
const MAX_SHORT_DATA: usize = 255;
/// The most bytes that a short Le asks for.
const MAX_SHORT_LE: u32 = 256;
/// The number of the last logical channel.
const LAST_CHANNEL: u64 = 19;

/// A command ready to be sent; reused, so that none is allocated anew.
#[derive(Default)]
pub(super) struct Ready {
    /// All of it, as if it were not chained; of a chain longer than a command, its header alone.
    pub(super) whole: Vec<u8>,
    /// The parts of a chain; none where it is not one.
    pub(super) parts: Vec<Vec<u8>>,
    data: Vec<u8>,
}

/// Header, Le and form of a named command.
struct Frame {
    header: [u8; 4],
    le: Option<u32>,
    extended: bool,
}

impl Ready {
    /// Makes a command ready.
    pub(super) fn make(&mut self, form: &Form, variables: &Variables) -> Result<(), NoValue> {
        self.whole.clear();
        self.parts.clear();
        match form {
            Form::Bytes(pieces) => variables.append(pieces, &mut self.whole),
            Form::Named(named) => self.make_named(named, variables),
        }
    }

    fn make_named(&mut self, named: &Named, variables: &Variables) -> Result<(), NoValue> {
        self.data.clear();
        variables.append(&named.data, &mut self.data)?;
        let frame = Frame::of(named, variables)?;
        let Some(chain) = &named.chain else {
            if self.data.len() > MAX_DATA {
                let bytes = self.data.len();
                return Err(format!("{bytes} bytes of data: {MAX_DATA} at most; use chain=N"));
            }
            frame.append(&self.data, &mut self.whole);
            return Ok(());
        };
        let bytes = variables.number(&chain.it)?;
        let bytes = usize::try_from(bytes).ok().filter(|bytes| (1..=MAX_DATA).contains(bytes));
        let bytes = bytes.ok_or_else(|| format!("chain=N: 1 to {MAX_DATA}"))?;
        self.make_chain(&frame, bytes);
        Ok(())
    }

    fn make_chain(&mut self, frame: &Frame, bytes: usize) {
        if self.data.len() <= MAX_DATA {
            frame.append(&self.data, &mut self.whole);
        } else {
            self.whole.extend_from_slice(&frame.header);
        }
        if self.data.len() <= bytes {
            return;
        }
        let last = (self.data.len() - 1) / bytes;
        for (number, data) in self.data.chunks(bytes).enumerate() {
            let mut part = Vec::with_capacity(data.len() + 9);
            frame.part(number == last).append(data, &mut part);
            self.parts.push(part);
        }
    }
}

impl Frame {
    fn of(named: &Named, variables: &Variables) -> Result<Self, NoValue> {
        let name = &named.name.it;
        let usual = commands::by_name(name)
            .ok_or_else(|| format!("there is no command {name}: `saifu trace commands`"))?;
        let mut header = usual.header();
        header[0] = named.cla.unwrap_or(header[0]);
        header[1] = named.ins.unwrap_or(header[1]);
        if let Some(p1) = &named.p1 {
            header[2] = variables.byte(&p1.it)?;
        }
        if let Some(p2) = &named.p2 {
            header[3] = variables.byte(&p2.it)?;
        }
        if let Some(channel) = &named.channel {
            header[0] = on_channel(header[0], variables.number(&channel.it)?)?;
        }
        let le = match &named.le {
            None => usual.le,
            Some(None) => None,
            Some(Some(le)) => Some(expected_length(variables.number(&le.it)?)?),
        };
        Ok(Self { header, le, extended: named.extended })
    }

    /// As the last part of a chain, or as one before it.
    fn part(&self, is_last: bool) -> Self {
        let [cla, ins, p1, p2] = self.header;
        let cla = if is_last { cla } else { cla | CHAINING };
        Self { header: [cla, ins, p1, p2], le: self.le.filter(|_| is_last), ..*self }
    }

    /// Appends the command with this data.
    fn append(&self, data: &[u8], out: &mut Vec<u8>) {
        let is_long = data.len() > MAX_SHORT_DATA || self.le.is_some_and(|le| le > MAX_SHORT_LE);
        let extended = self.extended || is_long;
        out.extend_from_slice(&self.header);
        let length = (data.len() as u16).to_be_bytes();
        match (data.is_empty(), extended) {
            (true, _) => {}
            (false, false) => out.push(length[1]),
            (false, true) => out.extend_from_slice(&[0, length[0], length[1]]),
        }
        out.extend_from_slice(data);
        let Some(le) = self.le else { return };
        let [.., high, low] = le.to_be_bytes();
        match (data.is_empty(), extended) {
            (_, false) => out.push(low),
            (false, true) => out.extend_from_slice(&[high, low]),
            (true, true) => out.extend_from_slice(&[0, high, low]),
        }
    }
}

fn expected_length(le: u64) -> Result<u32, NoValue> {
    match u32::try_from(le) {
        Ok(number) if (1..=MAX_LE).contains(&le) => Ok(number),
        _ => Err(format!("le={le}: 1 to {MAX_LE}, or none")),
    }
}

/// The class byte of a logical channel: bits 1 and 2 up to 3, bit 7 and four bits from 4 on.
fn on_channel(cla: u8, channel: u64) -> Result<u8, NoValue> {
    let secured = cla & 0x0C != 0;
    match channel {
        0..=3 => Ok(cla & 0xBC | channel as u8),
        4..=LAST_CHANNEL => {
            Ok(cla & 0x90 | 0x40 | if secured { 0x20 } else { 0 } | (channel - 4) as u8)
        }
        _ => Err(format!("channel={channel}: 0 to {LAST_CHANNEL}")),
    }
}

/// The bytes of a command that is not sent in parts and needs no variable.
///
/// # Errors
/// What it needs, or what is wrong with it.
pub(crate) fn without_variables(form: &Form) -> Result<Vec<u8>, String> {
    let mut ready = Ready::default();
    ready.make(form, &Variables::new(&[]))?;
    Ok(ready.whole)
}

/// GET RESPONSE for so many bytes (0 is 256) on the channel of a command.
pub(super) fn get_response(cla: u8, bytes: u8) -> [u8; 5] {
    let channel = if cla & 0x40 == 0 { cla & 0x03 } else { cla & 0x4F };
    [channel, 0xC0, 0x00, 0x00, bytes]
}

/// A command with another Le (0 is 256), as 6Cxx asks for; `None` where it is no command.
pub(super) fn with_le(command: &[u8], le: u8) -> Option<Vec<u8>> {
    let (header, body) = command.split_first_chunk::<4>()?;
    let extended_le = [if le == 0 { 1 } else { 0 }, le];
    let (kept, le) = match body {
        [] | [_] => (0, &[le][..]),
        [0, _, _] => (1, &extended_le[..]),
        [0, high, low, ..] => {
            (3 + usize::from(u16::from_be_bytes([*high, *low])), &extended_le[..])
        }
        [length, ..] => (1 + usize::from(*length), &[le][..]),
    };
    Some([&header[..], body.get(..kept)?, le].concat())
}

/// Whether so many bytes more can still be put together.
pub(super) fn has_room(bytes: usize) -> bool {
    bytes <= MAX_VALUE_BYTES
}

/// A command for people: its name, and its bytes without a PIN or a key that is in it.
#[must_use]
pub fn shown(command: &[u8]) -> String {
    const SHOWN_BYTES: usize = 64;
    let name = commands::by_header(command).map_or("", |command| command.name);
    const LENGTH_AT: usize = 5;
    let secret = matches!(command, [cla, ins, ..] if is_secret(*cla, *ins));
    let (shown, hidden) = match secret {
        true => command.split_at(command.len().min(LENGTH_AT)),
        false => (&command[..command.len().min(SHOWN_BYTES)], &[][..]),
    };
    let hidden = hidden.len();
    let bytes: Vec<_> = shown.iter().map(|byte| format!("{byte:02X}")).collect();
    let mut text = bytes.join(" ");
    if hidden > 0 {
        text += &format!(" ({hidden} bytes not shown)");
    } else if command.len() > shown.len() {
        text += &format!(" ({} bytes more)", command.len() - shown.len());
    }
    if name.is_empty() { text } else { format!("{text}  {name}") }
}

#[cfg(test)]
mod tests;
