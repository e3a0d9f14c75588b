//! The center is killed in the middle of its work: what it had answered stays, what it had
//! not is done when it is asked again.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use saifu_center::clock::SetClock;
use saifu_center::{Center, Options};
use saifu_wire::signed::{Outcome, Receipt, Signed};

use crate::desk::{Desk, NOW};

/// The folder on which the process to be killed works.
const FOLDER: &str = "SAIFU_TEST_FOLDER";

/// Payments of one customer.
const PAYMENTS: usize = 24;

fn rounds() -> usize {
    let full = std::env::var("SAIFU_CAMPAIGN").is_ok_and(|size| size == "full");
    if full { 200 } else { 8 }
}

/// The payments that a round is about: token and licence, in hex.
fn payments(folder: &Path) -> Vec<(Vec<u8>, Vec<u8>)> {
    let text = fs::read_to_string(folder.join("payments")).unwrap();
    let pair = |line: &str| {
        let (token, licence) = line.split_once(' ').unwrap();
        (hex::decode(token).unwrap(), hex::decode(licence).unwrap())
    };
    text.lines().map(pair).collect()
}

/// Settles everything and tells each receipt; it is run, and killed, by the test below.
#[test]
#[ignore = "the process that another test kills"]
fn settle_until_killed() {
    let folder = std::env::var(FOLDER).unwrap();
    let options = Options { clock: Arc::new(SetClock::at(NOW)), ..Options::default() };
    let center = Center::open(Path::new(&folder), options).unwrap();
    for (token, licence) in payments(Path::new(&folder)) {
        println!("\nreceipt {}", hex::encode(center.settle(&token, Some(&licence)).unwrap()));
    }
}

fn settling(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::settle_until_killed", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Lets it settle `count` payments, kills it, and returns every receipt that it told.
fn killed_after(folder: &Path, count: usize) -> Vec<Vec<u8>> {
    let mut child = settling(folder);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut receipts = Vec::new();
    let mut told = lines.by_ref().map_while(Result::ok);
    while receipts.len() < count {
        let Some(line) = told.next() else { break };
        receipts.extend(line.strip_prefix("receipt ").and_then(|hex| hex::decode(hex).ok()));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let rest = told.filter_map(|line| hex::decode(line.strip_prefix("receipt ")?).ok());
    // A line that the kill has cut is no receipt that anybody got.
    let whole = |bytes: &Vec<u8>| Signed::<Receipt>::parse(bytes).is_ok();
    receipts.extend(rest.filter(whole));
    receipts
}

#[test]
fn pa7_pa17_a_center_killed_while_it_settles_has_booked_what_it_answered_and_books_the_rest_once() {
    let rounds = rounds();
    println!("center killed while settling: {rounds} rounds of {PAYMENTS} payments");
    for round in 0..rounds {
        let desk = Desk::open();
        let (work, mut card) = (desk.sell("jpy:10"), desk.customer());
        let lines: Vec<String> = (0..PAYMENTS)
            .map(|n| {
                let order = desk.order(&card, &work, &format!("key-{n}")).unwrap();
                let token = card.debit(&order.licence.0);
                format!("{} {}", hex::encode(token), hex::encode(order.licence.0))
            })
            .collect();
        fs::write(desk.folder.path().join("payments"), lines.join("\n")).unwrap();
        let folder = desk.close();
        let count = round * 3 % PAYMENTS;
        let told = killed_after(folder.path(), count);
        assert!(told.len() >= count, "the other process worked");
        let desk = Desk::of(folder);
        for (at, (token, licence)) in payments(desk.folder.path()).iter().enumerate() {
            let receipt = desk.settle(token, licence).unwrap();
            assert!(told.get(at).is_none_or(|told| *told == receipt), "payment {at}");
            let outcome = Signed::<Receipt>::parse(&receipt).unwrap().message().outcome;
            assert_eq!(outcome, Outcome::Settled);
        }
        assert_eq!(desk.center().sales(0, 100).unwrap().len(), PAYMENTS);
        assert_eq!(desk.value(), [0, 9_760, 240, 0]);
    }
}
