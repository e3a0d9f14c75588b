//! The owner's program: what it says, and its exit status.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::{Command, Output};

use rusqlite::Connection;
use saifu_center::catalogue::NewWork;
use saifu_center::shops::NewShop;
use serde_json::Value;

use crate::desk::{Desk, TEXT};
use crate::running::Expected;

fn program(folder: &Path, arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_saifu-center"));
    program.arg("--data").arg(folder).args(arguments).output().unwrap()
}

/// What it says when it is done.
fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = program(folder, arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&done(folder, &[&["--json"], arguments].concat())).unwrap()
}

/// What it says when it refuses, or when a check has found something.
fn failed(folder: &Path, arguments: &[&str]) -> String {
    let output = program(folder, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

fn add<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let named = ["work", "add", file, "--title", "A text", "--creator", "Nobody"];
    [&named[..], more].concat()
}

#[test]
fn a_center_is_made_once_and_a_mistyped_folder_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("center");
    let said = failed(&inside, &["status"]);
    assert!(said.contains("init"), "{said}");
    assert!(!inside.exists(), "nothing is made by mistake");
    let first = json(&inside, &["init", "--name", "Bookshop"]);
    assert_eq!(first["name"], "Bookshop");
    assert_eq!(json(&inside, &["init"])["id"], first["id"]);
    assert!(failed(&inside, &["init", "--name", "Other"]).contains("Bookshop"));
}

#[test]
fn a_work_is_added_published_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let (center, file) = (folder.path().join("center"), folder.path().join("text.txt"));
    fs::write(&file, TEXT.repeat(3_000)).unwrap();
    let file = file.to_str().unwrap();
    done(&center, &["init"]);
    assert!(done(&center, &["work", "list"]).contains("no works yet"));
    let added = json(&center, &add(file, &["--price", "jpy:300", "--price", "coupon:jpy:200"]));
    assert_eq!(added["published"], false);
    assert_eq!(added["prices"][1], "coupon:JPY:200");
    let work = added["work"].as_str().unwrap();
    assert!(done(&center, &["publish", work]).contains("A text"));
    let second = json(&center, &add(file, &["--free", "--edition-of", work, "--publish"]));
    assert_eq!((&second["work"], &second["version"]), (&added["work"], &Value::from(2)));
    let listed = done(&center, &["work", "list"]);
    assert_eq!(listed.lines().count(), 3, "{listed}");
    assert!(listed.contains("bit-cash:JPY:300 coupon:JPY:200") && listed.contains("free"));
    assert!(!listed.contains('\u{1B}'), "no colour where nobody asked for any");
    assert!(done(&center, &["check"]).contains("2 works are read through"));
}

#[test]
fn a_work_is_named_by_its_beginning_and_an_older_edition_stays_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (center, file) = (folder.path().join("center"), folder.path().join("text.txt"));
    fs::write(&file, TEXT.repeat(3_000)).unwrap();
    let file = file.to_str().unwrap();
    done(&center, &["init"]);
    let said = done(&center, &add(file, &["--price", "jpy:300"]));
    let hint = format!("saifu-center --data {} publish ", center.display());
    assert!(said.contains(&hint), "{said}");
    let work = said.lines().next().unwrap().split_whitespace().last().unwrap();
    let beginning = &work[..8];
    done(&center, &add(file, &["--free", "--edition-of", beginning]));
    assert_eq!(json(&center, &["publish", beginning])["shown"], 2);
    let said = done(&center, &["publish", &work[..4].to_uppercase(), "--version", "1"]);
    assert!(said.contains("version 1") && said.contains("still shows version 2"), "{said}");
    let other = if work.starts_with("0000") { "1111" } else { "0000" };
    assert!(failed(&center, &["publish", other]).contains("list the works"));
    assert!(failed(&center, &["publish", &work[..3]]).contains("first 4"));
    let store = Connection::open(center.join("center.sqlite3")).unwrap();
    let twin = "INSERT INTO versions SELECT NULL, cast(substr(work, 1, 4) || zeroblob(12) AS BLOB),
        3, shop, title, creator, description, media_type, content, content_bytes,
        preview_media_type, preview, preview_bytes, prices, payment, uses, added, NULL,
        not_before, not_after, needs_time FROM versions LIMIT 1";
    store.execute(twin, []).unwrap();
    assert!(failed(&center, &["publish", beginning]).contains("more digits"));
    let twice = ["--price", "jpy:300", "--price", "jpy:300"];
    assert!(failed(&center, &add(file, &twice)).contains("twice"));
}

