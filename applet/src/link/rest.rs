//! The part of an answer that Le had no room for; GET RESPONSE fetches it (§6.2).

use alloc::vec::Vec;
use saifu_wire::Status;
use saifu_wire::apdu::MAX_RESPONSE_DATA;
use saifu_wire::status::MORE_DATA;
use zeroize::{Zeroize, Zeroizing};

/// What is left of an answer; wiped when dropped.
#[derive(Debug)]
pub(super) struct Rest {
    /// `None` where nothing is left: wiping nothing costs more than all else that most commands do.
    bytes: Option<Zeroizing<Vec<u8>>>,
    sent: usize,
    /// The status word that comes with the last byte.
    end: Status,
}

impl Default for Rest {
    fn default() -> Self {
        Self { bytes: None, sent: 0, end: Status::Ok }
    }
}

impl Rest {
    /// Cuts `answer` to what `le` allows, appends the status word, and keeps the rest.
    pub(super) fn split(answer: &mut Vec<u8>, le: Option<usize>, end: Status) -> Self {
        let room = le.unwrap_or(0).min(MAX_RESPONSE_DATA);
        let bytes = answer.get_mut(room..).filter(|tail| !tail.is_empty()).map(cut_off);
        answer.truncate(room);
        let rest = Self { bytes, sent: 0, end };
        answer.extend_from_slice(&rest.status());
        rest
    }

    /// Answers with the next bytes, at most `le`, and the status word.
    pub(super) fn next(&mut self, le: usize, answer: &mut Vec<u8>) {
        let left = self.left();
        let count = left.len().min(le).min(MAX_RESPONSE_DATA);
        answer.extend_from_slice(left.get(..count).unwrap_or_default());
        self.sent = self.sent.saturating_add(count);
        answer.extend_from_slice(&self.status());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.left().is_empty()
    }

    fn left(&self) -> &[u8] {
        self.bytes.as_ref().and_then(|bytes| bytes.get(self.sent..)).unwrap_or_default()
    }

    /// The last status word, or 61xx with the bytes left, 00 for 256 and more.
    fn status(&self) -> [u8; 2] {
        match self.left().len() {
            0 => self.end.to_be_bytes(),
            left => [MORE_DATA, u8::try_from(left).unwrap_or(0)],
        }
    }
}

/// Copies the bytes out and wipes them where they stood.
fn cut_off(tail: &mut [u8]) -> Zeroizing<Vec<u8>> {
    let bytes = Zeroizing::new(tail.to_vec());
    tail.zeroize();
    bytes
}
