//! The card in a reader of a private pcscd, as programs meet it that nobody here wrote.
//!
//! These tests need Linux, root or user namespaces, and what `scripts/setup test` installs;
//! where something is missing they fail and say what.

#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use saifu_vsmartcard::VirtualCard;
use saifu_vsmartcard::atr::Atr;
use saifu_vsmartcard::harness::{CardProcess, PrivatePcscd};
use saifu_vsmartcard::virtual_card::select;
use tempfile::TempDir;

const SELECT: &str = "00A4040007F053414946550100";
/// GET DATA of the card's public status: activated, class test, memory good, three PIN tries.
const GET_STATUS: &str = "00CADF0200";
const STATUS_BEGINS: &str = "05000103";
/// GET DATA of the card's certificates: several times what a short answer carries.
const GET_CERTIFICATES: &str = "00CA7F2100";
const GET_RESPONSE: &str = "00C0000000";
/// pcscd looks for cards every 400 ms.
const NOTICED_WITHIN: Duration = Duration::from_secs(10);

/// A card in the first slot of a private pcscd.
struct Desk {
    card: CardProcess,
    pcscd: PrivatePcscd,
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pcscd = PrivatePcscd::start().unwrap_or_else(|error| panic!("{error}"));
        let card = card(&folder, &pcscd);
        let desk = Self { card, pcscd, folder };
        desk.wait_for_card();
        desk
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        output(self.pcscd.client(program).args(arguments))
    }

    /// Takes the card out and gives the certificates it has when asked without a reader.
    fn certificates(self) -> Vec<u8> {
        assert!(self.card.end().unwrap());
        let mut card = VirtualCard::open(&self.folder.path().join("card")).unwrap();
        card.transmit(&select());
        let answer = card.transmit(&hex::decode(GET_CERTIFICATES.to_owned() + "0000").unwrap());
        answer.strip_suffix(&[0x90, 0x00]).unwrap().to_vec()
    }

    fn wait_for_card(&self) {
        let deadline = Instant::now() + NOTICED_WITHIN;
        while !said(&self.run("opensc-tool", &["--reader", "0", "--atr"])).contains("3b:8d") {
            assert!(Instant::now() < deadline, "no card noticed; {}", self.pcscd.log());
            thread::sleep(Duration::from_millis(50));
        }
    }
}

fn card(folder: &TempDir, pcscd: &PrivatePcscd) -> CardProcess {
    let program = Path::new(env!("CARGO_BIN_EXE_saifu-card"));
    CardProcess::start(program, &folder.path().join("card"), pcscd.vpcd_port())
        .unwrap_or_else(|error| panic!("{error}"))
}

fn output(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| {
        panic!("{}: {error}; scripts/setup test installs it", command.get_program().display())
    })
}

fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), b"\n", output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&both).into_owned()
}

/// What a program said, with nothing but its hexadecimal digits and its letters.
fn letters(output: &Output) -> String {
    said(output).chars().filter(char::is_ascii_alphanumeric).collect()
}

#[test]
fn opensc_tool_selects_the_applet_and_reads_its_status() {
    let desk = Desk::new();
    let atr = desk.run("opensc-tool", &["--reader", "0", "--atr"]);
    assert_eq!(letters(&atr).to_uppercase(), Atr::default().to_string());
    let talk = ["--reader", "0", "-c", "default", "-s", SELECT, "-s", GET_STATUS];
    let answers = desk.run("opensc-tool", &talk);
    let text = letters(&answers);
    assert!(answers.status.success(), "{}", said(&answers));
    assert_eq!(text.matches("SW10x90SW20x00").count(), 2, "{}", said(&answers));
    assert!(text.contains(STATUS_BEGINS), "{}", said(&answers));
}

/// opensc-tool sends GET RESPONSE by itself.
#[test]
fn opensc_tool_reads_the_certificates_by_short_commands() {
    let desk = Desk::new();
    let talk = ["--reader", "0", "-c", "default", "-s", SELECT, "-s", GET_CERTIFICATES];
    let text = said(&desk.run("opensc-tool", &talk));
    let (_, answer) = text.rsplit_once("(SW1=0x90, SW2=0x00):").expect("a whole answer");
    // Each line has 16 bytes in hexadecimal and then as text.
    let digits = answer.lines().flat_map(|line| line.chars().take(48));
    assert_eq!(from_hex(digits), desk.certificates(), "{text}");
}