#[test]
fn what_is_wrong_is_said_with_what_to_do_and_an_exit_status() {
    let folder = tempfile::tempdir().unwrap();
    let (center, file) = (folder.path().join("center"), folder.path().join("thing.xyz"));
    fs::write(&file, TEXT).unwrap();
    let file = file.to_str().unwrap();
    done(&center, &["init"]);
    assert!(failed(&center, &add("nowhere.txt", &["--price", "jpy:3"])).contains("nowhere.txt"));
    assert!(failed(&center, &add(file, &["--price", "jpy:3"])).contains("media type"));
    assert!(failed(&center, &add(file, &["--price", "3"])).contains("media type"));
    let typed = ["--type", "text/plain", "--price", "3"];
    assert!(failed(&center, &add(file, &typed)).contains("jpy:300"));
    assert!(failed(&center, &["publish", "nothing"]).contains("32 hex digits"));
    assert!(failed(&center, &["publish", &"0".repeat(32)]).contains("list the works"));
    for usage in [&["sell"][..], &[], &add(file, &[]), &["work", "add"], &["sales", "--after", "x"]]
    {
        assert_eq!(program(&center, usage).status.code(), Some(2), "{usage:?}");
    }
    let refused = program(&center, &["--json", "publish", "nothing"]);
    let problem: Value = serde_json::from_slice(&refused.stderr).unwrap();
    assert_eq!(problem["error"]["type"], "urn:saifu:problem:malformed");
}

#[test]
fn sales_are_listed_beside_a_running_center_and_the_books_checked() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    desk.settle(&card.debit(&order.licence.0), &order.licence.0).unwrap();
    let said = done(desk.folder.path(), &["sales", "--check"]);
    let lines: Vec<Vec<&str>> = said.lines().map(|l| l.split_whitespace().collect()).collect();
    let sale = ["3", "2026-11-22T00:00:00Z", "settled", "300", "JPY", "bit-cash", &order.id, "It"];
    assert!(lines.iter().any(|line| line.starts_with(&sale)), "{said}");
    let value = ["bit-cash", "JPY", "10000", "0", "9700", "300", "0", "0", "0"];
    assert!(lines.iter().any(|line| line == &value), "{said}");
    assert!(said.contains("all value is accounted"), "{said}");
    let told = json(desk.folder.path(), &["sales", "--check", "--after", "3"]);
    assert_eq!(
        (told["sales"].as_array().unwrap().len(), &told["findings"]),
        (0, &Value::Array(vec![]))
    );
}

#[test]
fn a_ledger_that_was_tampered_with_is_found() {
    let desk = Desk::open();
    desk.expect(Expected::Tampered);
    desk.customer();
    let store = Connection::open(desk.folder.path().join("center.sqlite3")).unwrap();
    assert!(store.execute("UPDATE ledger SET amount = 1", []).is_err(), "entries stay");
    assert!(store.execute("DELETE FROM links", []).is_err(), "evidence stays");
    store.execute_batch("DROP TRIGGER ledger_grows").unwrap();
    store.execute("UPDATE ledger SET amount = 9999 WHERE entry = 2", []).unwrap();
    for command in [&["sales", "--check"][..], &["check"]] {
        let said = failed(desk.folder.path(), command);
        assert!(said.contains("wrong: ") && said.contains("9999"), "{said}");
    }
    assert!(done(desk.folder.path(), &["sales"]).contains("no sales yet"));
    assert!(done(desk.folder.path(), &["sales", "--suspense"]).contains("nothing is in suspense"));
}

