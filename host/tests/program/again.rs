//! What was bought comes once more: after it was forgotten, and to another card.

use saifu_center::replacement::Replace;
use saifu_center::{Center, Options, ledger};
use saifu_wire::AccountId;
use serde_json::Value;
use std::fs;

use crate::shop::{GIFT, PRICE, Shop, TITLE, photograph_bytes};

fn customer() -> Shop {
    let shop = Shop::new(1_000);
    shop.saifu(&["register"]).good();
    shop.saifu(&["buy", TITLE, "-o", "first.jpg", "--yes"]).good();
    shop.saifu(&["buy", GIFT, "-o", "gift.txt", "--yes"]).good();
    shop
}

fn center(shop: &Shop) -> Center {
    Center::open(&shop.data().join("center"), Options::default()).unwrap()
}

/// Forgets every licence on the card.
fn forget_all(shop: &Shop) {
    let listed = shop.saifu(&["card", "licences", "--json"]).json();
    for licence in listed["licences"].as_array().unwrap() {
        let number = licence["number"].to_string();
        shop.saifu(&["card", "forget", &number, "--yes"]).good();
    }
}

fn licences(shop: &Shop) -> usize {
    let listed = shop.saifu(&["card", "licences", "--json"]).json();
    listed["licences"].as_array().unwrap().len()
}

/// Nothing was paid beside the photograph, once.
fn assert_paid_once(shop: &Shop) {
    let books = ledger::reconcile(&center(shop).books().unwrap());
    assert_eq!(books.findings, Vec::<String>::new());
    assert_eq!(books.kinds[0].settled, i64::try_from(PRICE).unwrap());
}

#[test]
fn a_forgotten_work_is_opened_again_and_nothing_is_paid() {
    let shop = customer();
    forget_all(&shop);
    let again = shop.saifu(&["again", TITLE, "-o", "again.jpg", "--yes"]);
    assert!(again.err.contains("nothing to pay"), "{again:?}");
    again.good();
    assert_eq!(fs::read(shop.path("again.jpg")).unwrap(), photograph_bytes());
    let order = shop.saifu(&["purchases", "--json"]).json()["purchases"][0]["order"].clone();
    let order = order.as_str().unwrap();
    let kept = shop.saifu(&["again", order, "--later", "--yes", "--json"]).json();
    assert_eq!(kept["purchases"][0]["kept"], Value::Bool(true), "{kept}");
    assert_paid_once(&shop);
}

#[test]
fn all_that_the_card_has_no_licence_of_comes_again_once() {
    let shop = customer();
    let nothing = shop.saifu(&["again", "--all", "--yes"]).good();
    assert!(nothing.contains("has a licence of all"), "{nothing}");
    forget_all(&shop);
    fs::create_dir(shop.path("bought")).unwrap();
    let all = ["again", "--all", "-o", "bought", "--yes", "--json"];
    assert_eq!(shop.saifu(&all).json()["purchases"].as_array().unwrap().len(), 2);
    assert_eq!(fs::read_dir(shop.path("bought")).unwrap().count(), 2);
    assert_eq!(
        (licences(&shop), shop.saifu(&all).json()["purchases"].as_array().unwrap().len()),
        (2, 0)
    );
    assert_paid_once(&shop);
}

#[test]
fn what_was_not_bought_or_cannot_be_reached_is_told() {
    let shop = customer();
    let never = shop.saifu(&["again", "Another Title", "--yes"]);
    assert_eq!(never.code, 1, "{never:?}");
    assert!(never.err.contains("names nothing that was bought"), "{never:?}");
    assert_eq!(shop.saifu(&["again", "--yes"]).code, 2, "neither a work nor --all");
    assert_eq!(shop.saifu(&["again", TITLE]).code, 2, "nobody agrees");
    let file = shop.saifu(&["again", "--all", "-o", "first.jpg", "--yes"]);
    assert!(file.code == 2 && file.err.contains("is no folder"), "{file:?}");
    let away = ["--center", "http://127.0.0.1:9", "--card", "virtual", "again", TITLE, "--yes"];
    assert_eq!(shop.saifu(&away).code, 11);
    let no_card = ["--card", "pcsc:no such reader", "--card-timeout", "1", "again", TITLE, "--yes"];
    assert_eq!(shop.saifu(&no_card).code, 3);
}

#[test]
fn a_frozen_card_gets_nothing_again() {
    let shop = customer();
    forget_all(&shop);
    let account = account(&shop);
    center(&shop).freeze_card(account, "stolen").unwrap();
    let refused = shop.saifu(&["again", TITLE, "--yes"]);
    assert_eq!(refused.code, 7, "{refused:?}");
    assert!(refused.err.contains("stolen"), "{refused:?}");
}

#[test]
fn another_card_in_the_place_of_a_lost_one_gets_its_works() {
    let shop = customer();
    let old = account(&shop);
    fs::rename(shop.data().join("card"), shop.path("lost")).unwrap();
    shop.saifu(&["register"]).good();
    let new = account(&shop);
    assert_ne!(old, new);
    let reason = "lost".into();
    let asked = Replace { old, new, reason, waiting: 60, with_limited: false };
    center(&shop).replace_card(&asked).unwrap();
    fs::create_dir(shop.path("bought")).unwrap();
    shop.saifu(&["again", "--all", "-o", "bought", "--yes"]).good();
    let name = fs::read_dir(shop.path("bought")).unwrap().map(|entry| entry.unwrap().path());
    assert!(name.into_iter().any(|path| fs::read(path).unwrap() == photograph_bytes()));
    assert_paid_once(&shop);
}

fn account(shop: &Shop) -> AccountId {
    let balance = shop.saifu(&["balance", "--json"]).json();
    AccountId::from_hex(balance["account"].as_str().unwrap()).unwrap()
}
