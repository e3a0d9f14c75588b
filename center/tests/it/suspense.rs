//! A payment in suspense is settled when its owner says so, where nothing speaks against it; the
//! instruction and a second receipt prove it.

use rusqlite::Connection;
use saifu_center::store::TokenName;
use saifu_center_api::{Order, OrderState, ProblemCode};
use saifu_wire::Digest;
use saifu_wire::signed::{Outcome, Receipt, Signed};

use crate::card::Card;
use crate::desk::Desk;
use crate::running::Expected;

/// A payment of 300 that came too late, its entry last in the ledger.
fn late() -> (Desk, Card, Order, Vec<u8>) {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    let token = card.debit(&order.licence.0);
    desk.clock.advance(7 * 86_400 + 1);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Suspense);
    (desk, card, order, token)
}

fn entry(desk: &Desk) -> TokenName {
    TokenName::Entry(desk.center().sales(0, 100).unwrap().last().unwrap().entry)
}

fn refused(desk: &Desk, token: TokenName) -> (ProblemCode, String) {
    let refusal = desk.center().resolve(token).unwrap_err();
    (refusal.code(), refusal.to_string())
}

#[test]
fn a_payment_in_suspense_is_settled_once_and_its_card_gets_a_second_receipt() {
    let (mut desk, card, order, token) = late();
    let suspended = desk.center().suspended(0, 10).unwrap();
    assert_eq!((suspended.len(), suspended[0].reason.as_str()), (1, "the order has expired"));
    desk.clock.advance(60);
    let resolved = desk.center().resolve(TokenName::Identity(card.previous)).unwrap();
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
    let receipt = Signed::<Receipt>::parse(&resolved.receipt).unwrap().message().clone();
    assert_eq!((receipt.outcome, receipt.token), (Outcome::Settled, card.previous));
    assert_eq!((receipt.entry, receipt.counter), (resolved.entry, card.counter));
    desk.reopen();
    assert_eq!(desk.settle(&token, &order.licence.0).unwrap(), resolved.receipt);
    assert_eq!(desk.center().resolve(entry(&desk)).unwrap(), resolved, "again, the same");
    assert_eq!(desk.center().suspended(0, 10).unwrap(), []);
    let sales = desk.center().sales(0, 10).unwrap();
    assert_eq!((sales[0].outcome, sales[0].resolved), (Outcome::Suspense, Some(resolved.entry)));
    let shown: Order = desk.get(&format!("/v1/orders/{}", order.id)).unwrap();
    assert_eq!(shown.state, OrderState::Settled);
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
}

#[test]
fn an_order_that_was_settled_from_suspense_takes_no_second_payment() {
    let (desk, mut card, order, _) = late();
    desk.center().resolve(entry(&desk)).unwrap();
    let second = card.debit(&order.licence.0);
    assert_eq!(desk.outcome(&second, &order.licence.0), Outcome::Suspense);
    let (code, why) = refused(&desk, entry(&desk));
    assert_eq!(code, ProblemCode::Conflict);
    assert!(why.contains("second one of its order"), "{why}");
    assert_eq!(desk.value(), [0, 9_400, 300, 300]);
}

#[test]
fn a_payment_that_was_settled_as_it_came_is_not_settled_again() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    desk.settle(&card.debit(&order.licence.0), &order.licence.0).unwrap();
    let (code, why) = refused(&desk, entry(&desk));
    assert!(code == ProblemCode::Conflict && why.contains("as it came"), "{why}");
    for nothing in [TokenName::Entry(99), TokenName::Identity(Digest([9; 32]))] {
        assert_eq!(refused(&desk, nothing).0, ProblemCode::NotFound);
    }
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
}

#[test]
fn more_than_the_card_was_given_is_not_settled() {
    let desk = Desk::open();
    desk.expect(Expected::Dishonest);
    let (work, mut card) = (desk.sell("jpy:20000"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    let token = card.debit_with(&order.licence.0, |paid| paid.balance = 0);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Suspense);
    let (code, why) = refused(&desk, entry(&desk));
    assert!(code == ProblemCode::Conflict && why.contains("given"), "{why}");
}

#[test]
fn instruction_receipt_and_entry_are_kept_all_or_none_and_for_good() {
    let (desk, ..) = late();
    let store = Connection::open(desk.folder.path().join("center.sqlite3")).unwrap();
    store
        .execute_batch(
            "CREATE TRIGGER broken BEFORE INSERT ON resolutions BEGIN SELECT RAISE(ABORT, 'no'); \
             END",
        )
        .unwrap();
    assert_eq!(refused(&desk, entry(&desk)).0, ProblemCode::Internal);
    assert_eq!(desk.value(), [0, 9_700, 0, 300]);
    store.execute_batch("DROP TRIGGER broken").unwrap();
    desk.center().resolve(entry(&desk)).unwrap();
    for change in [
        "UPDATE instructions SET amount = 1",
        "DELETE FROM instructions",
        "UPDATE resolutions SET receipt = x''",
        "DELETE FROM resolutions",
    ] {
        assert!(store.execute(change, []).is_err(), "{change}");
    }
}