#[test]
fn opensc_tool_is_told_when_a_command_is_wrong() {
    let desk = Desk::new();
    let talk = ["--reader", "0", "-c", "default", "-s", SELECT, "-s", "00FF0000"];
    let answers = desk.run("opensc-tool", &talk);
    assert!(letters(&answers).contains("SW10x6DSW20x00"), "{}", said(&answers));
}

#[test]
fn scriptor_selects_the_applet_and_reads_its_status() {
    let desk = Desk::new();
    let script = desk.folder.path().join("script");
    std::fs::write(&script, format!("reset\n{SELECT}\n{GET_STATUS}\n")).unwrap();
    let script = script.to_str().unwrap();
    let answers = desk.run("scriptor", &["-r", &desk.pcscd.reader(0), "-p", "T=1", script]);
    let text = letters(&answers).to_uppercase();
    assert!(text.contains(&Atr::default().to_string()), "{}", said(&answers));
    assert_eq!(text.matches("9000NORMALPROCESSING").count(), 2, "{}", said(&answers));
    assert!(text.contains(STATUS_BEGINS), "{}", said(&answers));
}

#[test]
fn scriptor_reads_the_certificates_by_get_response() {
    let desk = Desk::new();
    let script = desk.folder.path().join("script");
    let talk = [SELECT, GET_CERTIFICATES, GET_RESPONSE, GET_RESPONSE, GET_RESPONSE, GET_RESPONSE];
    std::fs::write(&script, talk.join("\n")).unwrap();
    let script = script.to_str().unwrap();
    let text = said(&desk.run("scriptor", &["-r", &desk.pcscd.reader(0), "-p", "T=1", script]));
    let [_select, parts @ .., none] = &scriptor_answers(&text)[..] else { panic!("{text}") };
    assert_eq!(none, &[0x69, 0x85], "nothing is left: {text}");
    assert_eq!(parts.len(), 4, "{text}");
    let data: Vec<_> = parts.iter().flat_map(|part| &part[..part.len() - 2]).copied().collect();
    assert_eq!(data, desk.certificates(), "{text}");
}

/// Data and status word of each answer that scriptor shows, which end where it explains them.
fn scriptor_answers(text: &str) -> Vec<Vec<u8>> {
    let answers = text.split("< ").skip(1).filter_map(|part| part.split(':').next());
    answers.map(|answer| from_hex(answer.chars())).collect()
}

fn from_hex(text: impl Iterator<Item = char>) -> Vec<u8> {
    hex::decode(text.filter(|c| !c.is_whitespace()).collect::<String>()).expect("hexadecimal")
}

const PYSCARD: &str = "
from smartcard.System import readers
card = readers()[0].createConnection()
card.connect()
print(bytes(card.getATR()).hex())
for command in COMMANDS:
    data, sw1, sw2 = card.transmit(list(command))
    while sw1 == 0x61:
        more, sw1, sw2 = card.transmit([0, 0xc0, 0, 0, sw2])
        data += more
    print(bytes(data).hex(), '%02x%02x' % (sw1, sw2))
";

#[test]
fn pyscard_reads_status_and_certificates_and_sends_the_longest_command() {
    let desk = Desk::new();
    // A VERIFY with 65,526 bytes of data and Le: no PIN, and as long as commands get.
    let longest = "bytes([0,0x20,0,0x81,0,0xff,0xf6])+bytes(65526)+bytes(2)";
    let short = [SELECT, GET_STATUS, GET_CERTIFICATES].map(|hex| format!("bytes.fromhex('{hex}')"));
    let commands = format!("COMMANDS = [{}, {longest}]", short.join(", "));
    let script = desk.folder.path().join("script.py");
    std::fs::write(&script, commands + PYSCARD).unwrap();
    let answers = desk.run("/usr/bin/python3", &[script.to_str().unwrap()]);
    let text = said(&answers);
    let lines: Vec<_> = text.lines().collect();
    let [atr, select, status, certificates, longest, ..] = lines[..] else { panic!("{text}") };
    assert_eq!(atr.to_uppercase(), Atr::default().to_string());
    assert!(select.ends_with(" 9000"), "{text}");
    assert!(status.starts_with(STATUS_BEGINS) && status.ends_with(" 9000"), "{text}");
    assert_eq!(longest, " 6a80", "{text}");
    assert_eq!(certificates, hex::encode(desk.certificates()) + " 9000", "{text}");
}

