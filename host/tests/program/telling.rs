//! What the card has signed beside its payments reaches the center, also after a loss.

use saifu_center::{Center, Options};
use saifu_wire::signed::PaymentOrder;
use std::fs;

use crate::shop::{Shop, TITLE};

const FIRST_SEEN: &str = "Decrypted First";

fn selling() -> Shop {
    let shop = Shop::new(1_000);
    shop.sell(FIRST_SEEN, |mut work| {
        work.payment = PaymentOrder::DecryptFirst;
        work
    });
    shop.saifu(&["register"]).good();
    shop
}

/// How many links of the card's chain the center misses.
fn missing(shop: &Shop) -> u64 {
    let center = Center::open(&shop.data().join("center"), Options::default()).unwrap();
    center.books().unwrap().gaps
}

/// What waits to be sent, by the ending of its name.
fn waiting(shop: &Shop, ending: &str) -> usize {
    let names = fs::read_dir(shop.data().join("sales")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(ending)).count()
}

#[test]
fn the_center_is_told_what_was_put_on_hold_and_what_came_back() {
    let shop = selling();
    shop.saifu(&["buy", FIRST_SEEN, "-o", "a.jpg", "--yes"]).good();
    assert_eq!(missing(&shop), 0);
    shop.saifu(&["buy", FIRST_SEEN, "--later", "--yes"]).good();
    let sales = shop.saifu(&["purchases", "--json"]).json();
    let sale = sales["purchases"][1]["sale"].as_str().unwrap().to_owned();
    shop.saifu(&["resume", &sale, "--give-up"]).good();
    shop.saifu(&["buy", TITLE, "-o", "b.jpg", "--yes"]).good();
    assert_eq!((missing(&shop), waiting(&shop, ".event")), (0, 0));
}

/// A price is on hold for a purchase that is lost, and is given back without a center.
fn cancelled_without_a_center() -> Shop {
    let shop = selling();
    shop.saifu(&["buy", FIRST_SEEN, "--later", "--yes"]).good();
    fs::rename(shop.data().join("sales"), shop.path("lost")).unwrap();
    let number =
        shop.saifu(&["card", "licences", "--json"]).json()["licences"][0]["number"].clone();
    let away = ["--center", "http://127.0.0.1:9", "--card", "virtual"];
    let number = number.to_string();
    let cancel = ["card", "cancel", &number, "--yes"];
    let ran = shop.saifu(&[&away[..], &cancel].concat());
    assert!(ran.err.contains("told by the next run"), "{ran:?}");
    ran.good();
    assert_eq!(waiting(&shop, ".event"), 1);
    shop
}

#[test]
fn what_a_center_could_not_be_told_it_is_told_by_the_next_run() {
    let shop = cancelled_without_a_center();
    shop.saifu(&["buy", TITLE, "-o", "b.jpg", "--yes"]).good();
    assert_eq!((missing(&shop), waiting(&shop, ".event")), (0, 0));
}

#[test]
fn resuming_tells_it_though_there_is_no_sale_to_finish() {
    let shop = cancelled_without_a_center();
    assert_eq!(shop.saifu(&["resume"]).good(), "nothing is left to be finished\n");
    assert_eq!(waiting(&shop, ".event"), 0);
}

#[test]
fn what_the_center_refuses_is_told_once_and_not_sent_again() {
    let shop = selling();
    let center = Center::open(&shop.data().join("center"), Options::default()).unwrap();
    let file = shop.data().join("sales").join(format!("{}-00.event", center.id()));
    fs::write(file, hex::encode("no event")).unwrap();
    let told = shop.saifu(&["balance"]);
    assert!(told.err.contains("does not take what the card has signed"), "{told:?}");
    told.good();
    assert_eq!((waiting(&shop, ".event"), waiting(&shop, ".event.refused")), (0, 1));
    assert_eq!(shop.saifu(&["balance"]).err, "");
}
