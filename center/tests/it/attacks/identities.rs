//! Whose a thing is, and whether it is the same thing (ID2 to ID11).

use saifu_center::catalogue::NewWork;
use saifu_center::config::{Config, PurseConfig};
use saifu_center::crypto::ecdsa::other_half;
use saifu_center::shops::NewShop;
use saifu_center_api::{Account, HexBytes, ProblemCode, Registration};
use saifu_wire::signed::{EventKind, Outcome, TokenPayload};
use saifu_wire::value::Kind;
use saifu_wire::{Digest, LoadId, Nonce};

use super::{EVIDENCE, Stored, credit_under_way, sales};
use crate::card::Card;
use crate::desk::{Desk, NOW, TEXT, code};
use crate::running::Expected;

#[test]
fn id2_what_a_card_signs_for_one_center_is_nothing_at_another() {
    let (here, elsewhere) = (Desk::open(), Desk::open());
    let mut card = here.customer();
    let order = here.order(&card, &here.sell("jpy:300"), "key").unwrap();
    let (load, credit) = credit_under_way(&here, &card);
    // The same card has an account there, too.
    elsewhere.register(&mut card.clone());
    let void = card.clone().void(&credit);
    let before = Stored::of(&elsewhere);
    let closing = card.closing(|_| {});
    let token = card.debit(&order.licence.0);
    for answer in [
        elsewhere.settle(&token, &order.licence.0),
        elsewhere.settle_alone(&token),
        elsewhere.event(&void),
        elsewhere.close_load(&load, &void),
        elsewhere.close_card(&closing),
    ] {
        assert_eq!(code(answer), ProblemCode::NotFound);
    }
    before.has_not_moved(&elsewhere, &[]);
    assert_eq!(here.outcome(&token, &order.licence.0), Outcome::Settled);
}

/// A desk whose accounts have a cheque of 500, a ticket for one work, a coupon of the center's own
/// shop and a second purse of yen.
fn with_many_purses() -> Desk {
    let mut config = Config::default();
    let of = |purse, kind: &str| PurseConfig::new(purse, kind, "JPY", 1_000, 0);
    let not_after = NOW + 86_400;
    config.purses.extend([
        PurseConfig { face_amount: 500, max_balance: 500, ..of(11, "cheque") },
        PurseConfig {
            scope: "work".into(),
            scope_id: "07".repeat(16),
            face_amount: 1,
            ..of(12, "ticket")
        },
        PurseConfig { scope: "shop".into(), not_after, ..of(13, "coupon") },
        of(14, "bit-cash"),
    ]);
    Desk::with(&config)
}

/// A payment of an order for 300 as a lying card makes it: out of a purse that may not pay it.
fn refused(desk: &Desk, work: &str, lie: impl FnOnce(&mut TokenPayload)) {
    let card = desk.customer();
    let order = desk.order(&card, work, "key").unwrap();
    let before = Stored::of(desk);
    let token = card.clone().debit_with(&order.licence.0, lie);
    assert_eq!(code(desk.settle(&token, &order.licence.0)), ProblemCode::Contradiction);
    before.has_not_moved(desk, EVIDENCE);
}

#[test]
fn id2_id9_no_cheque_ticket_or_coupon_pays_what_it_is_not_for() {
    let desk = with_many_purses();
    let work = desk.sell("jpy:300");
    for purse in [11, 12, 13] {
        refused(&desk, &work, |paid| paid.purse = purse);
    }
    refused(&desk, &work, |paid| (paid.purse, paid.kind) = (11, Kind::Cheque));
    refused(&desk, &work, |paid| (paid.purse, paid.kind) = (12, Kind::Ticket));
    let whole =
        |paid: &mut TokenPayload| (paid.purse, paid.kind, paid.amount) = (11, Kind::Cheque, 500);
    refused(&desk, &work, whole);
}

#[test]
fn id2_a_purse_bound_to_a_shop_pays_no_other_shop() {
    let desk = with_many_purses();
    let shop = desk.center().add_shop(NewShop { name: "Other".into(), ..NewShop::default() });
    let text = TEXT.repeat(300);
    let coupon = Desk::new_work(&text, "coupon:jpy:300");
    let other = desk.publish(&text, NewWork { shop: Some(shop.unwrap().id), ..coupon });
    refused(&desk, &other, |paid| paid.purse = 13);
}

#[test]
fn id5_two_purses_of_one_kind_are_one_chain_and_freeze_nobody() {
    let desk = with_many_purses();
    desk.expect(Expected::Dishonest);
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let orders = ["1", "2", "3"].map(|key| desk.order(&card, &work, key).unwrap());
    let first = card.debit(&orders[0].licence.0);
    let mut copy = card.clone();
    let empty = |paid: &mut TokenPayload| (paid.purse, paid.balance) = (14, 0);
    let second = card.debit_with(&orders[1].licence.0, empty);
    assert_eq!(desk.outcome(&first, &orders[0].licence.0), Outcome::Settled);
    assert_eq!(desk.outcome(&second, &orders[1].licence.0), Outcome::Suspense, "it was empty");
    assert_eq!(desk.center().books().unwrap().frozen, 0);
    let twin = copy.debit(&orders[2].licence.0);
    assert_eq!(code(desk.settle(&twin, &orders[2].licence.0)), ProblemCode::CardFrozen);
}

