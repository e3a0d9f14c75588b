//! The card's side of T=1 (ISO/IEC 7816-3, section 11).
//!
//! ```text
//! NAD (1) ‖ PCB (1) ‖ LEN (1) ‖ INF (0 to 254) ‖ LRC (1)
//! ```
//!
//! [`T1`] takes the host's blocks and gives the card's. It chains both ways, changes the size
//! of blocks, begins anew, ends chains, and asks for more time before commands that take any
//! card long. What is no block, or none that can come now, is answered by an R-block, or by
//! the last one again (rules 7.1 to 7.3 of section 11.6.3). After [`MAX_WRONG`] of these in a
//! row the card is silent until something good comes (rule 7.4); a reader says of that that
//! the card is mute.

mod block;

use block::{Block, Supervision, Wrong, again};

use super::MAX_COMMAND_BYTES;

/// The most bytes of INF.
pub const MAX_INF_BYTES: usize = 254;

/// How many wrong blocks in a row are answered.
pub const MAX_WRONG: u8 = 3;

/// The size of blocks that a host takes until it says otherwise.
const INITIAL_IFSD: usize = 32;

/// GENERATE ASYMMETRIC KEY PAIR (ISO/IEC 7816-8), its data plain and BER-TLV.
const SLOW_INS: [u8; 2] = [0x46, 0x47];

/// The block waiting times that a slow command asks for: with the usual ones, half a minute.
const SLOW_TIMES: u8 = 20;

/// ISO/IEC 7816-4: wrong length.
const WRONG_LENGTH: [u8; 2] = [0x67, 0x00];

/// What the card does with a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It says this one.
    Block(Vec<u8>),
    /// The command is whole; [`T1::answer`] makes the next block of its answer.
    Command(Vec<u8>),
    /// It says nothing.
    Silence,
}

/// A card since it got power.
#[derive(Debug)]
pub struct T1 {
    /// N(S) of the host's next I-block.
    expected: bool,
    /// N(S) of the card's I-block that waits for its acknowledgement, else of the next.
    own: bool,
    /// Whether an I-block waits for it.
    unacknowledged: bool,
    ifsd: usize,
    command: Vec<u8>,
    /// Whether the command is longer than any; its bytes are dropped.
    too_long: bool,
    answer: Vec<u8>,
    /// How much of the answer is acknowledged, and how much is on its way.
    acknowledged: usize,
    sent: usize,
    /// The multiple that was asked for and is not granted yet.
    waiting: Option<u8>,
    /// The R-block that was the last block, if it was one.
    last_r: Option<Vec<u8>>,
    wrong: u8,
}

impl Default for T1 {
    fn default() -> Self {
        Self {
            expected: false,
            own: false,
            unacknowledged: false,
            ifsd: INITIAL_IFSD,
            command: Vec::new(),
            too_long: false,
            answer: Vec::new(),
            acknowledged: 0,
            sent: 0,
            waiting: None,
            last_r: None,
            wrong: 0,
        }
    }
}

impl T1 {
    /// Takes a block of the host.
    pub fn take(&mut self, bytes: &[u8]) -> Reply {
        let good = Block::parse(bytes).and_then(|block| match block {
            Block::I { sequence, more, piece } => self.take_piece(sequence, more, piece),
            Block::R { sequence } => self.take_r(sequence),
            Block::Request(what) => self.take_request(what),
            Block::Response(what) => self.take_response(what),
        });
        match good {
            Ok(reply) => {
                self.wrong = 0;
                reply
            }
            Err(wrong) => self.ask_again(wrong),
        }
    }

    /// Begins to answer the command that [`T1::take`] gave; an empty answer is an empty block.
    pub fn answer(&mut self, answer: Vec<u8>) -> Vec<u8> {
        (self.answer, self.acknowledged) = (answer, 0);
        self.piece()
    }

