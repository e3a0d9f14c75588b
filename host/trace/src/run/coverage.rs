//! What a run has shown of a card.

use super::tlv;
use std::collections::BTreeSet;

/// The most different things of one kind that are kept.
const MAX_KEPT: usize = 65_536;

/// What was sent, came, and was expected to come exactly so.
///
/// Commands are those of the trace: before a secure channel wraps them, and with the data of a
/// chain put together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// CLA, INS, P1 and P2 of what was sent.
    pub commands: BTreeSet<[u8; 4]>,
    /// With the status word that came, where a line named it with all its digits.
    pub answers: BTreeSet<([u8; 4], u16)>,
    /// Tags in an answer's data, where a line named their path, or all of the data.
    pub answered_tags: BTreeSet<([u8; 4], u32)>,
    /// Tags in a command's data, where the status word that came was named with all its digits.
    pub sent_tags: BTreeSet<([u8; 4], u32)>,
}

impl Coverage {
    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.commands.extend(&other.commands);
        self.answers.extend(&other.answers);
        self.answered_tags.extend(&other.answered_tags);
        self.sent_tags.extend(&other.sent_tags);
    }

    /// A command was sent.
    pub(super) fn sent(&mut self, command: &[u8]) {
        if let Some(header) = command.first_chunk() {
            keep(&mut self.commands, *header);
        }
    }

    /// It was answered with a status word that a line names.
    pub(super) fn answered(&mut self, command: &[u8], status: u16) {
        let Some(header) = command.first_chunk() else { return };
        if keep(&mut self.answers, (*header, status)) || status == 0x9000 {
            let tags = &mut self.sent_tags;
            tlv::each_tag(data_of(command), &mut |tag| {
                keep(tags, (*header, tag));
            });
        }
    }

    /// Its answer has this tag, which a line names.
    pub(super) fn tag(&mut self, command: &[u8], tag: u32) {
        if let Some(header) = command.first_chunk() {
            keep(&mut self.answered_tags, (*header, tag));
        }
    }

    /// Its answer's data is what a line gives in full.
    pub(super) fn data(&mut self, command: &[u8], data: &[u8]) {
        tlv::each_tag(data, &mut |tag| self.tag(command, tag));
    }
}

/// Keeps one more; whether it is new.
fn keep<T: Ord>(set: &mut BTreeSet<T>, one: T) -> bool {
    set.len() < MAX_KEPT && set.insert(one)
}

/// The data field of a command of any length.
fn data_of(command: &[u8]) -> &[u8] {
    let Some(body) = command.get(4..) else { return &[] };
    let (from, length) = match body {
        [0, high, low, _, ..] => (3, usize::from(u16::from_be_bytes([*high, *low]))),
        [length, _, ..] => (1, usize::from(*length)),
        _ => return &[],
    };
    body.get(from..from + length).unwrap_or_default()
}
