//! A center in production by the real programs, as a new user sets it up: issuer, center, card
//! and terminal, with nothing between them but files, a port and the card's reader.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use saifu_barrier::VARIABLE;
use saifu_tests::secrets::known::PROGRAMS_PIN;
use saifu_tests::shop::REAL_WORKS;
use saifu_tests::stage::{Programs, Ran, Running};
use saifu_vsmartcard::harness::{Spoken, free_port};
use serde_json::Value;
use tempfile::TempDir;

const WITHIN: Duration = Duration::from_secs(120);

/// The exit code of `saifu` for what does not verify, and for what the center refuses.
const NOT_AUTHENTIC: i32 = 8;
const CENTER_REFUSED: i32 = 7;

/// An issuer, and a center in production that it has certified, with a work for sale.
struct Shop {
    programs: Programs,
    folder: TempDir,
    port: u16,
}

impl Shop {
    fn open() -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port().unwrap());
        let shop = Self { programs: Programs::find().unwrap(), folder, port };
        shop.center(&["issuer", "init"]);
        shop.center(&["issuer", "root", "--out", "root.hex"]);
        shop.center(&["init", "--production", "--issuer-root", "root.hex"]);
        shop.center(&["keys", "request", "--out", "request.json"]);
        shop.center(&["issuer", "certify-center", "request.json", "--out", "answer.json"]);
        shop.center(&["keys", "install", "answer.json"]);
        let work = REAL_WORKS[0].path();
        let told = ["--title", "Alice", "--creator", "Lewis Carroll", "--price", "jpy:300"];
        let add = ["work", "add", work.to_str().unwrap()];
        shop.center(&[&add[..], &told, &["--publish"]].concat());
        shop
    }

    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder.path()).env_remove(VARIABLE);
        command.env("SAIFU_ISSUER", "issuer").env("SAIFU_CENTER_DATA", "center");
        command.env("SAIFU_ISSUER_PASSPHRASE", "a long one");
        command.env("SAIFU_CENTER_PASSPHRASE", "another long one");
        command
    }

    fn run(&self, program: &Path, arguments: &[&str]) -> Ran {
        let mut command = self.command(program, arguments);
        Running::start(&mut command).unwrap().wait(WITHIN).unwrap()
    }

    /// Runs `saifu-center`, which must end well.
    fn center(&self, arguments: &[&str]) -> String {
        self.run(&self.programs.center, arguments).good().unwrap()
    }

    /// Serves the center, with the list of revoked cards of a file if there is one.
    fn serve(&self, revocations: &str) -> (Spoken, String) {
        let mut command = self
            .command(&self.programs.center, &["serve", "--until-eof", "--listen", "127.0.0.1:0"]);
        command.env("SAIFU_CENTER_ISSUER__REVOCATIONS", revocations);
        let mut center = Spoken::start(&mut command).unwrap();
        let line = center.hear(WITHIN).unwrap();
        let url = line.strip_prefix("serving at ").unwrap_or_else(|| panic!("{line}"));
        (center, url.trim().to_owned())
    }

    /// Makes a card of `class`, as the issuer certified it, and gives its id.
    fn certified(&self, name: &str, class: &str) -> String {
        let (request, answer) = (format!("{name}.json"), format!("{name}-answer.json"));
        let new = ["new", name, "--request", &request, "--class", class, "--pin", PROGRAMS_PIN];
        self.run(&self.programs.card, &new).good().unwrap();
        let certify = ["issuer", "certify-card", &request, "--class", class, "--out", &answer];
        self.center(&certify);
        let finish = ["certify", name, &answer, "--pin", PROGRAMS_PIN];
        self.run(&self.programs.card, &finish).good().unwrap();
        let asked = fs::read(self.folder.path().join(request)).unwrap();
        let asked: Value = serde_json::from_slice(&asked).unwrap();
        asked["card"].as_str().unwrap().to_owned()
    }

    /// Puts a card into the reader that `saifu` is.
    fn insert(&self, name: &str) -> Spoken {
        let reader = format!("127.0.0.1:{}", self.port);
        let run = ["run", name, "--until-eof", "--vpcd", &reader];
        Spoken::start(&mut self.command(&self.programs.card, &run)).unwrap()
    }

    /// Runs `saifu` as the customer of the center at `url`.
    fn saifu(&self, url: &str, arguments: &[&str]) -> Ran {
        let mut command = self.command(&self.programs.terminal, arguments);
        command.env("SAIFU_DATA", self.folder.path().join("terminal"));
        command.env("SAIFU_PIN", PROGRAMS_PIN).env("SAIFU_CENTER", url);
        command.env("SAIFU_CARD", format!("vpcd:127.0.0.1:{}", self.port));
        Running::start(&mut command).unwrap().wait(WITHIN).unwrap()
    }
}

