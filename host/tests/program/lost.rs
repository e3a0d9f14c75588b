//! A data folder that was lost after the card had paid.

use saifu_center::{Center, Options, ledger};
use saifu_host::card::{Card, Pin};
use saifu_host::center::Client;
use saifu_host::embedded;
use saifu_host::sale::{Sales, Step};
use saifu_host::session::Session;
use saifu_wire::test_root;
use std::fs;

use crate::begin;
use crate::shop::{PIN, PRICE, Shop};

/// Has the card pay for the photograph, and loses the journal of it.
fn pay_and_lose(shop: &Shop) {
    begin(shop, &[true]);
    let sales = Sales::open(&shop.data()).unwrap();
    let mut sale = sales.all().unwrap().remove(0);
    let mut card = Card::new(Box::new(embedded::card(&shop.data()).unwrap().it));
    let client = Client::new(Box::new(embedded::center(&shop.data()).unwrap().it));
    let mut session = Session::open(&mut card, &client, &test_root::pinned().unwrap()).unwrap();
    let told = &mut |_: &Step| {};
    sale.load(&mut session, told).unwrap();
    sale.debit(&mut session, &Pin::new(PIN).unwrap(), told).unwrap();
    fs::rename(shop.data().join("sales"), shop.path("lost")).unwrap();
}

#[test]
fn a_payment_whose_journal_is_lost_is_settled_by_its_token_alone() {
    let shop = Shop::new(1_000);
    shop.saifu(&["register"]).good();
    pay_and_lose(&shop);
    assert_eq!(shop.saifu(&["card", "--json"]).json()["outbox"], 1);
    let refused = shop.saifu_with_pin("9999", &["resume"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    let resumed = shop.saifu(&["resume", "--json"]).json();
    let (settled, licences) = (&resumed["outbox"], shop.saifu(&["card", "licences", "--json"]));
    assert_eq!(settled.as_array().unwrap().len(), 1, "{resumed}");
    assert_eq!(settled[0]["outcome"], "settled");
    assert_eq!(settled[0]["licence"], licences.json()["licences"][0]["number"]);
    assert_eq!(shop.saifu(&["card", "--json"]).json()["outbox"], 0);
    assert_eq!(shop.saifu_with_pin("none", &["resume"]).good(), "nothing is left to be finished\n");
    let center = Center::open(&shop.data().join("center"), Options::default()).unwrap();
    let books = ledger::reconcile(&center.books().unwrap());
    assert_eq!(books.findings, Vec::<String>::new());
    let sums = books.kinds.first().unwrap();
    let price = i64::try_from(PRICE).unwrap();
    assert_eq!((sums.cards, sums.settled, sums.suspense), (1_000 - price, price, 0));
}
