//! A card is lost, replaced, and the old one's late payment turns up.

use std::fs;

use saifu_tests::shop::REAL_WORKS;
use serde_json::{Value, json};

use super::world::World;

/// What the program says of a card's first purse: on the card, by the ledger, and set off.
fn purse(world: &World, account: &str) -> [i64; 2] {
    let (code, shown) = world.told("center", &["card", "show", account]);
    assert_eq!(code, Some(0), "{shown}");
    ["on_card", "set_off"].map(|field| shown["purses"][0][field].as_i64().unwrap())
}

/// The lines of the center's statement: what, how much, and why.
fn lines(statement: &Value) -> Vec<(&str, u64, &str)> {
    let lines = statement[0]["lines"].as_array().unwrap();
    lines
        .iter()
        .map(|line| {
            let text = |field: &str| line[field].as_str().unwrap();
            (text("what"), line["amount"].as_u64().unwrap(), text("note"))
        })
        .collect()
}

#[test]
fn works_and_value_of_a_lost_card_come_again_and_its_late_payment_is_set_off_for_all_to_see() {
    let world = World::open();
    let (_server, url) = world.serve("center");
    let saifu = |who: &str, arguments: &[&str]| world.saifu(who, &url, arguments);
    let [bought, late, _] = &REAL_WORKS;
    saifu("old", &["register"]).good().unwrap();
    let old = first_account(&world);
    saifu("old", &["buy", bought.title, "-o", "first", "--yes"]).good().unwrap();
    world.buy_and_die("old", &url, REAL_WORKS[2].title, "late");

    // The card is lost, with a payment on it that nobody has heard of.
    saifu("new", &["register"]).good().unwrap();
    let new = accounts(&world).into_iter().find(|account| *account != old).unwrap();
    let replace = ["card", "replace", &old, &new, "--reason", "lost in a taxi", "--waiting", "0"];
    let said = world.center("center", &replace).good().unwrap();
    assert!(said.contains("1 "), "{said}");
    saifu("new", &["load"]).good().unwrap();
    let balance = saifu("new", &["balance"]).good().unwrap();
    assert!(balance.contains("19700 JPY"), "{balance}");
    saifu("new", &["again", bought.title, "-o", "again", "--yes"]).good().unwrap();
    assert!(fs::read(world.path("again")).unwrap() == bought.read().unwrap());
    assert_eq!((purse(&world, &old), purse(&world, &new)), ([0, 0], [19_700, 0]));

    // It turns up.
    let resumed = saifu("old", &["resume"]);
    assert!(resumed.out.contains("suspense") || resumed.err.contains("suspense"), "{resumed:?}");
    let paid = REAL_WORKS[2].price;
    let set_off = paid.cast_signed();
    assert_eq!((purse(&world, &old), purse(&world, &new)), ([-set_off, set_off], [19_700, 0]));
    let (code, statement) = world.told("center", &["statement"]);
    assert_eq!((code, &statement[0]["closing"]), (Some(0), &json!(bought.price)));
    let lines = lines(&statement);
    let shown: Vec<_> = lines.iter().map(|(what, amount, _)| (*what, *amount)).collect();
    assert_eq!(shown, [("sale", bought.price), ("in suspense", paid)]);
    assert!(lines[1].2.contains("frozen"), "{lines:?}");
    let refused = saifu("old", &["buy", late.title, "-o", "more", "--yes"]);
    assert_eq!(refused.code, Some(7), "the old card buys nothing more: {refused:?}");

    let (code, audit) = world.told("center", &["audit"]);
    assert_eq!((code, &audit["findings"], &audit["gaps"]), (Some(0), &json!([]), &json!([])));
    let line = &audit["value"][0];
    assert_eq!((&line["issued"], &line["suspense"]), (&json!(20_000), &json!(paid)));
    assert_eq!(world.center("center", &["check"]).code, Some(0));
    let said = world.center("center", &["audit"]).good().unwrap();
    assert!(said.ends_with("everything agrees with what is signed\n"), "{said}");
}

/// The account of the one card that is registered.
pub(super) fn first_account(world: &World) -> String {
    let accounts = accounts(world);
    assert_eq!(accounts.len(), 1);
    accounts.into_iter().next().unwrap()
}

fn accounts(world: &World) -> Vec<String> {
    let (code, cards) = world.told("center", &["card", "list"]);
    assert_eq!(code, Some(0), "{cards}");
    let cards = cards.as_array().unwrap().iter();
    cards.map(|card| card["account"].as_str().unwrap().to_owned()).collect()
}