    fn take_piece(&mut self, sequence: bool, more: bool, piece: &[u8]) -> Result<Reply, Wrong> {
        let in_the_middle = self.unacknowledged && self.sent < self.answer.len();
        if self.waiting.is_some() || sequence != self.expected || in_the_middle {
            return Err(Wrong::Other);
        }
        self.acknowledge();
        self.expected = !self.expected;
        self.too_long |= self.command.len() + piece.len() > MAX_COMMAND_BYTES;
        if !self.too_long {
            self.command.extend_from_slice(piece);
        }
        if more {
            return Ok(self.say_r(Wrong::Nothing));
        }
        self.last_r = None;
        Ok(self.carry_out())
    }

    /// A whole command; one that takes long is kept until the host has granted the time.
    fn carry_out(&mut self) -> Reply {
        if std::mem::take(&mut self.too_long) {
            self.command.clear();
            return Reply::Block(self.answer(WRONG_LENGTH.to_vec()));
        }
        if self.command.get(1).is_some_and(|ins| SLOW_INS.contains(ins)) {
            self.waiting = Some(SLOW_TIMES);
            return Reply::Block(Block::Request(Supervision::Wtx(SLOW_TIMES)).to_bytes());
        }
        Reply::Command(std::mem::take(&mut self.command))
    }

    fn take_r(&mut self, sequence: bool) -> Result<Reply, Wrong> {
        if !self.unacknowledged {
            // The host did not understand the last block. Other blocks than R are asked again.
            let same = self.last_r.clone().filter(|_| sequence == self.own);
            return same.map(Reply::Block).ok_or(Wrong::Other);
        }
        if sequence != self.own {
            if self.sent >= self.answer.len() {
                return Err(Wrong::Other);
            }
            self.acknowledge();
        }
        Ok(Reply::Block(self.piece()))
    }

    fn take_request(&mut self, what: Supervision) -> Result<Reply, Wrong> {
        match what {
            Supervision::Resynch => *self = Self::default(),
            Supervision::Ifs(bytes) => self.ifsd = usize::from(bytes),
            Supervision::Abort => self.abort(),
            Supervision::Wtx(_) => return Err(Wrong::Other),
        }
        self.last_r = None;
        Ok(Reply::Block(Block::Response(what).to_bytes()))
    }

    fn take_response(&mut self, what: Supervision) -> Result<Reply, Wrong> {
        match (self.waiting, what) {
            (Some(asked), Supervision::Wtx(granted)) if asked == granted => {
                self.waiting = None;
                Ok(Reply::Command(std::mem::take(&mut self.command)))
            }
            _ => Err(Wrong::Other),
        }
    }

    /// Both chains end here; what was sent of the answer counts as received.
    fn abort(&mut self) {
        self.acknowledge();
        self.command.clear();
        self.answer.clear();
        (self.too_long, self.waiting) = (false, None);
    }

    fn acknowledge(&mut self) {
        if std::mem::take(&mut self.unacknowledged) {
            self.own = !self.own;
            self.acknowledged = self.sent;
        }
    }

    /// The piece of the answer after what is acknowledged.
    fn piece(&mut self) -> Vec<u8> {
        let rest = self.answer.get(self.acknowledged..).unwrap_or_default();
        let piece = &rest[..rest.len().min(self.ifsd)];
        let more = piece.len() < rest.len();
        self.sent = self.acknowledged + piece.len();
        self.unacknowledged = true;
        self.last_r = None;
        Block::I { sequence: self.own, more, piece }.to_bytes()
    }

    fn say_r(&mut self, wrong: Wrong) -> Reply {
        let block = again(self.expected, wrong);
        self.last_r = Some(block.clone());
        Reply::Block(block)
    }

    /// Asks for the host's block again, by what it was asked before if it was.
    fn ask_again(&mut self, wrong: Wrong) -> Reply {
        if self.wrong >= MAX_WRONG {
            return Reply::Silence;
        }
        self.wrong += 1;
        if let Some(times) = self.waiting {
            return Reply::Block(Block::Request(Supervision::Wtx(times)).to_bytes());
        }
        match &self.last_r {
            Some(block) => Reply::Block(block.clone()),
            None => self.say_r(wrong),
        }
    }
}

#[cfg(test)]
mod noise;
#[cfg(test)]
mod tests;
