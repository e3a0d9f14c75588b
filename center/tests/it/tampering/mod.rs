//! The auditor's own no's: whatever is changed in a store behind the center's back is found, and
//! named by the rule that it breaks.

mod books;
mod rest;
mod signed;

use std::fs;
use std::path::PathBuf;
use std::thread;

use rusqlite::Connection;
use saifu_center::audit::{Finding, Report, Rule};
use saifu_center::crypto::sha256;
use saifu_center::store::TokenName;
use saifu_wire::OrderId;
use saifu_wire::signed::Outcome;

use crate::auditing::{assert_agrees, audit_desk, audit_store};
use crate::card::Card;
use crate::desk::Desk;
use crate::everything::everything;
use crate::running::{Expected, is_the_cards};

/// What is done to a store, the rule that it breaks, and words of the finding.
type Tampering = (&'static str, Rule, &'static str);

/// What stands in the SQL for rows that are named often.
const NAMES: &[(&str, &str)] = &[
    ("{settled}", "(SELECT identity FROM tokens WHERE outcome = 1 ORDER BY entry LIMIT 1)"),
    (
        "{other}",
        "(SELECT identity FROM tokens WHERE outcome = 1 AND account <>
            (SELECT account FROM tokens WHERE entry = 5) ORDER BY entry LIMIT 1)",
    ),
    (
        "{suspended}",
        "(SELECT identity FROM tokens WHERE outcome = 2 AND identity NOT IN
            (SELECT token FROM resolutions) ORDER BY entry LIMIT 1)",
    ),
    ("{again}", "(SELECT order_id FROM again_orders ORDER BY order_id LIMIT 1)"),
];

/// In how many threads stores are tampered with and audited.
const THREADS: usize = 4;

/// A copy of a store, to be changed by hand.
struct Tampered {
    folder: PathBuf,
    honest: PathBuf,
    desk: Desk,
}

impl Tampered {
    fn new() -> Self {
        let desk = everything();
        let (folder, honest) = (desk.folder.path().to_owned(), desk.back_up());
        Self { folder, honest, desk }
    }

    /// What the auditor finds once `sql` was run behind the center's back; `place` names the copy.
    fn findings(&self, sql: &str, place: usize) -> Report {
        let file = self.folder.join(format!("tampered-{place}"));
        fs::copy(&self.honest, &file).unwrap();
        let store = Connection::open(&file).unwrap();
        store.pragma_update(None, "synchronous", "OFF").unwrap();
        unguard(&store);
        store.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert!(store.total_changes() > 0, "{sql}: nothing was changed");
        audit_store(&self.folder, &file)
    }

    /// Does each of these, and says which rules one of them breaks alone, and what was not found.
    fn try_each(&self, place: usize, all: &[(String, Rule, &str)]) -> (Vec<Rule>, Vec<String>) {
        let (mut alone, mut missed) = (Vec::new(), Vec::new());
        for (sql, rule, words) in all {
            let report = self.findings(sql, place);
            let named = |of: &Finding| of.rule == *rule && of.what.contains(words);
            if report.agrees() || !report.findings.iter().any(named) {
                let found = &report.findings;
                missed.push(format!("{sql}: {rule:?} with \"{words}\" is not in {found:#?}"));
            }
            // Sums follow from entries: they never disagree alone.
            let mut others = report.counts.keys().filter(|name| **name != Rule::Sums.name());
            if others.all(|name| *name == rule.name()) {
                alone.push(*rule);
            }
        }
        (alone, missed)
    }
}

/// Takes everything away by which a store guards itself.
fn unguard(store: &Connection) {
    store.pragma_update(None, "foreign_keys", false).unwrap();
    let sql = "
        SELECT 'DROP ' || type || ' \"' || name || '\"' FROM sqlite_master
        WHERE type = 'trigger' OR (type = 'index' AND sql LIKE '%UNIQUE%')";
    let mut drops = store.prepare(sql).unwrap();
    let drops: Vec<String> =
        drops.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    for drop in drops {
        store.execute_batch(&drop).unwrap();
    }
}

