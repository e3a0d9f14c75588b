//! `saifu-card` as people type it: what is wrong is told before anything is done, by its name.

#![cfg(target_os = "linux")]

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use saifu_vsmartcard::harness::{Spoken, free_port};
use saifu_vsmartcard::plug::VpcdListener;
use saifu_vsmartcard::virtual_card::select;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_saifu-card");
const WITHIN: Duration = Duration::from_secs(30);

/// The program in a folder of its own, by words with blanks between them.
fn said(folder: &TempDir, words: &str) -> (Option<i32>, String) {
    told(&command(folder, words).output().unwrap())
}

fn command(folder: &TempDir, words: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(words.split(' ')).current_dir(folder.path()).env_remove("SAIFU_CARD_CONTROL");
    command.stdin(Stdio::null());
    command
}

fn told(output: &Output) -> (Option<i32>, String) {
    let text = [&output.stdout[..], &output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

/// A folder with a card in it, named `card`.
fn with_card() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(said(&folder, "new card --blank").0, Some(0));
    folder
}

#[test]
fn what_is_typed_wrong_is_told_by_its_name_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    for (words, code, why) in [
        ("new card --pin 12", 2, "a PIN has 4 to 12 digits"),
        ("new card --pin abcd", 2, "a PIN has 4 to 12 digits"),
        ("new card --seed x --class hardware", 2, "cannot be used with"),
        ("new nowhere/card", 1, "nowhere: No such file or directory"),
        ("new card --request nowhere/request", 1, "nowhere/request: No such file or directory"),
        ("certify card nowhere", 1, "nowhere: No such file or directory"),
        ("status card", 1, "card is not a card; make one with `saifu-card new`"),
        ("pcscd a b c -- true", 2, "3 cards: a pcscd of one's own has 2 readers"),
    ] {
        let (told_code, text) = said(&folder, words);
        assert_eq!((told_code, text.contains(why)), (Some(code), true), "{words}: {text}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_run_says_how_many_readers_it_has_room_for() {
    let folder = with_card();
    let words = ["run card", &"--vpcd localhost:1 ".repeat(65)].join(" ");
    let (code, text) = said(&folder, words.trim());
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("65 readers: one process serves at most 64"), "{text}");
}

#[test]
fn a_card_that_is_named_twice_is_in_use_by_its_first_reader() {
    let (code, text) = said(&with_card(), "run card ./card");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("by another process or in another reader"), "{text}");
}

#[test]
fn a_socket_that_cannot_be_made_is_told_with_the_reason() {
    let folder = with_card();
    std::fs::write(folder.path().join("file"), "mine").unwrap();
    for (socket, why) in [
        ("file", "or it is no socket"),
        ("nowhere/socket", "No such file or directory"),
        (&*"x".repeat(120), "the path of a socket has at most 107 bytes"),
    ] {
        let (code, text) =
            said(&folder, &format!("run card --vpcd localhost:1 --control {socket}"));
        assert_eq!((code, text.contains(why)), (Some(1), true), "{text}");
    }
    assert_eq!(std::fs::read(folder.path().join("file")).unwrap(), b"mine");
}

#[test]
fn no_command_is_sent_before_all_that_were_typed_are_read() {
    let (code, text) = said(&with_card(), "apdu card 00CADF0100 00CAxx");
    assert_eq!(code, Some(2), "{text}");
    assert!(!text.contains("> "), "{text}");
}

#[test]
fn a_script_may_have_remarks_and_no_line_without_end() {
    let folder = with_card();
    let card = |lines: &[u8]| {
        let mut command = command(&folder, "apdu card");
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = piped.spawn().unwrap();
        // It may have read enough before the end.
        let _ = process.stdin.take().unwrap().write_all(lines);
        told(&process.wait_with_output().unwrap())
    };
    let (code, text) = card(b"# select it\n\n00 A4 04 00 07 F053414946550100\n");
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(text.lines().count(), 2, "{text}");
    let (code, text) = card(&[b'0'; 1 << 20]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("no APDU is that long"), "{text}");
}

#[test]
fn a_disk_that_is_full_is_told_by_the_name_of_what_was_written() {
    let folder = with_card();
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    for words in ["status card", "inspect card", "apdu card 00CADF0100", "man", "completions zsh"] {
        let output = command(&folder, words).stdout(full()).output().unwrap();
        let (code, text) = told(&output);
        assert_eq!(code, Some(1), "{words}: {text}");
        assert!(text.contains("standard output: No space left on device"), "{words}: {text}");
    }
    let output = command(&folder, "apdu card").stdin(std::fs::File::open("/").unwrap()).output();
    let (code, text) = told(&output.unwrap());
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("standard input: Is a directory"), "{text}");
}