#[test]
fn evidence_against_a_card_is_a_finding_and_is_told() {
    let desk = Desk::open();
    desk.expect(Expected::Tampered);
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let orders = ["1", "2"].map(|key| desk.order(&card, &work, key).unwrap().licence.0);
    let mut copy = card.clone();
    desk.settle(&card.debit(&orders[0]), &orders[0]).unwrap();
    assert!(done(desk.folder.path(), &["check"]).contains("all value is accounted"));
    desk.settle(&copy.debit(&orders[1]), &orders[1]).unwrap_err();
    for command in [&["sales", "--check"][..], &["check"]] {
        let said = failed(desk.folder.path(), command);
        let told = format!("fork, account {}, number 3, found 2026-11-22T00:00:00Z", card.account);
        assert!(said.contains(&told), "{said}");
    }
    let mut books = Connection::open(desk.folder.path().join("center.sqlite3")).unwrap();
    let kept = books.transaction().unwrap();
    for n in 0..120 {
        let sql = "INSERT INTO evidence (kind, account, identity, detail, signed, found)
                   VALUES (2, ?1, ?2, 'made up', x'00', 0)";
        kept.execute(sql, (card.account.0, [n; 32])).unwrap();
    }
    kept.commit().unwrap();
    let said = failed(desk.folder.path(), &["check"]);
    assert!(said.contains("fork") && said.contains("21 more pieces"), "{said}");
}

#[test]
fn a_damaged_work_is_found() {
    let desk = Desk::open();
    let work = desk.sell("jpy:300");
    done(desk.folder.path(), &["check"]);
    for blob in fs::read_dir(desk.folder.path().join("works/blobs")).unwrap() {
        let path = blob.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        bytes[0] ^= 1;
        fs::write(&path, bytes).unwrap();
    }
    let said = failed(desk.folder.path(), &["check"]);
    assert!(said.contains(&work) && said.contains("damaged"), "{said}");
}

#[test]
fn a_shop_is_told_its_account_and_is_paid_out() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    for key in ["one", "two"] {
        let order = desk.order(&card, &work, key).unwrap();
        desk.settle(&card.debit(&order.licence.0), &order.licence.0).unwrap();
    }
    let folder = desk.close();
    let folder = folder.path();
    let paid = done(folder, &["payout", "jpy:250", "--reference", "November, first"]);
    assert!(paid.contains("250 JPY paid out"), "{paid}");
    assert!(failed(folder, &["payout", "jpy:351", "--reference", "more"]).contains("350 JPY"));
    let account = &json(folder, &["statement"])[0];
    assert_eq!((&account["sales"], &account["payouts"]), (&Value::from(600), &Value::from(250)));
    assert_eq!((&account["closing"], &account["net"]), (&Value::from(350), &Value::from(600)));
    assert_eq!(account["lines"].as_array().unwrap().len(), 3);
    let told = done(folder, &["statement", "--limit", "2"]);
    assert!(told.contains("sales") && told.contains("more: --kind bit-cash --unit JPY --cursor"));
    let csv = done(folder, &["statement", "--csv"]);
    assert_eq!(csv.lines().count(), 4 + 3, "{csv}");
    assert!(csv.contains(",payout,-250,") && csv.contains("\"November, first\""), "{csv}");
    let nothing = done(folder, &["statement", "--kind", "coupon"]);
    assert!(nothing.contains("nothing was ever paid"), "{nothing}");
    assert!(failed(folder, &["statement", "shop"]).contains("names no shop"));
    assert!(failed(folder, &["statement", "--cursor", "1", "--limit", "0"]).contains("1 to 1000"));
}

