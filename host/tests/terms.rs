//! Works on other terms than paid at once and opened: with real card and real center.
#![cfg(feature = "embedded")]

mod shop;

use saifu_center::catalogue::NewWork;
use saifu_center::config::{Config, PurseConfig};
use saifu_center::store::Validity;
use saifu_wire::signed::PaymentOrder;
use serde_json::Value;
use shop::{GIFT, PIN, PRICE, Shop, TITLE, photograph_bytes};
use std::fs;
use std::process::{Command, Output};
use std::thread::sleep;
use std::time::Duration;

const FIRST_SEEN: &str = "Decrypted First";

impl Shop {
    fn saifu(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_saifu"));
        command.args(arguments).current_dir(self.path(""));
        command.env("SAIFU_DATA", self.data()).env("SAIFU_PIN", PIN).output().unwrap()
    }

    #[track_caller]
    fn good(&self, arguments: &[&str]) -> String {
        let ran = self.saifu(arguments);
        assert!(ran.status.success(), "{arguments:?}: {ran:?}");
        String::from_utf8(ran.stdout).unwrap()
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.good(&[arguments, &["--json"]].concat())).unwrap()
    }

    #[track_caller]
    fn refused(&self, arguments: &[&str]) -> String {
        let ran = self.saifu(arguments);
        assert!(!ran.status.success(), "{arguments:?}: {ran:?}");
        String::from_utf8(ran.stderr).unwrap()
    }

    /// Balance and what is on hold in the first purse.
    #[track_caller]
    fn purse(&self) -> [u64; 2] {
        let balance = self.json(&["balance"]);
        let purse = &balance["purses"][0];
        ["balance", "held"].map(|field| purse[field].as_u64().unwrap())
    }

    fn assert_photograph(&self, name: &str) {
        assert_eq!(fs::read(self.path(name)).unwrap(), photograph_bytes(), "{name}");
    }
}

/// A registered card with 1,000 JPY, and the photograph for sale as `change` has it, too.
fn selling(change: impl FnOnce(NewWork) -> NewWork) -> Shop {
    let shop = Shop::new(1_000);
    shop.sell(FIRST_SEEN, change);
    shop.good(&["register"]);
    shop
}

fn decrypting_first(work: NewWork) -> NewWork {
    NewWork { payment: PaymentOrder::DecryptFirst, ..work }
}

#[test]
fn a_work_that_is_decrypted_first_is_paid_once_it_has_come() {
    let shop = selling(decrypting_first);
    let bought = shop.json(&["buy", FIRST_SEEN, "-o", "a.jpg", "--yes"]);
    assert_eq!((&bought["complete"], &bought["paid"]), (&true.into(), &PRICE.into()), "{bought}");
    shop.assert_photograph("a.jpg");
    assert_eq!(shop.purse(), [1_000 - PRICE, 0]);
}

#[test]
fn a_work_that_needs_the_time_is_opened_in_a_session_that_was_told_it() {
    let validity = Validity { needs_time: true, not_after: 2_524_607_999, not_before: 1 };
    let shop = selling(|work| NewWork { validity, ..work });
    shop.good(&["buy", FIRST_SEEN, "-o", "a.jpg", "--keep", "--yes"]);
    shop.assert_photograph("a.jpg");
    shop.good(&["contents", "open", "1", "-o", "b.jpg"]);
    shop.assert_photograph("b.jpg");
}

#[test]
fn a_work_that_opens_no_more_is_not_sold() {
    // What opens no more already is not taken by the center: it has to last until then.
    let not_after = saifu_host::session::unix_time() + 8;
    let validity = Validity { not_after, ..Validity::default() };
    let shop = selling(|work| NewWork { validity, ..work });
    while saifu_host::session::unix_time() <= not_after {
        sleep(Duration::from_millis(100));
    }
    let why = shop.refused(&["buy", FIRST_SEEN, "--yes"]);
    assert!(why.contains("not valid today"), "{why}");
    assert_eq!(shop.purse(), [1_000, 0]);
}

#[test]
fn a_kept_work_without_a_use_left_is_told_as_such() {
    let shop = selling(|work| NewWork { uses: 2, ..work });
    shop.good(&["buy", FIRST_SEEN, "-o", "a.jpg", "--keep", "--yes"]);
    let number = shop.json(&["contents"])["contents"][0]["number"].to_string();
    shop.good(&["contents", "open", &number, "--output", "b.jpg"]);
    let why = shop.refused(&["contents", "open", &number, "--output", "c.jpg"]);
    assert!(why.contains("no use of work") && why.contains("buy it again"), "{why}");
}

