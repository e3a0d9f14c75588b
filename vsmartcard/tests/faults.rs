//! `saifu-card run` with faults, driven without pcscd.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use saifu_vsmartcard::faults::{Faults, Faulty};
use saifu_vsmartcard::harness::CardProcess;
use saifu_vsmartcard::plug::{InSlot, ReaderError, Reply, VpcdListener, VpcdReader};
use saifu_vsmartcard::virtual_card::{VirtualCard, select};
use tempfile::TempDir;

const WITHIN: Duration = Duration::from_secs(20);
const GET_STATUS: [u8; 5] = [0x00, 0xCA, 0xDF, 0x02, 0x00];
const WRONG_PIN: &[u8] = &[0x00, 0x20, 0x00, 0x81, 0x04, b'9', b'9', b'9', b'9'];
const RIGHT_PIN: &[u8] = &[0x00, 0x20, 0x00, 0x81, 0x04, b'1', b'2', b'3', b'4'];
const OK: [u8; 2] = [0x90, 0x00];
/// Where the answer to [`GET_STATUS`] says the PIN's tries.
const TRIES_AT: usize = 3;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_saifu-card"))
}

/// A card's folder and the reader that its program connects to.
struct Place {
    folder: TempDir,
    reader: VpcdListener,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, reader: VpcdListener::bind("127.0.0.1:0").unwrap() }
    }

    fn start(&self, more: &[&str]) -> (CardProcess, VpcdReader) {
        let (card, port) = (self.folder.path().join("card"), self.reader.address().unwrap().port());
        let card = CardProcess::start_with(program(), &card, port, |command| {
            command.args(more);
        });
        (card.unwrap(), self.reader.accept(WITHIN).unwrap())
    }

    fn lines(&self, file: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join(file)).unwrap();
        text.lines().map(|line| line.split(" @").next().unwrap().to_owned()).collect()
    }
}

fn saifu_card(arguments: &[&str]) -> Output {
    Command::new(program()).args(arguments).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn a_card_that_dies_ends_its_process_in_the_middle_of_the_command() {
    let place = Place::new();
    let (process, mut reader) = place.start(&["--fault", "die@1:00CADF"]);
    assert!(reader.transmit(&select(), WITHIN).unwrap().ends_with(&OK));
    let died = reader.transmit(&GET_STATUS, WITHIN).unwrap_err();
    assert!(matches!(died, ReaderError::Pulled), "{died:?}");
    assert!(place.reader.accept(Duration::from_millis(500)).is_err(), "it does not come back");
    assert!(!process.end().unwrap(), "and says so by its exit status");
    let (_process, mut reader) = place.start(&[]);
    assert!(reader.transmit(&select(), WITHIN).unwrap().ends_with(&OK));
    assert_eq!(reader.transmit(&GET_STATUS, WITHIN).unwrap()[TRIES_AT], 3);
}

#[test]
fn a_card_that_reconnects_is_back_at_once_and_has_forgotten_what_was_selected() {
    let place = Place::new();
    let (process, mut reader) = place.start(&["--fault", "reconnect@1:00CADF"]);
    assert!(reader.transmit(&select(), WITHIN).unwrap().ends_with(&OK));
    assert!(matches!(reader.transmit(&GET_STATUS, WITHIN), Err(ReaderError::Pulled)));
    let mut reader = place.reader.accept(Duration::from_secs(1)).unwrap();
    assert_eq!(reader.transmit(&GET_STATUS, WITHIN).unwrap(), [0x69, 0x85]);
    assert!(process.end().unwrap());
}

#[test]
fn a_card_at_the_pace_of_a_real_one_takes_its_time() {
    let place = Place::new();
    let (_process, mut reader) = place.start(&["--pace", "t1-9600"]);
    let begun = Instant::now();
    assert!(reader.transmit(&select(), WITHIN).unwrap().ends_with(&OK));
    // 13 bytes there, 35 back, 12 of two blocks; 872 bytes a second.
    assert!(begun.elapsed() >= Duration::from_millis(50), "{:?}", begun.elapsed());
}

/// A try is spent in one write and given back in another. Torn at any of them, the card has
/// spent the try or has not, and says so after its power-up.
#[test]
fn a_card_torn_at_each_write_of_a_command_comes_back_before_or_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card");
    drop(VirtualCard::create(&path, &saifu_vsmartcard::NewCard::default()).unwrap());
    let faults = Faults::default();
    let card = VirtualCard::open_faulty(&path, &faults).unwrap();
    let mut card = Faulty::new(card, faults.clone());
    let mut torn = 0;
    for left in ["nothing", "half", "garbage", "all"] {
        for write in 1.. {
            assert!(answer(&mut card, &select()).ends_with(&OK));
            assert_eq!(answer(&mut card, RIGHT_PIN), OK, "all tries are there again");
            faults.add(format!("tear={left}@{write}").parse().unwrap()).unwrap();
            let reply = card.transmit(RIGHT_PIN);
            if reply != Reply::Pulled(Duration::ZERO) {
                faults.clear();
                break;
            }
            torn += 1;
            card.power_off();
            card.power_on();
            assert!(answer(&mut card, &select()).ends_with(&OK));
            let now = answer(&mut card, &GET_STATUS)[TRIES_AT];
            assert!([2, 3].contains(&now), "tear={left}@{write}: {now}");
        }
    }
    assert_eq!(torn, 8, "two writes each time");
}

fn answer(card: &mut Faulty<VirtualCard>, command: &[u8]) -> Vec<u8> {
    card.transmit(command).into_answer().unwrap()
}

