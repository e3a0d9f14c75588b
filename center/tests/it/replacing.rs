//! A lost card is replaced: works and value end right, whenever its last payments turn up.

use std::fs;

use saifu_center::catalogue::NewWork;
use saifu_center::config::{Config, PurseConfig};
use saifu_center::ledger::{LineKind, StatementAsked};
use saifu_center::replacement::{Moved, Replace};
use saifu_center_api::{Load, LoadRequest, Order, OrderState, Orders, ProblemCode};
use saifu_wire::signed::Outcome;
use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, Nonce, ShopId};

use crate::auditing::audit_desk;
use crate::card::Card;
use crate::desk::{Desk, TEXT, code};

const DAY: u64 = 86_400;

/// A desk, a card that has bought a work for 300 and one for 500 in three uses, and a new card
/// with the initial value.
struct Lost {
    desk: Desk,
    old: Card,
    new: Card,
    works: [String; 2],
}

impl Lost {
    fn of() -> Self {
        let desk = Desk::open();
        let text = TEXT.repeat(200);
        let limited = desk.publish(&text, NewWork { uses: 3, ..Desk::new_work(&text, "jpy:500") });
        let works = [desk.sell("jpy:300"), limited];
        let mut old = desk.customer();
        for work in &works {
            desk.buy(&mut old, work, work);
        }
        let new = desk.customer();
        assert_eq!(desk.value(), [0, 19_200, 800, 0]);
        Self { desk, old, new, works }
    }

    fn replace(&self, new: AccountId, with_limited: bool) -> saifu_center::Result<Moved> {
        let old = self.old.account;
        let reason = "lost in a taxi".into();
        let asked = Replace { old, new, reason, waiting: 30 * DAY, with_limited };
        self.desk.center().replace_card(&asked).map(|(_, moved)| moved)
    }

    /// What the ledger says is on both cards.
    fn on_cards(&self) -> [i64; 2] {
        [&self.old, &self.new]
            .map(|card| self.desk.center().card_standing(card.account).unwrap().purses[0].on_card)
    }

    /// Loads what waits for the new card, if anything does.
    fn load(&mut self) -> Option<u64> {
        let load = self.desk.open_load(&self.new).ok()?;
        let event = self.new.credit(&self.desk.credit(&self.new, &load).unwrap());
        self.desk.close_load(&load, &event).unwrap();
        Some(load.amount)
    }

    fn works_of_new(&self) -> Vec<Order> {
        let path = format!("/v1/accounts/{}/orders", self.new.account);
        self.desk.get::<Orders>(&path).unwrap().orders
    }

    fn settled_and_suspense(&self) -> [i64; 2] {
        let [_, _, settled, suspense] = self.desk.value();
        [settled, suspense]
    }
}

#[test]
fn the_new_card_gets_the_works_at_once_and_the_value_when_the_waiting_is_over() {
    let mut lost = Lost::of();
    assert_eq!(
        lost.replace(lost.new.account, false),
        Ok(Moved { works: 1, limited: 1, left: vec![] })
    );
    assert_eq!(code(lost.desk.order(&lost.old, &lost.works[0], "more")), ProblemCode::CardFrozen);
    let works = lost.works_of_new();
    assert_eq!((works.len(), works[0].state), (1, OrderState::Settled));
    assert_eq!(works[0].work, lost.works[0]);
    lost.new.unwrap(&works[0].licence.0);
    assert_eq!(lost.load(), None, "the value waits");
    lost.desk.clock.advance(30 * DAY);
    assert_eq!(lost.load(), Some(9_200));
    assert_eq!(lost.load(), None, "once");
    assert_eq!((lost.on_cards(), lost.new.balance()), ([0, 19_200], 19_200));
    assert_eq!(lost.settled_and_suspense(), [800, 0]);
}

#[test]
fn a_card_with_more_works_than_it_may_have_open_orders_is_replaced_all_the_same() {
    let desk = Desk::with(&Config { max_open_orders: 2, ..Config::default() });
    let (mut old, new) = (desk.customer(), desk.customer());
    for key in ["1", "2", "3"] {
        let work = desk.sell(&format!("jpy:{key}00"));
        desk.buy(&mut old, &work, key);
    }
    for key in ["open", "too"] {
        desk.order(&new, &desk.sell("jpy:10"), key).unwrap();
    }
    let lost = Lost { desk, old, new, works: Default::default() };
    let moved = lost.replace(lost.new.account, false).unwrap();
    assert_eq!((moved.works, moved.limited), (3, 0));
    let settled = |order: &&Order| order.state == OrderState::Settled;
    assert_eq!(lost.works_of_new().iter().filter(settled).count(), 3, "all of them come");
    let third = lost.desk.order(&lost.new, &lost.desk.sell("jpy:11"), "third");
    assert_eq!(code(third), ProblemCode::Conflict, "what is to be paid is bounded still");
}

