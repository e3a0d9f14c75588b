//! What a host sends and what it gets.

use super::*;
use crate::ccid::HEADER_BYTES;

/// A card that gives each command back with 9000, and counts what happens to its power.
#[derive(Default)]
struct Mirror {
    ons: u32,
    offs: u32,
    resets: u32,
    /// What it says instead, of its ATR or of an answer.
    atr: Option<Reply>,
    answer: Option<Reply>,
}

impl InSlot for Mirror {
    fn power_off(&mut self) {
        self.offs += 1;
    }

    fn power_on(&mut self) {
        self.ons += 1;
    }

    fn reset(&mut self) {
        self.resets += 1;
    }

    fn transmit(&mut self, command: &[u8]) -> Reply {
        let usual = || [command, &[0x90, 0x00]].concat().into();
        self.answer.take().unwrap_or_else(usual)
    }

    fn atr(&mut self, usual: &Atr) -> Reply {
        self.atr.take().unwrap_or_else(|| usual.as_bytes().to_vec().into())
    }
}

const SEQUENCE: u8 = 0x2A;

fn message(kind: u8, specific: [u8; 3], data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u32).to_le_bytes();
    [&[kind][..], &length, &[0, SEQUENCE], &specific, data].concat()
}

/// Status, error, last byte of the header, and data of an answer of a kind.
type Said = (u8, u8, u8, Vec<u8>);

struct Desk {
    engine: Engine,
    card: Mirror,
}

impl Desk {
    fn empty(level: Level) -> Self {
        let engine = Engine::new(level, Atr::default()).unwrap();
        Self { engine, card: Mirror::default() }
    }

    fn with_card(level: Level) -> Self {
        let mut desk = Self::empty(level);
        desk.engine.insert();
        desk
    }

    fn active(level: Level) -> Self {
        let mut desk = Self::with_card(level);
        assert_eq!(desk.send(0x62, [0; 3], &[]).0, 0);
        desk
    }

    fn send(&mut self, kind: u8, specific: [u8; 3], data: &[u8]) -> Said {
        self.raw(&message(kind, specific, data))
    }

    fn raw(&mut self, message: &[u8]) -> Said {
        let answer = self.engine.answer(message, &mut self.card).expect("an answer");
        assert_eq!(answer[5..7], message[5..7], "slot and sequence");
        let length = u32::from_le_bytes(answer[1..5].try_into().unwrap()) as usize;
        assert_eq!(length, answer.len() - HEADER_BYTES, "dwLength");
        (answer[7], answer[8], answer[9], answer[HEADER_BYTES..].to_vec())
    }
}

const STATUS: u8 = 0x65;
const XFR: u8 = 0x6F;

#[test]
fn power_and_status_follow_each_other() {
    let mut desk = Desk::empty(Level::Tpdu);
    assert_eq!(desk.send(STATUS, [0; 3], &[]), (2, 0, 1, vec![]), "no card");
    assert_eq!(desk.send(0x62, [0; 3], &[]), (0x42, 0xFE, 0, vec![]), "no power without one");
    desk.engine.insert();
    assert_eq!(desk.send(STATUS, [0; 3], &[]), (1, 0, 1, vec![]), "a card without power");
    let atr = Atr::default().as_bytes().to_vec();
    assert_eq!(desk.send(0x62, [0; 3], &[]), (0, 0, 0, atr.clone()));
    assert_eq!(desk.send(STATUS, [0; 3], &[]), (0, 0, 0, vec![]));
    assert_eq!(desk.send(0x62, [1, 0, 0], &[]), (0, 0, 0, atr), "once more is a reset");
    assert_eq!(desk.send(0x63, [0; 3], &[]), (1, 0, 1, vec![]));
    assert_eq!((desk.card.ons, desk.card.resets, desk.card.offs), (1, 1, 1));
}

#[test]
fn an_unknown_voltage_and_unasked_data_are_named() {
    let mut desk = Desk::with_card(Level::Tpdu);
    assert_eq!(desk.send(0x62, [4, 0, 0], &[]), (0x41, 7, 0, vec![]));
    for kind in [0x62, 0x63, STATUS, 0x6C, 0x6D, 0x72] {
        assert_eq!(desk.send(kind, [0; 3], &[1]), (0x41, 1, 0, vec![]), "{kind:02X}");
    }
    assert_eq!(desk.card.ons, 0);
}

