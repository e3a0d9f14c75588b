//! What the harness gives to tests, met through a pcscd by a program that nobody here wrote.

#![cfg(target_os = "linux")]

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use saifu_vsmartcard::harness::{
    CardThread, Echo, HarnessError, OnExtended, PassedLengths, PrivatePcscd, ShortOnly,
};
use saifu_vsmartcard::platform::RamPlatform;
use saifu_vsmartcard::{NewCard, VirtualCard};
use saifu_wire::CardId;

const SELECT: &str = "00A4040007F053414946550100";
const GET_CERTIFICATES: &str = "00CA7F2100";
/// pcscd looks for cards every 400 ms.
const NOTICED_WITHIN: Duration = Duration::from_secs(10);

fn pcscd() -> PrivatePcscd {
    PrivatePcscd::start().unwrap_or_else(|error| panic!("{error}"))
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{}: {error}; scripts/setup test installs it", command.get_program().display())
    });
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// Sends commands to the card in a slot until opensc-tool says what is expected.
fn until_said(pcscd: &PrivatePcscd, slot: u8, commands: &[&str], expected: &str) {
    let deadline = Instant::now() + NOTICED_WITHIN;
    loop {
        let mut tool = pcscd.client("opensc-tool");
        tool.args(["-c", "default", "--reader", &slot.to_string()]);
        let text = said(tool.args(commands.iter().flat_map(|command| ["-s", command])));
        if text.contains(expected) {
            return;
        }
        assert!(Instant::now() < deadline, "{text}\n{}", pcscd.log());
        thread::sleep(Duration::from_millis(50));
    }
}

fn card() -> VirtualCard {
    let mut card = VirtualCard::on(RamPlatform::new(7));
    card.personalise(CardId([7; 16]), &NewCard::default()).unwrap();
    card
}

#[test]
fn a_pcscd_without_readers_takes_clients_and_has_none() {
    let pcscd = PrivatePcscd::start_without_readers().unwrap_or_else(|error| panic!("{error}"));
    let listed = said(pcscd.client("opensc-tool").arg("--list-readers"));
    assert!(listed.contains("No smart card readers found"), "{listed}\n{}", pcscd.log());
    let no_card = CardThread::start(Echo::answering(0), pcscd.vpcd_port()).unwrap_err();
    assert!(matches!(no_card, HarnessError::NoCard(_)), "{no_card}");
}

#[test]
fn a_pcscd_without_readers_can_be_killed_and_started_again() {
    let mut pcscd = PrivatePcscd::start_without_readers().unwrap_or_else(|error| panic!("{error}"));
    let first = pcscd.pid();
    pcscd.kill().unwrap();
    pcscd.restart().unwrap_or_else(|error| panic!("{error}"));
    assert_ne!(pcscd.pid(), first);
    let listed = said(pcscd.client("opensc-tool").arg("--list-readers"));
    assert!(listed.contains("No smart card readers found"), "{listed}\n{}", pcscd.log());
}

#[test]
fn each_slot_has_its_own_card_and_another_can_take_its_place() {
    let pcscd = pcscd();
    let [_first, second] = [(0, 1), (1, 2)].map(|(slot, data_bytes)| {
        let echo = Echo::answering(data_bytes);
        CardThread::start(echo, pcscd.vpcd_port_of(slot)).unwrap()
    });
    until_said(&pcscd, 0, &["00000000"], "SW2=0x00):\n00 .");
    until_said(&pcscd, 1, &["00000000"], "SW2=0x00):\n00 00 ..");
    drop(second);
    let _other = CardThread::start(Echo::answering(3), pcscd.vpcd_port_of(1)).unwrap();
    until_said(&pcscd, 1, &["00000000"], "SW2=0x00):\n00 00 00 ...");
}

#[test]
fn a_card_is_read_through_a_reader_that_passes_short_apdus_only() {
    let pcscd = pcscd();
    let short_only = ShortOnly::new(card(), OnExtended::Refuse);
    let passed = short_only.passed();
    let _card = CardThread::start(short_only, pcscd.vpcd_port()).unwrap();
    // The second certificate begins after byte 256, so in an answer to GET RESPONSE.
    until_said(&pcscd, 0, &[SELECT, GET_CERTIFICATES], "\n7F 21 82 01 F3 7F 4E");
    let PassedLengths { longest_answer, kept_back, .. } = passed.lengths();
    assert_eq!((longest_answer, kept_back), (258, 0));
}

#[test]
#[should_panic(expected = "vpcd has 2 slots")]
fn there_is_no_third_slot() {
    let pcscd = PrivatePcscd::start_without_readers().unwrap_or_else(|error| panic!("{error}"));
    let _ = pcscd.vpcd_port_of(2);
}
