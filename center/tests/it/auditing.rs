//! The auditor: it agrees with honest books, whatever happened, and finds each kind of tampering.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use saifu_center::audit::{self, Asked, Report, Rule};
use saifu_center::store::{NewPayout, TokenName};
use saifu_wire::ShopId;
use saifu_wire::personalise::PinnedRoot;
use saifu_wire::value::{Kind, Unit};

use crate::card::Card;
use crate::desk::Desk;
use crate::running::{Expected, is_the_cards};

/// Audits the store in `file` by the certificates of the center in `folder`.
pub(crate) fn audit_store(folder: &Path, file: &Path) -> Report {
    let roots = audit::roots(&folder.join("keys")).unwrap();
    audit_under(&roots, folder, file)
}

pub(crate) fn audit_under(roots: &[PinnedRoot], folder: &Path, file: &Path) -> Report {
    let certificates = audit::certificates(&folder.join("keys")).unwrap();
    let asked = Asked { store: file, certificates: &certificates, roots, limit: 50 };
    audit::audit(&asked, &mut |_, _| {}).unwrap()
}

/// Audits the store of a desk's center, which goes on serving.
pub(crate) fn audit_desk(desk: &Desk) -> Report {
    let folder = desk.folder.path();
    audit_under(desk.center().roots(), folder, &folder.join("center.sqlite3"))
}

/// What is wrong with the books of a desk's center, whatever its cards did.
pub(crate) fn wrong_books(desk: &Desk) -> Vec<String> {
    let report = audit_desk(desk);
    let wrong = report.findings.into_iter().filter(|finding| !is_the_cards(finding.rule));
    wrong.map(|finding| format!("{finding:?}")).collect()
}

fn assert_agrees(report: &Report) {
    assert_eq!(report.findings, [], "{report:#?}");
    assert!(report.agrees());
}

/// A desk with much that can happen to honest cards: settled payments, one in suspense and one
/// settled out of it, a payout, a gap, a load that was voided and one on its way.
fn populated() -> (Desk, [Card; 3]) {
    let desk = Desk::open();
    let work = desk.sell("jpy:300");
    let mut cards = [desk.customer(), desk.customer(), Card::new()];
    for (n, card) in cards[..2].iter_mut().enumerate() {
        for sale in 0..3 {
            let order = desk.order(card, &work, &format!("{n}-{sale}")).unwrap();
            desk.settle(&card.debit(&order.licence.0), &order.licence.0).unwrap();
        }
    }
    let order = desk.order(&cards[1], &work, "late").unwrap();
    let missing = desk.order(&cards[1], &work, "missing").unwrap();
    cards[1].debit(&missing.licence.0);
    desk.clock.advance(30 * 86_400);
    let second = desk.order(&cards[1], &work, "second").unwrap();
    desk.settle(&cards[1].debit(&order.licence.0), &order.licence.0).unwrap();
    desk.center().resolve(TokenName::Identity(cards[1].previous)).unwrap();
    desk.clock.advance(30 * 86_400);
    desk.settle(&cards[1].debit(&second.licence.0), &second.licence.0).unwrap();
    let reference = "first".to_owned();
    let (kind, unit) = (Kind::BitCash, Unit::new("JPY").unwrap());
    let payout = NewPayout { shop: ShopId::ZERO, kind, unit, amount: 500, reference };
    desk.center().pay_out(payout).unwrap();
    desk.register(&mut cards[2]);
    let load = desk.open_load(&cards[2]).unwrap();
    let credit = desk.credit(&cards[2], &load).unwrap();
    desk.close_load(&load, &cards[2].void(&credit)).unwrap();
    let load = desk.open_load(&cards[2]).unwrap();
    desk.credit(&cards[2], &load).unwrap();
    (desk, cards)
}

