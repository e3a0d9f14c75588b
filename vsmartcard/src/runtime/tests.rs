use super::*;
use std::sync::{Arc, Mutex};

/// The AID of one that is selected on one channel at a time.
const SINGLE: &[u8] = b"SINGLE";

/// Answers with its name, and writes down what happens to it.
struct Named {
    aid: Vec<u8>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Named {
    fn note(&self, what: &str) {
        let name = String::from_utf8_lossy(&self.aid);
        self.log.lock().unwrap().push(format!("{name} {what}"));
    }
}

impl Applet for Named {
    fn aid(&self) -> &[u8] {
        &self.aid
    }
    fn power_up(&mut self) {
        self.note("power");
    }
    fn reset(&mut self) {
        self.note("reset");
    }
    fn admit(&self, select: &Command<'_>, elsewhere: bool) -> Result<(), Status> {
        let alone = self.aid == SINGLE;
        assert_eq!((select.data, select.p2 & 0xF3), (&self.aid[..], 0x00));
        if alone && elsewhere { Err(Status::ConditionsNotSatisfied) } else { Ok(()) }
    }
    fn select(&mut self, channel: u8, apdu: &[u8], answer: &mut Vec<u8>) {
        self.note(&format!("select {channel}"));
        answer.extend_from_slice(&apdu[5..5 + self.aid.len()]);
        answer.extend_from_slice(&[0x90, 0]);
    }
    fn deselect(&mut self, channel: u8) {
        self.note(&format!("leave {channel}"));
    }
    fn interrupt(&mut self, channel: u8) {
        self.note(&format!("interrupt {channel}"));
    }
    fn transmit(&mut self, channel: u8, apdu: &[u8], answer: &mut Vec<u8>) {
        self.note(&format!("apdu {channel} {:02x}", apdu[1]));
        answer.extend_from_slice(&[0x90, 0]);
    }
}

type Log = Arc<Mutex<Vec<String>>>;

fn card() -> (Runtime, Log) {
    let log = Log::default();
    let applet = |aid: &[u8]| -> Box<dyn Applet + Send> {
        Box::new(Named { aid: aid.to_vec(), log: log.clone() })
    };
    let mut card = Runtime::new(vec![applet(b"AAAA1"), applet(b"AAAA2"), applet(b"BBBBB")]);
    card.power_up();
    log.lock().unwrap().clear();
    (card, log)
}

fn select(name: &[u8], cla: u8, p2: u8) -> Vec<u8> {
    let mut apdu = vec![cla, 0xA4, 0x04, p2, name.len() as u8];
    apdu.extend_from_slice(name);
    apdu.push(0);
    apdu
}

fn entries(log: &Log) -> Vec<String> {
    std::mem::take(&mut *log.lock().unwrap())
}

#[test]
fn an_applet_is_left_exactly_once_when_another_is_selected() {
    let (mut card, log) = card();
    card.transmit(&select(b"AAAA1", 0, 0));
    card.transmit(&select(b"BBBBB", 0, 0));
    let interrupted = "AAAA1 interrupt 0";
    let expected = ["AAAA1 select 0", interrupted, "AAAA1 leave 0", "BBBBB select 0"];
    assert_eq!(entries(&log), expected);
}

#[test]
fn a_failed_select_leaves_the_selected_applet_selected() {
    let (mut card, log) = card();
    card.transmit(&select(b"AAAA1", 0, 0));
    card.transmit(&select(b"CCCCC", 0, 0));
    card.transmit(&[0, 0xCA, 0, 0]);
    assert_eq!(entries(&log), ["AAAA1 select 0", "AAAA1 interrupt 0", "AAAA1 apdu 0 ca"]);
}

#[test]
fn ap9_what_the_runtime_answers_interrupts_the_selected_applet_of_its_channel_alone() {
    let (mut card, log) = card();
    card.transmit(&select(b"AAAA1", 0, 0));
    card.transmit(&[0, 0x70, 0, 1]);
    card.transmit(&select(b"BBBBB", 0x01, 0));
    entries(&log);
    for (apdu, interrupted) in [
        (select(b"CCCCC", 0, 0), "AAAA1 interrupt 0"),
        (select(b"CCCCC", 0x01, 0), "BBBBB interrupt 1"),
        (select(b"AAAA1", 0x10, 0), "AAAA1 interrupt 0"),
        (vec![0, 0x70, 0, 2], "AAAA1 interrupt 0"),
        (vec![0x01, 0x70, 0, 2], "BBBBB interrupt 1"),
    ] {
        card.transmit(&apdu);
        assert_eq!(entries(&log), [interrupted], "{apdu:02x?}");
    }
}

#[test]
fn a_select_of_another_form_is_refused_and_changes_nothing() {
    let (mut card, log) = card();
    card.transmit(&select(b"AAAA1", 0, 0));
    entries(&log);
    for (apdu, word) in [
        (select(b"BBBBB", 0, 0x04), [0x6A, 0x86]),
        (select(b"BBBBB", 0, 0x08), [0x6A, 0x86]),
        (select(b"BBBBB", 0, 0x10), [0x6A, 0x86]),
        (select(&[b'B'; 17], 0, 0), [0x67, 0x00]),
        (vec![0, 0xA4, 4, 0], [0x67, 0x00]),
        (vec![0, 0xA4, 4, 0, 0], [0x67, 0x00]),
        (select(b"BBBBB", 0x10, 0), [0x68, 0x84]),
        (select(b"BBBBB", 0x04, 0), [0x68, 0x82]),
    ] {
        assert_eq!(card.transmit(&apdu), word, "{apdu:02x?}");
        card.transmit(&[0, 0xCA, 0, 0]);
        assert_eq!(entries(&log), ["AAAA1 interrupt 0", "AAAA1 apdu 0 ca"]);
    }
}

#[test]
fn a_manage_channel_of_another_form_is_refused_and_changes_nothing() {
    let (mut card, _) = card();
    assert_eq!(card.transmit(&[0, 0x70, 0, 1]), [0x90, 0x00]);
    for (apdu, word) in [
        (&[0x04, 0x70, 0, 0, 1][..], [0x68, 0x82]),
        (&[0x10, 0x70, 0, 0, 1], [0x68, 0x84]),
        (&[0x10, 0x70, 0x80, 1], [0x68, 0x84]),
        (&[0, 0x70, 1, 0, 1], [0x6A, 0x86]),
        (&[0, 0x70, 0, 0], [0x67, 0x00]),
        (&[0, 0x70, 0, 0, 1, 7, 0], [0x67, 0x00]),
        (&[0, 0x70, 0, 2, 1, 7], [0x67, 0x00]),
        (&[0, 0x70, 0x80, 1, 1, 7], [0x67, 0x00]),
    ] {
        assert_eq!(card.transmit(apdu), word, "{apdu:02x?}");
    }
    assert_eq!(card.transmit(&[0, 0x70, 0, 0, 1]), [2, 0x90, 0], "1 is open, 2 is closed");
}

#[test]
fn a_command_to_a_card_without_power_powers_it_up() {
    let (mut card, log) = card();
    card.transmit(&select(b"AAAA1", 0, 0));
    card.power_down();
    entries(&log);
    assert_eq!(card.transmit(&[0, 0xCA, 0, 0]), [0x69, 0x85], "nothing is selected");
    assert_eq!(entries(&log), ["AAAA1 power", "AAAA2 power", "BBBBB power"]);
}

#[test]
fn nothing_is_passed_on_before_a_select_or_after_a_reset() {
    let (mut card, log) = card();
    assert_eq!(card.transmit(&[0, 0xCA, 0, 0]), [0x69, 0x85]);
    card.transmit(&select(b"AAAA1", 0, 0));
    card.reset();
    entries(&log);
    assert_eq!(card.transmit(&[0, 0xCA, 0, 0]), [0x69, 0x85]);
    assert!(entries(&log).is_empty());
}

#[test]
fn each_channel_has_a_selection_of_its_own() {
    let (mut card, log) = card();
    card.transmit(&select(b"AAAA1", 0, 0));
    assert_eq!(card.transmit(&[0, 0x70, 0, 0, 1]), [1, 0x90, 0]);
    assert_eq!(card.transmit(&[0x01, 0xCA, 0, 0]), [0x69, 0x85]);
    card.transmit(&select(b"BBBBB", 0x01, 0));
    card.transmit(&[0x81, 0x38, 0, 0]);
    assert_eq!(card.transmit(&[0, 0x70, 0x80, 1]), [0x90, 0]);
    assert_eq!(card.transmit(&[0x01, 0xCA, 0, 0]), [0x68, 0x81]);
    let expected = ["AAAA1 select 0", "BBBBB select 1", "BBBBB apdu 1 38", "BBBBB leave 1"];
    let mut happened = entries(&log);
    happened.retain(|entry| !entry.contains("interrupt"));
    assert_eq!(happened, expected);
}

#[test]
fn all_twenty_channels_open_and_no_more() {
    let (mut card, _) = card();
    for number in 1..20 {
        assert_eq!(card.transmit(&[0, 0x70, 0, 0, 1]), [number, 0x90, 0]);
    }
    assert_eq!(card.transmit(&[0, 0x70, 0, 0, 1]), [0x6A, 0x84]);
    assert_eq!(card.transmit(&[0, 0x70, 0x80, 0]), [0x6A, 0x86], "the basic channel stays open");
    assert_eq!(card.transmit(&[0, 0x70, 0, 7]), [0x69, 0x85], "open already");
}

#[test]
fn what_is_no_apdu_is_answered_all_the_same() {
    let (mut card, _) = card();
    for bad in [&[][..], &[0], &[0, 0xA4, 0x04]] {
        assert_eq!(card.transmit(bad), [0x67, 0x00]);
    }
    assert_eq!(card.transmit(&[0xFF, 0xA4, 0x04, 0]), [0x6E, 0x00]);
    assert_eq!(card.transmit(&[0, 0xA4, 0x04, 0, 9, 1]), [0x67, 0x00]);
    assert_eq!(card.transmit(&select(b"AAAA1", 0x0C, 0)), [0x68, 0x82]);
}

#[test]
fn an_applet_that_says_nothing_is_answered_for() {
    let mut card = Runtime::new(vec![Box::new(Silent)]);
    assert_eq!(card.transmit(&select(b"SILENT", 0, 0)), [0x6F, 0x00]);
    assert_eq!(card.transmit(&[0, 0xCA, 0, 0]), [0x6F, 0x00]);
}

/// Leaves each answer empty.
struct Silent;

impl Applet for Silent {
    fn aid(&self) -> &[u8] {
        b"SILENT"
    }
    fn power_up(&mut self) {}
    fn reset(&mut self) {}
    fn select(&mut self, _: u8, _: &[u8], _: &mut Vec<u8>) {}
    fn deselect(&mut self, _: u8) {}
    fn interrupt(&mut self, _: u8) {}
    fn transmit(&mut self, _: u8, _: &[u8], _: &mut Vec<u8>) {}
}

mod install;
mod occurrences;