#[test]
fn works_for_a_number_of_uses_are_licensed_once_more_only_where_the_owner_says_so() {
    let lost = Lost::of();
    assert_eq!(
        lost.replace(lost.new.account, true),
        Ok(Moved { works: 2, limited: 0, left: vec![] })
    );
    assert_eq!(
        lost.replace(lost.new.account, true),
        Ok(Moved { works: 2, limited: 0, left: vec![] })
    );
    assert_eq!(lost.works_of_new().len(), 2, "each once, however often it is asked for");
}

#[test]
fn a_late_token_during_the_waiting_is_settled_and_its_work_goes_to_the_new_card() {
    let mut lost = Lost::of();
    let work = lost.desk.sell("jpy:200");
    let order = lost.desk.order(&lost.old, &work, "late").unwrap();
    let token = lost.old.debit(&order.licence.0);
    lost.replace(lost.new.account, false).unwrap();
    lost.desk.clock.advance(10 * DAY);
    assert_eq!(lost.desk.outcome(&token, &order.licence.0), Outcome::Suspense);
    assert_eq!(lost.settled_and_suspense(), [1_000, 0]);
    assert!(lost.works_of_new().iter().any(|order| order.work == work));
    lost.desk.clock.advance(20 * DAY);
    assert_eq!(lost.load(), Some(9_000), "less by what was paid");
    assert_eq!(lost.on_cards(), [0, 19_000]);
    assert_eq!(lost.settled_and_suspense(), [1_000, 0]);
}

#[test]
fn a_late_token_after_the_value_was_credited_is_set_off_and_no_shop_is_paid() {
    for credited in [false, true] {
        let mut lost = Lost::of();
        let work = lost.desk.sell("jpy:200");
        let order = lost.desk.order(&lost.old, &work, "late").unwrap();
        let token = lost.old.debit(&order.licence.0);
        lost.replace(lost.new.account, false).unwrap();
        lost.desk.clock.advance(30 * DAY);
        let load = lost.desk.open_load(&lost.new).unwrap();
        let take = |lost: &mut Lost| {
            let event = lost.new.credit(&lost.desk.credit(&lost.new, &load).unwrap());
            lost.desk.close_load(&load, &event).unwrap();
        };
        if credited {
            take(&mut lost);
        }
        assert_eq!(lost.desk.outcome(&token, &order.licence.0), Outcome::Suspense);
        if !credited {
            take(&mut lost);
        }
        assert_eq!(lost.on_cards(), [-200, 19_200], "credited first: {credited}");
        assert_eq!(lost.settled_and_suspense(), [800, 200]);
        assert!(!lost.works_of_new().iter().any(|order| order.work == work));
        let standing = lost.desk.center().card_standing(lost.old.account).unwrap();
        assert_eq!(standing.purses[0].set_off, 200);
    }
}

#[test]
fn a_card_is_replaced_once_and_by_a_card_that_is_good() {
    let lost = Lost::of();
    let other = lost.desk.customer();
    assert!(lost.replace(lost.old.account, false).is_err(), "by itself");
    lost.desk.center().freeze_card(other.account, "on purpose").unwrap();
    assert!(lost.replace(other.account, false).is_err(), "by a frozen one");
    lost.desk.center().thaw_card(other.account, "on purpose", false).unwrap();
    lost.replace(lost.new.account, false).unwrap();
    assert!(lost.replace(other.account, false).is_err(), "twice");
    assert!(lost.desk.center().thaw_card(lost.old.account, "found", true).is_err(), "it stays so");
}

#[test]
fn a_credit_that_the_lost_card_may_have_taken_counts_as_on_it() {
    let mut lost = Lost::of();
    let mut carried = Card::new();
    lost.desk.register(&mut carried);
    let load = lost.desk.open_load(&carried).unwrap();
    let credit = lost.desk.credit(&carried, &load).unwrap();
    lost.old = carried;
    lost.replace(lost.new.account, false).unwrap();
    lost.desk.clock.advance(30 * DAY);
    assert_eq!(lost.load(), Some(10_000));
    let event = lost.old.credit(&credit);
    lost.desk.close_load(&load, &event).unwrap();
    assert_eq!(lost.on_cards(), [0, 20_000]);
    lost.desk.value();
}

