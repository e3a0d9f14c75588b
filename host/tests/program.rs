//! The program, run as a user runs it, with the virtual card and the test center inside.
#![cfg(feature = "embedded")]

#[path = "program/administration.rs"]
mod administration;
#[path = "program/again.rs"]
mod again;
#[path = "program/load.rs"]
mod load;
#[path = "program/lost.rs"]
mod lost;
mod shop;
#[path = "program/telling.rs"]
mod telling;

use saifu_host::card::{Card, Pin};
use saifu_host::center::Client;
use saifu_host::embedded;
use saifu_host::sale::{Customer, NoCustomer, Offer, Sale, Sales, Step};
use saifu_host::session::Session;
use saifu_wire::test_root;
use shop::{GIFT, PIN, PRICE, Shop, TITLE, photograph_bytes};
use std::fs;
use std::process::{Command, Output};

impl Shop {
    /// Runs `saifu`, with the right PIN in the environment, in this folder.
    fn saifu(&self, arguments: &[&str]) -> Ran {
        self.saifu_with_pin(PIN, arguments)
    }

    fn saifu_with_pin(&self, pin: &str, arguments: &[&str]) -> Ran {
        Ran::from(self.command(pin, arguments).output().unwrap())
    }

    fn command(&self, pin: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_saifu"));
        command.args(arguments).current_dir(self.path(""));
        command.env("SAIFU_DATA", self.data()).env("SAIFU_PIN", pin);
        command
    }
}

/// What a run of the program came to.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    /// The output, if the program ended well.
    #[track_caller]
    fn good(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    #[track_caller]
    fn json(self) -> serde_json::Value {
        serde_json::from_str(&self.good()).unwrap()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap();
        Self { code, out: text(output.stdout), err: text(output.stderr) }
    }
}

#[test]
fn a_card_is_made_on_first_use_and_says_that_it_is_a_test_card() {
    let shop = Shop::new(1_000);
    let first = shop.saifu(&["card"]);
    assert!(first.err.contains("test mode"), "{first:?}");
    let first = first.good();
    assert!(first.contains("authentic") && first.contains("in use"), "{first}");
    let second = shop.saifu(&["card"]);
    assert_eq!(second.err, "");
    assert_eq!(second.good(), first);
}

#[test]
fn a_work_is_browsed_previewed_bought_and_opened() {
    let shop = Shop::new(1_000);
    shop.saifu(&["register"]).good();
    let works = shop.saifu(&["browse", "--json"]).json();
    assert_eq!(works["works"][0]["title"], TITLE);

    let preview = shop.saifu(&["preview", TITLE, "-o", "preview.jpg", "--json"]).json();
    let small = fs::read(shop.path("preview.jpg")).unwrap().len() as u64;
    assert_eq!(preview["bytes"], small);
    assert!(small * 4 < photograph_bytes().len() as u64);

    let bought = shop.saifu(&["buy", &shop.work[..8], "-o", "bought.jpg", "--yes", "--json"]);
    assert!(bought.err.contains("300 JPY, signed by the center"), "{bought:?}");
    assert!(bought.err.contains("1000 JPY now, 700 JPY afterwards"), "{bought:?}");
    let bought = bought.json();
    assert_eq!((&bought["state"], &bought["paid"]), (&"complete".into(), &PRICE.into()));
    assert_eq!(fs::read(shop.path("bought.jpg")).unwrap(), photograph_bytes());

    let purses = shop.saifu(&["balance", "--json"]).json();
    assert_eq!(purses["purses"][0]["balance"], 700);
    let card = shop.saifu(&["card", "--json"]).json();
    assert_eq!((&card["licences"], &card["outbox"]), (&1.into(), &0.into()));
    let list = shop.saifu(&["purchases"]).good();
    assert!(list.contains("complete") && list.contains(TITLE), "{list}");
    assert_eq!(shop.saifu(&["resume", "--yes"]).good(), "nothing is left to be finished\n");
}

#[test]
fn a_gift_is_opened_and_nothing_is_paid() {
    let shop = Shop::new(0);
    shop.saifu(&["register"]).good();
    let taken = shop.saifu(&["buy", GIFT, "--yes"]);
    assert!(taken.err.contains("nothing to pay"), "{taken:?}");
    taken.good();
    assert!(fs::read_to_string(shop.path("A Gift.txt")).unwrap().contains("Alice"));
    assert_eq!(shop.saifu(&["card", "--json"]).json()["outbox"], 0);
}

