//! Sales while the center is ended with SIGKILL all the time: `make settle-storm`, reduced; and
//! that it sees what is wrong in the books.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use saifu_tests::settle_storm::{self, FOLDER, Report, Seen, Size, Verdict, judge};
use saifu_tests::stage::Programs;
use tempfile::TempDir;

fn storm(size: Size) -> (TempDir, Report) {
    let folder = tempfile::tempdir().unwrap();
    let seed = settle_storm::seed().unwrap();
    let report = settle_storm::run(size, seed, &folder.path().join(FOLDER));
    (folder, report.unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn however_often_the_center_is_killed_every_token_is_settled_once_and_all_sums_agree() {
    let size = Size::asked_for();
    let (_folder, report) = storm(size);
    assert!(report.verdict.is_good(), "{:#?}", report.verdict);
    let said =
        format!("settle-storm: {} sales, {} kills, 0 lost, 0 doubled", size.sales, size.kills);
    assert_eq!(report.to_string(), said);
    assert!(report.lost_answers > 0, "no kill was felt");
    assert!(report.seen.mischief > size.sales / 3, "only {}", report.seen.mischief);
}

/// The verdict on a copy of the center in which this was done behind its back.
fn judged(center: &Path, seen: &Seen, sql: &str) -> Verdict {
    let copy = tempfile::tempdir().unwrap();
    copy_all(center, copy.path());
    let store = Connection::open(copy.path().join("center.sqlite3")).unwrap();
    store.execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}")).unwrap();
    drop(store);
    judge(seen, &Programs::find().unwrap(), copy.path()).unwrap()
}

fn copy_all(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy_all(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_sale_that_is_booked_twice_or_gone_from_the_store_is_seen() {
    let (folder, report) = storm(Size { clients: 2, sales: 6, kills: 1 });
    let center = folder.path().join(FOLDER);
    let sound = judged(&center, &report.seen, "");
    assert!(sound.is_good(), "{sound:#?}");

    let doubled = judged(
        &center,
        &report.seen,
        "
        DROP INDEX one_settlement;
        CREATE TEMP TABLE again AS SELECT * FROM tokens ORDER BY entry LIMIT 1;
        UPDATE again SET identity = randomblob(32), entry = 1000000;
        INSERT INTO tokens SELECT * FROM again;",
    );
    assert_eq!((doubled.lost, doubled.doubled), (0, 1), "{doubled:#?}");
    assert!(doubled.findings.iter().any(|finding| finding.contains("saifu-center check")));

    let lost = judged(
        &center,
        &report.seen,
        "
        DROP TRIGGER tokens_stay;
        DELETE FROM tokens WHERE entry = (SELECT max(entry) FROM tokens);",
    );
    assert_eq!((lost.lost, lost.doubled), (1, 0), "{lost:#?}");
    assert!(lost.findings.iter().any(|finding| finding.contains("saifu-center check")));
}
