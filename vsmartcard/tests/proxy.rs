//! `saifu-card proxy` between a private pcscd and cards: one that nobody here wrote, and ours.
//!
//! These tests need Linux, root or user namespaces, and what `scripts/setup test` installs.

#![cfg(target_os = "linux")]

use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use saifu_vsmartcard::harness::{CardProcess, PrivatePcscd, Spoken, Vicc, free_port};
use saifu_vsmartcard::plug::{ReaderError, VpcdListener};
use tempfile::TempDir;

const WITHIN: Duration = Duration::from_secs(20);
/// Waits for a card in the first reader, then sends commands and prints the answers.
const PYSCARD: &str = "
import sys, time
from smartcard.System import readers
for attempt in range(100):
    try:
        card = readers()[0].createConnection()
        card.connect()
        break
    except Exception as wrong:
        time.sleep(0.1)
for command in sys.argv[1:]:
    data, sw1, sw2 = card.transmit(list(bytes.fromhex(command)))
    print(bytes(data).hex() + '%02x%02x' % (sw1, sw2))
";

/// A proxy before the first reader of a private pcscd, which records.
struct Desk {
    _proxy: Spoken,
    pcscd: PrivatePcscd,
    cards: u16,
    folder: TempDir,
    record: &'static str,
}

impl Desk {
    fn new(record: &'static str, faults: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pcscd = PrivatePcscd::start().unwrap_or_else(|error| panic!("{error}"));
        let cards = free_port().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_saifu-card"));
        command.args(["proxy", "--until-eof", "--listen", &cards.to_string(), "--vpcd"]);
        command.arg(format!("127.0.0.1:{}", pcscd.vpcd_port()));
        command.arg("--record").arg(folder.path().join(record));
        for fault in faults {
            command.args(["--fault", fault]);
        }
        let mut proxy = Spoken::start(&mut command).unwrap();
        let line = proxy.hear(WITHIN).unwrap();
        assert_eq!(line, format!("cards connect at 127.0.0.1:{cards}"));
        Self { _proxy: proxy, pcscd, cards, folder, record }
    }

    /// What a real client gets for commands.
    fn answers(&self, commands: &[&str]) -> Vec<String> {
        let mut python = self.pcscd.client("/usr/bin/python3");
        let output = python.args(["-c", PYSCARD]).args(commands).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "scripts/setup test installs pyscard: {text}{wrong}");
        text.lines().map(str::to_uppercase).collect()
    }

    /// The recording's lines without their times.
    fn recorded(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join(self.record)).unwrap();
        text.lines().map(|line| line.split(" @").next().unwrap().to_owned()).collect()
    }
}

#[test]
fn a_proxy_ends_though_its_card_never_answers() {
    let reader = VpcdListener::bind("127.0.0.1:0").unwrap();
    let cards = free_port().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_saifu-card"));
    command.args(["proxy", "--listen", &cards.to_string(), "--until-eof", "--vpcd"]);
    let proxy = command.arg(reader.address().unwrap().to_string()).stdin(Stdio::piped());
    let mut proxy = proxy.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let deadline = Instant::now() + WITHIN;
    let _silent = loop {
        match TcpStream::connect(("127.0.0.1", cards)) {
            Ok(card) => break card,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
    };
    let mut reader = reader.accept(WITHIN).unwrap();
    let late = reader.transmit(&[0, 0xA4, 4, 0], Duration::from_millis(200));
    assert!(matches!(late, Err(ReaderError::Late)), "{late:?}");
    drop(proxy.stdin.take());
    let ended = loop {
        match proxy.try_wait().unwrap() {
            Some(ended) => break ended,
            None if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(10)),
            None => {
                proxy.kill().unwrap();
                panic!("it waits on: {:?}", proxy.wait());
            }
        }
    };
    assert!(ended.success(), "{ended}");
}

#[test]
fn a_fault_is_put_before_a_card_that_nobody_here_wrote_and_is_recorded() {
    let desk = Desk::new("talk.txt", &["status=6F42@2:A4", "lengthen=3@1:84"]);
    let _vicc = Vicc::start(desk.cards).unwrap();
    let (select_mf, get_challenge) = ("00A4000C023F00", "0084000008");
    let answers = desk.answers(&[select_mf, select_mf, get_challenge, select_mf]);
    let [good, faulty, challenge, after] = &answers[..] else { panic!("{answers:?}") };
    assert_eq!([good, faulty, after], ["9000", "6F42", "9000"]);
    assert_eq!(challenge.len(), 2 * (8 + 3 + 2), "{answers:?}");
    assert!(challenge.ends_with("0000009000"), "{answers:?}");
    let lines = desk.recorded();
    let command = format!("> {select_mf}");
    let talk: Vec<_> = lines.iter().skip_while(|line| **line != command).collect();
    let fault = "# fault status=6F42@2:A4 at command 2 (00A4000C)";
    assert_eq!(talk[1..5], ["< 9000", &command, fault, "< 6F42"], "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("= atr 3B")), "{lines:?}");
}

#[test]
fn a_card_that_goes_is_followed_by_the_next_one() {
    let desk = Desk::new("talk.txt", &[]);
    let first = Vicc::start(desk.cards).unwrap();
    assert_eq!(desk.answers(&["00A4000C023F00"]), ["9000"]);
    drop(first);
    let program = Path::new(env!("CARGO_BIN_EXE_saifu-card"));
    let folder = desk.folder.path().join("card");
    let _card = CardProcess::start(program, &folder, desk.cards).unwrap();
    let answers = desk.answers(&["00A4040007F053414946550100", "00CADF0200"]);
    assert!(answers[1].starts_with("05000103"), "{answers:?}");
}

/// Wireshark's own dissector reads what was recorded, and no PIN is in it.
#[test]
fn our_card_behind_it_is_recorded_as_wireshark_reads_it() {
    let desk = Desk::new("talk.pcap", &["corrupt=0@1:00CADF"]);
    let program = Path::new(env!("CARGO_BIN_EXE_saifu-card"));
    let folder = desk.folder.path().join("card");
    let _card = CardProcess::start(program, &folder, desk.cards).unwrap();
    let verify = "0020008106393837363534";
    let select = "00A4040007F053414946550100";
    let answers = desk.answers(&[select, "00CADF0200", "00CADF0200", verify]);
    assert!(answers[1].starts_with("FA") && answers[2].starts_with("05"), "{answers:?}");
    let path = desk.folder.path().join("talk.pcap");
    let mut tshark = Command::new("tshark");
    let output = tshark.arg("-r").arg(&path).args(["-T", "text"]).output();
    let text = output.expect("tshark, which scripts/setup test installs").stdout;
    let text = String::from_utf8_lossy(&text);
    let fault = "fault corrupt=0@1:00CADF at command 2 (00CADF02)";
    let verified = "Response APDU (to Verify)";
    for said in ["power on", "ATR, ", "Select file", "Get data", "Verify", verified, fault] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let bytes = std::fs::read(path).unwrap();
    let holds = |wanted: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
    assert!(!holds(b"987654") && holds(fault.as_bytes()));
}