#[test]
fn id6_a_hold_that_was_paid_and_then_cancelled_gives_the_card_nothing_to_spend() {
    let desk = Desk::open();
    desk.expect(Expected::Dishonest);
    let (work, mut card) = (desk.sell_decrypt_first("jpy:300"), desk.customer());
    let dear = desk.sell_text("jpy:9800", &TEXT.repeat(299));
    let order = desk.order(&card, &work, "held").unwrap();
    desk.event(&card.hold(&order.licence.0)).unwrap();
    let mut liar = card.clone();
    let token = liar.release(&order.licence.0);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Settled);
    let back = liar.event(EventKind::Cancelled, 1, 300, Digest::ZERO, LoadId::ZERO);
    desk.event(&liar.sign_link(back)).unwrap();
    let order = desk.order(&liar, &dear, "dear").unwrap();
    let token = liar.debit_with(&order.licence.0, |paid| paid.balance = 200);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Suspense);
    let books = desk.center().books().unwrap();
    assert_eq!((books.evidence, books.frozen), (1, 0));
    assert_eq!(
        desk.center().sales(0, 9).unwrap()[1].reason,
        "the card has spent more than it was given"
    );
}

#[test]
fn id3_a_signature_turned_to_its_other_half_is_the_same_payment() {
    let (desk, mut card, [order]) = sales();
    let token = card.debit(&order.licence.0);
    let turned = other_half(&order.licence.0);
    assert_ne!(turned, order.licence.0);
    assert_eq!(desk.outcome(&token, &turned), Outcome::Settled);
    let receipt = desk.settle(&token, &order.licence.0).unwrap();
    assert_eq!(desk.settle(&other_half(&token), &order.licence.0).unwrap(), receipt);
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
    assert_eq!(desk.center().books().unwrap().frozen, 0);
}

#[test]
fn id3_an_event_a_challenge_or_a_closing_with_the_other_signature_is_the_same() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell_decrypt_first("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    let held = card.hold(&order.licence.0);
    desk.event(&held).unwrap();
    desk.event(&card.cancel(&order.licence.0)).unwrap();
    let (load, credit) = credit_under_way(&desk, &card);
    let challenge = card.challenge(1, Nonce(load.nonce.0.clone().try_into().unwrap()));
    let before = Stored::of(&desk);
    desk.event(&other_half(&held)).unwrap();
    assert_eq!(desk.challenge(&load, &other_half(&challenge)).unwrap(), credit);
    before.has_not_moved(&desk, &[]);
    let event = card.credit(&credit);
    assert_eq!(desk.close_load(&load, &other_half(&event)).unwrap(), other_half(&event));
    let before = Stored::of(&desk);
    desk.close_load(&load, &event).unwrap();
    before.has_not_moved(&desk, &[]);
    let closing = card.closing(|_| {});
    desk.close_card(&closing).unwrap();
    let before = Stored::of(&desk);
    assert_eq!(desk.close_card(&other_half(&closing)).unwrap(), closing);
    before.has_not_moved(&desk, &[]);
    assert_eq!((desk.gaps(), desk.value()), (0, [0, 10_500, 0, 0]));
}

/// A registration with the other signatures of both certificates.
fn turned(card: &Card) -> Registration {
    let [signature, encryption] = card.certificates.each_ref().map(|bytes| other_half(bytes));
    Registration {
        signature_certificate: HexBytes(signature),
        encryption_certificate: HexBytes(encryption),
    }
}

#[test]
fn id3_a_card_that_somebody_registered_with_the_other_signatures_is_served_as_any() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), Card::new());
    let first: Account = desk.send("POST", "/v1/accounts", &turned(&card)).unwrap();
    let account = desk.register(&mut card);
    assert_eq!(account, first, "it is the same card");
    let load = desk.open_load(&card).unwrap();
    let event = card.credit(&desk.credit(&card, &load).unwrap());
    desk.close_load(&load, &event).unwrap();
    desk.buy(&mut card, &work, "key");
    assert_eq!((desk.gaps(), desk.value()), (0, [0, 9_700, 300, 0]));
    let mut idle = Card::new();
    let opened: Account = desk.send("POST", "/v1/accounts", &turned(&idle)).unwrap();
    assert_eq!(desk.register(&mut idle), opened);
    desk.close_card(&idle.closing(|_| {})).unwrap();
    assert_eq!(desk.center().books().unwrap().frozen, 0);
}
