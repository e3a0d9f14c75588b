//! Frames on the line: `03 06`, a CCID message, and an LRC of all of it.

use std::time::{Duration, Instant};

use crate::ccid::{HEADER_BYTES, lrc};

const SYNC: u8 = 0x03;
const ACK: u8 = 0x06;

/// Said of a frame that was wrong.
pub(super) const NAK: [u8; 3] = [SYNC, 0x15, SYNC ^ 0x15];

/// The rest of a frame comes within this, or it is dropped.
const WHOLE_WITHIN: Duration = Duration::from_secs(1);

/// SYNC and ACK, and the LRC.
const AROUND_BYTES: usize = 3;

/// A frame that is none: its first bytes, its length, or its check byte.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong;

/// Bytes that become frames. Never more than what was pushed last, and one frame.
#[derive(Debug)]
pub(super) struct Frames {
    most_message: usize,
    bytes: Vec<u8>,
    /// When the last bytes came.
    since: Instant,
}

impl Frames {
    /// For messages of at most so many bytes.
    pub(super) fn new(most_message: usize) -> Self {
        Self { most_message, bytes: Vec::new(), since: Instant::now() }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.since = Instant::now();
    }

    /// Gives the next message; `None` until it is whole. What came with the beginning of a
    /// frame that is wrong is dropped, since nobody can say where the next one begins.
    pub(super) fn next(&mut self) -> Option<Result<Vec<u8>, Wrong>> {
        let starts = [SYNC, ACK];
        let begun = self.bytes.len().min(starts.len());
        if self.bytes[..begun] != starts[..begun] {
            return self.wrong();
        }
        let length = self.bytes.get(3..7)?;
        let length = length.iter().rev().fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
        let message = match usize::try_from(length).map(|it| it.saturating_add(HEADER_BYTES)) {
            Ok(message) if message <= self.most_message => message,
            _ => return self.wrong(),
        };
        if self.bytes.len() < message + AROUND_BYTES {
            return None;
        }
        let frame: Vec<u8> = self.bytes.drain(..message + AROUND_BYTES).collect();
        let good = lrc(&frame) == 0;
        Some(good.then(|| frame[2..2 + message].to_vec()).ok_or(Wrong))
    }

    fn wrong(&mut self) -> Option<Result<Vec<u8>, Wrong>> {
        self.clear();
        Some(Err(Wrong))
    }

    /// Drops a frame whose end does not come; whether there was one.
    pub(super) fn drop_late(&mut self) -> bool {
        let late = !self.bytes.is_empty() && self.since.elapsed() >= WHOLE_WITHIN;
        if late {
            self.clear();
        }
        late
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }
}

/// Makes a message a frame.
pub(super) fn seal(message: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(message.len() + AROUND_BYTES);
    bytes.extend_from_slice(&[SYNC, ACK]);
    bytes.extend_from_slice(message);
    bytes.push(lrc(&bytes));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: [u8; 10] = [0x65, 0, 0, 0, 0, 0, 1, 0, 0, 0];

    #[test]
    fn a_frame_comes_in_any_pieces() {
        let mut frames = Frames::new(271);
        let sealed = seal(&STATUS);
        assert_eq!(sealed.len(), 13);
        for byte in &sealed[..12] {
            frames.push(&[*byte]);
            assert_eq!(frames.next(), None);
        }
        frames.push(&[sealed[12]]);
        assert_eq!(frames.next(), Some(Ok(STATUS.to_vec())));
        frames.push(&[sealed.clone(), sealed].concat());
        assert_eq!(frames.next(), Some(Ok(STATUS.to_vec())));
        assert_eq!(frames.next(), Some(Ok(STATUS.to_vec())));
        assert_eq!(frames.next(), None);
    }

    #[test]
    fn a_wrong_check_byte_costs_that_frame_alone() {
        let mut frames = Frames::new(271);
        let mut broken = seal(&STATUS);
        broken[12] ^= 1;
        frames.push(&[broken, seal(&STATUS)].concat());
        assert_eq!(frames.next(), Some(Err(Wrong)));
        assert_eq!(frames.next(), Some(Ok(STATUS.to_vec())));
    }

    #[test]
    fn what_is_no_frame_is_dropped_with_all_that_came() {
        let mut frames = Frames::new(271);
        let mut long = seal(&STATUS);
        long[3..7].copy_from_slice(&262_u32.to_le_bytes());
        let mut endless = seal(&STATUS);
        endless[3..7].copy_from_slice(&[0xFF; 4]);
        for wrong in [vec![0x04], vec![0x03, 0x15, 0x16], vec![0; 400], long, endless] {
            frames.push(&wrong);
            assert_eq!(frames.next(), Some(Err(Wrong)));
            assert_eq!(frames.next(), None);
        }
    }

    #[test]
    fn the_longest_message_is_taken() {
        let mut frames = Frames::new(271);
        let mut longest = [&STATUS[..], &[7; 261]].concat();
        longest[1..5].copy_from_slice(&261_u32.to_le_bytes());
        frames.push(&seal(&longest));
        assert_eq!(frames.next(), Some(Ok(longest)));
    }

    #[test]
    fn whatever_comes_in_whatever_pieces_little_is_kept() {
        let mut state = 1_u64;
        let mut byte = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // Half of them are those that frames are made of.
            let common = [SYNC, ACK, 0x65, 0, 0, 0, 0, 0];
            let drawn = (state >> 40) as usize;
            if drawn & 0x100 == 0 { common[drawn % 8] } else { drawn as u8 }
        };
        let (mut frames, mut wrong) = (Frames::new(271), 0);
        for _ in 0..20_000 {
            let piece: Vec<u8> = (0..byte() % 40).map(|_| byte()).collect();
            frames.push(&piece);
            while let Some(frame) = frames.next() {
                match frame {
                    Ok(message) => assert!((HEADER_BYTES..=271).contains(&message.len())),
                    Err(Wrong) => wrong += 1,
                }
            }
            assert!(frames.bytes.len() < 271 + AROUND_BYTES);
        }
        assert!(wrong > 1_000);
        frames.clear();
        frames.push(&seal(&STATUS));
        assert_eq!(frames.next(), Some(Ok(STATUS.to_vec())));
    }

    #[test]
    fn a_frame_without_an_end_is_dropped_after_its_time() {
        let mut frames = Frames::new(271);
        assert!(!frames.drop_late());
        frames.push(&[SYNC, ACK]);
        assert!(!frames.drop_late());
        frames.since = Instant::now().checked_sub(WHOLE_WITHIN).unwrap();
        assert!(frames.drop_late());
        assert!(!frames.drop_late(), "once");
    }
}
