use super::*;
use std::time::Instant;

use crate::faults::Pace;
use crate::platform::{RamPlatform, Torn};
use crate::virtual_card::{VirtualCard, select};

/// Answers 010203 9000, and counts what reaches it.
#[derive(Default)]
struct Counter {
    commands: u32,
    power_ups: u32,
}

const ANSWER: [u8; 5] = [1, 2, 3, 0x90, 0x00];
const COMMAND: [u8; 5] = [0x00, 0xCA, 0x01, 0x02, 0x00];

impl InSlot for Counter {
    fn power_off(&mut self) {}

    fn power_on(&mut self) {
        self.power_ups += 1;
    }

    fn reset(&mut self) {}

    fn transmit(&mut self, _: &[u8]) -> Reply {
        self.commands += 1;
        Reply::Answer(ANSWER.to_vec())
    }
}

fn faulty(texts: &[&str]) -> Faulty<Counter> {
    let faults = Faults::default();
    for text in texts {
        faults.add(text.parse().unwrap()).unwrap();
    }
    Faulty::new(Counter::default(), faults)
}

/// What becomes of the first command, and whether it reached the card.
fn said(text: &str) -> (Reply, bool) {
    let mut card = faulty(&[text]);
    let reply = card.transmit(&COMMAND);
    let reached = card.card_mut().commands == 1;
    assert_eq!(card.faults.injected().len(), 1, "{text}");
    (reply, reached)
}

fn exactly(bytes: &[u8]) -> Reply {
    Reply::Exactly(bytes.to_vec())
}

#[test]
fn each_fault_changes_the_answer_as_it_says() {
    let answer = ANSWER.to_vec();
    for (text, reply) in [
        ("drop", Reply::Silence),
        ("delay=1ms", Reply::Answer(answer.clone())),
        ("truncate", exactly(&[1, 2, 3, 0x90])),
        ("truncate=3", exactly(&[1, 2])),
        ("truncate=99", exactly(&[])),
        ("corrupt", exactly(&[1, 2, 0xFC, 0x90, 0])),
        ("corrupt=0", exactly(&[0xFE, 2, 3, 0x90, 0])),
        ("corrupt=-1", exactly(&[1, 2, 3, 0x90, 0xFF])),
        ("corrupt=5", exactly(&ANSWER)),
        ("corrupt=-6", exactly(&ANSWER)),
        ("duplicate", Reply::Twice(answer.clone())),
        ("lengthen=2", exactly(&[1, 2, 3, 0, 0, 0x90, 0])),
        ("status=6A82", Reply::Answer(vec![0x6A, 0x82])),
        ("empty", exactly(&[])),
        ("cut=4", Reply::Cut { answer: answer.clone(), sent_bytes: 4 }),
        ("stray=0708", Reply::Stray { answer, after: vec![7, 8] }),
        ("die", Reply::Gone),
        ("reconnect", Reply::Pulled(Duration::ZERO)),
        ("away=2s", Reply::Pulled(Duration::from_secs(2))),
    ] {
        assert_eq!(said(text), (reply, true), "{text}");
    }
}

#[test]
fn a_fault_before_keeps_the_command_from_the_card() {
    for (text, reply) in [
        ("drop,before", Reply::Silence),
        ("status=6F00,before", Reply::Answer(vec![0x6F, 0])),
        ("empty,before", exactly(&[])),
        ("die,before", Reply::Gone),
        ("reconnect,before", Reply::Pulled(Duration::ZERO)),
        ("silent", Reply::Silence),
    ] {
        assert_eq!(said(text), (reply, false), "{text}");
    }
    assert_eq!(said("delay=1ms,before"), (Reply::Answer(ANSWER.to_vec()), true));
}

#[test]
fn several_faults_change_what_the_one_before_has_left() {
    let mut card = faulty(&["truncate=2", "corrupt=0", "duplicate@1:CA", "drop"]);
    assert_eq!(card.transmit(&COMMAND), Reply::Twice(vec![0xFE, 2, 3]));
    assert_eq!(card.transmit(&COMMAND), Reply::Answer(ANSWER.to_vec()), "once");
}

#[test]
fn a_longer_answer_still_fits_a_frame() {
    let longest = lengthen(&ANSWER, 65_535);
    assert_eq!(longest.len(), 65_535);
    assert!(longest.starts_with(&[1, 2, 3, 0]) && longest.ends_with(&[0, 0x90, 0]));
}

#[test]
fn a_silent_card_stays_so_over_a_power_up_until_its_faults_are_cleared() {
    let mut card = faulty(&["silent@2"]);
    assert_eq!(card.transmit(&COMMAND), Reply::Answer(ANSWER.to_vec()));
    assert_eq!(card.transmit(&COMMAND), Reply::Silence);
    card.power_on();
    assert_eq!(card.transmit(&COMMAND), Reply::Silence);
    assert_eq!(card.card_mut().commands, 1);
    card.faults.clear();
    assert_eq!(card.transmit(&COMMAND), Reply::Answer(ANSWER.to_vec()));
}

#[test]
fn a_delay_and_a_pace_take_their_time() {
    let mut card = faulty(&["delay=30ms"]);
    let begun = Instant::now();
    card.transmit(&COMMAND);
    assert!(begun.elapsed() >= Duration::from_millis(30));
    // Ten bytes in all.
    card.faults.set_pace(Some("1000/s,20ms".parse::<Pace>().unwrap()));
    let begun = Instant::now();
    card.transmit(&COMMAND);
    assert!(begun.elapsed() >= Duration::from_millis(30));
}

#[test]
fn a_card_whose_write_was_torn_is_pulled_and_comes_back_as_it_was() {
    let faults = Faults::default();
    let platform = Torn::new(RamPlatform::new(1), faults.clone());
    let mut card = Faulty::new(VirtualCard::on(platform), faults.clone());
    faults.add("tear=half@1".parse().unwrap()).unwrap();
    let new = crate::NewCard::default();
    assert!(card.card_mut().personalise(saifu_wire::CardId([1; 16]), &new).is_err());
    assert_eq!(card.transmit(&select()), Reply::Pulled(Duration::ZERO));
    card.power_off();
    card.power_on();
    assert!(card.transmit(&select()).into_answer().unwrap().ends_with(&[0x90, 0x00]));
    let get_status = [0x00, 0xCA, 0xDF, 0x02, 0x00];
    let status = card.transmit(&get_status).into_answer().unwrap();
    assert_eq!(status[0], 1, "blank as before");
}