#[test]
fn registering_again_loads_nothing_again() {
    let shop = Shop::new(1_000);
    let first = shop.saifu(&["register", "--json"]).json();
    let second = shop.saifu(&["register", "--json"]).json();
    assert_eq!(first["account"], second["account"]);
    assert_eq!(second["loaded"].as_array().unwrap().len(), 0);
    let purses = shop.saifu(&["balance", "--json"]).json();
    assert_eq!(purses["purses"][0]["balance"], 1_000);
}

#[test]
fn a_wrong_pin_costs_a_try_and_the_last_one_blocks() {
    let shop = Shop::new(1_000);
    shop.saifu(&["register"]).good();
    for (tries, code) in [("tries left: 2", 4), ("tries left: 1", 4), ("blocked", 5)] {
        let refused = shop.saifu_with_pin("9999", &["buy", &shop.work, "--yes"]);
        assert_eq!(refused.code, code, "{refused:?}");
        assert!(refused.err.contains(tries), "{refused:?}");
    }
    assert_eq!(shop.saifu(&["balance"]).code, 5);
}

#[test]
fn what_is_no_pin_costs_no_try() {
    let shop = Shop::new(1_000);
    assert_eq!(shop.saifu_with_pin("12ab", &["register"]).code, 2);
    assert_eq!(shop.saifu_with_pin("12ab", &["buy", TITLE, "--yes"]).code, 2);
    assert_eq!(shop.saifu(&["card", "--json"]).json()["pin_tries"], 3);
}

#[test]
fn too_little_value_buys_nothing_and_changes_nothing() {
    let shop = Shop::new(PRICE - 1);
    shop.saifu(&["register"]).good();
    let refused = shop.saifu(&["buy", TITLE, "-o", "bought.jpg", "--yes"]);
    assert_eq!(refused.code, 6, "{refused:?}");
    assert!(refused.err.contains("300 JPY") && refused.err.contains("299 JPY"), "{refused:?}");
    assert!(!shop.path("bought.jpg").exists());
    let purses = shop.saifu(&["balance", "--json"]).json();
    assert_eq!(purses["purses"][0]["balance"], PRICE - 1);
    assert_eq!(shop.saifu(&["card", "--json"]).json()["licences"], 0);
}

#[test]
fn a_limit_below_the_price_declines() {
    let shop = Shop::new(1_000);
    shop.saifu(&["register"]).good();
    let declined = shop.saifu(&["buy", TITLE, "--yes", "--max-price", "299 JPY"]);
    assert_eq!(declined.code, 1, "{declined:?}");
    assert!(declined.err.contains("--max-price 299 JPY"), "{declined:?}");
    let bought = shop.saifu(&["buy", TITLE, "--yes", "--max-price", "300 JPY"]);
    assert_eq!(bought.code, 0, "{bought:?}");
}

