//! Tokens of a card that probes, and a center whose disk is full or whose power fails (PA16, PA17).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use saifu_center::crypto::rsa::WrappingKey;
use saifu_center::crypto::{Secret, random};
use saifu_center_api::{Payment, Problem, ProblemCode, SignedBytes};
use saifu_wire::certificate::{Certificate, PublicKey};
use saifu_wire::codec::Bytes;
use saifu_wire::signed::{Outcome, Signed, Token};

use super::{EVIDENCE, Stored, fails_at_each, sales, unsigned};
use crate::card::Card;
use crate::desk::Desk;
use crate::serving::agent;
use crate::serving::program::{Running, ended_at, program};

/// How many malformed wrappings a test sends in; the library's own test takes ten thousand.
const PROBES: usize = 400;

/// The numbers around the modulus of the center's payment key, and a key to wrap with.
fn payment_key(desk: &Desk) -> (Vec<Vec<u8>>, WrappingKey) {
    let certificate = Certificate::parse(&desk.center().certificates()[3]).unwrap();
    let key = certificate.body().key.clone();
    let PublicKey::Rsa { modulus, .. } = &key else { panic!("not an RSA key") };
    let mut beside = [modulus.clone(), modulus.clone()];
    // The modulus is odd: neither carries.
    beside[0][255] -= 1;
    beside[1][255] ^= 2;
    let small = [0, 1].map(|last| [vec![0; 255], vec![last]].concat());
    let numbers = small.into_iter().chain(beside).chain([modulus.clone()]).collect();
    (numbers, WrappingKey::from_public_key(&key).unwrap())
}

/// What else may be wrong with a wrapping and what it wraps the key of.
fn malformed(good: &Token, number: usize, key: &(Vec<Vec<u8>>, WrappingKey)) -> Token {
    let (numbers, wrapping) = key;
    let mut token = good.clone();
    let secret = Secret::random().unwrap();
    let foreign = || wrapping.wrap_key(&random::array::<32>().unwrap(), &secret).unwrap();
    match number % 8 {
        0 => token.wrapped_key = Bytes(numbers[number / 8 % numbers.len()].clone()),
        1 => token.wrapped_key = Bytes(foreign()),
        2 => token.wrapped_key.0[number % 256] ^= 1,
        3 => token.wrapped_key.0.truncate(number % 256),
        4 => token.wrapped_key.0.extend(vec![0; 1 + number % 128]),
        5 => token.sealed_payload.0[number % 176] ^= 1,
        6 => token.sealed_payload.0.truncate(number % 176),
        _ => token.commitment.0[number % 32] ^= 1,
    }
    token
}

#[test]
fn pa16_whatever_a_genuine_card_wraps_wrongly_gets_one_answer_and_books_nothing() {
    let (desk, mut card, [order]) = sales();
    let token = card.debit(&order.licence.0);
    let good = Signed::<Token>::parse(&token).unwrap().message().clone();
    let (before, key) = (Stored::of(&desk), payment_key(&desk));
    let probes: Vec<_> =
        (0..PROBES).map(|number| card.sign(malformed(&good, number, &key))).collect();
    let answers = probes.iter().map(|token| desk.settle(token, &order.licence.0));
    let answers: Vec<Problem> = answers.map(Result::unwrap_err).collect();
    assert_eq!(answers[0].code(), Some(ProblemCode::Contradiction));
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(answer, &answers[0], "number {number} is told apart");
    }
    let distinct: BTreeSet<_> = probes.iter().map(|token| unsigned(token)).collect();
    assert_eq!(desk.center().books().unwrap().evidence, distinct.len() as u64);
    before.has_not_moved(&desk, EVIDENCE);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Settled);
}

#[test]
fn pa16_what_the_card_has_not_signed_gets_one_answer_and_the_private_key_is_not_used() {
    let (desk, mut card, [order]) = sales();
    let token = card.debit(&order.licence.0);
    let good = Signed::<Token>::parse(&token).unwrap().message().clone();
    let (before, key, forger) = (Stored::of(&desk), payment_key(&desk), Card::new());
    let probe = |number| forger.sign(malformed(&good, number, &key));
    let answers = (0..PROBES).map(|number| desk.settle(&probe(number), &order.licence.0));
    let answers: Vec<Problem> = answers.map(Result::unwrap_err).collect();
    assert_eq!(answers[0].code(), Some(ProblemCode::NotAuthentic));
    assert!(answers.iter().all(|answer| answer == &answers[0]));
    assert_eq!(desk.center().payment_key_operations(), 0);
    before.has_not_moved(&desk, &[]);
}