#[test]
fn another_slot_and_a_wrong_length_are_named() {
    let mut desk = Desk::with_card(Level::Tpdu);
    let mut other = message(STATUS, [0; 3], &[]);
    other[5] = 1;
    assert_eq!(desk.raw(&other), (0x42, 5, 0, vec![]));
    for (length, data) in [(1_u32, 0), (0, 1), (u32::MAX, 4)] {
        let mut wrong = message(XFR, [0; 3], &vec![0; data]);
        wrong[1..5].copy_from_slice(&length.to_le_bytes());
        assert_eq!(desk.raw(&wrong), (0x41, 1, 0, vec![]), "{length} {data}");
    }
    desk.engine = desk.engine.with_max_message(0);
    assert_eq!(desk.engine.max_message_bytes(), 271, "no less");
    let most = vec![0; 261];
    assert_eq!(desk.send(XFR, [0; 3], &most).1, 0xFE, "it has no power");
    let more = vec![0; 262];
    assert_eq!(desk.send(XFR, [0; 3], &more).1, 1);
}

#[test]
fn a_message_that_is_shorter_than_its_header_gets_no_answer() {
    let mut desk = Desk::active(Level::Tpdu);
    let whole = message(STATUS, [0; 3], &[]);
    for length in 0..HEADER_BYTES {
        assert_eq!(desk.engine.answer(&whole[..length], &mut desk.card), None);
    }
    assert!(desk.engine.answer(&whole, &mut desk.card).is_some());
}

#[test]
fn what_the_reader_cannot_do_is_not_supported() {
    let mut desk = Desk::active(Level::Tpdu);
    for kind in [0x6E, 0x6A, 0x69, 0x71, 0x6B, 0x00, 0x64, 0xFF] {
        assert_eq!(desk.send(kind, [0; 3], &[]), (0x40, 0, 0, vec![]), "{kind:02X}");
    }
    let rates = [4_000_u32, 10_752].map(u32::to_le_bytes).concat();
    assert_eq!(desk.send(0x73, [0; 3], &[0; 8]), (0x40, 0, 0, rates));
}

#[test]
fn a_makers_commands_are_answered_where_there_are_any() {
    let mut desk = Desk::with_card(Level::Tpdu);
    desk.engine = desk.engine.with_escapes(|data| (data == [2]).then(|| b"name".to_vec()));
    assert_eq!(desk.send(0x6B, [0; 3], &[2]), (1, 0, 0, b"name".to_vec()));
    assert_eq!(desk.send(0x6B, [0; 3], &[3]), (0x41, 0, 0, vec![]));
}

#[test]
fn parameters_are_set_told_and_reset() {
    let mut desk = Desk::with_card(Level::Tpdu);
    let initial = vec![0x11, 0x10, 0x00, 0x4D, 0x00, 0x20, 0x00];
    let set = vec![0x94, 0x10, 0x00, 0x45, 0x00, 0xFE, 0x00];
    assert_eq!(desk.send(0x6C, [0; 3], &[]), (0x41, 0xFE, 0, vec![]), "no power");
    assert_eq!(desk.send(0x61, [1, 0, 0], &set), (0x41, 0xFE, 0, vec![]));
    desk.send(0x62, [0; 3], &[]);
    assert_eq!(desk.send(0x6C, [0; 3], &[]), (0, 0, 1, initial.clone()));
    assert_eq!(desk.send(0x61, [1, 0, 0], &set), (0, 0, 1, set.clone()));
    assert_eq!(desk.send(0x61, [0, 0, 0], &set), (0x40, 7, 0, vec![]), "T=0");
    assert_eq!(desk.send(0x61, [1, 0, 0], &set[..5]), (0x40, 1, 0, vec![]));
    assert_eq!(desk.send(0x6C, [0; 3], &[]), (0, 0, 1, set), "unchanged by both");
    assert_eq!(desk.send(0x6D, [0; 3], &[]), (0, 0, 1, initial));
    let mut desk = Desk::active(Level::ExtendedApdu);
    let cards = vec![0x11, 0x10, 0x00, 0x45, 0x00, 0xFE, 0x00];
    assert_eq!(desk.send(0x6C, [0; 3], &[]), (0, 0, 1, cards), "as the ATR says");
}

