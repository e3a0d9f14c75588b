//! The program as its user runs it: at the desk, and in a reader.

use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use saifu_vsmartcard::plug::{VpcdListener, VpcdReader};

const PROGRAM: &str = env!("CARGO_BIN_EXE_saifu-template");
const SELECT: &[u8] = b"\x00\xA4\x04\x00\x06\xF0COUNT";
const COUNT: &[u8] = &[0x80, 0x01, 0x00, 0x00, 0x01];
const WITHIN: Duration = Duration::from_secs(10);

fn apdu(apdus: &[&str]) -> Output {
    Command::new(PROGRAM).arg("apdu").args(apdus).output().unwrap()
}

#[test]
fn it_answers_commands_at_the_desk() {
    let output = apdu(&["00A4040006F0434F554E54", "8001000001", "8001000001", "8002000002486900"]);
    let answers = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<_> = answers.lines().filter(|line| line.starts_with('<')).collect();
    assert_eq!(answers, ["< 9000", "< 019000", "< 029000", "< 48699000"]);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn what_it_does_not_know_is_refused_and_told_by_the_exit_status() {
    let output = apdu(&["00A4040006F0434F554E54", "80030000", "80010000020A"]);
    let answers = String::from_utf8(output.stdout).unwrap();
    assert!(answers.contains("< 6D00") && answers.contains("< 6700"), "{answers}");
    assert_eq!(output.status.code(), Some(3));
    let no_hex = apdu(&["80 0x"]);
    assert_eq!(no_hex.status.code(), Some(2));
    let told = String::from_utf8(no_hex.stderr).unwrap();
    assert!(told.starts_with("saifu-template: \"80 0x\" is not an APDU in hex"), "{told}");
}

/// The program in a reader; dropped, it is ended.
struct InReader {
    process: Child,
    reader: VpcdReader,
}

impl InReader {
    fn new() -> Self {
        let listener = VpcdListener::bind("127.0.0.1:0").unwrap();
        let address = listener.address().unwrap().to_string();
        let mut command = Command::new(PROGRAM);
        command.args(["run", "--vpcd", &address, "--until-eof"]);
        let process = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut reader = listener.accept(WITHIN).unwrap();
        reader.power_on(WITHIN).unwrap();
        Self { process, reader }
    }

    fn transmit(&mut self, apdu: &[u8]) -> Vec<u8> {
        self.reader.transmit(apdu, WITHIN).unwrap()
    }
}

impl Drop for InReader {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn it_counts_in_a_reader_until_the_reset() {
    let mut card = InReader::new();
    assert_eq!(card.transmit(COUNT), [0x69, 0x85], "not selected");
    assert_eq!(card.transmit(SELECT), [0x90, 0x00]);
    assert_eq!(card.transmit(COUNT), [1, 0x90, 0x00]);
    assert_eq!(card.transmit(COUNT), [2, 0x90, 0x00]);
    card.reader.reset(WITHIN).unwrap();
    assert_eq!(card.transmit(COUNT), [0x69, 0x85], "not selected any more");
    card.transmit(SELECT);
    assert_eq!(card.transmit(COUNT), [1, 0x90, 0x00]);
}