#[test]
fn a_card_is_itself_by_whatever_path() {
    let folder = with_card();
    let words = format!("run card --until-eof --control ctl --listen {}", free_port().unwrap());
    let _run = Spoken::start(&mut command(&folder, &words)).unwrap();
    let begun = Instant::now();
    while !folder.path().join("ctl").exists() {
        assert!(begun.elapsed() < WITHIN);
        std::thread::sleep(Duration::from_millis(10));
    }
    let (_, text) = said(&folder, "swap ./card --control ctl");
    assert!(text.contains("the card is put in"), "{text}");
}

#[test]
fn a_card_that_never_comes_is_told_with_what_to_start() {
    let port = free_port().unwrap();
    let (code, text) = said(&with_card(), &format!("listen {port} --wait 0 00CADF0100"));
    assert_eq!(code, Some(1), "{text}");
    let why = format!("no card connected to 127.0.0.1:{port} within 0 s; start one");
    assert!(text.contains(&why), "{text}");
}

#[test]
fn a_recording_has_every_card_that_was_in_the_reader() {
    let folder = with_card();
    assert_eq!(said(&folder, "new other --blank").0, Some(0));
    let reader = VpcdListener::bind("127.0.0.1:0").unwrap();
    let place = reader.address().unwrap();
    let words = format!("run card --until-eof --control ctl --record talk --vpcd {place}");
    let mut run = Spoken::start(&mut command(&folder, &words)).unwrap();
    let mut first = reader.accept(WITHIN).unwrap();
    first.transmit(&select(), WITHIN).unwrap();
    std::thread::scope(|scope| {
        let swapped = scope.spawn(|| said(&folder, "swap other --control ctl"));
        let mut second = reader.accept(WITHIN).unwrap();
        second.transmit(&select(), WITHIN).unwrap();
        assert_eq!(swapped.join().unwrap().0, Some(0));
    });
    assert!(run.end().unwrap());
    let talk = std::fs::read_to_string(folder.path().join("talk")).unwrap();
    assert_eq!(talk.matches("> 00A40400").count(), 2, "{talk}");
}

/// What is written into a file, once it is.
fn written(path: &Path) -> String {
    let begun = Instant::now();
    loop {
        match std::fs::read_to_string(path) {
            Ok(text) if text.ends_with('\n') => return text.trim().to_owned(),
            _ => assert!(begun.elapsed() < WITHIN, "nothing in {}", path.display()),
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn terminate(process: &Child) {
    kill_process(Pid::from_child(process), Signal::TERM).unwrap();
}

#[test]
fn a_private_pcscd_that_is_terminated_ends_its_command_too() {
    let folder = tempfile::tempdir().unwrap();
    let script = "echo $$ >pid; dirname $SAIFU_CARD_CONTROL >place; exec sleep 600";
    let mut command = command(&folder, "pcscd --empty -- sh -c");
    let mut process = command.arg(script).spawn().unwrap();
    let place = written(&folder.path().join("place"));
    let pid = Pid::from_raw(written(&folder.path().join("pid")).parse().unwrap()).unwrap();
    test_kill_process(pid).unwrap();
    terminate(&process);
    assert_eq!(process.wait().unwrap().code(), Some(128 + 15), "it says how its command ended");
    assert!(test_kill_process(pid).is_err(), "its command runs on");
    assert!(!Path::new(&place).exists(), "{place} is left");
}

#[test]
fn the_test_in_the_readme_finds_its_card() -> Result<(), Box<dyn std::error::Error>> {
    use saifu_vsmartcard::VirtualCard;
    use saifu_vsmartcard::harness::{CardThread, PrivatePcscd};
    use saifu_vsmartcard::platform::RamPlatform;

    let pcscd = PrivatePcscd::start()?;
    let card = VirtualCard::on(RamPlatform::new(1));
    let _card = CardThread::start(card, pcscd.vpcd_port())?;
    assert!(pcscd.wait_for_cards(1, Duration::from_secs(10)));
    assert!(pcscd.client("opensc-tool").args(["--reader", "0", "--atr"]).status()?.success());
    let here = include_str!("usage.rs").lines().skip_while(|line| !line.contains("_the_readme_"));
    let steps: Vec<_> = here.skip(5).take(5).map(str::trim).collect();
    let readme = include_str!("../README.md");
    for step in steps {
        assert!(readme.contains(step), "{step} is not what README says");
    }
    Ok(())
}
