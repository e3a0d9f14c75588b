//! The auditor: it agrees with honest books, whatever happened, and finds each kind of tampering.

use std::fs;
use std::path::Path;

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
    let asked = Asked { store: file, certificates: &certificates, roots, limit: 500 };
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

pub(crate) fn assert_agrees(report: &Report) {
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

#[test]
fn of_two_payments_of_an_order_one_is_settled_and_the_audit_agrees() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "once").unwrap();
    let tokens = [card.debit(&order.licence.0), card.debit(&order.licence.0)];
    tokens.iter().for_each(|token| drop(desk.settle(token, &order.licence.0).unwrap()));
    let report = audit_desk(&desk);
    assert_agrees(&report);
    assert_eq!(report.value[0].suspense, 300, "the second is in suspense");
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
