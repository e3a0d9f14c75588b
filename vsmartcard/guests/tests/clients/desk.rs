//! A card with three applets in a private pcscd, and programs that end in time.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use saifu_guests::nitrokey;
use saifu_vsmartcard::harness::{CardThread, PrivatePcscd};
use saifu_vsmartcard::platform::RamPlatform;
use saifu_vsmartcard::{NewCard, VirtualCard};
use saifu_wire::CardId;
use tempfile::TempDir;

const SELECT_SAIFU: &str = "00A4040007F053414946550100";
/// What the Saifu applet answers: the begin of its FCI.
const SAIFU_ANSWERS: &str = "6F 1F 84 07 F0 53 41 49 46 55 01";
/// pcscd looks for cards every 400 ms.
const NOTICED_WITHIN: Duration = Duration::from_secs(10);
/// What a program may take, in seconds; `timeout` ends it then.
const ENDS_WITHIN: &str = "60";

/// A card with the Saifu, the OpenPGP and the PIV applet.
pub(crate) fn card() -> VirtualCard {
    let mut card = VirtualCard::on(RamPlatform::new(7));
    card.personalise(CardId([7; 16]), &NewCard::default()).unwrap();
    let (openpgp, piv) = nitrokey::applets();
    card.runtime().install(Box::new(openpgp)).unwrap();
    card.runtime().install(Box::new(piv)).unwrap();
    card
}

/// That card in the first slot of a private pcscd.
pub(crate) struct Desk {
    _card: CardThread,
    pcscd: PrivatePcscd,
    folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let pcscd = PrivatePcscd::start().unwrap_or_else(|error| panic!("{error}"));
        let in_reader = CardThread::start(card(), pcscd.vpcd_port());
        let _card = in_reader.unwrap_or_else(|error| panic!("{error}"));
        let desk = Self { _card, pcscd, folder: tempfile::tempdir().unwrap() };
        desk.wait_for_card();
        desk
    }

    fn wait_for_card(&self) {
        let deadline = Instant::now() + NOTICED_WITHIN;
        while !said(&self.run("opensc-tool", &["--reader", "0", "--atr"])).contains("3b:8d") {
            assert!(Instant::now() < deadline, "no card noticed; {}", self.pcscd.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The name of the card's reader.
    pub(crate) fn reader(&self) -> String {
        self.pcscd.reader(0)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into the folder; gives its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Begins a program in the folder that is a client of this pcscd and ends in time.
    pub(crate) fn client(&self, program: &str) -> Command {
        let mut command = self.pcscd.client("timeout");
        command.args(["--kill-after=5", ENDS_WITHIN, program]).current_dir(self.folder());
        command
    }

    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> Output {
        output(self.client(program).args(arguments))
    }

    /// Runs a program that must succeed; gives what it said.
    pub(crate) fn done(&self, program: &str, arguments: &[&str]) -> String {
        succeeded(self.client(program).args(arguments))
    }

    /// Has the Saifu applet selected by whoever comes with a tool.
    pub(crate) fn saifu_answers(&self) {
        let select = ["--reader", "0", "-c", "default", "-s", SELECT_SAIFU];
        let text = self.done("opensc-tool", &select);
        assert!(text.contains(SAIFU_ANSWERS), "{text}");
    }
}

pub(crate) fn output(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Runs a command that must succeed; gives what it said.
pub(crate) fn succeeded(command: &mut Command) -> String {
    let output = output(command);
    let text = said(&output);
    match output.status.code() {
        Some(0) => text,
        Some(127) => panic!("{command:?} is not there; scripts/setup test installs it: {text}"),
        Some(124 | 137) => panic!("{command:?} did not end within {ENDS_WITHIN} s: {text}"),
        _ => panic!("{command:?} failed ({}): {text}", output.status),
    }
}

pub(crate) fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), b"\n", output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&both).into_owned()
}
