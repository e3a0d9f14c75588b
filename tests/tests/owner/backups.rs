//! `audit`, `backup` and `restore`, as the owner types them.

use std::fs;
use std::path::Path;
use std::thread;

use rusqlite::Connection;
use saifu_tests::shop::REAL_WORKS;
use serde_json::{Value, json};

use super::lost::first_account;
use super::world::World;

/// What `audit --json` says of the center in a folder, and how it ends.
fn audit(world: &World, data: &str) -> (Option<i32>, Value) {
    world.told(data, &["audit"])
}

#[test]
fn a_backup_taken_while_sales_run_is_put_back_and_what_came_after_is_settled_or_told() {
    let world = World::open();
    let (server, url) = world.serve("center");
    let saifu = |who: &str, arguments: &[&str]| world.saifu(who, &url, arguments).good().unwrap();
    saifu("buyer", &["register"]);
    let account = first_account(&world);
    saifu("other", &["register"]);
    let buy = |who: &str, work: usize, file: &str| {
        saifu(who, &["buy", REAL_WORKS[work].title, "-o", &format!("{who}-{file}"), "--yes"]);
    };
    let backup = thread::scope(|scope| {
        let buying = ["buyer", "other"]
            .map(|who| scope.spawn(move || (0..2).for_each(|n| buy(who, n, &n.to_string()))));
        while world.told("center", &["sales"]).1["sales"].as_array().unwrap().is_empty() {
            thread::yield_now();
        }
        let backup = world.told("center", &["backup", "backup.tar"]);
        buying.into_iter().for_each(|thread| thread.join().unwrap());
        backup
    });
    assert_eq!(backup.0, Some(0), "{}", backup.1);
    let entry = backup.1["entry"].as_u64().unwrap();
    assert!((5..=8).contains(&entry), "two loads and one sale at least: {entry}");
    let said = world.center("center", &["backup", "--verify", "backup.tar"]).good().unwrap();
    assert!(
        said.contains(&format!("entry     {entry}")) && said.ends_with("it is whole\n"),
        "{said}"
    );
    // After the backup: a payment that the center books and will forget, and one it never hears of.
    buy("buyer", 0, "after");
    world.buy_and_die("buyer", &url, REAL_WORKS[2].title, "late");
    let (code, before) = audit(&world, "center");
    assert_eq!((code, &before["findings"]), (Some(0), &json!([])));
    drop(server);

    let said = world.center("again", &["restore", "backup.tar"]).good().unwrap();
    assert!(said.contains("never start the old one again"), "{said}");
    let (code, restored) = audit(&world, "again");
    assert_eq!(
        (code, &restored["findings"], &restored["entries"]),
        (Some(0), &json!([]), &json!(entry))
    );
    assert_eq!(restored["restores"].as_array().unwrap().len(), 1);
    let (_server, url) = world.serve("again");
    let resumed = world.saifu("buyer", &url, &["resume"]);
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    let (code, after) = audit(&world, "again");
    assert_eq!((code, &after["findings"]), (Some(0), &json!([])));
    assert_eq!(after["forgotten_orders"], 1, "its licence says all that is needed");
    assert_eq!(after["gaps"][0]["account"], account.as_str());
    let missing = after["gaps"][0]["purses"][0]["unsettled"].as_u64().unwrap();
    assert!(missing >= REAL_WORKS[0].price, "{after}");
    let said = world.center("again", &["audit"]).good().unwrap();
    assert!(said.contains(&format!("missing: account {account}: ")), "{said}");
    assert!(said.contains(&format!("{missing} JPY not settled")), "{said}");
    assert!(said.contains("restored: ") && said.contains("told: 1 settled"), "{said}");
}

/// Asserts that a command is refused with exit code 1, as text and as JSON, for this reason.
fn refused(world: &World, data: &str, arguments: &[&str], code: &str, words: &str) {
    let ran = world.center(data, arguments);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{ran:?}");
    assert!(ran.err.starts_with("saifu-center: ") && ran.err.contains(words), "{ran:?}");
    let (exit, said) = world.told(data, arguments);
    let kind = format!("urn:saifu:problem:{code}");
    assert_eq!((exit, &said["error"]["type"]), (Some(1), &json!(kind)), "{said}");
    assert!(said["error"]["detail"].as_str().unwrap().contains(words), "{said}");
}

