//! A center in production, its issuer, and a card that the issuer certified as hardware.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use saifu_center::chance;
use saifu_center::clock::SetClock;
use saifu_center::config::Config;
use saifu_center::issuer::Authority;
use saifu_center::keys::{Change, Unlock};
use saifu_center::{Center, Options};
use saifu_center_api as api;
use saifu_center_api::{HexBytes, ProblemCode};
use saifu_wire::certificate::{Assurance, Certificate, Name};
use saifu_wire::signed::Outcome;

use crate::card::Card;
use crate::desk::{Desk, NOW, code, registration};

const CENTER: &str = "a center's passphrase";
const ISSUER: &str = "an issuer's passphrase";

fn program(folder: &Path, arguments: &[&str], passphrase: Option<&str>) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_saifu-center"));
    program.current_dir(folder).env("SAIFU_CENTER_DATA", folder.join("center"));
    program.env("SAIFU_ISSUER", folder.join("issuer")).env("SAIFU_ISSUER_PASSPHRASE", ISSUER);
    if let Some(passphrase) = passphrase {
        program.env("SAIFU_CENTER_PASSPHRASE", passphrase);
    }
    program.args(arguments).output().unwrap()
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = program(folder, arguments, Some(CENTER));
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

fn failed(folder: &Path, arguments: &[&str], passphrase: Option<&str>) -> String {
    let output = program(folder, arguments, passphrase);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A folder with an issuer and a center whose keys wait for their certificates.
fn begun() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let none = failed(folder.path(), &["issuer", "list"], None);
    assert!(none.contains("no issuer in") && none.contains("issuer init"), "{none}");
    done(folder.path(), &["issuer", "init", "--name", "ZZSHOPROOT00001"]);
    done(folder.path(), &["issuer", "root", "--out", "root.hex"]);
    let init = ["init", "--production", "--issuer-root", "root.hex"];
    assert!(failed(folder.path(), &init, None).contains("SAIFU_CENTER_PASSPHRASE"));
    assert!(done(folder.path(), &init).contains("waiting"));
    folder
}

fn unlock(passphrase: &str) -> Unlock {
    Unlock::passphrase(passphrase).unwrap()
}

#[test]
fn a_center_in_production_serves_nobody_before_its_issuer_has_certified_it() {
    let folder = begun();
    let said = failed(folder.path(), &["serve", "--until-eof"], Some(CENTER));
    assert!(said.contains("keys request"), "{said}");
    done(folder.path(), &["keys", "request", "--out", "request.json"]);
    done(folder.path(), &["issuer", "certify-center", "request.json", "--out", "answer.json"]);
    assert!(done(folder.path(), &["keys", "install", "answer.json"]).contains("current"));
    let status = done(folder.path(), &["status"]);
    assert!(status.contains("in production") && status.contains("Saifu center"), "{status}");
    assert!(failed(folder.path(), &["status"], None).contains("PASSPHRASE"));
    assert!(failed(folder.path(), &["status"], Some("another passphrase")).contains("passphrase"));
    assert!(failed(folder.path(), &["keys", "passwd", "--plain"], Some(CENTER)).contains("plain"));
    assert!(done(folder.path(), &["issuer", "list"]).contains("hardware"));
}

/// An issuer, and a center in production that it has certified, on the same clock as tests are.
pub(crate) fn sale_ready() -> (tempfile::TempDir, Authority, Desk) {
    let issuer_folder = tempfile::tempdir().unwrap();
    let name = Name::new(b"ZZSHOPROOT00001").unwrap();
    let mut issuer = Authority::make(issuer_folder.path(), name, &unlock(ISSUER), NOW).unwrap();
    let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::new(SetClock::at(NOW)));
    let config = Config { test_mode: false, ..Config::default() };
    let options =
        Options { config, clock: clock.clone(), unlock: unlock(CENTER), ..Options::default() };
    Center::make_production(folder.path(), &options, issuer.root()).unwrap();
    let mut change = Change::open(&folder.path().join("keys"), &options.unlock).unwrap();
    let answer = issuer.certify_center(&change.request().unwrap(), NOW).unwrap();
    change.install_answer(&answer).unwrap();
    drop(change);
    let center = Center::open(folder.path(), options).unwrap();
    (issuer_folder, issuer, Desk::on(folder, clock, center))
}

#[test]
fn a_hardware_card_of_the_centers_issuer_buys_in_production() {
    let (_folder, mut issuer, desk) = sale_ready();
    let mut card = Card::certified(&mut issuer, Assurance::Hardware);
    desk.register(&mut card);
    let load = desk.open_load(&card).unwrap();
    let event = card.credit(&desk.credit(&card, &load).unwrap());
    desk.close_load(&load, &event).unwrap();
    let work = desk.sell("jpy:300");
    let order = desk.order(&card, &work, "one").unwrap();
    assert!(!desk.delivery(&order).is_empty());
    let token = card.debit(&order.licence.0);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Settled);
    assert_eq!(card.balance(), 9_700);
    let center: api::Center = desk.get("/v1/center").unwrap();
    assert!(!center.test_mode);
    let authority = |bytes: &HexBytes| Certificate::parse(&bytes.0).unwrap().body().authority;
    assert!(center.certificates.iter().all(|bytes| authority(bytes) == issuer.root().name));
}

#[test]
fn nothing_is_left_to_a_chance_of_somebody_elses_in_production() {
    let (_issuer_folder, _issuer, desk) = sale_ready();
    let folder = desk.close();
    let open = |chance| {
        let clock = Arc::new(SetClock::at(NOW));
        let options = Options { clock, unlock: unlock(CENTER), chance, ..Options::default() };
        Center::open(folder.path(), options).map(drop)
    };
    let refusal = open(Some(chance::system())).unwrap_err();
    assert_eq!(refusal.code(), ProblemCode::Conflict);
    assert!(refusal.to_string().contains("from the system alone"), "{refusal}");
    open(None).unwrap();
}

#[test]
fn no_other_card_is_taken_in_production() {
    let (_folder, mut issuer, desk) = sale_ready();
    let asked =
        |card: &Card| code(desk.send::<api::Account>("POST", "/v1/accounts", &registration(card)));
    assert_eq!(asked(&Card::new()), ProblemCode::NotAuthentic);
    assert_eq!(asked(&Card::of_class(Assurance::Hardware)), ProblemCode::NotAuthentic);
    for class in [Assurance::Test, Assurance::Software] {
        let card = Card::certified(&mut issuer, class);
        assert_eq!(asked(&card), ProblemCode::CardNotAccepted);
    }
}