#[test]
fn a_card_that_was_killed_comes_back_with_what_it_had_committed() {
    let desk = Desk::new();
    let id = card_id(&desk).expect("a card's id");
    let Desk { card: first, pcscd, folder } = desk;
    first.kill().unwrap();
    let card = card(&folder, &pcscd);
    let desk = Desk { card, pcscd, folder };
    // Until pcscd notices the change, commands get no answer.
    let deadline = Instant::now() + NOTICED_WITHIN;
    let again = loop {
        match card_id(&desk) {
            Some(id) => break id,
            None => assert!(Instant::now() < deadline, "no card noticed; {}", desk.pcscd.log()),
        }
    };
    assert_eq!(again, id);
}

/// The card's id as opensc-tool shows it.
fn card_id(desk: &Desk) -> Option<String> {
    let get_id = "00CADF0100";
    let talk = ["--reader", "0", "-c", "default", "-s", SELECT, "-s", get_id];
    let text = said(&desk.run("opensc-tool", &talk));
    let (_, answer) = text.rsplit_once("(SW1=0x90, SW2=0x00):")?;
    Some(answer.lines().nth(1)?.to_owned())
}

#[test]
fn a_card_waits_for_a_pcscd_that_was_killed() {
    let mut desk = Desk::new();
    desk.pcscd.kill().unwrap();
    let none = desk.run("opensc-tool", &["--reader", "0", "--atr"]);
    assert!(!none.status.success(), "{}", said(&none));
    desk.pcscd.restart().unwrap_or_else(|error| panic!("{error}"));
    desk.card.wait_until_in_reader().unwrap();
    desk.wait_for_card();
}

#[test]
fn a_card_ends_without_error_on_sigterm() {
    let desk = Desk::new();
    let pid = desk.card.pid();
    // A bare machine has kill in the shell and nowhere else.
    let told = output(Command::new("sh").args(["-c", &format!("kill -TERM {pid}")]));
    assert!(told.status.success(), "{}", said(&told));
    wait_until_gone(pid);
    assert!(desk.card.end().unwrap(), "it ended with an error");
}

#[test]
fn a_private_pcscd_has_two_readers_at_once_and_leaves_nothing() {
    let pcscd = PrivatePcscd::start().unwrap_or_else(|error| panic!("{error}"));
    let listed = said(&output(pcscd.client("opensc-tool").arg("--list-readers")));
    for slot in [0, 1] {
        assert!(listed.contains(&pcscd.reader(slot)), "{listed}");
    }
    let (pid, socket) = (pcscd.pid(), pcscd.socket().to_owned());
    assert!(is_running(pid) && socket.exists());
    drop(pcscd);
    assert!(!is_running(pid));
    let folder = socket.ancestors().nth(3).unwrap();
    assert!(folder.to_str().unwrap().contains("saifu-pcscd."), "{}", folder.display());
    assert!(!folder.exists());
}

#[test]
fn a_private_pcscd_ends_with_its_owner_even_when_that_is_killed() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/harness/pcscd.sh");
    let mut owner = Command::new("sleep").arg("600").stdout(Stdio::piped()).spawn().unwrap();
    let mut shell = Command::new("sh")
        .arg(script)
        .arg("28999")
        .stdin(owner.stdout.take().unwrap())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(shell.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let words: Vec<_> = line.split_whitespace().collect();
    let ["pcscd", pid, folder] = words[..] else { panic!("{line}") };
    let pid = pid.parse().unwrap();
    assert!(is_running(pid) && Path::new(folder).exists());
    owner.kill().unwrap();
    owner.wait().unwrap();
    shell.wait().unwrap();
    assert!(!is_running(pid) && !Path::new(folder).exists());
}

fn wait_until_gone(pid: u32) {
    let deadline = Instant::now() + NOTICED_WITHIN;
    while is_running(pid) {
        assert!(Instant::now() < deadline, "process {pid} goes on");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Whether a process is there and has not ended; one that nobody waited for has no program.
fn is_running(pid: u32) -> bool {
    std::fs::read_link(format!("/proc/{pid}/exe")).is_ok()
}
