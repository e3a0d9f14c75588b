//! What a card has on hold is on the card: the books and its word agree, whatever of it is known.

use rusqlite::Connection;
use saifu_center::ledger::{PurseFinding, reconcile};
use saifu_wire::Digest;
use saifu_wire::signed::Outcome;

use crate::card::Card;
use crate::desk::Desk;
use crate::running::Expected;

/// Puts a link of the card into the store, as if it had been sent in.
fn keep(desk: &Desk, card: &Card, (counter, balance, held): (u64, i64, Option<i64>)) {
    let store = Connection::open(desk.folder.path().join("center.sqlite3")).unwrap();
    store
        .execute(
            "INSERT INTO links
                 (account, counter, identity, previous, purse, balance, signed, booked, held)
             VALUES (?1, ?2, randomblob(32), zeroblob(32), 1, ?3, x'', 1, ?4)",
            (card.account.0, counter.cast_signed(), balance, held),
        )
        .unwrap();
}

fn findings(desk: &Desk) -> Vec<PurseFinding> {
    desk.center().books().unwrap().purses
}

#[test]
fn what_an_event_has_on_hold_counts_as_on_the_card() {
    for (balance, held, wrong) in [(9_700, 300, false), (9_700, 299, true), (9_700, 0, true)] {
        let desk = Desk::open();
        desk.expect(Expected::Tampered);
        let card = desk.customer();
        keep(&desk, &card, (card.counter + 1, balance, Some(held)));
        assert_eq!(!findings(&desk).is_empty(), wrong, "{held} on hold");
    }
}

#[test]
fn a_payment_while_something_is_on_hold_is_not_found_wrong() {
    let desk = Desk::open();
    desk.expect(Expected::Tampered);
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    // A hold of 400, then a payment of 300 from what is left.
    keep(&desk, &card, (card.counter + 1, 9_600, Some(400)));
    card.counter += 1;
    card.previous = Digest(last_link(&desk));
    let token = card.debit_with(&order.licence.0, |paid| paid.balance = 9_300);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Settled);
    assert_eq!(findings(&desk), []);
    // An event that says more than that is wrong.
    keep(&desk, &card, (card.counter + 1, 9_300, Some(401)));
    assert_eq!(findings(&desk).len(), 1);
}

#[test]
fn an_event_that_is_sent_in_says_what_is_on_hold() {
    let (desk, mut card) = (Desk::open(), Card::new());
    desk.register(&mut card);
    let load = desk.open_load(&card).unwrap();
    let credit = desk.credit(&card, &load).unwrap();
    let event = card.credit(&credit);
    desk.close_load(&load, &event).unwrap();
    let store = Connection::open(desk.folder.path().join("center.sqlite3")).unwrap();
    let held: Option<i64> =
        store.query_row("SELECT held FROM links", [], |row| row.get(0)).unwrap();
    assert_eq!(held, Some(0));
}

#[test]
fn a_purse_of_which_something_else_is_noted_than_the_ledger_says_is_found() {
    let desk = Desk::open();
    desk.expect(Expected::Tampered);
    let card = desk.customer();
    let store = Connection::open(desk.folder.path().join("center.sqlite3")).unwrap();
    for change in [1, -2] {
        store.execute("UPDATE positions SET on_card = on_card + ?1", [change]).unwrap();
        let found = reconcile(&desk.center().books().unwrap()).findings;
        assert!(found[0].contains("noted beside it"), "{found:?}");
        assert!(found[0].contains(&card.account.to_string()), "{found:?}");
    }
    store.execute("DELETE FROM positions", []).unwrap();
    assert!(!findings(&desk).is_empty());
}

fn last_link(desk: &Desk) -> [u8; 32] {
    let store = Connection::open(desk.folder.path().join("center.sqlite3")).unwrap();
    let sql = "SELECT identity FROM links ORDER BY counter DESC LIMIT 1";
    store.query_row(sql, [], |row| row.get(0)).unwrap()
}
