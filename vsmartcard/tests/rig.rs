//! `saifu-card run --control` and `saifu-card pcscd`, as programs.

#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use saifu_vsmartcard::harness::{PrivatePcscd, Spoken};
use saifu_vsmartcard::plug::{VpcdListener, VpcdReader};
use saifu_vsmartcard::virtual_card::select;
use serde_json::Value;
use tempfile::TempDir;

const WITHIN: Duration = Duration::from_secs(30);
const GET_ID: [u8; 5] = [0x00, 0xCA, 0xDF, 0x01, 0x00];

const PROGRAM: &str = env!("CARGO_BIN_EXE_saifu-card");

fn saifu_card(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).env_remove("SAIFU_CARD_CONTROL").output().unwrap()
}

fn said(output: &Output) -> (Option<i32>, String) {
    let text = [&output.stdout[..], &output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

/// `saifu-card run` with readers that are here, and its socket.
struct Run {
    folder: TempDir,
    readers: [VpcdListener; 2],
    _process: Spoken,
}

impl Run {
    fn start(cards: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let readers = [(); 2].map(|()| VpcdListener::bind("127.0.0.1:0").unwrap());
        let mut command = Command::new(PROGRAM);
        command.args(["run", "--new", "--until-eof"]);
        command.args(cards.iter().map(|card| folder.path().join(card)));
        command.arg("--control").arg(folder.path().join("control"));
        for reader in &readers {
            command.args(["--vpcd", &reader.address().unwrap().to_string()]);
        }
        Self { folder, readers, _process: Spoken::start(&mut command).unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn control(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let socket = self.path("control");
        said(&saifu_card(&[arguments, &["--control", socket.to_str().unwrap()]].concat()))
    }

    /// What the readers have in them, as told to scripts.
    fn status(&self) -> Vec<Value> {
        let (code, text) = self.control(&["status", "--json"]);
        assert_eq!(code, Some(0), "{text}");
        serde_json::from_str(&text).unwrap()
    }
}

/// The card that comes, by its id.
fn id(reader: &VpcdListener) -> (Vec<u8>, VpcdReader) {
    let mut reader = reader.accept(WITHIN).unwrap();
    assert!(reader.transmit(&select(), WITHIN).unwrap().ends_with(&[0x90, 0x00]));
    (reader.transmit(&GET_ID, WITHIN).unwrap(), reader)
}

fn new_card(folder: &Path) -> &str {
    let name = folder.to_str().unwrap();
    assert_eq!(saifu_card(&["new", name]).status.code(), Some(0));
    name
}

#[test]
fn cards_of_one_program_are_moved_by_another() {
    let run = Run::start(&["one"]);
    let (first, reader) = id(&run.readers[0]);
    let other = run.path("other");
    let other = new_card(&other);
    let (code, text) = run.control(&["insert", other]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("remove it first, or swap"), "{text}");
    let second = std::thread::scope(|scope| {
        let reader = &run.readers[1];
        let taken = scope.spawn(|| id(reader));
        let (code, text) = run.control(&["insert", other, "--reader", "1"]);
        assert_eq!(code, Some(0), "{text}");
        taken.join().unwrap()
    });
    assert_ne!(first, second.0);
    let status = run.status();
    assert_eq!(status.iter().map(|r| r["connected"] == true).collect::<Vec<_>>(), [true, true]);
    let (code, text) = run.control(&["remove", "--reader", "1"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("empty"), "{text}");
    drop(reader);
    let (code, text) = run.control(&["swap", other, "--reader", "9"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("there is no reader 9: there are 2, numbered from 0"), "{text}");
}

#[test]
fn a_fault_is_added_while_it_runs_and_takes_place() {
    let run = Run::start(&["one"]);
    let (_, mut reader) = id(&run.readers[0]);
    let (code, text) = run.control(&["fault", "status=6F42@1"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("to come: status=6F42@1"), "{text}");
    assert_eq!(reader.transmit(&GET_ID, WITHIN).unwrap(), [0x6F, 0x42]);
    assert!(reader.transmit(&GET_ID, WITHIN).unwrap().ends_with(&[0x90, 0x00]), "only that one");
    assert_eq!(run.status()[0]["injected"], 1);
    let (code, text) = run.control(&["fault", "nonsense"]);
    assert_eq!(code, Some(1), "{text}");
}

#[test]
fn a_card_listens_for_its_reader_and_a_port_that_is_taken_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let port = saifu_vsmartcard::harness::free_port().unwrap();
    let card = folder.path().join("card");
    let run = || {
        let mut command = Command::new(PROGRAM);
        command.args(["run", new_card(&card), "--until-eof", "--listen", &port.to_string()]);
        command
    };
    let _process = Spoken::start(&mut run()).unwrap();
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    let begun = std::time::Instant::now();
    let mut reader = loop {
        match VpcdReader::connect(address, WITHIN) {
            Ok(reader) => break reader,
            Err(error) => assert!(begun.elapsed() < WITHIN, "{error}"),
        }
    };
    assert!(reader.transmit(&select(), WITHIN).unwrap().ends_with(&[0x90, 0x00]));
    let other = folder.path().join("other");
    let (code, text) = said(&saifu_card(&["run", new_card(&other), "--listen", &port.to_string()]));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("choose another port"), "{text}");
}

#[test]
fn a_recording_that_cannot_be_written_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("talk");
    std::os::unix::fs::symlink("/dev/full", &record).unwrap();
    let mut run = Command::new("sh");
    run.args(["-c", "exec \"$0\" run --new card --record talk --until-eof 2>said", PROGRAM]);
    let mut run = Spoken::start(run.current_dir(folder.path())).unwrap();
    let made = || folder.path().join("card").exists();
    while !made() {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(!run.end().unwrap(), "it says so by its exit status");
    let said = std::fs::read_to_string(folder.path().join("said")).unwrap();
    assert!(said.contains("talk"), "{said}");
}

#[test]
fn whoever_says_no_socket_or_a_wrong_one_is_told() {
    let (code, text) = said(&saifu_card(&["status"]));
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("--control SOCKET, or the variable SAIFU_CARD_CONTROL"), "{text}");
    let (code, text) = said(&saifu_card(&["remove", "--control", "/nowhere/socket"]));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("nothing answers at /nowhere/socket"), "{text}");
    let (code, text) = said(&saifu_card(&["run"]));
    assert_eq!(code, Some(2), "{text}");
}

#[test]
fn a_command_finds_a_card_in_a_pcscd_of_its_own_and_says_how_it_ended() {
    let script = format!(
        "opensc-tool -r 0 --atr && {PROGRAM} remove >/dev/null && {PROGRAM} status && exit 7"
    );
    let (code, text) = said(&saifu_card(&["pcscd", "--", "sh", "-c", &script]));
    assert_eq!(code, Some(7), "{text}");
    assert!(text.starts_with("3b:8d:81:31:fe:45"), "{text}");
    assert_eq!(text.matches("  empty\n").count(), 2, "{text}");
    let (code, text) = said(&saifu_card(&["pcscd", "--empty", "--", "/nowhere/command"]));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("cannot run /nowhere/command"), "{text}");
    let (code, text) = said(&saifu_card(&["pcscd", "a", "b", "c", "--", "true"]));
    assert_eq!(code, Some(2), "{text}");
}

#[test]
fn a_private_pcscd_says_when_it_has_seen_a_card_and_when_not() {
    let pcscd = PrivatePcscd::start().unwrap();
    assert!(pcscd.wait_for_cards(0, Duration::ZERO));
    assert!(!pcscd.wait_for_cards(1, Duration::from_millis(50)));
    assert!(pcscd.folder().is_dir());
}

#[test]
fn a_recording_that_takes_no_more_is_told_at_the_end_with_status_1() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("talk.txt");
    assert!(Command::new("mkfifo").arg(&record).status().unwrap().success());
    let reads = std::thread::spawn({
        let record = record.clone();
        // It is there for the first line alone.
        move || File::open(record).unwrap().read_exact(&mut [0; 10]).unwrap()
    });
    let reader = VpcdListener::bind("127.0.0.1:0").unwrap();
    let mut command = Command::new(PROGRAM);
    command.args(["run", "--new", "--until-eof"]).arg(folder.path().join("card"));
    command.arg("--record").arg(&record);
    command.args(["--vpcd", &reader.address().unwrap().to_string()]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut run = command.spawn().unwrap();
    reads.join().unwrap();
    drop(id(&reader));
    drop(run.stdin.take());
    let (code, text) = said(&run.wait_with_output().unwrap());
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("talk.txt cannot be written"), "{text}");
}