#[test]
fn honest_books_agree_and_what_is_missing_is_told_and_is_no_fault() {
    let (desk, cards) = populated();
    let report = audit_desk(&desk);
    assert_agrees(&report);
    assert_eq!((report.accounts, report.tokens, report.missing_links), (3, 8, 1));
    let gap = &report.gaps[0];
    assert_eq!(
        (gap.account.clone(), gap.runs.clone()),
        (cards[1].account.to_string(), vec![(6, 6)])
    );
    assert_eq!((gap.purses[0].purse, gap.purses[0].unsettled), (1, 300));
    let line = &report.value[0];
    assert_eq!((line.issued, line.unapplied), (30_000, 10_000));
    assert_eq!((line.balances, line.unsettled), (9_100 + 8_200, 300));
    assert_eq!((line.settled, line.suspense, line.redeemed), (7 * 300 - 500, 300, 500));
    assert!(line.agrees);
}

#[test]
fn an_empty_center_agrees() {
    assert_agrees(&audit_desk(&Desk::open()));
}

/// A copy of a store, to be changed by hand.
struct Tampered {
    folder: PathBuf,
    honest: PathBuf,
    desk: Desk,
}

impl Tampered {
    fn new() -> Self {
        let (desk, _) = populated();
        let (folder, honest) = (desk.folder.path().to_owned(), desk.back_up());
        Self { folder, honest, desk }
    }

    /// What the auditor finds once `sql` was run behind the center's back.
    fn findings(&self, sql: &str) -> Report {
        let file = self.folder.join("tampered");
        fs::copy(&self.honest, &file).unwrap();
        let store = Connection::open(&file).unwrap();
        store.pragma_update(None, "foreign_keys", false).unwrap();
        let triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'";
        let mut triggers = store.prepare(triggers).unwrap();
        let names = triggers.query_map([], |row| row.get::<_, String>(0)).unwrap();
        for name in names.collect::<Result<Vec<_>, _>>().unwrap() {
            store.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
        }
        store.execute_batch("DROP INDEX one_settlement; DROP INDEX one_standing_load").unwrap();
        store.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert!(store.total_changes() > 0, "{sql}: nothing was changed");
        audit_store(&self.folder, &file)
    }
}

/// A token that is settled, and one of another account.
const SETTLED: &str = "(SELECT identity FROM tokens WHERE outcome = 1 ORDER BY entry LIMIT 1)";
const OTHER: &str = "(SELECT identity FROM tokens WHERE outcome = 1 ORDER BY entry DESC LIMIT 1)";

