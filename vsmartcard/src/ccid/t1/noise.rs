//! A host and a card on a line that breaks blocks: what comes through is what was sent.

use super::block::{Block, Supervision, Wrong, again};
use super::{Reply, T1};

const SEEDS: u64 = 150;
/// How often a block or its answer is sent until a host gives up.
const MAX_BLOCKS: usize = 3_000;
/// Wrong blocks in a row after which a host begins anew.
const MAX_WRONG: u32 = 3;

/// xorshift64*, so that each run repeats to the byte.
struct Line {
    state: u64,
    /// One block of so many breaks.
    breaks_one_of: u64,
    broken: u32,
}

impl Line {
    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 20
    }

    /// A block as it comes out at the other end.
    fn carry(&mut self, mut block: Vec<u8>) -> Vec<u8> {
        if block.is_empty() || !self.next().is_multiple_of(self.breaks_one_of) {
            return block;
        }
        self.broken += 1;
        let at = self.next() as usize % block.len();
        match self.next() % 3 {
            0 => block[at] ^= 1 << (self.next() % 8),
            1 => block.truncate(at),
            _ => block.clear(),
        }
        block
    }
}

/// The host's side, by the rules of ISO/IEC 7816-3, section 11.6.3.
struct Host {
    own: bool,
    expected: bool,
    line: Line,
    blocks: usize,
}

/// What a host waits for.
enum Phase {
    /// That the piece after so many bytes is taken.
    Sending(usize),
    /// The rest of the answer.
    Receiving,
    /// S(RESYNCH response).
    Resynching,
}

impl Host {
    fn exchange(&mut self, card: &mut T1, block: &[u8]) -> Vec<u8> {
        self.blocks += 1;
        let heard = self.line.carry(block.to_vec());
        let said = match card.take(&heard) {
            Reply::Block(block) => block,
            Reply::Command(command) => card.answer(answer_of(&command)),
            Reply::Silence => Vec::new(),
        };
        self.line.carry(said)
    }

    fn piece(&self, command: &[u8], from: usize) -> Vec<u8> {
        let rest = &command[from..];
        let piece = &rest[..rest.len().min(254)];
        let (sequence, more) = (self.own, piece.len() < rest.len());
        Block::I { sequence, more, piece }.to_bytes()
    }

    /// Sends a command until its answer is there.
    fn transmit(&mut self, card: &mut T1, command: &[u8]) -> Vec<u8> {
        let (mut phase, mut answer, mut wrong) = (Phase::Sending(0), Vec::new(), 0);
        let mut block = self.piece(command, 0);
        while self.blocks < MAX_BLOCKS {
            let said = self.exchange(card, &block);
            let good = self.heed(&said, command, &mut phase, &mut answer);
            let next = match good {
                Some(Some(next)) => next,
                Some(None) => return answer,
                None if wrong < MAX_WRONG && !matches!(phase, Phase::Resynching) => {
                    wrong += 1;
                    let asked = matches!(Block::parse(&block), Ok(Block::R { .. }));
                    let ask = || again(self.expected, Wrong::Check);
                    block = if asked { block } else { ask() };
                    continue;
                }
                None => {
                    phase = Phase::Resynching;
                    Block::Request(Supervision::Resynch).to_bytes()
                }
            };
            (block, wrong) = (next, 0);
        }
        panic!("no answer after {MAX_BLOCKS} blocks");
    }

    /// The next block after a good one, or none when the answer is whole; nothing for a block
    /// that is wrong here.
    fn heed(
        &mut self,
        said: &[u8],
        command: &[u8],
        phase: &mut Phase,
        answer: &mut Vec<u8>,
    ) -> Option<Option<Vec<u8>>> {
        match (Block::parse(said).ok()?, &*phase) {
            (Block::Response(Supervision::Resynch), Phase::Resynching) => {
                (self.own, self.expected) = (false, false);
                *phase = Phase::Sending(0);
                answer.clear();
                Some(Some(self.piece(command, 0)))
            }
            (Block::R { sequence }, Phase::Sending(from)) => {
                let mut from = *from;
                if sequence != self.own {
                    from += 254;
                    if from >= command.len() {
                        return None;
                    }
                    self.own = !self.own;
                    *phase = Phase::Sending(from);
                }
                Some(Some(self.piece(command, from)))
            }
            (Block::R { .. }, Phase::Receiving) => {
                Some(Some(Block::R { sequence: self.expected }.to_bytes()))
            }
            (Block::I { sequence, more, piece }, Phase::Sending(_) | Phase::Receiving)
                if sequence == self.expected =>
            {
                if matches!(phase, Phase::Sending(_)) {
                    self.own = !self.own;
                }
                *phase = Phase::Receiving;
                self.expected = !self.expected;
                answer.extend_from_slice(piece);
                let next = Block::R { sequence: self.expected }.to_bytes();
                Some(more.then_some(next))
            }
            _ => None,
        }
    }
}

/// Longer than the command and another for each.
fn answer_of(command: &[u8]) -> Vec<u8> {
    command.iter().rev().chain(command).map(|byte| byte ^ 0x5A).collect()
}

fn play(seed: u64, breaks_one_of: u64) -> u32 {
    let state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let line = Line { state, breaks_one_of, broken: 0 };
    let mut host = Host { own: false, expected: false, line, blocks: 0 };
    let mut card = T1::default();
    for bytes in [5, 254, 255, 900, 1, 2_000] {
        let command: Vec<u8> = (0..bytes).map(|at| (at as u64 + seed) as u8 & 0x3F).collect();
        let answer = host.transmit(&mut card, &command);
        assert_eq!(answer, answer_of(&command), "seed {seed}, {bytes} bytes");
        host.blocks = 0;
    }
    host.line.broken
}

#[test]
fn without_noise_nothing_is_sent_twice() {
    assert_eq!(play(1, u64::MAX), 0);
}

#[test]
fn what_comes_through_a_line_that_breaks_blocks_is_what_was_sent() {
    let broken: u32 = (0..SEEDS).map(|seed| play(seed, 5 + seed % 40)).sum();
    assert!(broken > 1_000, "{broken} blocks broke");
}
