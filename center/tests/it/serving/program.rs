//! `saifu-center serve`: the program, told to end, ended, and started again.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use super::certificates::Authority;
use super::{PATIENCE, agent};
use crate::card::Card;
use crate::desk::{Desk, TEXT, registration};

pub(crate) fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_saifu-center"));
    program.arg("--data").arg(folder).args(arguments).env_remove("SAIFU_CENTER_LISTEN");
    program
}

fn output(folder: &Path, arguments: &[&str]) -> Output {
    program(folder, arguments).output().unwrap()
}

/// What an owner's command answers in JSON.
fn json(folder: &Path, arguments: &[&str]) -> Value {
    let output = output(folder, &[&["--json"], arguments].concat());
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A folder with a center in it.
pub(super) fn center() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    json(folder.path(), &["init"]);
    folder
}

/// Whether a line on standard error is one of those that any test center begins with.
pub(super) fn is_of_the_start(line: &str) -> bool {
    ["the center's keys lie unencrypted", "test mode"].iter().any(|begun| line.contains(begun))
}

/// The program, serving; killed when it is dropped.
pub(crate) struct Running {
    pub(super) child: Child,
    input: Option<ChildStdin>,
    pub(crate) url: String,
}

impl Running {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::spawn(&mut program(folder, &[&["--json", "serve"], arguments].concat()))
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).expect("one line of JSON");
        let url = said["url"].as_str().unwrap().to_owned();
        Self { input: child.stdin.take(), child, url }
    }

    fn get(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.url);
        let answer = agent(None).get(url).call().unwrap();
        serde_json::from_reader(answer.into_body().into_reader()).unwrap()
    }

    pub(super) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits until it has ended, and returns its status.
    pub(crate) fn ended(mut self) -> Option<i32> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end");
            thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_serves_until_a_signal_or_the_end_of_its_input() {
    let folder = center();
    let id = json(folder.path(), &["status"])["id"].clone();
    for signal in ["TERM", "INT"] {
        let running = Running::start(folder.path(), &["--listen", "127.0.0.1:0"]);
        assert_eq!(running.get("/v1/center")["id"], id);
        running.signal(signal);
        assert_eq!(running.ended(), Some(0), "{signal}");
    }
    let mut running = Running::start(folder.path(), &["--listen", "127.0.0.1:0", "--until-eof"]);
    assert_eq!(running.get("/v1/center")["id"], id);
    drop(running.input.take());
    assert_eq!(running.ended(), Some(0));
}

#[test]
fn without_until_eof_the_end_of_its_input_changes_nothing() {
    let folder = center();
    let mut command = program(folder.path(), &["--json", "serve"]);
    let mut running = Running::spawn(command.env("SAIFU_CENTER_LISTEN", "localhost:0"));
    assert!(running.url.starts_with("http://localhost:"), "{}", running.url);
    drop(running.input.take());
    thread::sleep(std::time::Duration::from_millis(200));
    assert_eq!(running.get("/v1/works")["works"], Value::Array(vec![]));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = center();
    let running = Running::start(folder.path(), &["--listen", "127.0.0.1:0"]);
    let _held = under_way(&running);
    running.signal("TERM");
    thread::sleep(std::time::Duration::from_millis(200));
    let begun = Instant::now();
    running.signal("TERM");
    assert_eq!(running.ended(), Some(1));
    assert!(begun.elapsed().as_secs() < 5, "the 10 s of the first signal are not waited for");
}

#[test]
fn the_end_of_its_input_is_not_counted_as_a_signal() {
    let folder = center();
    let mut running = Running::start(folder.path(), &["--listen", "127.0.0.1:0", "--until-eof"]);
    let mut held = under_way(&running);
    drop(running.input.take());
    thread::sleep(std::time::Duration::from_millis(200));
    running.signal("TERM");
    thread::sleep(std::time::Duration::from_millis(200));
    held.write_all(b"{        ").unwrap();
    let mut answer = String::new();
    held.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("HTTP/1.1 400 "), "{answer}");
    assert_eq!(running.ended(), Some(0));
}

/// A request whose body is still to come, 9 bytes.
fn under_way(running: &Running) -> TcpStream {
    let address = running.url.strip_prefix("http://").unwrap();
    let mut held = TcpStream::connect(address).unwrap();
    held.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = "POST /v1/orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
                Content-Length: 9\r\nExpect: 100-continue\r\n\r\n";
    held.write_all(head.as_bytes()).unwrap();
    let mut go_on = String::new();
    BufReader::new(&held).read_line(&mut go_on).unwrap();
    assert!(go_on.contains("100"), "the request is under way");
    held
}

#[test]
fn killed_and_started_again_on_the_same_port_it_serves_the_same() {
    let desk = Desk::open();
    desk.sell("jpy:300");
    let folder = desk.close();
    let running = Running::start(folder.path(), &["--listen", "127.0.0.1:0"]);
    let address = running.url.strip_prefix("http://").unwrap().to_owned();
    let url = format!("{}/v1/accounts", running.url);
    let register = |card: &Card| -> Value {
        let body = serde_json::to_vec(&registration(card)).unwrap();
        let request = agent(None).post(&url).header("content-type", "application/json");
        let answer = request.send(&body[..]).unwrap();
        serde_json::from_reader(answer.into_body().into_reader()).unwrap()
    };
    let card = Card::new();
    let (works, account) = (running.get("/v1/works"), register(&card));
    running.signal("KILL");
    assert_eq!(running.ended(), None);
    let running = Running::start(folder.path(), &["--listen", &address]);
    assert_eq!(running.get("/v1/works"), works);
    assert_eq!(register(&card), account);
}

