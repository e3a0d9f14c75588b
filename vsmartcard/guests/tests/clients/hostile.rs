//! Commands that no client sends.

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use saifu_vsmartcard::VirtualCard;
use saifu_wire::apdu::Command;

use crate::desk::card;

pub(crate) const OPENPGP: &str = "D27600012401";
pub(crate) const PIV: &str = "A000000308";
pub(crate) const SAIFU: &str = "F0534149465501";

/// What all the commands of a test may take.
const ANSWERED_WITHIN: Duration = Duration::from_secs(300);
const ROUNDS: usize = 400;
/// What the applets know, and some that they do not.
const INSTRUCTIONS: [u8; 16] = [
    0x20, 0x21, 0x24, 0x2A, 0x2C, 0x47, 0x84, 0x87, 0x88, 0xA5, 0xCA, 0xCB, 0xDB, 0xC0, 0xF7, 0x10,
];

/// Numbers that are the same in each run (Marsaglia's xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A command: mostly well formed, of any instruction and any data.
    fn command(&mut self, round: usize) -> Vec<u8> {
        let length = [0, 2, 5, 30, 255, 700][round % 6];
        let data: Vec<u8> = (0..length).map(|_| self.next() as u8).collect();
        let cla = [0x00, 0x00, 0x00, 0x10, 0x80, 0x0C][round / 6 % 6];
        let ins = INSTRUCTIONS[self.next() as usize % INSTRUCTIONS.len()];
        let [p1, p2] = [self.next() as u8, self.next() as u8];
        let le = [None, Some(256), Some(65_536)][round % 3];
        let mut apdu = Command { cla, ins, p1, p2, data: &data, le, extended: false }.to_bytes();
        if round % 50 == 49 {
            apdu.truncate(self.next() as usize % apdu.len());
        }
        apdu
    }
}

fn select(card: &mut VirtualCard, aid: &str) -> [u8; 2] {
    let data = &hex::decode(aid).unwrap();
    let le = Some(256);
    let select = Command { cla: 0, ins: 0xA4, p1: 4, p2: 0, data, le, extended: false };
    *card.transmit(&select.to_bytes()).last_chunk().unwrap()
}

/// Sends whatever comes, in a thread of its own: the applets' service could leave it waiting.
fn everything_is_answered(aid: &'static str) {
    let (tell, told) = channel();
    thread::spawn(move || {
        let (mut card, mut numbers) = (card(), Numbers(0x5A1F_0002));
        assert_eq!(select(&mut card, aid), [0x90, 0x00]);
        for round in 0..ROUNDS {
            let apdu = numbers.command(round);
            let answer = card.transmit(&apdu);
            assert!(answer.len() >= 2, "{apdu:02x?}");
            let panicked = answer == [0x6F, 0x00];
            if panicked || round % 100 == 99 {
                card.reset();
                assert_eq!(select(&mut card, SAIFU), [0x90, 0x00]);
                assert_eq!(select(&mut card, aid), [0x90, 0x00], "after {apdu:02x?}");
            }
        }
        tell.send(()).unwrap();
    });
    told.recv_timeout(ANSWERED_WITHIN).expect("every command is answered in time");
}

#[test]
fn whatever_is_sent_to_the_openpgp_applet_is_answered() {
    everything_is_answered(OPENPGP);
}

#[test]
fn whatever_is_sent_to_the_piv_applet_is_answered() {
    everything_is_answered(PIV);
}

#[test]
fn each_applet_is_found_beside_the_others_and_none_by_another_name() {
    let mut card = card();
    for aid in [SAIFU, OPENPGP, PIV, SAIFU] {
        assert_eq!(select(&mut card, aid), [0x90, 0x00], "{aid}");
    }
    assert_eq!(select(&mut card, "A000000309"), [0x6A, 0x82]);
}