#[test]
fn pa17_a_settlement_that_fails_at_any_of_its_tables_books_nothing_and_succeeds_later() {
    let (desk, mut card, [one, two]) = sales();
    let before = Stored::of(&desk);
    desk.settle(&card.debit(&one.licence.0), &one.licence.0).unwrap();
    let written = before.changed(&desk);
    assert!(written.len() >= 3, "chain, ledger, token: {written:?}");
    let (token, before) = (card.debit(&two.licence.0), Stored::of(&desk));
    fails_at_each(&desk, &written, || desk.settle(&token, &two.licence.0));
    before.has_not_moved(&desk, &[]);
    assert_eq!(desk.outcome(&token, &two.licence.0), Outcome::Settled);
    assert_eq!(desk.value(), [0, 9_400, 600, 0]);
}

/// A payment: token and licence.
type Paid = (Vec<u8>, Vec<u8>);

/// A customer's payments, not yet sent in.
fn payments<const COUNT: usize>() -> (Desk, [Paid; COUNT]) {
    let (desk, mut card, orders) = sales();
    (desk, orders.map(|order| (card.debit(&order.licence.0), order.licence.0)))
}

/// Sends a payment to a server; the receipt, if there was one, where it answers at all.
fn send(url: &str, (token, licence): &Paid) -> Result<Option<Vec<u8>>, ureq::Error> {
    let licence = Some(licence.clone().into());
    let body = serde_json::to_vec(&Payment { token: token.clone().into(), licence }).unwrap();
    let request = agent(None).post(format!("{url}/v1/settlements"));
    let answer = request.header("content-type", "application/json").send(&body[..])?;
    if answer.status() != 200 {
        assert!(answer.status().is_server_error(), "{answer:?}");
        return Ok(None);
    }
    let receipt: SignedBytes = serde_json::from_reader(answer.into_body().into_reader()).unwrap();
    Ok(Some(receipt.signed.0))
}

/// Serves a folder, ends the server at a point of the settlement of the second of two payments,
/// and says what the center then has and answers.
fn sales_when_killed_at(point: &str) -> usize {
    let (desk, [first, second]) = payments();
    let folder = desk.close();
    let arguments = ["--json", "serve", "--listen", "127.0.0.1:0"];
    let running = Running::spawn(&mut program(folder.path(), &arguments));
    let receipt = send(&running.url, &first).unwrap().expect("a receipt");
    drop(running);
    let mut command = program(folder.path(), &arguments);
    let ending = ended_at(folder.path(), &mut command, format!("transaction settle: {point}"));
    let running = Running::spawn(&mut command);
    assert!(send(&running.url, &second).is_err());
    assert_eq!(running.ended(), None);
    assert!(ending.join().unwrap(), "{point} is reached");
    let desk = Desk::of(folder);
    let booked = desk.center().sales(0, 10).unwrap().len();
    let [again, once_more] = [(); 2].map(|()| desk.settle(&second.0, &second.1).unwrap());
    assert_eq!(again, once_more);
    assert_eq!(desk.settle(&first.0, &first.1).unwrap(), receipt);
    assert_eq!(desk.center().sales(0, 10).unwrap().len(), 2);
    desk.value();
    booked
}

#[test]
fn pa17_power_that_fails_between_booking_and_answer_leaves_one_entry_and_its_receipt() {
    assert_eq!(sales_when_killed_at("before its commit"), 1);
    assert_eq!(sales_when_killed_at("committed, not answered"), 2);
}

/// The program, serving, whose files cannot grow beyond `kib` KiB.
fn serving_within(folder: &Path, kib: u64) -> Running {
    let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", kib * 2);
    let bare = program(folder, &["--json", "serve", "--listen", "127.0.0.1:0"]);
    let mut command = Command::new("sh");
    command.args(["-c", &script]).arg(bare.get_program()).args(bare.get_args());
    command.env_remove("SAIFU_CENTER_LISTEN");
    Running::spawn(&mut command)
}

#[test]
fn pa17_a_full_disk_refuses_now_and_settles_later_with_the_receipts_that_it_gave() {
    let (desk, payments) = payments::<30>();
    let folder = desk.close();
    let files = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().metadata().unwrap());
    let longest = files.map(|file| file.len()).max().unwrap();
    let running = serving_within(folder.path(), longest / 1024 + 400);
    let receipts = payments.each_ref().map(|payment| send(&running.url, payment).unwrap());
    drop(running);
    let answered = receipts.iter().flatten().count();
    assert!(0 < answered && answered < payments.len(), "{answered}: the disk filled up meanwhile");
    let desk = Desk::of(folder);
    for ((token, licence), given) in payments.iter().zip(&receipts) {
        let receipt = desk.settle(token, licence).unwrap();
        assert!(given.as_ref().is_none_or(|given| *given == receipt));
    }
    assert_eq!(desk.center().sales(0, 100).unwrap().len(), payments.len());
    desk.value();
}