/// What a line of the shop's statement shows: what, how much, and why.
fn lines(desk: &Desk) -> (i128, Vec<(LineKind, u64, String)>) {
    let (kind, unit) = (Kind::BitCash, Unit::new("JPY").unwrap());
    let asked =
        StatementAsked { shop: ShopId::ZERO, kind, unit, from: 0, to: None, after: 0, limit: 100 };
    let statement = desk.center().statement(asked).unwrap();
    let told = statement.lines.into_iter().map(|line| (line.kind, line.amount, line.note));
    (statement.closing.balance(), told.collect())
}

#[test]
fn works_and_value_end_right_and_the_statement_shows_each_late_token() {
    let mut lost = Lost::of();
    let [soon, late] = [200, 100].map(|price| lost.desk.sell(&format!("jpy:{price}")));
    let orders = [&soon, &late].map(|work| lost.desk.order(&lost.old, work, work).unwrap());
    let tokens = orders.each_ref().map(|order| lost.old.debit(&order.licence.0));
    lost.replace(lost.new.account, true).unwrap();
    // One token turns up while the value waits, the other once it is on the new card.
    lost.desk.clock.advance(6 * DAY);
    assert_eq!(lost.desk.outcome(&tokens[0], &orders[0].licence.0), Outcome::Suspense);
    lost.desk.clock.advance(24 * DAY);
    assert_eq!(lost.load(), Some(9_000), "10,000, less 300, 500 and the 200 that came in time");
    assert_eq!(lost.desk.outcome(&tokens[1], &orders[1].licence.0), Outcome::Suspense);

    let works = lost.works_of_new();
    let mut bought: Vec<&str> = works.iter().map(|order| &order.work[..]).collect();
    let mut should = [&lost.works[0][..], &lost.works[1][..], &soon];
    bought.sort_unstable();
    should.sort_unstable();
    assert_eq!(bought, should, "what was paid in time, and not the other");
    for order in &works {
        lost.new.unwrap(&order.licence.0);
        assert!(!lost.desk.delivery(order).is_empty());
    }
    assert_eq!(lost.on_cards(), [-100, 19_000]);
    assert_eq!(lost.new.balance(), 19_000, "the card says what the ledger says");
    assert_eq!(lost.desk.value(), [0, 18_900, 1_000, 100], "20,000 were given out");

    let (balance, lines) = lines(&lost.desk);
    assert_eq!(balance, 1_000, "the shop has what it was paid in time");
    let shown: Vec<_> = lines.iter().map(|(what, amount, _)| (*what, *amount)).collect();
    let should = [
        (LineKind::Sale, 300),
        (LineKind::Sale, 500),
        (LineKind::Suspense, 200),
        (LineKind::Resolved, 200),
        (LineKind::Suspense, 100),
    ];
    assert_eq!(shown, should);
    assert!(lines[4].2.contains("frozen"), "{lines:?}");
    let standing = lost.desk.center().card_standing(lost.old.account).unwrap();
    assert_eq!((standing.purses[0].on_card, standing.purses[0].set_off), (-100, 100));
    assert_eq!(lost.desk.gaps(), 0);
    assert_eq!(audit_desk(&lost.desk).findings, []);
}

/// Runs the owner's program on the desk's folder; its exit code, and what it says in JSON.
fn program(desk: &Desk, arguments: &[&str]) -> (Option<i32>, serde_json::Value) {
    let ran = std::process::Command::new(env!("CARGO_BIN_EXE_saifu-center"))
        .args(["--json", "--data", desk.folder.path().to_str().unwrap()])
        .args(arguments)
        .output()
        .unwrap();
    (ran.status.code(), serde_json::from_slice(&ran.stdout).unwrap_or_default())
}

#[test]
fn the_program_replaces_a_card_tells_what_was_set_off_and_finds_nothing_wrong() {
    let mut lost = Lost::of();
    let work = lost.desk.sell("jpy:200");
    let order = lost.desk.order(&lost.old, &work, "late").unwrap();
    let token = lost.old.debit(&order.licence.0);
    let [old, new] = [&lost.old, &lost.new].map(|card| card.account.to_string());
    let asked = ["card", "replace", &old, &new, "--reason", "lost", "--waiting", "0"];
    let (code, replaced) = program(&lost.desk, &asked);
    assert_eq!((code, &replaced["works"], &replaced["limited"]), (Some(0), &1.into(), &1.into()));
    // The program has the system's clock.
    lost.desk.clock.advance(3_650 * DAY);
    assert_eq!(lost.load(), Some(9_200));
    assert_eq!(lost.desk.outcome(&token, &order.licence.0), Outcome::Suspense);
    let (_, shown) = program(&lost.desk, &["card", "show", &old]);
    assert_eq!((&shown["state"], &shown["purses"][0]["set_off"]), (&"frozen".into(), &200.into()));
    let (code, checked) = program(&lost.desk, &["check"]);
    assert_eq!((code, &checked["findings"]), (Some(0), &serde_json::json!([])));
    let (_, sales) = program(&lost.desk, &["sales"]);
    let late = sales["sales"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&late["outcome"], &late["amount"]), (&"suspense".into(), &200.into()));
    let other = lost.desk.customer().account.to_string();
    let twice = ["card", "replace", &old, &other, "--reason", "again"];
    assert_eq!(program(&lost.desk, &twice).0, Some(1));
}

