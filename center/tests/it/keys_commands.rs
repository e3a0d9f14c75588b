//! `saifu-center keys` on a test center, as its operator runs it.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::desk::Desk;

/// The end of the environment's name, and what it is set to.
type Set<'a> = (&'a str, &'a str);

const OLD: Set<'_> = ("PASSPHRASE", "the first passphrase");
const NEW: Set<'_> = ("NEW_PASSPHRASE", "the second passphrase");
const SECOND: Set<'_> = ("PASSPHRASE", NEW.1);

fn program(folder: &Path, arguments: &[&str], set: &[Set<'_>]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_saifu-center"));
    program.env("SAIFU_CENTER_DATA", folder).args(arguments);
    program.envs(set.iter().map(|(name, value)| (format!("SAIFU_CENTER_{name}"), value)));
    program.output().unwrap()
}

#[track_caller]
fn done(folder: &Path, arguments: &[&str], set: &[Set<'_>]) -> Value {
    let arguments = [&["--json"], arguments].concat();
    let Output { status, stdout, stderr } = program(folder, &arguments, set);
    assert_eq!(status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&stderr));
    serde_json::from_slice(&stdout).unwrap()
}

#[track_caller]
fn refused(folder: &Path, arguments: &[&str], set: &[Set<'_>]) -> String {
    let Output { status, stderr, .. } = program(folder, arguments, set);
    assert_eq!(status.code(), Some(1), "{arguments:?}");
    String::from_utf8(stderr).unwrap()
}

/// The states of the keys of a role, by their sequence.
fn states(list: &Value, role: &str) -> Vec<(u64, String)> {
    let keys = list["keys"].as_array().unwrap().iter().filter(|key| key["role"] == role);
    let state = |key: &Value| {
        (key["sequence"].as_u64().unwrap(), key["state"].as_str().unwrap().to_owned())
    };
    let mut states: Vec<_> = keys.map(state).collect();
    states.sort();
    states
}

fn stands(list: &Value, role: &str, expected: &[&str]) {
    let expected: Vec<_> = (1..).zip(expected.iter().map(|state| (*state).to_owned())).collect();
    assert_eq!(states(list, role), expected, "{list}");
}

#[test]
fn keys_are_rotated_and_retired_only_once_nothing_rests_on_them() {
    let mut desk = Desk::open();
    let (mut card, work) = (desk.customer(), desk.sell("jpy:300"));
    let licence = desk.order(&card, &work, "one").unwrap().licence.0;
    let folder = desk.close();
    let list = done(folder.path(), &["keys", "rotate", "licence"], &[]);
    stands(&list, "licence", &["former", "current"]);
    stands(&list, "receipt", &["current"]);
    let said = refused(folder.path(), &["keys", "retire", "licence", "3"], &[]);
    assert!(said.contains("licence"), "{said}");
    let said = refused(folder.path(), &["keys", "retire", "licence", "1"], &[]);
    assert!(said.contains("--leaked"), "{said}");
    stands(&done(folder.path(), &["keys", "list"], &[]), "licence", &["former", "current"]);
    desk = Desk::of(folder);
    desk.settle(&card.debit(&licence), &licence).unwrap();
    let folder = desk.close();
    let list = done(folder.path(), &["keys", "retire", "licence", "1"], &[]);
    stands(&list, "licence", &["retired", "former", "current"]);
    let desk = Desk::of(folder);
    desk.order(&card, &work, "two").unwrap();
}

#[test]
fn a_leaked_key_is_retired_though_orders_rest_on_it() {
    let desk = Desk::open();
    let (card, work) = (desk.customer(), desk.sell("jpy:300"));
    desk.order(&card, &work, "one").unwrap();
    let folder = desk.close();
    let list = done(folder.path(), &["keys", "retire", "licence", "1", "--leaked"], &[]);
    stands(&list, "licence", &["retired", "current"]);
}

#[test]
fn keys_are_not_changed_while_the_center_is_open() {
    let desk = Desk::open();
    let said = refused(desk.folder.path(), &["keys", "rotate", "licence"], &[]);
    assert!(said.contains("in use"), "{said}");
    stands(&done(desk.folder.path(), &["keys", "list"], &[]), "licence", &["current"]);
}

#[test]
fn passwd_seals_keys_changes_what_they_are_sealed_under_and_lays_them_plain() {
    let folder = Desk::open().close();
    let passwd = ["keys", "passwd"];
    let refuses = |arguments: &[&str], set: &[Set<'_>], word: &str| {
        let said = refused(folder.path(), arguments, set);
        assert!(said.contains(word) && !said.contains(OLD.1) && !said.contains(NEW.1), "{said}");
    };
    refuses(&passwd, &[], "SAIFU_CENTER_NEW_PASSPHRASE");
    let sealed = done(folder.path(), &passwd, &[("NEW_PASSPHRASE", OLD.1)]);
    assert_eq!(sealed["sealed"], true);
    refuses(&["status"], &[], "PASSPHRASE");
    refuses(&["status"], &[SECOND], "passphrase");
    done(folder.path(), &["status"], &[OLD]);
    refuses(&passwd, &[SECOND, NEW], "passphrase");
    done(folder.path(), &passwd, &[OLD, NEW]);
    refuses(&["status"], &[OLD], "passphrase");
    assert_eq!(done(folder.path(), &["keys", "list"], &[SECOND])["sealed"], true);
    refuses(&["keys", "passwd", "--plain"], &[SECOND, NEW], "--plain");
    done(folder.path(), &["keys", "passwd", "--plain"], &[SECOND]);
    assert_eq!(done(folder.path(), &["keys", "list"], &[])["sealed"], false);
    done(folder.path(), &["status"], &[]);
}