#[test]
fn what_cannot_be_backed_up_put_back_or_audited_is_refused_and_changes_nothing() {
    let world = World::open();
    world.center("center", &["backup", "good.tar"]).good().unwrap();
    refused(&world, "center", &["backup", "good.tar"], "conflict", "good.tar");
    refused(&world, "nowhere", &["backup", "none.tar"], "not-found", "there is no center");
    refused(&world, "center", &["restore", "good.tar"], "conflict", "center");
    refused(&world, "other", &["restore", "none.tar"], "unavailable", "none.tar");
    let mut bytes = fs::read(world.path("good.tar")).unwrap();
    let middle = (bytes.len() / 2..bytes.len()).find(|at| bytes[*at] != 0).unwrap();
    bytes[middle] ^= 1;
    fs::write(world.path("bad.tar"), bytes).unwrap();
    refused(&world, "other", &["backup", "--verify", "bad.tar"], "malformed", "bad.tar");
    refused(&world, "other", &["restore", "bad.tar"], "malformed", "bad.tar");
    refused(&world, "center", &["audit", "--store", "bad.tar"], "unavailable", "cannot be audited");
    refused(&world, "nowhere", &["audit"], "unavailable", "cannot be read");
    for unknown in ["none.tar", "other", "nowhere"] {
        assert!(!world.path(unknown).exists(), "{unknown}");
    }
    for wrong in [&["restore"][..], &["backup"], &["audit", "--limit", "many"]] {
        assert_eq!(world.center("center", wrong).code, Some(2), "{wrong:?}");
    }
}

#[test]
fn a_center_whose_keys_are_sealed_is_put_back_sealed_and_audited_without_its_passphrase() {
    let world = World::open();
    let with =
        |passphrase, data: &str, arguments: &[&str]| world.center_with(data, passphrase, arguments);
    with("a long passphrase", "sealed", &["init"]).good().unwrap();
    with("", "sealed", &["backup", "sealed.tar"]).good().unwrap();
    with("", "again", &["restore", "sealed.tar"]).good().unwrap();
    assert_eq!(audit(&world, "again").0, Some(0), "what it needs is public");
    let wrong = with("another one", "again", &["sales"]);
    assert_eq!(wrong.code, Some(1), "{wrong:?}");
    assert!(wrong.err.contains("passphrase"), "{wrong:?}");
    with("a long passphrase", "again", &["sales"]).good().unwrap();
}

/// Changes a store behind the center's back.
fn tamper(store: &Path, sql: &str) {
    let store = Connection::open(store).unwrap();
    store.execute_batch("DROP TRIGGER ledger_grows").unwrap();
    assert_eq!(store.execute(sql, []).unwrap(), 1);
}

#[test]
fn an_audit_of_a_store_that_was_tampered_with_ends_with_1_and_says_what_is_wrong() {
    let world = World::open();
    let (server, url) = world.serve("center");
    world.saifu("buyer", &url, &["register"]).good().unwrap();
    world
        .saifu("buyer", &url, &["buy", REAL_WORKS[0].title, "-o", "work", "--yes"])
        .good()
        .unwrap();
    drop(server);
    world.center("center", &["backup", "--folder", "backup"]).good().unwrap();
    let honest = world.center("center", &["audit"]);
    assert_eq!((honest.code, honest.err.as_str()), (Some(0), ""));
    tamper(
        &world.path("center/center.sqlite3"),
        "UPDATE ledger SET amount = 299 WHERE amount = 300",
    );
    let ran = world.center("center", &["audit"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for words in [
        "wrong: entry-differs: entry 3 says 299 JPY",
        "its evidence entry 3: 300 JPY of kind 1 from card to settled\n",
        "wrong: sums: bit-cash JPY: ",
        " NO\n",
        "the books do NOT agree with what is signed: keep the folder as it is\n",
    ] {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
    let (code, told) = audit(&world, "center");
    assert_eq!((code, &told["findings"][0]["rule"]), (Some(1), &json!("entry-differs")));
    assert_eq!(told["counts"], json!({ "entry-differs": 1, "sums": 1 }));
    let (code, told) = world.told("center", &["audit", "--limit", "0"]);
    assert_eq!(
        (code, &told["findings"]),
        (Some(1), &json!([])),
        "counted, and not told one by one"
    );
    let store = ["audit", "--store", "backup/center.sqlite3"];
    assert_eq!(world.told("center", &store).0, Some(0), "the backup's is as it was");
}
