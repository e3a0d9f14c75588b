//! A test card's PIN and end by orders of `saifu-card order`, as a card developer gives them.

use std::fs;
use std::path::Path;
use std::process::Command;

use saifu_tests::stage::Programs;
use serde_json::Value;

/// Runs a program in `folder`, which has the customer's data, too; its exit code and what it said.
fn run(program: &Path, folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env("SAIFU_DATA", folder.join("data"));
    command.env("SAIFU_PIN", "1234").env("SAIFU_NEW_PIN", "2580");
    let ran = command.output().expect("a program that runs");
    let said = String::from_utf8([ran.stdout, ran.stderr].concat()).expect("text");
    (ran.status.code().expect("an end of its own"), said)
}

/// The JSON of a run that must end well.
fn json(program: &Path, folder: &Path, arguments: &[&str]) -> Value {
    let (code, said) = run(program, folder, &[arguments, &["--json"]].concat());
    assert_eq!(code, 0, "{arguments:?}: {said}");
    let start = said.find(['{', '[']).expect("JSON");
    let end = said.rfind(['}', ']']).expect("JSON");
    serde_json::from_str(&said[start..=end]).expect("JSON")
}

#[test]
fn a_test_card_is_unblocked_and_ended_by_the_test_issuers_program() {
    let programs = Programs::find().expect("the programs");
    let folder = tempfile::tempdir().expect("a folder");
    let (saifu, folder) = (programs.terminal.as_path(), folder.path());
    json(saifu, folder, &["register"]);
    let card = json(saifu, folder, &["card"])["card"].as_str().expect("an id").to_owned();

    let (code, order) = run(&programs.card, folder, &["order", "unblock", "--card", &card]);
    assert_eq!(code, 0, "{order}");
    fs::write(folder.join("order"), order).expect("a file");
    assert_eq!(json(saifu, folder, &["pin", "unblock", "--order", "order"])["pin_tries"], 3);

    let issuer = format!("{} order", programs.card.display());
    let end = ["card", "end", "--issuer", &issuer, "--closings", "closings", "--yes"];
    let ended = json(saifu, folder, &end);
    let left = &ended["left"][0];
    assert_eq!(left["purse"], 1);
    assert_eq!((&left["balance"], &left["unit"]), (&10_000.into(), &"JPY".into()));
    let closings = fs::read_to_string(folder.join("closings")).expect("the closings");
    assert_eq!(closings.lines().count(), 1);

    let cards = json(&programs.center, folder, &["--data", "data/center", "card", "list"]);
    assert_eq!(cards[0]["state"], "closed", "the center was sent the closing: {cards}");
    let kept = fs::read_dir(folder.join("data/sales")).expect("a folder");
    let mut names = kept.map(|entry| entry.expect("an entry").file_name());
    assert!(names.all(|name| !name.to_string_lossy().contains("closing")), "nothing waits");

    let (code, said) = run(saifu, folder, &["card"]);
    assert!(code == 4 && said.contains("terminated (6285)"), "{said}");
}
