//! Whatever a host sends: no panic, one well-formed answer, bounded memory.

use super::{Engine, HEADER_BYTES, Level, MAX_MESSAGE_BYTES};
use crate::atr::Atr;
use crate::harness::Echo;

const SEEDS: u64 = 200;
const MESSAGES: usize = 500;

/// xorshift64*, so that each run repeats to the byte.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 33) as usize % bound
    }

    fn byte(&mut self) -> u8 {
        (self.next() >> 56) as u8
    }

    fn bytes(&mut self, at_most: usize) -> Vec<u8> {
        (0..self.below(at_most + 1)).map(|_| self.byte()).collect()
    }
}

const KINDS: [u8; 13] =
    [0x61, 0x62, 0x63, 0x65, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6F, 0x71, 0x72, 0x73];

/// A block with a right length and check byte, of a PCB that may mean something.
fn block(random: &mut Random) -> Vec<u8> {
    const PCBS: [u8; 14] =
        [0x00, 0x40, 0x20, 0x60, 0x80, 0x90, 0x81, 0x92, 0xC0, 0xC1, 0xC2, 0xC3, 0xE3, 0xE1];
    let pcb = PCBS[random.below(PCBS.len())];
    let inf = match pcb & 0xC0 {
        0xC0 => random.bytes(1),
        0x80 => Vec::new(),
        _ => random.bytes(254),
    };
    let mut block = [&[0, pcb, inf.len() as u8][..], &inf].concat();
    block.push(block.iter().fold(0, |sum, byte| sum ^ byte));
    block
}

/// A message that a host could send.
fn message(random: &mut Random) -> Vec<u8> {
    let kind = match random.below(3) {
        0 => KINDS[random.below(KINDS.len())],
        _ => 0x6F,
    };
    let data = match kind {
        0x6F if random.below(2) == 0 => block(random),
        0x6F => random.bytes(600),
        0x61 => vec![0x11, 0x10, 0x00, 0x45, 0x00, random.byte(), 0x00],
        0x73 => vec![0; 8],
        _ => Vec::new(),
    };
    let level = [0, 0, 0, 1, 2, 3, 0x10][random.below(7)];
    let length = (data.len() as u32).to_le_bytes();
    [&[kind][..], &length, &[0, random.byte(), 1, level, 0], &data].concat()
}

/// The same with some bytes changed, lost or doubled.
fn mutated(random: &mut Random) -> Vec<u8> {
    let mut message = message(random);
    for _ in 0..1 + random.below(3) {
        let at = random.below(message.len().max(1)).min(message.len().saturating_sub(1));
        match random.below(3) {
            0 if !message.is_empty() => message[at] = random.byte(),
            1 => message.truncate(at),
            _ => message.extend_from_slice(&random.bytes(20)),
        }
    }
    message
}

fn check(sent: &[u8], answer: Option<&[u8]>, most: usize) {
    let Some(answer) = answer else {
        assert!(sent.len() < HEADER_BYTES, "no answer to {sent:02X?}");
        return;
    };
    assert!(sent.len() >= HEADER_BYTES, "an answer to half a header");
    assert!((0x80..=0x84).contains(&answer[0]), "{answer:02X?}");
    let length = u32::from_le_bytes(answer[1..5].try_into().unwrap()) as usize;
    assert_eq!(length, answer.len() - HEADER_BYTES);
    assert!(answer.len() <= most, "longer than the reader says");
    assert_eq!(answer[5..7], sent[5..7]);
    let (icc, command) = (answer[7] & 0x3F, answer[7] >> 6);
    assert!(icc <= 2 && command <= 1, "{answer:02X?}");
    assert!(command == 1 || answer[8] == 0, "an error that did not fail");
}

fn run(level: Level, most: usize, seed: u64) {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut engine = Engine::new(level, Atr::default()).unwrap().with_max_message(most);
    let mut card = Echo::answering(random.below(700));
    engine.insert();
    for _ in 0..MESSAGES {
        let sent = match random.below(8) {
            0 => random.bytes(40),
            1 | 2 => mutated(&mut random),
            3 => vec![0x62, 0, 0, 0, 0, 0, 1, 0, 0, 0],
            _ => message(&mut random),
        };
        let answer = engine.answer(&sent, &mut card);
        check(&sent, answer.as_deref(), engine.max_message_bytes());
    }
}

#[test]
fn whatever_a_host_sends_gets_one_well_formed_answer() {
    for seed in 0..SEEDS {
        run(Level::Tpdu, 271, seed);
        run(Level::ExtendedApdu, 271, seed);
        run(Level::ExtendedApdu, MAX_MESSAGE_BYTES, seed);
    }
}
