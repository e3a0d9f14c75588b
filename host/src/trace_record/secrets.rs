//! What of a command and of its answer stays out of a recording, and what stands for it.
//!
//! | what passes | in the file |
//! |---|---|
//! | a PIN, in VERIFY and its family | `$pin`, another one `$pin2`; the same PIN has the same name |
//! | other data that may be secret | `$secret1`, `$secret2` ... |
//! | the answer of DECRYPT and READ CONTENT | its SHA-256, where it cannot be guessed from that |
//! | what another key has opened | its length |
//! | another answer to what is secret | nothing of it |
//!
//! What may be secret the emulator's recordings know, too ([`is_secret`]); there a whole command
//! is left out, here what a run of the recording needs and anybody may see stays: what is
//! deciphered, what is signed, what a SIM card is challenged with.

use saifu_vsmartcard::record::is_secret;
use saifu_wire::apdu::{Class, Command};
use saifu_wire::ins::Ins;
use saifu_wire::signed::SIGNATURE_BYTES;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// The most PINs that are told apart; further ones are secrets without a name of their own.
const MAX_PINS: usize = 64;

/// A work's answer is named by its digest only from so many bytes on: fewer could be guessed.
const MIN_DIGEST_BYTES: usize = 16;

/// The bytes of CLA, INS, P1 and P2.
const HEADER_BYTES: usize = 4;

/// The digits of a PIN, at least and at most, where its place has to be found.
const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=12;

/// A piece of a command's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// As it is.
    Bytes(Vec<u8>),
    /// A variable stands for it.
    Variable(String),
    /// A variable stands for it, and its length of one byte is before it.
    Counted(String),
}

/// What stands for a command's data, and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Data {
    pub(super) parts: Vec<Part>,
    /// What each variable is that stands here for the first time.
    pub(super) notes: Vec<String>,
}

/// What is shown of an answer's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shown {
    /// All of it.
    All,
    /// Its length.
    Length,
    /// Its length and its SHA-256.
    Digest,
    /// Nothing.
    Nothing,
}

/// What is secret about a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Open,
    /// Its data are PINs.
    Pin,
    /// Its answer is.
    Answer(Shown),
    Both,
}

/// Decides what is secret, command by command.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    pins: Vec<Zeroizing<Vec<u8>>>,
    /// How many other secrets there were.
    others: u32,
    /// What is shown of the answer to the last command of each channel, and of what GET RESPONSE
    /// fetches of it; by `None` where the class has no channel that is known here.
    answers: BTreeMap<Option<u8>, Shown>,
    /// Of the last command.
    answer: Option<Shown>,
}

impl Secrets {
    /// What stands for the data field of a command, which is taken apart if it can be.
    pub(super) fn command(&mut self, bytes: &[u8], parsed: Option<&Command<'_>>) -> Data {
        let kind = kind(bytes);
        let answer = self.answer_of(bytes, kind);
        self.answers.insert(channel(bytes), answer);
        self.answer = Some(answer);
        let data = parsed.map_or_else(|| bytes.get(HEADER_BYTES..).unwrap_or_default(), |c| c.data);
        match kind {
            _ if data.is_empty() => Data::open(&[]),
            Kind::Open | Kind::Answer(_) => Data::open(data),
            Kind::Pin if parsed.is_some() => self.pins_of(bytes[1], data),
            Kind::Pin | Kind::Both => self.other(data.len()),
        }
    }

    /// What is shown of so many bytes of data that answer the last command.
    pub(super) fn answer(&self, bytes: usize) -> Shown {
        match self.answer.unwrap_or(Shown::All) {
            _ if bytes == 0 => Shown::All,
            Shown::Digest if bytes < MIN_DIGEST_BYTES => Shown::Length,
            shown => shown,
        }
    }

    fn answer_of(&self, bytes: &[u8], kind: Kind) -> Shown {
        let is_rest = bytes.get(1) == Some(&Ins::GetResponse.code());
        match (kind, is_rest, channel(bytes)) {
            (_, true, None) => self.answers.values().copied().max().unwrap_or(Shown::All),
            (_, true, known) => {
                let one = |key| self.answers.get(&key).copied().unwrap_or(Shown::All);
                one(known).max(one(None))
            }
            (Kind::Open, ..) => Shown::All,
            (Kind::Answer(shown), ..) => shown,
            (Kind::Pin | Kind::Both, ..) => Shown::Nothing,
        }
    }

    /// The PINs in the data of a command of VERIFY's family.
    fn pins_of(&mut self, ins: u8, data: &[u8]) -> Data {
        let mut told = Data { parts: Vec::new(), notes: Vec::new() };
        match ins {
            0x24 | 0x25 => self.change(data, &mut told),
            0x2C | 0x2D => self.reset(data, &mut told),
            _ => told.parts.push(Part::Variable(self.pin(data, &mut told.notes))),
        }
        told
    }