#[test]
fn blocks_pass_where_the_host_speaks_t1() {
    let mut desk = Desk::active(Level::Tpdu);
    let block = [0x00, 0x00, 0x04, 0x00, 0xCA, 0x00, 0x00, 0xCE];
    let answer = vec![0x00, 0x00, 0x06, 0x00, 0xCA, 0x00, 0x00, 0x90, 0x00, 0x5C];
    assert_eq!(desk.send(XFR, [0; 3], &block), (0, 0, 0, answer));
    let asked_again = vec![0x00, 0x92, 0x00, 0x92];
    assert_eq!(desk.send(XFR, [0; 3], &[]), (0, 0, 0, asked_again.clone()), "no block");
    assert_eq!(desk.send(XFR, [0, 1, 0], &block), (0x40, 8, 0, vec![]), "wLevelParameter");
    for _ in 0..2 {
        assert_eq!(desk.send(XFR, [0; 3], &[1]), (0, 0, 0, asked_again.clone()));
    }
    assert_eq!(desk.send(XFR, [0; 3], &[1]), (0x40, 0xFE, 0, vec![]), "the card is mute");
    desk.send(0x63, [0; 3], &[]);
    assert_eq!(desk.send(XFR, [0; 3], &block), (0x41, 0xFE, 0, vec![]), "and has no power");
}

#[test]
fn the_protocol_can_be_agreed_on_before_the_first_block_only() {
    let mut desk = Desk::active(Level::Tpdu);
    for good in [vec![0xFF, 0x01, 0xFE], vec![0xFF, 0x11, 0x94, 0x7A]] {
        assert_eq!(desk.send(XFR, [0; 3], &good), (0, 0, 0, good.clone()));
    }
    for bad in [&[0xFF][..], &[0xFF, 0x00, 0xFF], &[0xFF, 0x01, 0xFF], &[0xFF, 0x11, 0xEE]] {
        assert_eq!(desk.send(XFR, [0; 3], bad), (0x40, 0xFE, 0, vec![]), "{bad:02X?}");
    }
    assert_eq!(desk.send(XFR, [0; 3], &[0x00, 0xC1, 0x01, 0xFE, 0x3E]).3[1], 0xE1);
    let late = desk.send(XFR, [0; 3], &[0xFF, 0x01, 0xFE]);
    assert_eq!(late, (0, 0, 0, vec![0x00, 0x82, 0x00, 0x82]), "it is no block");
}

#[test]
fn apdus_pass_whole_or_in_parts_where_the_reader_speaks_t1() {
    let mut desk = Desk::active(Level::ExtendedApdu);
    let answer = vec![1, 2, 3, 4, 0x90, 0x00];
    assert_eq!(desk.send(XFR, [0; 3], &[1, 2, 3, 4]), (0, 0, 0, answer.clone()));
    assert_eq!(desk.send(XFR, [0; 3], &[1, 2, 3]), (0x40, 1, 0, vec![]), "no command");
    assert_eq!(desk.send(XFR, [0, 1, 0], &[1, 2]), (0, 0, 0x10, vec![]));
    assert_eq!(desk.send(XFR, [0, 2, 0], &[3, 4]), (0, 0, 0, answer));
    assert_eq!(desk.send(XFR, [0, 2, 0], &[3, 4]), (0x40, 8, 0, vec![]));
    assert_eq!(desk.send(XFR, [0, 0x10, 0], &[]), (0x40, 8, 0, vec![]));
    desk.engine = desk.engine.with_max_message(271);
    assert_eq!(desk.send(XFR, [0; 3], &[7; 261]), (0, 0, 1, vec![7; 261]));
    assert_eq!(desk.send(XFR, [0, 0x10, 0], &[]), (0, 0, 2, vec![0x90, 0x00]));
}

#[test]
fn an_aborted_command_in_parts_is_forgotten() {
    let mut desk = Desk::active(Level::ExtendedApdu);
    desk.send(XFR, [0, 1, 0], &[1, 2]);
    assert_eq!(desk.send(0x72, [0; 3], &[]), (0, 0, 0, vec![]));
    assert_eq!(desk.send(XFR, [0, 2, 0], &[3, 4]), (0x40, 8, 0, vec![]));
}