/// A shop with a fee of 2.5 %, in which a work for 390 was sold twice.
fn books_sold() -> Desk {
    let desk = Desk::open();
    let shop = NewShop { name: "Books".into(), fee_basis_points: 250, ..NewShop::default() };
    let shop = desk.center().add_shop(shop).unwrap().id;
    let work = NewWork { shop: Some(shop), ..Desk::new_work(TEXT, "jpy:390") };
    let text = TEXT.repeat(300);
    let added = desk.center().add_work(&mut Cursor::new(text), work).unwrap().added;
    desk.center().publish(added.work, 1).unwrap();
    let mut card = desk.customer();
    for key in ["one", "two"] {
        let order = desk.order(&card, &added.work.to_string(), key).unwrap();
        desk.settle(&card.debit(&order.licence.0), &order.licence.0).unwrap();
    }
    desk
}

#[test]
fn the_center_keeps_a_shops_fee_of_what_it_earned_rounded_down_on_the_whole() {
    let desk = books_sold();
    let id = desk.center().shop("books").unwrap().id.to_string();
    let folder = desk.close();
    let folder = folder.path();
    for shop in ["books", &id] {
        let account = &json(folder, &["statement", shop])[0];
        assert_eq!((&account["slug"], &account["shop"]), (&"books".into(), &id[..].into()));
        let told = ["gross", "fee_basis_points", "fee", "net"].map(|name| account[name].as_u64());
        // 2.5 % of 390 are 9.75: 19.5 of both, and 18 were each rounded alone.
        assert_eq!(told, [780, 250, 19, 761].map(Some), "{shop}");
    }
    let told = done(folder, &["statement", "books"]);
    assert!(told.contains("shop books") && told.contains("fee (250 basis points)"), "{told}");
    assert!(told.contains("fee of all time") && told.contains("payable"), "{told}");
    let over = ["payout", "jpy:762", "--shop", "books", "--reference", "November"];
    let refused = failed(folder, &over);
    assert!(refused.contains("761 JPY are payable") && refused.contains("fee of 19 JPY"));
    let csv = done(folder, &["statement", "books", "--csv"]);
    assert!(csv.contains(",,,fee of all time,-19,") && csv.contains(",,,payable,761,"), "{csv}");
    let page = done(folder, &["statement", "books", "--csv", "--limit", "1"]);
    assert_eq!(page.lines().count(), 2, "only the last page has what it comes to: {page}");
    let paid = done(folder, &["payout", "jpy:761", "--shop", "books", "--reference", "November"]);
    assert!(paid.contains("761 JPY paid out to shop books"), "{paid}");
    let more = ["payout", "jpy:1", "--shop", &id, "--reference", "more"];
    assert!(failed(folder, &more).contains("0 JPY are payable"), "what is left is the fee");
    let account = &json(folder, &["statement", "books"])[0];
    let left = ["closing", "fee_of_all", "payable"].map(|name| account[name].as_u64());
    assert_eq!(left, [19, 19, 0].map(Some));
    assert!(done(folder, &["statement"]).contains("nothing was ever paid"));
    let unknown = ["payout", "jpy:1", "--shop", "bookz", "--reference", "x"];
    assert!(failed(folder, &unknown).contains("names no shop"));
}

#[test]
fn a_payment_in_suspense_is_listed_and_settled() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    let token = card.debit(&order.licence.0);
    desk.clock.advance(8 * 86_400);
    desk.settle(&token, &order.licence.0).unwrap();
    let folder = desk.close();
    let folder = folder.path();
    let listed = json(folder, &["sales", "--suspense"]);
    let entry = listed["sales"][0]["entry"].to_string();
    assert_eq!(listed["sales"][0]["token"], card.previous.to_string());
    assert!(done(folder, &["sales", "settle", &entry]).contains("is settled by entry"));
    let by_token = json(folder, &["sales", "settle", &card.previous.to_string()]);
    let sales = json(folder, &["sales"]);
    assert_eq!(sales["sales"][0]["settled_by"], by_token["entry"]);
    assert_eq!(json(folder, &["sales", "--suspense"])["sales"], Value::Array(vec![]));
    assert!(done(folder, &["check"]).contains("all value is accounted"));
    assert!(failed(folder, &["sales", "settle", "nothing"]).contains("names no payment"));
    assert!(failed(folder, &["sales", "settle", "77"]).contains("no such payment"));
}