#[test]
fn without_a_user_nothing_is_agreed_to() {
    let shop = Shop::new(1_000);
    shop.saifu(&["register"]).good();
    let refused = shop.saifu(&["buy", TITLE]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert_eq!(shop.saifu(&["purchases"]).good(), "nothing was bought yet\n");
}

#[test]
fn without_an_account_the_user_is_told_to_register() {
    let shop = Shop::new(1_000);
    let refused = shop.saifu(&["buy", TITLE, "--yes"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.err.contains("saifu register"), "{refused:?}");
}

#[test]
fn a_file_that_is_there_is_never_written_over() {
    let shop = Shop::new(1_000);
    shop.saifu(&["register"]).good();
    fs::write(shop.path("mine.jpg"), "mine").unwrap();
    let refused = shop.saifu(&["buy", TITLE, "-o", "mine.jpg", "--yes"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert_eq!(fs::read(shop.path("mine.jpg")).unwrap(), b"mine");
    let refused = shop.saifu(&["preview", TITLE, "-o", "mine.jpg"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.err.contains("there already") && refused.err.contains("--output"));
    assert_eq!(fs::read(shop.path("mine.jpg")).unwrap(), b"mine");
}

#[test]
fn a_work_that_is_not_there_is_told() {
    let shop = Shop::new(1_000);
    let unknown = shop.saifu(&["preview", "Another Title"]);
    assert_eq!(unknown.code, 1, "{unknown:?}");
    let unknown = shop.saifu(&["preview", &"0".repeat(32)]);
    assert_eq!(unknown.code, 7, "{unknown:?}");
}

#[test]
fn the_pin_may_come_from_a_file_and_errors_as_json() {
    let shop = Shop::new(1_000);
    fs::write(shop.path("pin"), format!("{PIN}\n")).unwrap();
    shop.saifu_with_pin("9999", &["register", "--pin-file", "pin"]).good();
    let missing = shop.saifu(&["balance", "--pin-file", "nothing", "--json"]);
    assert_eq!(missing.code, 1);
    let error: serde_json::Value = serde_json::from_str(&missing.out).unwrap();
    assert_eq!(error["error"]["exit"], 1);
}

#[test]
fn completions_and_manual_page_are_made() {
    let shop = Shop::new(1_000);
    assert!(shop.saifu(&["completions", "bash"]).good().contains("saifu"));
    assert!(shop.saifu(&["man"]).good().contains(".TH saifu"));
    assert!(shop.saifu(&["man", "buy"]).good().contains(".TH saifu-buy"));
    assert!(shop.saifu(&["man", "contents-open"]).good().contains(".TH saifu-contents-open"));
    assert_eq!(shop.saifu(&["man", "sell"]).code, 2);
}

struct Willing;

impl Customer for Willing {
    fn pin(&mut self) -> Result<Pin, NoCustomer> {
        Ok(Pin::new(PIN).unwrap())
    }
    fn approve(&mut self, _: &Offer) -> Result<(), NoCustomer> {
        Ok(())
    }
}

/// Begins sales of the photograph, and stops once they are agreed to, or before.
fn begin(shop: &Shop, agreed: &[bool]) {
    let sales = Sales::open(&shop.data()).unwrap();
    let mut card = Card::new(Box::new(embedded::card(&shop.data()).unwrap().it));
    let client = Client::new(Box::new(embedded::center(&shop.data()).unwrap().it));
    let mut session = Session::open(&mut card, &client, &test_root::pinned().unwrap()).unwrap();
    let told = &mut |_: &Step| {};
    for (index, agreed) in agreed.iter().enumerate() {
        let works = client.works().unwrap();
        let work = works.into_iter().find(|work| work.title == TITLE).unwrap();
        let file = shop.path(&format!("{index}.jpg"));
        let mut sale = Sale::begin(&sales, &mut session, &mut Willing, work, file).unwrap();
        sale.order(&session, told).unwrap();
        if *agreed {
            let (center, pin) = (session.center.id, Pin::new(PIN).unwrap());
            let balances = session.selected.verify(&pin).unwrap().balances(center).unwrap();
            let offer = sale.offer(&balances, session.now).unwrap();
            sale.approve(&offer, told).unwrap();
        }
    }
}

#[test]
fn a_wrong_pin_costs_one_try_however_many_sales_are_left() {
    let shop = Shop::new(1_000);
    shop.saifu(&["register"]).good();
    begin(&shop, &[true, true, true]);
    let refused = shop.saifu_with_pin("9999", &["resume", "--yes"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.err.contains("tries left: 2"), "{refused:?}");
    assert_eq!(shop.saifu(&["card", "--json"]).json()["pin_tries"], 2);
    shop.saifu(&["resume", "--yes"]).good();
    assert_eq!(shop.saifu(&["balance", "--json"]).json()["purses"][0]["balance"], 100);
}

#[test]
fn what_was_not_agreed_to_is_not_bought_by_resuming() {
    let shop = Shop::new(1_000);
    shop.saifu(&["register"]).good();
    begin(&shop, &[false, true]);
    let resumed = shop.saifu(&["resume", "--yes"]).good();
    assert!(resumed.contains("not agreed to: run `saifu resume "), "{resumed}");
    assert!(!shop.path("0.jpg").exists());
    assert_eq!(fs::read(shop.path("1.jpg")).unwrap(), photograph_bytes());
    assert_eq!(shop.saifu(&["balance", "--json"]).json()["purses"][0]["balance"], 700);
}

#[test]
fn a_limit_holds_for_what_was_agreed_to_earlier_and_nothing_unpaid_is_called_paid() {
    let shop = Shop::new(1_000);
    shop.saifu(&["register"]).good();
    begin(&shop, &[true]);
    let over = shop.saifu(&["resume", "--yes", "--max-price", "299 JPY"]);
    assert_eq!(over.code, 1, "{over:?}");
    assert!(over.err.contains("--max-price 299 JPY"), "{over:?}");
    assert!(over.out.contains("not paid yet") && !over.out.contains("paid from"), "{over:?}");
    assert_eq!(shop.saifu(&["balance", "--json"]).json()["purses"][0]["balance"], 1_000);
    shop.saifu(&["resume", "--yes", "--max-price", "300 JPY"]).good();
    assert_eq!(shop.saifu(&["balance", "--json"]).json()["purses"][0]["balance"], 700);
}

#[cfg(unix)]
#[test]
fn nothing_is_bought_where_its_file_cannot_be_made() {
    let shop = Shop::new(1_000);
    shop.saifu(&["register"]).good();
    std::os::unix::fs::symlink("/nowhere/at/all", shop.path("link.jpg")).unwrap();
    let refused = shop.saifu(&["buy", TITLE, "-o", "link.jpg", "--yes"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert_eq!(shop.saifu(&["purchases"]).good(), "nothing was bought yet\n");
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_told_and_stops_no_purchase() {
    let shop = Shop::new(1_000);
    shop.saifu(&["register"]).good();
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = shop.command(PIN, &["buy", TITLE, "-o", "bought.jpg", "--yes"]);
    let told = Ran::from(command.stdout(full()).output().unwrap());
    assert_eq!(told.code, 1, "{told:?}");
    assert!(told.err.contains("could not be told"), "{told:?}");
    assert_eq!(fs::read(shop.path("bought.jpg")).unwrap(), photograph_bytes());
    let mut command = shop.command(PIN, &["buy", TITLE, "-o", "again.jpg", "--yes"]);
    command.stderr(full()).output().map(Ran::from).unwrap().good();
}

#[test]
fn what_is_paid_goes_on_without_user_and_pin_and_into_another_file() {
    let shop = Shop::new(1_000);
    shop.saifu(&["register"]).good();
    shop.saifu(&["buy", TITLE, "-o", "bought.jpg", "--yes"]).good();
    let journals = fs::read_dir(shop.data().join("sales")).unwrap();
    let mut paths = journals.map(|entry| entry.unwrap().path());
    let path = paths.find(|path| path.extension().is_some()).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let paid: Vec<_> = text.split_inclusive('\n').take(5).collect();
    fs::write(&path, paid.concat()).unwrap();
    let in_the_way = shop.saifu_with_pin("none", &["resume"]);
    assert_eq!(in_the_way.code, 1, "{in_the_way:?}");
    assert!(in_the_way.err.contains("--output FILE"), "{in_the_way:?}");
    let sale = path.file_stem().unwrap().to_str().unwrap();
    shop.saifu_with_pin("none", &["resume", sale, "--output", "again.jpg"]).good();
    assert_eq!(fs::read(shop.path("again.jpg")).unwrap(), photograph_bytes());
}

#[test]
fn a_damaged_journal_is_told_and_hides_no_other() {
    let shop = Shop::new(1_000);
    shop.saifu(&["register"]).good();
    shop.saifu(&["buy", TITLE, "--yes"]).good();
    fs::write(shop.data().join("sales/00bad.jsonl"), "rubbish\n").unwrap();
    for command in ["purchases", "resume"] {
        let told = shop.saifu(&[command]);
        assert_eq!(told.code, 1, "{told:?}");
        assert!(told.err.contains("00bad.jsonl") && told.err.contains("keep the file"), "{told:?}");
    }
    assert!(shop.saifu(&["purchases"]).out.contains("complete"));
}

#[test]
fn a_folder_that_is_none_is_told_alike_by_every_command() {
    let shop = Shop::new(1_000);
    fs::write(shop.path("file"), "").unwrap();
    for command in ["card", "browse", "purchases"] {
        assert_eq!(shop.saifu(&[command, "--data", "file"]).code, 1, "{command}");
    }
}