/// What is done to the store, the rule by which it is found, and words of the finding.
const TAMPERINGS: &[(&str, Rule, &str)] = &[
    ("UPDATE ledger SET amount = 299 WHERE target = 4 AND entry % 2", Rule::EntryDiffers, "299"),
    ("UPDATE ledger SET unit = 'USD' WHERE entry = 3", Rule::EntryDiffers, "USD"),
    ("UPDATE ledger SET kind = 3 WHERE entry = 3", Rule::EntryDiffers, "kind 3"),
    ("UPDATE ledger SET purse = 2 WHERE entry = 2", Rule::EntryUnfounded, "entry 2"),
    ("UPDATE ledger SET account = zeroblob(16) WHERE entry = 2", Rule::EntryDiffers, "entry 2"),
    ("UPDATE ledger SET target_id = zeroblob(16) WHERE entry = 2", Rule::EntryDiffers, "entry 2"),
    ("UPDATE ledger SET source_id = zeroblob(16) WHERE entry = 2", Rule::EntryDiffers, "entry 2"),
    ("UPDATE ledger SET target = 5 WHERE entry = 5", Rule::EntryUnfounded, "to suspense"),
    ("UPDATE ledger SET evidence = zeroblob(32) WHERE entry = 5", Rule::EntryUnfounded, "entry 5"),
    ("UPDATE ledger SET entry = 900 WHERE entry = 5", Rule::EntryDiffers, "entry 900"),
    ("DELETE FROM ledger WHERE entry = 1", Rule::EntryMissing, "from issued to unapplied"),
    ("DELETE FROM ledger WHERE entry = 5", Rule::EntryMissing, "300 JPY"),
    (
        "INSERT INTO ledger SELECT 900, booked, kind, unit, amount, source, source_id, target,
            target_id, account, purse, evidence FROM ledger WHERE entry = 5",
        Rule::EntryTwice,
        "entry 900",
    ),
    (
        "INSERT INTO ledger SELECT 900, booked, kind, unit, amount, source, source_id, target,
            target_id, account, purse, zeroblob(32) FROM ledger WHERE entry = 5",
        Rule::EntryUnfounded,
        "entry 900",
    ),
    ("UPDATE tokens SET outcome = 2 WHERE identity = {settled}", Rule::Receipt, "the outcome"),
    ("UPDATE tokens SET outcome = 1 WHERE outcome = 2", Rule::Receipt, "the outcome"),
    ("UPDATE tokens SET amount = 1 WHERE identity = {settled}", Rule::Row, ""),
    ("UPDATE tokens SET order_id = zeroblob(16) WHERE identity = {settled}", Rule::Row, ""),
    (
        "UPDATE tokens SET shop = x'11111111111111111111111111111111'
        WHERE identity = {settled}",
        Rule::Row,
        "the shop",
    ),
    ("UPDATE tokens SET booked = booked + 1 WHERE identity = {settled}", Rule::Receipt, "the time"),
    (
        "UPDATE tokens SET receipt = (SELECT receipt FROM tokens WHERE identity = {other})
            WHERE identity = {settled}",
        Rule::Receipt,
        "the account",
    ),
    ("UPDATE tokens SET receipt = x'00' WHERE identity = {settled}", Rule::Receipt, "is none"),
    (
        "UPDATE tokens SET receipt = cast(substr(receipt, 1, length(receipt) - 1) || x'00' AS BLOB)
            WHERE identity = {settled}",
        Rule::Signature,
        "receipt key",
    ),
    (
        "UPDATE tokens SET licence = (SELECT licence FROM tokens WHERE identity = {other})
            WHERE identity = {settled}",
        Rule::Licence,
        "another licence",
    ),
    (
        "UPDATE tokens SET licence = cast(substr(licence, 1, length(licence) - 1) || x'00' AS BLOB)
            WHERE identity = {settled}",
        Rule::Signature,
        "licence key",
    ),
    ("DELETE FROM tokens WHERE identity = {settled}", Rule::EntryMissing, "is not kept"),
    ("DELETE FROM links WHERE identity = {settled}", Rule::Row, "in no chain"),
    (
        "UPDATE links SET signed = cast(substr(signed, 1, length(signed) - 1) || x'00' AS BLOB)
            WHERE identity = {settled}",
        Rule::Signature,
        "not signed by its card",
    ),
    ("UPDATE links SET signed = x'00' WHERE identity = {settled}", Rule::Unreadable, "neither"),
    ("UPDATE links SET previous = zeroblob(32) WHERE identity = {settled}", Rule::Row, "its row"),
    ("UPDATE links SET balance = 1 WHERE counter = 2", Rule::Row, "another purse or balance"),
    ("UPDATE loads SET amount = 9999 WHERE state = 3", Rule::Credit, "9999"),
    ("UPDATE loads SET state = 4 WHERE state = 3", Rule::Load, "is voided"),
    ("UPDATE loads SET state = 3 WHERE state = 4", Rule::Load, "is applied"),
    ("UPDATE loads SET state = 4 WHERE state = 2", Rule::Load, "is voided"),
    ("UPDATE loads SET credit = NULL WHERE state = 3", Rule::Load, "without a credit"),
    ("UPDATE loads SET credit = x'00' WHERE state = 3", Rule::Credit, "is none"),
    ("UPDATE loads SET receipt = NULL WHERE state = 3", Rule::Load, "is applied"),
    (
        "UPDATE loads SET credit = cast(substr(credit, 1, length(credit) - 1) || x'00' AS BLOB)
            WHERE state = 3",
        Rule::Signature,
        "credit key",
    ),
    ("DELETE FROM loads WHERE state = 3", Rule::Load, "never opened"),
    (
        "UPDATE accounts SET signature_certificate =
            (SELECT signature_certificate FROM accounts ORDER BY id DESC LIMIT 1)
            WHERE id = (SELECT min(id) FROM accounts)",
        Rule::Certificate,
        "another card",
    ),
    ("UPDATE accounts SET signature_certificate = x'00'", Rule::Certificate, "is none"),
    ("UPDATE accounts SET assurance = 2", Rule::Certificate, "another card or class"),
    (
        "UPDATE accounts SET opening = (SELECT opening FROM accounts ORDER BY id DESC LIMIT 1)
            WHERE id = (SELECT min(id) FROM accounts)",
        Rule::Opening,
        "another center, account or card",
    ),
    (
        "UPDATE accounts SET opening = cast(substr(opening, 1, length(opening) - 1) || x'00' AS BLOB)",
        Rule::Signature,
        "its opening",
    ),
    (
        "UPDATE orders SET licence = (SELECT licence FROM orders ORDER BY id DESC LIMIT 1)",
        Rule::Order,
        "another licence",
    ),
    ("DELETE FROM accounts", Rule::Row, "of no account"),
    (
        "UPDATE tokens SET payload = zeroblob(154) WHERE identity = {settled}",
        Rule::Payload,
        "commit",
    ),
    ("UPDATE positions SET on_card = on_card + 1", Rule::Position, "are noted"),
    ("UPDATE positions SET unapplied = unapplied - 1", Rule::Position, "are noted"),
    ("DELETE FROM positions", Rule::Position, "the evidence says"),
    ("UPDATE instructions SET amount = 1", Rule::Row, "its row"),
    ("DELETE FROM instructions", Rule::EntryUnfounded, "to redeemed"),
    (
        "UPDATE instructions SET signed = cast(substr(signed, 1, length(signed) - 1) || x'00' AS BLOB)",
        Rule::Signature,
        "credit key",
    ),
    ("UPDATE instructions SET signed = x'00'", Rule::Instruction, "is none"),
    ("UPDATE resolutions SET receipt = x'00'", Rule::Receipt, "second receipt"),
    ("DELETE FROM resolutions", Rule::Receipt, "second receipt"),
    ("UPDATE payouts SET reference = 'other'", Rule::Row, "another shop or reference"),
    ("DELETE FROM payouts", Rule::Instruction, "its payout is not kept"),
    ("UPDATE fundings SET amount = 9 WHERE state = 3", Rule::Funding, "has no funding"),
    (
        "UPDATE loads SET funding = (SELECT funding FROM loads WHERE state = 3 LIMIT 1)",
        Rule::Funding,
        "stands for another load",
    ),
    ("UPDATE fundings SET source = 2 WHERE state = 3", Rule::Funding, "redeemed twice"),
    ("UPDATE fundings SET source = 3 WHERE state = 3", Rule::Funding, "nobody made"),
    ("UPDATE fundings SET source = 4 WHERE state = 3", Rule::Instruction, "is none"),
    (
        "INSERT INTO rollups SELECT zeroblob(16), 1, 'JPY', 8, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0",
        Rule::Statement,
        "noted at entry 8",
    ),
];