#[test]
fn a_kept_work_is_listed_opened_again_and_deleted() {
    let shop = selling(decrypting_first);
    let bought = shop.good(&["buy", &shop.work, "-o", "a.jpg", "--keep", "--yes"]);
    assert!(bought.contains("the card keeps it"), "{bought}");
    let contents = shop.json(&["contents"]);
    let one = &contents["contents"][0];
    assert_eq!((&one["title"], &one["form"]), (&TITLE.into(), &"opened".into()), "{contents}");
    assert!(contents["free_bytes"].as_u64() < contents["size_bytes"].as_u64(), "{contents}");
    shop.good(&["contents", "open", "1", "--output", "b.jpg"]);
    shop.assert_photograph("b.jpg");
    let there = shop.refused(&["contents", "open", "1", "--output", "b.jpg"]);
    assert!(there.contains("is there already"), "{there}");
    shop.good(&["contents", "delete", "1"]);
    let gone = shop.refused(&["contents", "open", "1", "--output", "c.jpg"]);
    assert!(gone.contains("keeps no work 1"), "{gone}");
    assert!(!shop.path("c.jpg").exists());
}

#[test]
fn a_work_for_later_is_paid_now_opened_later_and_fetched_again_once_it_is_deleted() {
    let shop = selling(decrypting_first);
    shop.good(&["buy", TITLE, "--later", "--yes"]);
    assert_eq!(shop.purse(), [1_000 - PRICE, 0]);
    let contents = shop.json(&["contents"]);
    assert_eq!(contents["contents"][0]["form"], "as it came", "{contents}");
    shop.good(&["contents", "open", "1", "--output", "a.jpg"]);
    shop.assert_photograph("a.jpg");
    shop.good(&["contents", "delete", "1"]);
    let purchases = shop.json(&["purchases"]);
    let sale = purchases["purchases"][0]["sale"].as_str().unwrap();
    shop.good(&["resume", sale, "--output", "b.jpg"]);
    shop.assert_photograph("b.jpg");
    assert_eq!(shop.purse(), [1_000 - PRICE, 0]);
    shop.good(&["buy", GIFT, "--later", "--yes"]);
    shop.good(&["contents", "open", "2", "--output", "gift.txt"]);
    assert!(shop.path("gift.txt").exists());
}

#[test]
fn what_is_decrypted_first_and_later_waits_on_hold_and_is_paid_or_given_back() {
    let shop = selling(decrypting_first);
    for _ in 0..2 {
        shop.good(&["buy", FIRST_SEEN, "--later", "--yes"]);
    }
    assert_eq!(shop.purse(), [1_000 - 2 * PRICE, 2 * PRICE]);
    assert!(shop.good(&["resume"]).contains("nothing is left"));
    shop.good(&["contents", "open", "1", "-o", "a.jpg", "--yes"]);
    shop.assert_photograph("a.jpg");
    assert_eq!(shop.purse(), [1_000 - 2 * PRICE, PRICE]);
    shop.good(&["resume", "--give-up"]);
    assert_eq!(shop.purse(), [1_000 - PRICE, 0]);
    let why = shop.refused(&["contents", "open", "2", "-o", "b.jpg", "--yes"]);
    assert!(why.contains("given up"), "{why}");
    assert!(!shop.path("b.jpg").exists());
}

#[test]
fn what_is_on_hold_comes_back_although_the_purchase_is_lost() {
    let shop = selling(decrypting_first);
    shop.good(&["buy", FIRST_SEEN, "--later", "--yes"]);
    fs::rename(shop.data().join("sales"), shop.path("lost")).unwrap();
    assert!(shop.good(&["resume", "--give-up"]).contains("nothing is left"));
    let number = shop.json(&["card", "licences"])["licences"][0]["number"].to_string();
    let cancel = ["card", "cancel", &number, "--yes"];
    assert!(shop.refused(&cancel[..3]).contains("--yes agrees"));
    assert!(shop.refused(&["card", "cancel", "999", "--yes"]).contains("saifu card licences"));
    let waits = shop.refused(&["card", "forget", &number, "--yes"]);
    assert!(waits.contains("`saifu card cancel`"), "{waits}");
    assert_eq!(shop.purse(), [1_000 - PRICE, PRICE]);
    let back = shop.json(&cancel);
    let told = ["purse", "amount", "balance"].map(|field| back[field].as_u64().unwrap());
    assert_eq!((told, &back["unit"]), ([1, PRICE, 1_000], &"JPY".into()), "{back}");
    assert_eq!(shop.purse(), [1_000, 0]);
    let why = shop.refused(&cancel);
    assert!(why.contains("\"not paid\"") && why.contains("nothing was taken"), "{why}");
    shop.good(&["card", "forget", &number, "--yes"]);
}

#[test]
fn what_is_paid_is_not_given_back() {
    let shop = selling(|work| work);
    shop.good(&["buy", TITLE, "-o", "a.jpg", "--yes"]);
    let number = shop.json(&["card", "licences"])["licences"][0]["number"].to_string();
    let why = shop.refused(&["card", "cancel", &number, "--yes"]);
    assert!(why.contains("\"paid\"") && why.contains("does not come back"), "{why}");
    assert_eq!(shop.purse(), [1_000 - PRICE, 0]);
}

