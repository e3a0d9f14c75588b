//! What PC/SC programs say to a card is recorded, and the recording is a card for them.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use saifu_host::embedded::TEST_PIN;
use saifu_tests::stage::{Programs, Ran, Running};
use saifu_vsmartcard::harness::{CardThread, PrivatePcscd, free_port};
use saifu_vsmartcard::platform::Seed;
use saifu_vsmartcard::{NewCard, VirtualCard};
use serde_json::Value;

const WITHIN: Duration = Duration::from_secs(120);
const SEED: &str = "mock";

/// `saifu trace` in a folder.
fn saifu(folder: &Path, arguments: &[&str]) -> Command {
    let mut saifu = Command::new(Programs::find().unwrap().terminal);
    saifu.current_dir(folder).arg("trace").args(arguments).env_remove("SAIFU_PIN");
    saifu
}

fn ran(command: &mut Command) -> Ran {
    Running::start(command).unwrap().wait(WITHIN).unwrap()
}

fn good(command: &mut Command) -> String {
    ran(command).good().unwrap_or_else(|error| panic!("{error}"))
}

/// A script for scriptor: a wrong PIN, the right one, and what the card says of itself.
fn script(folder: &Path) {
    let pin: String = TEST_PIN.bytes().map(|digit| format!(" {digit:02X}")).collect();
    let lines = [
        "00 A4 04 00 07 F0 53 41 49 46 55 01 00",
        "00 20 00 81 04 39 39 39 39",
        &format!("00 20 00 81 04{pin}"),
        "00 CA DF 02 00",
        "00 38 00 00",
    ];
    fs::write(folder.join("script"), lines.join("\n")).unwrap();
}

const SCRIPTOR: [&str; 4] = ["scriptor", "-r", "Virtual PCD 00 00", "script"];
const OPENSC: [&str; 6] = ["opensc-tool", "-r", "0", "-s", "00A4040007F053414946550100", "-s"];

#[test]
fn a_program_gets_from_a_recorded_card_what_it_got_from_the_card() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    script(here);
    for client in [&SCRIPTOR[..], &[&OPENSC[..], &["00CADF0200"]].concat()] {
        let record = ["record", "-o", "a.apdu", "--seed", SEED, "--"];
        let from_card = good(saifu(here, &record).args(client));
        let from_mock = good(saifu(here, &["mock", "a.apdu", "--"]).args(client));
        assert_eq!(from_mock, from_card);
        assert!(from_card.contains("90") && from_card.contains("05 00 01 03"), "{from_card}");
        let again = good(saifu(here, &["mock", "a.apdu", "--any-order", "--"]).args(client));
        assert_eq!(again, from_card);
    }
}

#[test]
fn what_a_recorded_card_was_never_asked_is_told_with_the_line_that_it_waits_for() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    script(here);
    let trace = "> SELECT F0 53 41 49 46 55 01\n> GET DATA p1=DF p2=02\n";
    fs::write(here.join("a.apdu"), trace).unwrap();
    let ran = ran(saifu(here, &["mock", "a.apdu", "--json", "--"]).args(SCRIPTOR));
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&json["answered"], &json["unexpected"]), (&2.into(), &3.into()), "{json:#}");
    assert!(ran.err.contains("line 2 waits for: 00 CA DF 02 00  GET DATA"), "{}", ran.err);
    let told = ran.err.lines().filter(|line| line.starts_with("not in the trace here"));
    let told: Vec<_> = told.collect();
    assert_eq!(told.len(), 3, "{}", ran.err);
    assert!(told[0].contains("4 bytes not shown") && told[0].ends_with("answered 6F00"));
}

#[test]
fn the_card_in_a_reader_of_the_machine_is_recorded_and_the_trace_holds_on_a_card_like_it() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    script(here);
    let new = NewCard { seed: Some(Seed::of(SEED)), ..NewCard::default() };
    let card = VirtualCard::create(&here.join("card"), &new).unwrap();
    let machine = PrivatePcscd::start().unwrap();
    let _card = CardThread::start(card, machine.vpcd_port()).unwrap();
    assert!(machine.wait_for_cards(1, WITHIN));
    let mut record = saifu(here, &["record", "-o", "a.apdu", "--reader", "virtual pcd", "--"]);
    record.env("PCSCLITE_CSOCK_NAME", machine.socket());
    let said = good(record.args(SCRIPTOR));
    assert!(said.contains("05 00 01 03"), "{said}");
    let trace = fs::read_to_string(here.join("a.apdu")).unwrap();
    assert!(trace.contains("# reader Virtual PCD 00 00"), "{trace}");
    assert!(
        trace.contains("> VERIFY $pin\n< 63C2\n") && trace.contains("> VERIFY $pin2\n< 9000\n")
    );
    let pins = ["--set", "pin=\"9999\"", "--set", "pin2=\"1234\""];
    good(saifu(here, &["run", "a.apdu"]).args(pins));
    let wrong = ["--set", "pin=\"1234\"", "--set", "pin2=\"9999\""];
    assert_eq!(ran(saifu(here, &["run", "a.apdu"]).args(wrong)).code, Some(1));
}

#[test]
fn a_card_that_connects_is_recorded_and_none_that_comes_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    script(here);
    let port = free_port().unwrap();
    let listen = ["record", "-o", "a.apdu", "--unredacted", "--listen", &port.to_string(), "--"];
    let recording = Running::start(saifu(here, &listen).args(SCRIPTOR)).unwrap();
    let card = VirtualCard::create(&here.join("card"), &NewCard::default()).unwrap();
    let plug = saifu_vsmartcard::plug::VpcdPlug::new(
        format!("127.0.0.1:{port}"),
        saifu_vsmartcard::atr::Atr::default(),
    );
    let stop = plug.stop();
    let card = std::thread::spawn(move || {
        let mut card = card;
        plug.run(&mut card, &mut |_| ());
    });
    recording.wait(WITHIN).unwrap().good().unwrap();
    stop.stop();
    card.join().unwrap();
    let trace = fs::read_to_string(here.join("a.apdu")).unwrap();
    assert!(trace.contains("> VERIFY 39 39 39 39\n< 63C2\n"), "{trace}");
    let ran = ran(saifu(here, &[&["--card-timeout", "1"], &listen[..]].concat()).args(SCRIPTOR));
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert!(ran.err.contains("no card connected to 127.0.0.1:"), "{}", ran.err);
}