fn tamperings() -> impl Iterator<Item = (String, Rule, &'static str)> {
    // The id that a funding of this source and reference has: what is forged need not fail there.
    let forged = |source: u8| hex::encode(&sha256(&[b"saifu funding", &[source], b"forged"])[..16]);
    let names: Vec<_> =
        (1..=6).map(|source| (format!("{{forged {source}}}"), forged(source))).collect();
    books::TAMPERINGS.iter().chain(signed::TAMPERINGS).chain(rest::TAMPERINGS).map(
        move |(sql, rule, words)| {
            let mut sql = (*sql).to_owned();
            for _ in 0..2 {
                sql = NAMES.iter().fold(sql, |sql, (name, means)| sql.replace(name, means));
            }
            sql = names.iter().fold(sql, |sql, (name, means)| sql.replace(name, means));
            (sql, *rule, *words)
        },
    )
}

#[test]
fn nv8_each_kind_of_tampering_is_found_and_named() {
    let store = Tampered::new();
    assert_agrees(&audit_store(&store.folder, &store.honest));
    let all: Vec<_> = tamperings().collect();
    let tried = thread::scope(|scope| {
        let parts = all.chunks(all.len().div_ceil(THREADS)).enumerate();
        let threads: Vec<_> = parts
            .map(|(place, part)| {
                scope.spawn({
                    let store = &store;
                    move || store.try_each(place, part)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    let (alone, missed): (Vec<_>, Vec<_>) = tried.into_iter().unzip();
    assert!(missed.concat().is_empty(), "{}", missed.concat().join("\n"));
    // What a card signs nobody can tamper with: those rules are tested with cards that lie. And a
    // payload that is not believed takes its payment along.
    let excused = |rule: &Rule| is_the_cards(*rule) || matches!(rule, Rule::Sums | Rule::Payload);
    let alone = alone.concat();
    let never: Vec<_> =
        Rule::ALL.into_iter().filter(|rule| !excused(rule) && !alone.contains(rule)).collect();
    assert_eq!(never, [], "broken by no tampering alone");
    assert_agrees(&audit_desk(&store.desk));
}

/// A payment of 300 that came too late, and the store, unguarded.
fn late() -> (Desk, Card, saifu_center_api::Order, Connection) {
    let desk = Desk::open();
    desk.expect(Expected::Tampered);
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "late").unwrap();
    let token = card.debit(&order.licence.0);
    desk.clock.advance(30 * 86_400);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Suspense);
    let store = Connection::open(desk.folder.path().join("center.sqlite3")).unwrap();
    unguard(&store);
    (desk, card, order, store)
}

fn finds(desk: &Desk, rule: Rule, words: &str) {
    let findings = audit_desk(desk).findings;
    let found = findings.iter().any(|found| found.rule == rule && found.what.contains(words));
    assert!(found, "{rule:?} with \"{words}\" is not in {findings:#?}");
}

#[test]
fn a_payment_that_was_given_back_and_settled_all_the_same_is_found() {
    let (desk, card, order, store) = late();
    desk.center().refund(OrderId::from_hex(&order.id).unwrap(), "on purpose").unwrap();
    let kept = "CREATE TABLE kept AS SELECT * FROM refunds; DELETE FROM refunds;";
    store.execute_batch(kept).unwrap();
    desk.center().resolve(TokenName::Identity(card.previous)).unwrap();
    store.execute_batch("INSERT INTO refunds SELECT * FROM kept; DROP TABLE kept;").unwrap();
    finds(&desk, Rule::Refund, "from where its payment does not stand");
}

#[test]
fn an_order_that_is_settled_twice_is_found() {
    let (desk, mut card, order, store) = late();
    let first = TokenName::Identity(card.previous);
    let second = card.debit(&order.licence.0);
    assert_eq!(desk.outcome(&second, &order.licence.0), Outcome::Suspense);
    desk.center().resolve(first).unwrap();
    store.execute("UPDATE resolutions SET order_id = zeroblob(16)", []).unwrap();
    desk.center().resolve(TokenName::Identity(card.previous)).unwrap();
    finds(&desk, Rule::Order, "is settled by another token too");
}