#[test]
fn the_user_names_the_purse_and_no_other_pays() {
    let purses = vec![
        PurseConfig::new(1, "bit-cash", "JPY", 1_000_000, 1_000),
        PurseConfig::new(2, "bit-cash", "JPY", 1_000_000, 500),
        PurseConfig::new(3, "bit-cash", "JPY", 1_000_000, 10),
    ];
    let shop = Shop::with(Config { purses, ..Config::default() });
    shop.good(&["register"]);
    shop.good(&["buy", TITLE, "-o", "a.jpg", "--yes", "--purse", "2"]);
    let balances = shop.json(&["balance"]);
    let left = [0, 1, 2].map(|at| balances["purses"][at]["balance"].as_u64().unwrap());
    assert_eq!(left, [1_000, 500 - PRICE, 10]);
    let why = shop.refused(&["buy", TITLE, "-o", "b.jpg", "--yes", "--purse", "3"]);
    assert!(why.contains("purse 3 holds 10 JPY"), "{why}");
    let why = shop.refused(&["buy", TITLE, "-o", "b.jpg", "--yes", "--purse", "9"]);
    assert!(why.contains("no such purse"), "{why}");
}

#[test]
fn each_kind_of_value_pays_the_price_of_its_kind_and_unit_and_no_other() {
    let purse = PurseConfig::new;
    let scope = "shop".to_owned();
    let purses = vec![
        PurseConfig { face_amount: 1, scope, ..purse(1, "ticket", "SEAT", 10, 3) },
        PurseConfig { not_after: 2_524_607_999, ..purse(2, "credit-card", "JPY", 900, 900) },
        PurseConfig { face_amount: 500, ..purse(3, "cheque", "JPY", 500, 500) },
        purse(4, "cyber-coin", "COIN", 1_000, 1_000),
    ];
    let shop = Shop::with(Config { purses, ..Config::default() });
    for price in
        ["ticket:seat:1:shop", "credit-card:jpy:400", "cheque:jpy:500", "cyber-coin:coin:7"]
    {
        let prices = vec![saifu_center::money::parse_price(price).unwrap()];
        shop.sell(price, |work| NewWork { prices, ..work });
    }
    shop.good(&["register"]);
    let left = || {
        let balances = shop.json(&["balance"]);
        [0, 1, 2, 3].map(|at| balances["purses"][at]["balance"].as_u64().unwrap())
    };
    let buy = ["buy", "ticket:seat:1:shop", "--yes", "-o", "a"];
    shop.good(&buy);
    assert_eq!(left(), [2, 900, 500, 1_000]);
    shop.good(&["buy", "credit-card:jpy:400", "--yes", "-o", "b"]);
    shop.good(&["buy", "cheque:jpy:500", "--yes", "-o", "c"]);
    shop.good(&["buy", "cyber-coin:coin:7", "--yes", "-o", "d"]);
    assert_eq!(left(), [2, 500, 0, 993]);
    let told = shop.good(&["balance"]);
    for part in ["500 JPY available", "one shop", "2049-12-31", "500 JPY at once"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let coin = ["buy", "cyber-coin:coin:7", "--yes", "-o", "e", "--purse", "2"];
    let why = shop.refused(&coin);
    assert!(why.contains("purse 2 cannot pay it"), "{why}");
}

#[test]
fn a_purse_that_is_not_past_its_date_does_not_expire() {
    let coupon = PurseConfig::new(2, "coupon", "JPY", 1_000, 900);
    let coupon = PurseConfig { not_after: 2_524_607_999, ..coupon };
    let purses = vec![PurseConfig::new(1, "bit-cash", "JPY", 1_000, 500), coupon];
    let shop = Shop::with(Config { purses, ..Config::default() });
    shop.good(&["register"]);
    for (purse, says) in [("1", "it has no date"), ("2", "2049-12-31"), ("3", "no purse 3")] {
        let why = shop.refused(&["expire", purse]);
        assert!(why.contains(says), "{why}");
    }
    let balances = shop.json(&["balance"]);
    assert_eq!([0, 1].map(|at| balances["purses"][at]["balance"].as_u64().unwrap()), [500, 900]);
}

#[test]
fn a_card_that_was_told_no_time_yet_writes_off_a_purse_past_its_date() {
    let coupon = PurseConfig::new(1, "coupon", "JPY", 1_000, 900);
    // What is past its date already is not loaded: it has to last until then.
    let not_after = saifu_host::session::unix_time() + 8;
    let shop = Shop::with(Config {
        purses: vec![PurseConfig { not_after, ..coupon }],
        ..Config::default()
    });
    shop.good(&["register"]);
    while saifu_host::session::unix_time() <= not_after {
        sleep(Duration::from_millis(100));
    }
    assert!(shop.good(&["balance"]).contains("`saifu expire 1` writes it off"));
    for _ in 0..2 {
        assert!(shop.good(&["expire", "1"]).contains("900 JPY are written off"));
    }
    assert_eq!(shop.json(&["balance"])["purses"][0]["balance"], 0);
}
