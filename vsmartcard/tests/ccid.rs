//! A card in a reader that libccid drives: pcscd's own CCID driver, its T=1, and a line that
//! is a pseudo-terminal. No vpcd stands between.
//!
//! These tests need Linux, root or user namespaces, and what `scripts/setup test` installs;
//! where something is missing they fail and say what.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use saifu_vsmartcard::atr::Atr;
use saifu_vsmartcard::faults::{Faults, Faulty};
use saifu_vsmartcard::harness::{CardProcess, PrivatePcscd, ReaderThread};
use saifu_vsmartcard::plug::{InSlot, Reply};
use saifu_wire::apdu;
use tempfile::TempDir;

const SELECT: &str = "00A4040007F053414946550100";
const GET_STATUS: &str = "00CADF0200";
/// pcscd looks for cards every 400 ms.
const NOTICED_WITHIN: Duration = Duration::from_secs(10);

/// Longer than libccid waits for a card with our ATR that says nothing.
const LONG: Duration = Duration::from_secs(6);
/// INS of a command that takes so long, of GENERATE ASYMMETRIC KEY PAIR, and of one that gets
/// its data back.
const INS_LONG: u8 = 0x01;
const INS_GENERATE: u8 = 0x47;
const INS_MIRROR: u8 = 0x02;

/// Gives each command's data back, at once or after a long time.
struct Mirror;

impl InSlot for Mirror {
    fn power_off(&mut self) {}

    fn power_on(&mut self) {}

    fn reset(&mut self) {}

    fn transmit(&mut self, command: &[u8]) -> Reply {
        let Ok(command) = apdu::Command::parse(command) else { return vec![0x67, 0x00].into() };
        if command.ins != INS_MIRROR {
            thread::sleep(LONG);
        }
        [command.data, &[0x90, 0x00]].concat().into()
    }
}

/// A reader in a thread, in a private pcscd.
struct Desk {
    pcscd: PrivatePcscd,
    reader: ReaderThread,
    _folder: TempDir,
}

fn pcscd(link: &Path) -> PrivatePcscd {
    PrivatePcscd::start_with_line(link).unwrap_or_else(|error| panic!("{error}"))
}

fn link(folder: &TempDir) -> PathBuf {
    folder.path().join("reader")
}

impl Desk {
    fn new() -> Self {
        Self::with(Mirror)
    }

    fn with(card: impl InSlot + Send + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let reader = ReaderThread::start(card, &link(&folder)).unwrap();
        let desk = Self { pcscd: pcscd(&link(&folder)), reader, _folder: folder };
        desk.until(&["--atr"], "3b:8d");
        desk
    }

    fn until(&self, arguments: &[&str], expected: &str) {
        until(&self.pcscd, arguments, expected);
    }

    fn python(&self, script: &str) -> String {
        let mut python = self.pcscd.client("/usr/bin/python3");
        said(python.args(["-c", &[PYSCARD, script].concat(), &self.pcscd.line_reader()]))
    }
}