#[test]
fn each_kind_of_tampering_is_found_and_named() {
    let store = Tampered::new();
    assert_agrees(&audit_store(&store.folder, &store.honest));
    for (sql, rule, words) in TAMPERINGS {
        let sql = sql.replace("{settled}", SETTLED).replace("{other}", OTHER);
        let report = store.findings(&sql);
        let found = report
            .findings
            .iter()
            .any(|finding| finding.rule == *rule && finding.what.contains(words));
        assert!(found, "{sql}: {rule:?} with \"{words}\" is not in {:#?}", report.findings);
        assert!(!report.agrees());
    }
    assert_agrees(&audit_desk(&store.desk));
}

#[test]
fn an_order_that_is_settled_twice_is_found() {
    let store = Tampered::new();
    let work = store.desk.sell("jpy:300");
    let mut card = store.desk.customer();
    let order = store.desk.order(&card, &work, "once").unwrap();
    let tokens = [card.debit(&order.licence.0), card.debit(&order.licence.0)];
    tokens.iter().for_each(|token| drop(store.desk.settle(token, &order.licence.0).unwrap()));
    let report = audit_desk(&store.desk);
    assert_agrees(&report);
    assert_eq!(report.value[0].suspense, 600, "the second is in suspense");
}

#[test]
fn a_copied_card_and_one_that_spent_too_much_are_found() {
    let desk = Desk::open();
    desk.expect(Expected::Dishonest);
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let orders = ["1", "2"].map(|key| desk.order(&card, &work, key).unwrap().licence.0);
    let mut copy = card.clone();
    desk.settle(&card.debit(&orders[0]), &orders[0]).unwrap();
    assert_agrees(&audit_desk(&desk));
    desk.settle(&copy.debit(&orders[1]), &orders[1]).unwrap_err();
    let report = audit_desk(&desk);
    assert_eq!((report.counts.get("fork"), report.evidence), (Some(&1), 1));
    assert!(report.value[0].agrees, "the books are right all the same");

    let desk = Desk::open();
    desk.expect(Expected::Dishonest);
    let (work, mut card) = (desk.sell("jpy:9000"), desk.customer());
    for (key, left) in [("1", 1_000), ("2", 0)] {
        let order = desk.order(&card, &work, key).unwrap().licence.0;
        let token = card.debit_with(&order, |paid| paid.balance = left);
        desk.settle(&token, &order).unwrap();
    }
    let report = audit_desk(&desk);
    let over = report.findings.iter().find(|finding| finding.rule == Rule::Overspent).unwrap();
    assert!(over.what.contains("8000 more"), "{over:?}");
}

