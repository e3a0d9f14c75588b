//! PIN and licences of a card, and its end, as a user types it; the orders are the test issuer's.

use saifu_vsmartcard::personalise::{TestAdministration, Validity};
use saifu_wire::CardId;
use saifu_wire::certificate::Date;
use std::fs;

use crate::Ran;
use crate::shop::{GIFT, PIN, Shop};

const NEW_PIN: &str = "567890";

/// Runs `saifu` with this PIN and new PIN in the environment.
fn saifu(shop: &Shop, pins: [&str; 2], arguments: &[&str]) -> (i32, String) {
    let mut command = shop.command(pins[0], arguments);
    let ran = Ran::from(command.env("SAIFU_NEW_PIN", pins[1]).output().unwrap());
    (ran.code, ran.out + &ran.err)
}

fn good(shop: &Shop, arguments: &[&str]) -> String {
    let (code, said) = saifu(shop, [PIN, NEW_PIN], arguments);
    assert_eq!(code, 0, "{arguments:?}: {said}");
    said
}

fn json(shop: &Shop, arguments: &[&str]) -> serde_json::Value {
    serde_json::from_str(&good(shop, arguments)).unwrap()
}

/// A run that fails with this exit code and says this.
#[track_caller]
fn fails(shop: &Shop, pins: [&str; 2], arguments: &[&str], code: i32, says: &str) {
    let (ended, said) = saifu(shop, pins, arguments);
    assert_eq!(ended, code, "{arguments:?}: {said}");
    assert!(said.contains(says), "{arguments:?}: {said}");
}

/// Writes the issuer's order to unblock the card, and names its file.
fn order(shop: &Shop, card: CardId, sequence: u64) -> String {
    let day = |year| Date::new(year, 1, 1).unwrap();
    let validity = Validity { effective: day(25), expires: day(90) };
    let administration = TestAdministration::new().unwrap();
    let lines = [
        administration.certificate(validity).unwrap().to_bytes(),
        administration.unblock(card, sequence).unwrap().to_bytes(),
    ];
    let name = format!("order-{sequence}");
    fs::write(shop.path(&name), lines.map(hex::encode).join("\n")).unwrap();
    name
}

/// The id of the card, which is made if there is none.
fn card_of(shop: &Shop) -> CardId {
    good(shop, &["card"]);
    CardId::from_hex(json(shop, &["card", "--json"])["card"].as_str().unwrap()).unwrap()
}

#[test]
fn a_pin_is_tried_and_changed() {
    let shop = Shop::new(1_000);
    good(&shop, &["card"]);
    fails(&shop, ["9999", ""], &["pin", "verify"], 4, "tries left: 2");
    fails(&shop, ["9999", NEW_PIN], &["pin", "change"], 4, "tries left: 1");
    fails(&shop, [PIN, "12"], &["pin", "change"], 2, "4 to 12 digits");
    assert_eq!(json(&shop, &["pin", "verify", "--json"])["pin_tries"], 3);
    assert!(good(&shop, &["pin", "change"]).contains("the PIN is changed"));
    fails(&shop, [PIN, ""], &["pin", "verify"], 4, "tries left: 2");
    assert_eq!(saifu(&shop, [NEW_PIN, ""], &["pin", "verify"]).0, 0);
}

#[test]
fn a_blocked_pin_is_set_by_the_issuers_order_once() {
    let shop = Shop::new(1_000);
    let card = card_of(&shop);
    for code in [4, 4, 5] {
        assert_eq!(saifu(&shop, ["9999", ""], &["pin", "verify"]).0, code);
    }
    fails(&shop, [PIN, ""], &["pin", "verify"], 5, "`saifu pin unblock`");
    let run = |order: &str| saifu(&shop, ["", NEW_PIN], &["pin", "unblock", "--order", order]);
    let other = order(&shop, CardId([9; 16]), 1);
    let (code, said) = run(&other);
    assert!(code == 8 && said.contains("not for this card"), "{said}");
    fs::write(shop.path("rubbish"), "rubbish").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/dev/zero", shop.path("endless")).unwrap();
    for bad in ["rubbish", if cfg!(unix) { "endless" } else { "rubbish" }] {
        let (code, said) = run(bad);
        assert!(code == 1 && said.contains("two lines of hex digits"), "{said}");
    }
    let good = order(&shop, card, 1);
    let (code, said) = run(&good);
    assert!(code == 0 && said.contains("all tries are there again"), "{said}");
    assert_eq!(saifu(&shop, [NEW_PIN, ""], &["pin", "verify"]).0, 0);
    let (code, said) = run(&good);
    assert!(code == 4 && said.contains("the order was used"), "{said}");
}

#[test]
fn a_licence_is_listed_and_forgotten_for_ever() {
    let shop = Shop::new(1_000);
    good(&shop, &["register"]);
    good(&shop, &["buy", GIFT, "--yes"]);
    let listed = json(&shop, &["card", "licences", "--json"]);
    let [licence] = &listed["licences"].as_array().unwrap()[..] else { panic!("one licence") };
    assert_eq!((&licence["status"], &licence["uses_left"]), (&"paid".into(), &().into()));
    let number = licence["number"].to_string();
    fails(&shop, [PIN, ""], &["card", "forget", &number], 2, "--yes agrees");
    fails(&shop, [PIN, ""], &["card", "forget", "999", "--yes"], 1, "saifu card licences");
    fails(&shop, ["9999", ""], &["card", "forget", &number, "--yes"], 4, "tries left: 2");
    assert!(good(&shop, &["card", "forget", &number, "--yes"]).contains("is forgotten"));
    assert_eq!(json(&shop, &["card", "licences", "--json"])["licences"], serde_json::json!([]));
}

#[test]
fn a_card_ends_for_nobody_but_its_issuer_and_not_without_a_yes() {
    let shop = Shop::new(1_000);
    good(&shop, &["register"]);
    let end = ["card", "end", "--issuer", "true", "--closings", "closings"];
    fails(&shop, [PIN, ""], &end, 2, "--yes agrees");
    assert!(!shop.path("closings").exists());
    let yes = [&end[..], &["--yes"]].concat();
    fails(&shop, [PIN, ""], &yes, 1, "gave no order");
    fails(&shop, [PIN, ""], &yes, 1, "--closings");
    assert_eq!(json(&shop, &["card", "--json"])["life_cycle"], "in use");
}
