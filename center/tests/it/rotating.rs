//! Keys change while sales are under way.

use saifu_center::keys::{Change, Unlock};
use saifu_center::rotation::check_retirement;
use saifu_center::store::sqlite::Sqlite;
use saifu_center_api as api;
use saifu_wire::certificate::{Certificate, Role};
use saifu_wire::signed::{Credit, Outcome, Receipt, Signed};

use crate::card::Card;
use crate::desk::{Desk, NOW};

const ROLES: [Role; 4] = [Role::Licence, Role::Credit, Role::Receipt, Role::Payment];

fn rotate(desk: &mut Desk, role: Role, retires_below: u32) {
    desk.change_keys(|change| change.rotate(role, retires_below, NOW).unwrap());
}

/// Whether something rests on the first key of a role.
fn rests(desk: &Desk, role: Role) -> bool {
    let store = Sqlite::open(&desk.folder.path().join("center.sqlite3")).unwrap();
    let keys = desk.folder.path().join("keys");
    let change = Change::look(&keys, &Unlock::Nothing).unwrap();
    check_retirement(&store, change.ring(), (role, 1), NOW).is_err()
}

#[test]
fn id7_what_was_signed_before_a_rotation_is_good_after_it() {
    let mut desk = Desk::open();
    let (mut payer, work) = (desk.customer(), desk.sell("jpy:300"));
    let order = desk.order(&payer, &work, "one").unwrap();
    let mut loader = Card::new();
    desk.register(&mut loader);
    let load = desk.open_load(&loader).unwrap();
    let credit = desk.credit(&loader, &load).unwrap();
    for role in ROLES {
        rotate(&mut desk, role, 0);
    }
    let center: api::Center = desk.get("/v1/center").unwrap();
    let sequences = center.certificates.iter();
    let sequences = sequences.map(|bytes| Certificate::parse(&bytes.0).unwrap().body().sequence);
    assert_eq!(sequences.collect::<Vec<_>>(), [2, 2, 2, 2, 1, 1, 1, 1]);
    let token = payer.debit(&order.licence.0);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Settled);
    let event = loader.credit(&credit);
    assert_eq!(desk.close_load(&load, &event).unwrap(), event);
    desk.value();
}

#[test]
fn id7_a_receipt_whose_key_was_retired_is_signed_again() {
    let mut desk = Desk::open();
    let (mut card, work) = (desk.customer(), desk.sell("jpy:300"));
    let licence = desk.order(&card, &work, "one").unwrap().licence.0;
    let token = card.debit(&licence);
    let first = Signed::<Receipt>::parse(&desk.settle(&token, &licence).unwrap()).unwrap();
    rotate(&mut desk, Role::Receipt, 2);
    let again = Signed::<Receipt>::parse(&desk.settle(&token, &licence).unwrap()).unwrap();
    assert_eq!(again.message(), &Receipt { signer: 2, ..first.message().clone() });
}

#[test]
fn no_licence_or_payment_key_is_retired_under_an_order_that_waits_to_be_paid() {
    let desk = Desk::open();
    let (mut card, work) = (desk.customer(), desk.sell("jpy:300"));
    assert!(!rests(&desk, Role::Licence) && !rests(&desk, Role::Payment));
    let licence = desk.order(&card, &work, "one").unwrap().licence.0;
    assert!(rests(&desk, Role::Licence) && rests(&desk, Role::Payment));
    let token = card.debit(&licence);
    desk.settle(&token, &licence).unwrap();
    assert!(!rests(&desk, Role::Licence) && !rests(&desk, Role::Payment));
}

#[test]
fn pa14_a_late_token_is_settled_though_licence_and_payment_key_were_retired() {
    let mut desk = Desk::open();
    let (mut card, work) = (desk.customer(), desk.sell("jpy:300"));
    let licence = desk.order(&card, &work, "one").unwrap().licence.0;
    let token = card.debit(&licence);
    rotate(&mut desk, Role::Licence, 2);
    rotate(&mut desk, Role::Payment, 2);
    assert_eq!(desk.outcome(&token, &licence), Outcome::Settled);
}

#[test]
fn id7_a_credit_whose_key_leaked_is_signed_again_and_either_identity_closes_its_load() {
    for takes_the_new_one in [true, false] {
        let mut desk = Desk::open();
        let mut card = Card::new();
        desk.register(&mut card);
        let load = desk.open_load(&card).unwrap();
        let old = desk.credit(&card, &load).unwrap();
        assert!(rests(&desk, Role::Credit));
        rotate(&mut desk, Role::Credit, 2);
        let new = desk.credit(&card, &load).unwrap();
        let (said, before) = (Signed::<Credit>::parse(&new), Signed::<Credit>::parse(&old));
        let (said, before) = (said.unwrap(), before.unwrap());
        assert_eq!(said.message(), &Credit { signer: 2, ..before.message().clone() });
        let event = card.credit(if takes_the_new_one { &new } else { &old });
        assert_eq!(desk.close_load(&load, &event).unwrap(), event);
        assert!(!rests(&desk, Role::Credit));
        desk.value();
    }
}