    /// Old and new PIN, in the ways in which cards want them: the old one counted, or each of the
    /// same length with padding, or one after the other where the old one is known by now.
    fn change(&mut self, data: &[u8], told: &mut Data) {
        if let Some((old, new)) = counted(data).filter(|(old, new)| is_pin(old) && is_pin(new)) {
            told.parts.push(Part::Counted(self.pin(old, &mut told.notes)));
            told.parts.push(Part::Variable(self.pin(new, &mut told.notes)));
            return;
        }
        let known = self.pins.iter().map(|pin| pin.len());
        let known = known.filter(|n| *n < data.len() && self.is_known(&data[..*n])).max();
        let half = data.len() / 2;
        let is_padded = |pin: &[u8]| matches!(pin.last(), Some(0x00 | 0xFF));
        let halves = data.len().is_multiple_of(2) && is_padded(&data[..half]) && is_padded(data);
        let (first, second) = data.split_at(known.or(halves.then_some(half)).unwrap_or(0));
        for pin in [first, second].into_iter().filter(|pin| !pin.is_empty()) {
            told.parts.push(Part::Variable(self.pin(pin, &mut told.notes)));
        }
    }

    /// A signed order, which is no secret, and a counted PIN after it (apdu-spec.md §6.8); else
    /// all of it: what is shorter than a signature may be the code that unblocks a PIN.
    fn reset(&mut self, data: &[u8], told: &mut Data) {
        let place = PIN_DIGITS.rev().find_map(|digits| {
            let at = data.len().checked_sub(digits + 1).filter(|at| *at > SIGNATURE_BYTES)?;
            let fits = usize::from(data[at]) == digits && is_pin(&data[at + 1..]);
            fits.then_some(at)
        });
        if let Some(at) = place {
            told.parts.push(Part::Bytes(data[..at].to_vec()));
            told.parts.push(Part::Counted(self.pin(&data[at + 1..], &mut told.notes)));
        } else {
            told.parts.push(Part::Variable(self.pin(data, &mut told.notes)));
        }
    }

    fn is_known(&self, pin: &[u8]) -> bool {
        self.pins.iter().any(|known| known[..] == *pin)
    }

    /// The name of a PIN.
    fn pin(&mut self, pin: &[u8], notes: &mut Vec<String>) -> String {
        let name = |index: usize| match index {
            0 => "pin".to_owned(),
            index => format!("pin{}", index + 1),
        };
        if let Some(index) = self.pins.iter().position(|known| known[..] == *pin) {
            return name(index);
        }
        if self.pins.len() >= MAX_PINS {
            let secret = self.next_other();
            notes.push(format!("${secret}: a PIN after {MAX_PINS} others"));
            return secret;
        }
        self.pins.push(Zeroizing::new(pin.to_vec()));
        let name = name(self.pins.len() - 1);
        let padded = matches!(pin.last(), Some(0x00 | 0xFF));
        let padding = if padded { ", with its padding" } else { "" };
        notes.push(format!("${name}: a PIN{padding}; a run needs it: --set '{name}=\"...\"'"));
        name
    }

    /// What stands for data that nobody may see.
    fn other(&mut self, bytes: usize) -> Data {
        let name = self.next_other();
        let note = format!(
            "${name}: redacted, {bytes} bytes; a run fails here without --set {name}=HEX, and \
             `--unredacted` would have kept it"
        );
        Data { parts: vec![Part::Variable(name)], notes: vec![note] }
    }

    fn next_other(&mut self) -> String {
        self.others = self.others.saturating_add(1);
        format!("secret{}", self.others)
    }
}

impl Data {
    /// All of it.
    pub(super) fn open(data: &[u8]) -> Self {
        let parts = if data.is_empty() { Vec::new() } else { vec![Part::Bytes(data.to_vec())] };
        Self { parts, notes: Vec::new() }
    }
}

/// The channel of a command.
fn channel(bytes: &[u8]) -> Option<u8> {
    bytes.first().and_then(|cla| Class::parse(*cla)).map(|class| class.channel)
}

/// What is secret about a command.
fn kind(bytes: &[u8]) -> Kind {
    let Some(&[cla, ins, p1, p2]) = bytes.first_chunk() else { return Kind::Open };
    if !is_secret(bytes) {
        return Kind::Open;
    }
    let ours = (cla & 0x80 != 0).then(|| Ins::find(true, ins)).flatten();
    match (ours, ins, p1, p2) {
        (Some(Ins::Decrypt | Ins::ReadContent), ..) => Kind::Answer(Shown::Digest),
        // Enciphered as the center sent them.
        (Some(Ins::StoreContent), ..) => Kind::Open,
        (None, 0x20 | 0x21 | 0x24 | 0x25 | 0x26 | 0x28 | 0x2C | 0x2D, ..) => Kind::Pin,
        // PSO: COMPUTE DIGITAL SIGNATURE, DECIPHER.
        (None, 0x2A, 0x9E, 0x9A) => Kind::Open,
        (None, 0x2A, 0x80, _) => Kind::Answer(Shown::Length),
        // AUTHENTICATE of SIM cards: the network's challenge is public.
        (None, 0x88 | 0x89, ..) => Kind::Answer(Shown::Length),
        _ => Kind::Both,
    }
}

/// What a first byte counts, and what is after it.
fn counted(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (count, rest) = data.split_first()?;
    rest.split_at_checked(usize::from(*count))
}

fn is_pin(bytes: &[u8]) -> bool {
    PIN_DIGITS.contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests;
