//! The server's own failures: its operator is told, strangers are not.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use saifu_center_api::{Problem, ProblemCode};

use super::agent;
use super::program::{Running, center, is_of_the_start, program};
use crate::desk::{Desk, TEXT};
use crate::large::{MIB, large_work};

const SERVE: [&str; 4] = ["--json", "serve", "--listen", "127.0.0.1:0"];

/// All that it says on standard error until a signal ends it.
fn told(mut running: Running) -> String {
    let mut error = running.child.stderr.take().unwrap();
    running.signal("TERM");
    let mut told = String::new();
    error.read_to_string(&mut told).unwrap();
    told.lines().filter(|line| !is_of_the_start(line)).map(|line| format!("{line}\n")).collect()
}

#[test]
fn what_fails_inside_is_told_to_the_operator_and_to_nobody_else() {
    let desk = Desk::open();
    let work = desk.sell_text("jpy:300", &TEXT.repeat(10_000));
    let folder = desk.close();
    fs::remove_dir_all(folder.path().join("works/blobs")).unwrap();
    let running = Running::spawn(program(folder.path(), &SERVE).stderr(Stdio::piped()));
    let path = format!("/v1/works/{work}/preview");
    let mut answer = agent(None).get(format!("{}{path}", running.url)).call().unwrap();
    let problem: Problem = serde_json::from_reader(answer.body_mut().as_reader()).unwrap();
    assert_eq!(problem.code(), Some(ProblemCode::Internal));
    for word in ["blob", "backup", "store", folder.path().to_str().unwrap()] {
        assert!(!problem.detail.contains(word), "{}", problem.detail);
    }
    let missing = agent(None).get(format!("{}/v1/works/{}", running.url, "0".repeat(32)));
    assert_eq!(missing.call().unwrap().status(), 404);
    let told = told(running);
    assert_eq!(told.lines().count(), 1, "a caller's own mistakes are not told: {told}");
    assert!(told.contains(&format!("Z GET {path}: the blob store has no ")), "{told}");
}

#[test]
fn a_delivery_that_breaks_off_is_told_to_the_operator() {
    let desk = Desk::open();
    let (work, card) = (large_work(&desk, 16 * MIB), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    let folder = desk.close();
    let running = Running::spawn(program(folder.path(), &SERVE).stderr(Stdio::piped()));
    let path = format!("/v1/orders/{}/delivery", order.id);
    let answer = agent(None).get(format!("{}{path}", running.url)).call().unwrap();
    assert_eq!(answer.status(), 200);
    for blob in fs::read_dir(folder.path().join("works/blobs")).unwrap() {
        File::options().write(true).open(blob.unwrap().path()).unwrap().set_len(1).unwrap();
    }
    let whole = std::io::copy(&mut answer.into_body().into_reader(), &mut std::io::sink());
    assert!(whole.is_err(), "it is never taken for whole");
    let told = told(running);
    assert!(told.contains(&format!("GET {path}: its answer broke off: ")), "{told}");
}

#[test]
fn connections_that_the_system_cannot_give_are_told_to_the_operator() {
    let folder = center();
    let serve = program(folder.path(), &SERVE);
    let mut few = Command::new("sh");
    few.args(["-c", "ulimit -n 40; exec \"$@\"", "sh"]).arg(serve.get_program());
    few.args(serve.get_args()).stderr(Stdio::piped());
    let mut running = Running::spawn(&mut few);
    let address = running.url.strip_prefix("http://").unwrap();
    let held: Vec<_> = (0..60).map(|_| TcpStream::connect(address).unwrap()).collect();
    let mut lines =
        BufReader::new(running.child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.find(|line| !is_of_the_start(line)).unwrap();
    assert!(line.contains("no connection can be taken now: "), "{line}");
    drop(held);
}