#[test]
fn the_owner_s_commands_work_beside_it() {
    let folder = center();
    let running = Running::start(folder.path(), &["--listen", "127.0.0.1:0"]);
    let file = folder.path().join("text.txt");
    fs::write(&file, TEXT.repeat(3_000)).unwrap();
    let named = ["--title", "A text", "--creator", "Nobody", "--price", "jpy:300"];
    let add = [&["work", "add", file.to_str().unwrap()], &named[..]].concat();
    let added = json(folder.path(), &add);
    assert_eq!(running.get("/v1/works")["works"], Value::Array(vec![]));
    json(folder.path(), &["publish", added["work"].as_str().unwrap()]);
    assert_eq!(running.get("/v1/works")["works"][0]["id"], added["work"]);
    for command in [&["status"][..], &["check"], &["sales", "--check"], &["work", "list"]] {
        json(folder.path(), command);
    }
}

#[test]
fn what_cannot_be_served_is_refused_with_what_to_do() {
    let folder = center();
    let refused = |arguments: &[&str]| {
        let output = output(folder.path(), &[&["serve"], arguments].concat());
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(output.stdout.is_empty(), "it has not said that it serves");
        String::from_utf8(output.stderr).unwrap()
    };
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert!(refused(&["--listen", &address]).contains("another port"));
    assert!(refused(&["--listen", "0.0.0.0:0"]).contains("--tls-certificate"));
    assert!(refused(&["--listen", "nonsense"]).contains("HOST:PORT"));
    let authority = Authority::new();
    let (one, other) = (authority.server(), authority.certify("other", &rcgen::PKCS_ED25519).0);
    let [certificate, key] = [one.certificate, other.key].map(|path| path.display().to_string());
    let tls = ["--listen", "127.0.0.1:0", "--tls-certificate", &certificate, "--tls-key", &key];
    assert!(refused(&tls).contains("belong together"));
    let usage = output(folder.path(), &["serve", "--tls-key", &key]);
    assert_eq!(usage.status.code(), Some(2));
    let nowhere = folder.path().join("nowhere");
    let none = output(&nowhere, &["serve"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(String::from_utf8(none.stderr).unwrap().contains("init") && !nowhere.exists());
}

/// Runs `command` until it reaches `point`, and ends it there; says whether it came to it.
pub(crate) fn ended_at(folder: &Path, command: &mut Command, point: String) -> JoinHandle<bool> {
    let socket = folder.join("barriers");
    let barriers = UnixListener::bind(&socket).unwrap();
    command.env(saifu_barrier::VARIABLE, &socket);
    thread::spawn(move || {
        let mut reached = BufReader::new(barriers.accept().unwrap().0);
        let mut line = String::new();
        while reached.read_line(&mut line).unwrap() > 0 {
            let (process, at) = line.trim_end().split_once(' ').unwrap();
            if at == point {
                let kill = format!("kill -KILL {process}");
                assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
                return true;
            }
            reached.get_mut().write_all(b"\n").unwrap();
            line.clear();
        }
        false
    })
}

/// Registers a card, ends the program at `point`, and says how many accounts it then has.
fn accounts_when_killed_at(point: &str) -> u64 {
    let folder = center();
    let arguments = ["--json", "serve", "--listen", "127.0.0.1:0"];
    let mut command = program(folder.path(), &arguments);
    let point = format!("transaction open account: {point}");
    let ending = ended_at(folder.path(), &mut command, point);
    let running = Running::spawn(&mut command);
    let body = serde_json::to_vec(&registration(&Card::new())).unwrap();
    let request = agent(None).post(format!("{}/v1/accounts", running.url));
    assert!(request.header("content-type", "application/json").send(&body[..]).is_err());
    assert_eq!(running.ended(), None);
    assert!(ending.join().unwrap(), "the point is reached");
    json(folder.path(), &["status"])["accounts"].as_u64().unwrap()
}

#[test]
fn nv10_ended_before_a_commit_it_has_nothing_and_after_it_everything() {
    assert_eq!(accounts_when_killed_at("before its commit"), 0);
    assert_eq!(accounts_when_killed_at("committed, not answered"), 1);
}

#[test]
fn a_center_whose_making_is_ended_anywhere_is_finished_by_init() {
    let made = [
        ("center: configuration made", false),
        ("center: store made", false),
        ("center: keys made", true),
        ("transaction tie to center: before its commit", true),
        ("transaction tie to center: committed, not answered", true),
    ];
    for (point, is_one) in made {
        let outside = tempfile::tempdir().unwrap();
        let folder = outside.path().join("center");
        let mut command = program(&folder, &["init", "--name", "Bookshop"]);
        let ending = ended_at(outside.path(), &mut command, point.into());
        assert_eq!(command.output().unwrap().status.code(), None, "{point}");
        assert!(ending.join().unwrap(), "{point} is reached");
        let status = output(&folder, &["status"]);
        assert_eq!(status.status.success(), is_one, "{point}: {status:?}");
        let said = String::from_utf8(status.stderr).unwrap();
        assert!(is_one || said.contains("`saifu-center init`"), "{point}: {said}");
        assert_eq!(json(&folder, &["init"])["name"], "Bookshop");
        json(&folder, &["check"]);
    }
}