/// Runs opensc-tool with the reader at the line until it says what is expected.
fn until(pcscd: &PrivatePcscd, arguments: &[&str], expected: &str) {
    let deadline = Instant::now() + NOTICED_WITHIN;
    loop {
        let mut tool = pcscd.client("opensc-tool");
        tool.args(["-c", "default", "--reader", &pcscd.line_reader()]);
        let text = said(tool.args(arguments));
        if text.contains(expected) {
            return;
        }
        assert!(Instant::now() < deadline, "{text}\n{}", pcscd.log());
        thread::sleep(Duration::from_millis(50));
    }
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{}: {error}; scripts/setup test installs it", command.get_program().display())
    });
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// Connects to the reader that it is told; `mirror` sends data and has it come back.
const PYSCARD: &str = "
import sys, time
from smartcard.System import readers
from smartcard.CardConnection import CardConnection
reader = [it for it in readers() if str(it) == sys.argv[1]][0]
card = reader.createConnection()
def mirror(n, long=False, ins=2):
    data = [(i * 7 + i // 256 + n) % 256 for i in range(n)]
    if n > 255 or long:
        command = [0, ins, 0, 0, 0, n // 256, n % 256] + data + [0, 0]
    else:
        command = [0, ins, 0, 0, n] + data + [0]
    got, sw1, sw2 = card.transmit(command)
    good = 'same' if got == data else 'other'
    print(n, len(command), good, '%02x%02x' % (sw1, sw2))
";

#[test]
fn commands_and_answers_of_all_sizes_come_through_unchanged() {
    let desk = Desk::new();
    let text = desk.python(
        "
card.connect(CardConnection.T1_protocol)
print(bytes(card.getATR()).hex().upper())
for n in (1, 2, 31, 32, 33, 127, 253, 254, 255): mirror(n)
for n in (1, 255, 256, 261, 500, 508, 509, 4096, 32768, 65526, 65535, 1): mirror(n, long=True)
",
    );
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(Atr::default().to_string().as_str()), "{text}");
    let short = [1, 2, 31, 32, 33, 127, 253, 254, 255].map(|n| (n, n + 6));
    let long = [1, 255, 256, 261, 500, 508, 509, 4_096, 32_768, 65_526, 65_535, 1];
    for (n, whole) in short.into_iter().chain(long.map(|n| (n, n + 9))) {
        let expected = format!("{n} {whole} same 9000");
        assert_eq!(lines.next(), Some(expected.as_str()), "{text}\n{}", desk.pcscd.log());
    }
}

#[test]
fn a_card_that_works_longer_than_the_driver_waits_is_waited_for() {
    let desk = Desk::new();
    let script = format!(
        "
card.connect()
mirror(300, ins={INS_LONG})
mirror(300, ins={INS_GENERATE})
mirror(1)
"
    );
    let text = desk.python(&script);
    assert_eq!(text, "300 309 same 9000\n300 309 same 9000\n1 7 same 9000\n", "{text}");
}

#[test]
fn a_reset_and_another_protocol_are_what_they_are_in_other_readers() {
    let desk = Desk::new();
    let text = desk.python(
        "
card.connect()
mirror(600)
from smartcard.scard import SCARD_RESET_CARD
card.disconnect()
card = reader.createConnection()
card.connect(disposition=SCARD_RESET_CARD)
mirror(600)
card.disconnect()
try:
    card.connect(CardConnection.T0_protocol)
    print('T=0 was taken')
except Exception as error:
    print('refused')
card = reader.createConnection()
card.connect()
mirror(600)
",
    );
    let same = "600 609 same 9000\n";
    assert_eq!(text, [same, same, "refused\n", same].concat(), "{text}");
}

/// Asks while something goes wrong, then anew until it is right.
const ASK_TWICE: &str = "
from smartcard.scard import SCARD_RESET_CARD
card.connect()
try: mirror(40)
except Exception as error: print('error')
for _ in range(60):
    try:
        card = reader.createConnection()
        card.connect(disposition=SCARD_RESET_CARD)
        mirror(1)
        break
    except Exception as error: time.sleep(0.1)
";

#[test]
fn what_goes_wrong_is_an_error_or_the_answer_and_a_reset_mends_it() {
    let faults = Faults::default();
    let desk = Desk::with(Faulty::new(Mirror, faults.clone()));
    let (same, error) = ("40 46 same 9000\n", "error\n");
    for (fault, expected) in [
        ("duplicate", same),
        ("stray=010203", same),
        ("delay=3s", same),
        ("status=6F00", "40 46 other 6f00\n"),
        ("drop", error),
        ("cut", error),
        ("reconnect", error),
        ("away=2s", error),
    ] {
        faults.add(format!("{fault}@1").parse().unwrap()).unwrap();
        let text = desk.python(ASK_TWICE);
        assert_eq!(text, format!("{expected}1 7 same 9000\n"), "{fault}: {text}");
    }
}

#[test]
fn a_card_that_is_taken_out_and_put_in_is_noticed() {
    let desk = Desk::new();
    let presence = desk.reader.presence();
    for _ in 0..3 {
        presence.remove();
        desk.until(&["--atr"], "Card not present");
        presence.insert();
        desk.until(&["--atr"], "3b:8d");
    }
}

#[test]
fn the_reader_is_there_for_a_pcscd_that_was_killed_at_work_and_started_again() {
    let mut desk = Desk::new();
    for milliseconds in [150, 170, 190, 210, 230] {
        let mut python = desk.pcscd.client("/usr/bin/python3");
        let script = "
card.connect()
while True: mirror(65535)
";
        python.args(["-c", &[PYSCARD, script].concat(), &desk.pcscd.line_reader()]);
        python.stdout(Stdio::null()).stderr(Stdio::null());
        let mut python = python.spawn().unwrap();
        thread::sleep(Duration::from_millis(milliseconds));
        desk.pcscd.kill().unwrap();
        assert!(!python.wait().unwrap().success(), "it goes on without pcscd");
        desk.pcscd.restart().unwrap_or_else(|error| panic!("{error}"));
        desk.until(&["-s", "0002000001AA00"], "SW2=0x00):\nAA");
    }
}

#[test]
fn without_a_reader_at_the_line_pcscd_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = folder.path().join("nothing");
    assert!(PrivatePcscd::start_with_line(&nothing).is_err());
    drop(ReaderThread::start(Mirror, &link(&folder)).unwrap());
    assert!(PrivatePcscd::start_with_line(&link(&folder)).is_err());
}

#[test]
fn the_program_is_a_reader_with_a_card_and_leaves_no_link() {
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_saifu-card"));
    let card = folder.path().join("card");
    let card = CardProcess::start_at_line(program, &card, &link(&folder), |_| ()).unwrap();
    let pcscd = pcscd(&link(&folder));
    until(&pcscd, &["-s", SELECT, "-s", GET_STATUS], "SW2=0x00):\n05 00 01 03");
    assert!(card.end().unwrap(), "it ended with an error");
    assert!(std::fs::symlink_metadata(link(&folder)).is_err());
    until(&pcscd, &["--atr"], "Card not present");
}

#[test]
fn the_program_says_what_cannot_be_a_readers_link() {
    let folder = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_saifu-card");
    let run = |more: &[&str]| {
        let mut command = Command::new(program);
        command.args(["run", "--new"]).arg(folder.path().join("card"));
        command.arg("--ccid-pty").args(more);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, error) = run(&[folder.path().to_str().unwrap()]);
    assert_eq!(code, Some(1), "{error}");
    assert!(error.contains("is no reader's link: name another path"), "{error}");
    let path = folder.path().join("reader");
    let (code, error) = run(&[path.to_str().unwrap(), "--atr", "3B00"]);
    assert_eq!(code, Some(1), "{error}");
    assert!(error.contains("speaks T=1 with LRC"), "{error}");
    let (code, error) = run(&[path.to_str().unwrap(), "another-card"]);
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains("2 cards and 1 readers"), "{error}");
}