/// What was said about why it was not done, if it ended with `code`.
#[track_caller]
fn refused(ran: Ran, code: i32) -> String {
    assert_eq!(ran.code, Some(code), "{ran:?}");
    ran.err
}

const ROOT: [&str; 2] = ["--root", "root.hex"];

#[test]
fn a_new_user_buys_in_production_until_the_issuer_revokes_the_card() {
    let shop = Shop::open();
    let card = shop.certified("hardcard", "hardware");
    shop.center(&["issuer", "revocations", "--out", "center/revoked.hex"]);
    let (_server, url) = shop.serve("revoked.hex");
    let inserted = shop.insert("hardcard");
    let said = refused(shop.saifu(&url, &["register"]), NOT_AUTHENTIC);
    assert!(said.contains("ZZSAIFUROOT00001") && said.contains("--root"), "{said}");
    let saifu = |arguments: &[&str]| shop.saifu(&url, &[&ROOT[..], arguments].concat());
    saifu(&["register"]).good().unwrap();
    let make = ["voucher", "make", "--count", "1", "--unit", "jpy", "--amount", "500", "--sold"];
    let made: Value =
        serde_json::from_str(&shop.center(&[&["--json"], &make[..]].concat())).unwrap();
    saifu(&["load", "--voucher", made["codes"][0].as_str().unwrap()]).good().unwrap();
    saifu(&["buy", "Alice", "-o", "work.txt", "--yes"]).good().unwrap();
    let bought = fs::read(shop.folder.path().join("work.txt")).unwrap();
    assert!(bought == fs::read(REAL_WORKS[0].path()).unwrap());
    let balance = saifu(&["balance"]).good().unwrap();
    assert!(balance.contains("200 JPY"), "{balance}");
    shop.center(&["issuer", "revoke", &card, "--why", "stolen"]);
    shop.center(&["issuer", "revocations", "--out", "center/newer.hex"]);
    let lists =
        ["center/newer.hex", "center/revoked.hex"].map(|name| shop.folder.path().join(name));
    fs::rename(&lists[0], &lists[1]).unwrap();
    let begun = Instant::now();
    while !shop.center(&["card", "list"]).contains("revoked") {
        assert!(begun.elapsed() < WITHIN, "the center that serves has not seen the list");
        sleep(Duration::from_millis(100));
    }
    let taken = shop.center(&["card", "revoke", "--list", "center/revoked.hex"]);
    assert!(taken.contains("list 1 of ZZSAIFUROOT00001") && taken.contains(": 0 cards"), "{taken}");
    let buy = [&ROOT[..], &["buy", "Alice", "-o", "again.txt", "--yes"]].concat();
    let said = refused(shop.saifu(&url, &buy), CENTER_REFUSED);
    assert!(said.contains("revoked") && said.contains("ZZSAIFUROOT00001"), "{said}");
    shop.center(&["check"]);
    drop(inserted);
}

#[test]
fn test_and_software_cards_are_told_why_they_are_not_taken_in_production() {
    let shop = Shop::open();
    let (_server, url) = shop.serve("");
    let new = ["new", "testcard", "--pin", PROGRAMS_PIN];
    shop.run(&shop.programs.card, &new).good().unwrap();
    let inserted = shop.insert("testcard");
    for arguments in [&["register"][..], &[ROOT[0], ROOT[1], "register"]] {
        let said = refused(shop.saifu(&url, arguments), NOT_AUTHENTIC);
        for word in ["ZZSAIFUTEST00001", "ZZSAIFUROOT00001", "center's issuer"] {
            assert!(said.contains(word), "{word}: {said}");
        }
    }
    drop(inserted);
    for class in ["test", "software"] {
        shop.certified(class, class);
        let inserted = shop.insert(class);
        let said = refused(shop.saifu(&url, &[ROOT[0], ROOT[1], "register"]), CENTER_REFUSED);
        assert!(said.contains("hardware"), "{said}");
        drop(inserted);
    }
    assert!(!shop.folder.path().join("terminal/center").exists());
}

#[test]
fn what_is_no_root_is_not_trusted() {
    let shop =
        Shop { programs: Programs::find().unwrap(), folder: tempfile::tempdir().unwrap(), port: 1 };
    fs::write(shop.folder.path().join("root.hex"), "00").unwrap();
    let said = refused(shop.saifu("embedded", &[ROOT[0], ROOT[1], "--card", "virtual", "card"]), 2);
    assert!(said.contains("issuer root"), "{said}");
}