#[test]
fn the_value_of_a_card_whose_successor_is_lost_too_goes_to_the_third() {
    let mut lost = Lost::of();
    lost.replace(lost.new.account, false).unwrap();
    let third = lost.desk.customer();
    let second = std::mem::replace(&mut lost.new, third);
    let asked = Replace {
        old: second.account,
        new: lost.new.account,
        reason: "lost as well".into(),
        waiting: 0,
        with_limited: false,
    };
    let (_, moved) = lost.desk.center().replace_card(&asked).unwrap();
    assert_eq!(moved, Moved { works: 1, limited: 0, left: vec![] }, "what the first had bought");
    assert_eq!(lost.load(), Some(10_000), "what the second had");
    lost.desk.clock.advance(30 * DAY);
    assert_eq!(lost.load(), Some(9_200), "what the first had");
    assert_eq!(lost.new.balance(), 29_200);
    lost.desk.value();
}

#[test]
fn what_the_new_card_has_no_purse_for_is_told_and_paid_to_the_holder_once() {
    let mut config = Config::default();
    config.purses.push(PurseConfig::new(3, "bit-cash", "USD", 100_000, 700));
    let mut desk = Desk::with(&config);
    let mut old = desk.customer();
    give_initial(&desk, &mut old, 3);
    // From now on accounts have no purse for dollars.
    fs::remove_file(desk.folder.path().join("center.toml")).unwrap();
    Config::load_or_write(desk.folder.path(), &Config::default()).unwrap();
    desk.reopen();
    let new = desk.customer();
    let mut lost = Lost { desk, old, new, works: Default::default() };
    let moved = lost.replace(lost.new.account, false).unwrap();
    let left: Vec<_> = moved.left.iter().map(|left| (left.purse, left.amount)).collect();
    assert_eq!(left, [(3, 700)]);
    let pay_out = |lost: &Lost| lost.desk.center().pay_out_card(lost.old.account);
    assert!(pay_out(&lost).is_err(), "its value waits for late payments");
    assert!(lost.desk.center().pay_out_card(lost.new.account).is_err(), "a card that is good");
    lost.desk.clock.advance(30 * DAY);
    let paid = pay_out(&lost).unwrap();
    assert_eq!((paid.len(), paid[0].purse, paid[0].amount), (1, 3, 700));
    assert!(pay_out(&lost).is_err(), "once");
    assert_eq!(lost.load(), Some(10_000), "and what has a purse follows");
    let standing = lost.desk.center().card_standing(lost.old.account).unwrap();
    assert!(standing.purses.iter().all(|purse| purse.on_card == 0), "{standing:?}");
    assert_eq!(audit_desk(&lost.desk).findings, []);
}

#[test]
fn a_new_card_whose_purse_holds_too_little_is_refused_and_nothing_is_replaced() {
    let mut desk = Desk::open();
    let old = desk.customer();
    let mut config = Config::default();
    config.purses[0].max_balance = 9;
    config.purses[0].initial = 0;
    fs::remove_file(desk.folder.path().join("center.toml")).unwrap();
    Config::load_or_write(desk.folder.path(), &config).unwrap();
    desk.reopen();
    let mut new = Card::new();
    desk.register(&mut new);
    let lost = Lost { desk, old, new, works: Default::default() };
    let refused = lost.replace(lost.new.account, false).unwrap_err();
    assert_eq!(refused.code(), ProblemCode::Limit, "10,000 would be 1,112 loads");
    assert_eq!(lost.desk.center().replacement_of(lost.old.account), Ok(None));
}

/// Loads what a purse gets when its account is opened.
fn give_initial(desk: &Desk, card: &mut Card, purse: u32) {
    let path = format!("/v1/accounts/{}/loads", card.account);
    let load: Load = desk.send("POST", &path, &LoadRequest { purse }).unwrap();
    let nonce = Nonce(load.nonce.0.clone().try_into().unwrap());
    let credit = desk.challenge(&load, &card.challenge(purse, nonce)).unwrap();
    let event = card.credit(&credit);
    desk.close_load(&load, &event).unwrap();
}