/// Where the answer to [`GET_STATUS`] says the memory's state, and the card's health.
const MEMORY_AT: usize = 2;
const HEALTH_AT: usize = 12;

#[test]
fn a_card_whose_memory_random_source_or_self_test_fails_says_so_until_it_is_powered_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card");
    drop(VirtualCard::create(&path, &saifu_vsmartcard::NewCard::default()).unwrap());
    let faults = Faults::default();
    let mut card = Faulty::new(VirtualCard::open_faulty(&path, &faults).unwrap(), faults.clone());
    let challenge = [0x00, 0x84, 0x00, 0x00, 0x20];
    for (fault, command, refused, (at, says)) in [
        ("memory=write", RIGHT_PIN, [0x65, 0x81], (MEMORY_AT, 3)),
        ("memory=gone@1+", RIGHT_PIN, [0x65, 0x81], (MEMORY_AT, 2)),
        ("memory=read@1+", RIGHT_PIN, [0x65, 0x81], (MEMORY_AT, 3)),
        ("random=zeros", &challenge[..], [0x64, 0x00], (HEALTH_AT, 2)),
        ("selftest", RIGHT_PIN, [0x64, 0x00], (HEALTH_AT, 1)),
    ] {
        faults.add(fault.parse().unwrap()).unwrap();
        if fault != "memory=write" {
            card.power_off();
            card.power_on();
        }
        assert!(answer(&mut card, &select()).ends_with(&OK), "{fault}");
        assert_eq!(answer(&mut card, command), refused, "{fault}");
        assert_eq!(answer(&mut card, &GET_STATUS)[at], says, "{fault}");
        faults.clear();
        card.power_off();
        card.power_on();
        assert!(answer(&mut card, &select()).ends_with(&OK), "{fault}");
        assert_eq!(answer(&mut card, RIGHT_PIN), OK, "{fault}");
    }
}

#[test]
fn a_tear_on_the_command_line_is_a_power_cut_that_the_card_survives() {
    let place = Place::new();
    place.start(&[]).0.end().unwrap();
    let (process, mut reader) = place.start(&["--fault", "tear=half@1"]);
    assert!(reader.transmit(&select(), WITHIN).unwrap().ends_with(&OK));
    assert!(matches!(reader.transmit(WRONG_PIN, WITHIN), Err(ReaderError::Pulled)));
    let mut reader = place.reader.accept(WITHIN).unwrap();
    assert!(reader.transmit(&select(), WITHIN).unwrap().ends_with(&OK));
    let status = reader.transmit(&GET_STATUS, WITHIN).unwrap();
    assert!([2, 3].contains(&status[TRIES_AT]), "{status:02X?}");
    assert!(process.end().unwrap());
}

#[test]
fn a_wrong_fault_is_refused_with_its_place_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let card = folder.path().join("card");
    let card = card.to_str().unwrap();
    let output = saifu_card(&["run", card, "--new", "--fault", "drop@x3"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("such as 3, 3-5 or 3+ at column 6"), "{said}");
    assert!(said.contains("  drop@x3\n       ^"), "{said}");
    assert!(!Path::new(card).exists());
}

#[test]
fn the_help_has_every_fault() {
    let output = saifu_card(&["run", "--help"]);
    let said = String::from_utf8(output.stdout).unwrap();
    for line in saifu_vsmartcard::faults::GRAMMAR.lines() {
        assert!(said.contains(line.trim()), "{line:?} is missing: {said}");
    }
}

#[test]
fn what_passed_before_a_kill_is_in_the_recording_without_the_pin() {
    let place = Place::new();
    let file = place.folder.path().join("talk.txt");
    let (process, mut reader) = place.start(&["--record", file.to_str().unwrap()]);
    for command in [&select(), &GET_STATUS[..], WRONG_PIN] {
        reader.transmit(command, WITHIN).unwrap();
    }
    process.kill().unwrap();
    let lines = place.lines("talk.txt");
    let commands: Vec<_> = lines.iter().filter(|line| line.starts_with('>')).collect();
    let select = format!("> {}", hex::encode_upper(select()));
    assert_eq!(commands, [&select, "> 00CADF0200", "> 00200081[redacted]"]);
    assert_eq!(lines.last().unwrap(), "< 63C2");
}

#[test]
fn any_card_is_driven_from_the_command_line_without_pcscd() {
    let place = Place::new();
    let port = saifu_vsmartcard::harness::free_port().unwrap();
    let card = place.folder.path().join("card");
    let listening = std::thread::spawn(move || {
        saifu_card(&["listen", &port.to_string(), "--select", "00CADF0200", "00FF0000"])
    });
    // It waits for the listener as for a pcscd.
    let _card = CardProcess::start(program(), &card, port);
    let output = listening.join().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("> 00CADF0200\n< 05000103"), "{said}");
    assert!(said.ends_with("> 00FF0000\n< 6D00\n"), "{said}");
}

#[test]
fn a_card_that_does_not_come_is_waited_for_no_longer_than_said() {
    let port = saifu_vsmartcard::harness::free_port().unwrap().to_string();
    let output = saifu_card(&["listen", &port, "--wait", "0", "00CADF0200"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("no card connected to"), "{said}");
}

#[test]
fn a_proxy_needs_a_reader_for_each_place_where_cards_connect() {
    let output = saifu_card(&["proxy", "--listen", "1", "--listen", "2"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("--listen (2 times) and --vpcd (1 times)"), "{said}");
}