#[test]
fn the_host_is_told_of_each_change_once() {
    let mut desk = Desk::empty(Level::Tpdu);
    assert_eq!(desk.engine.notification(), Some([0x50, 2]));
    assert_eq!(desk.engine.notification(), None);
    desk.engine.insert();
    desk.engine.insert();
    assert_eq!(desk.engine.notification(), Some([0x50, 3]));
    assert_eq!(desk.engine.notification(), None);
    desk.engine.greet();
    assert_eq!(desk.engine.notification(), Some([0x50, 3]));
    desk.send(0x62, [0; 3], &[]);
    desk.engine.remove(&mut desk.card);
    assert_eq!(desk.card.offs, 1, "its power goes with it");
    assert_eq!(desk.engine.notification(), Some([0x50, 2]));
    assert_eq!(desk.send(STATUS, [0; 3], &[]).0, 2);
}

/// A command of four bytes, as a block and as it is.
fn command(level: Level) -> &'static [u8] {
    match level {
        Level::Tpdu => &[0x00, 0x00, 0x04, 0x00, 0xCA, 0x00, 0x00, 0xCE],
        Level::ExtendedApdu => &[0x00, 0xCA, 0x00, 0x00],
    }
}

#[test]
fn a_card_that_is_pulled_while_it_works_is_gone() {
    for level in [Level::Tpdu, Level::ExtendedApdu] {
        let mut desk = Desk::active(level);
        desk.engine.notification();
        desk.card.answer = Some(Reply::Gone);
        assert_eq!(desk.send(XFR, [0; 3], command(level)), (0x42, 0xFE, 0, vec![]));
        assert_eq!(desk.engine.notification(), Some([0x50, 2]));
        assert!(!desk.engine.has_card());
        assert_eq!(desk.engine.pulled(), Some(Away::ForGood));
        assert_eq!(desk.engine.pulled(), None);
    }
}

#[test]
fn a_card_that_says_nothing_or_too_little_is_told_as_it_is() {
    for level in [Level::Tpdu, Level::ExtendedApdu] {
        let mut desk = Desk::active(level);
        desk.card.answer = Some(Reply::Silence);
        assert_eq!(desk.send(XFR, [0; 3], command(level)), (0x40, 0xFE, 0, vec![]), "mute");
        assert!(desk.engine.has_card());
        desk.send(0x62, [0; 3], &[]);
        desk.card.answer = Some(Reply::Exactly(vec![]));
        let empty = match level {
            Level::Tpdu => vec![0x00, 0x00, 0x00, 0x00],
            Level::ExtendedApdu => vec![],
        };
        assert_eq!(desk.send(XFR, [0; 3], command(level)), (0, 0, 0, empty));
    }
}

#[test]
fn an_answer_to_reset_that_is_none_is_told_by_what_is_wrong() {
    let mut desk = Desk::with_card(Level::Tpdu);
    for (said, error) in [
        (Reply::Silence, 0xFE),
        (Reply::Answer(vec![0x3C, 0x00]), 0xF8),
        (Reply::Exactly(vec![]), 0xFE),
        (Reply::Answer(vec![0x3B, 0x00]), 0xF6),
    ] {
        desk.card.atr = Some(said);
        assert_eq!(desk.send(0x62, [0; 3], &[]), (0x41, error, 0, vec![]), "and no power");
    }
    let own = vec![0x3B, 0x80, 0x01, 0x81];
    desk.card.atr = Some(Reply::Answer(own.clone()));
    assert_eq!(desk.send(0x62, [0; 3], &[]), (0, 0, 0, own));
    desk.card.atr = Some(Reply::Gone);
    assert_eq!(desk.send(0x62, [0; 3], &[]), (0x42, 0xFE, 0, vec![]));
}

#[test]
fn a_reset_begins_the_protocol_anew() {
    let mut desk = Desk::active(Level::Tpdu);
    let block = [0x00, 0x00, 0x04, 0x00, 0xCA, 0x00, 0x00, 0xCE];
    for _ in 0..2 {
        assert_eq!(desk.send(XFR, [0; 3], &block).3.len(), 10, "N(S) is 0");
        assert_eq!(desk.send(XFR, [0; 3], &block).3, [0x00, 0x92, 0x00, 0x92]);
        desk.send(0x62, [0; 3], &[]);
    }
}

#[test]
fn an_atr_without_t1_is_refused() {
    let no_t1 = "3B00".parse().unwrap();
    assert_eq!(Engine::new(Level::Tpdu, no_t1).unwrap_err(), EngineError::NoT1);
    let engine = Engine::new(Level::Tpdu, "3B800181".parse().unwrap()).unwrap();
    assert_eq!(engine.class_descriptor()[..2], [54, 0x21]);
}