#[test]
fn a_card_whose_word_does_not_follow_from_its_chain_is_found() {
    let desk = Desk::open();
    desk.expect(Expected::Dishonest);
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "1").unwrap().licence.0;
    desk.settle(&card.debit_with(&order, |paid| paid.balance += 1), &order).unwrap();
    let report = audit_desk(&desk);
    assert!(report.findings[0].what.contains("9700 would follow"), "{:?}", report.findings);
    assert_eq!(report.findings[0].rule, Rule::Purse);
}

#[test]
fn a_store_that_is_none_or_belongs_to_nobody_is_refused() {
    let desk = Desk::open();
    let none = desk.folder.path().join("none");
    let roots = audit::roots(&desk.folder.path().join("keys")).unwrap();
    let ask = |file: &Path| {
        let asked = Asked { store: file, certificates: &[], roots: &roots, limit: 1 };
        audit::audit(&asked, &mut |_, _| {}).map(drop)
    };
    assert!(ask(&none).unwrap_err().to_string().contains("cannot be audited"));
    fs::write(&none, "no store").unwrap();
    assert!(ask(&none).is_err());
    let store = Connection::open(desk.back_up()).unwrap();
    store.execute("DELETE FROM center", []).unwrap();
    drop(store);
    let refused = ask(&desk.folder.path().join("backup")).unwrap_err();
    assert!(refused.to_string().contains("belongs to no center"), "{refused}");
}

#[test]
fn without_the_certificates_nothing_is_believed() {
    let (desk, _) = populated();
    let store = desk.folder.path().join("center.sqlite3");
    let roots = audit::roots(&desk.folder.path().join("keys")).unwrap();
    let certificates = audit::certificates(&desk.folder.path().join("keys")).unwrap();
    for (certificates, roots) in [(&[][..], &roots[..]), (&certificates[..], &[])] {
        let asked = Asked { store: &store, certificates, roots, limit: 3 };
        let report = audit::audit(&asked, &mut |_, _| {}).unwrap();
        assert!(report.counts["certificate"] >= 3, "{report:?}");
        assert!(report.more_findings() > 0 && report.findings.len() == 3);
    }
}
