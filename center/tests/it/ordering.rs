//! A work is ordered and delivered: once per key, with a key of its own, the same each time.

use saifu_center::catalogue::NewWork;
use saifu_center::crypto::sha256;
use saifu_center_api::{Order, OrderState, ProblemCode};
use saifu_wire::signed::{Licence, PaymentOrder, Signed};

use crate::card::Card;
use crate::desk::{Desk, TEXT, code};

fn licence(order: &Order) -> Licence {
    Signed::<Licence>::parse(&order.licence.0).unwrap().message().clone()
}

#[test]
fn li10_the_same_key_is_the_same_order_even_from_a_center_started_again() {
    let mut desk = Desk::open();
    let (work, card) = (desk.sell("jpy:300"), desk.customer());
    let first = desk.order(&card, &work, "key-1").unwrap();
    assert_eq!(desk.order(&card, &work, "key-1").unwrap(), first);
    desk.reopen();
    assert_eq!(desk.order(&card, &work, "key-1").unwrap(), first);
    let shown: Order = desk.get(&format!("/v1/orders/{}", first.id)).unwrap();
    assert_eq!(shown, first);
    assert_eq!(first.state, OrderState::Open);
}

#[test]
fn li11_a_key_used_for_another_request_is_a_conflict_and_another_cards_key_is_not() {
    let desk = Desk::open();
    let (one, two) = (desk.sell("jpy:300"), desk.sell("jpy:400"));
    let (card, other) = (desk.customer(), desk.customer());
    let order = desk.order(&card, &one, "key").unwrap();
    assert_eq!(code(desk.order(&card, &two, "key")), ProblemCode::Conflict);
    assert_eq!(code(desk.order_version(&card, &one, "key", Some(1))), ProblemCode::Conflict);
    assert_ne!(desk.order(&other, &two, "key").unwrap().id, order.id);
}

#[test]
fn a_delivery_asked_for_twice_has_the_same_bytes() {
    let mut desk = Desk::open();
    let (work, card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    let first = desk.delivery(&order);
    assert_eq!(first.len() as u64, order.delivery_length);
    assert_eq!(sha256(&[&first[..70]]), licence(&order).header.0);
    assert_eq!(desk.delivery(&order), first);
    desk.reopen();
    assert_eq!(desk.delivery(&order), first);
}

#[test]
fn a_second_order_of_the_same_work_has_another_key_another_ciphertext_and_the_next_number() {
    let desk = Desk::open();
    let (work, card) = (desk.sell("jpy:300"), desk.customer());
    let one = desk.order(&card, &work, "key-1").unwrap();
    let two = desk.order(&card, &work, "key-2").unwrap();
    assert_eq!((licence(&one).number, licence(&two).number), (1, 2));
    assert_ne!(card.unwrap(&one.licence.0), card.unwrap(&two.licence.0));
    let (first, second) = (desk.delivery(&one), desk.delivery(&two));
    assert_eq!(first.len(), second.len());
    let same = first.chunks(16).skip(5).filter(|block| second.chunks(16).any(|b| b == *block));
    assert_eq!(same.count(), 0, "no block of ciphertext is the same");
    let stranger = desk.customer();
    let other = desk.order(&stranger, &work, "key-1").unwrap();
    assert_eq!(licence(&other).number, 1, "each card counts its own licences");
}

#[test]
fn the_licence_is_for_the_card_and_says_what_the_catalogue_says() {
    let desk = Desk::open();
    let (work, card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    let licence = licence(&order);
    assert_eq!((licence.order.to_string(), licence.content.to_string()), (order.id, order.work));
    assert_eq!((licence.prices.0.len(), licence.prices.0[0].amount), (1, 300));
    assert_eq!(licence.center, desk.center().id());
}

#[test]
fn what_is_not_for_sale_and_who_is_not_known_is_not_found() {
    let desk = Desk::open();
    let (work, card) = (desk.sell("jpy:300"), desk.customer());
    let nowhere = "00".repeat(16);
    assert_eq!(code(desk.order(&card, &nowhere, "key")), ProblemCode::NotFound);
    assert_eq!(code(desk.order_version(&card, &work, "key", Some(2))), ProblemCode::NotFound);
    assert_eq!(code(desk.order(&Card::new(), &work, "key")), ProblemCode::NotFound);
    assert_eq!(code(desk.order(&card, "no id", "key")), ProblemCode::NotFound);
    let path = format!("/v1/orders/{nowhere}");
    assert_eq!(code(desk.get::<Order>(&path)), ProblemCode::NotFound);
    assert_eq!(code(desk.get::<Order>(&format!("{path}/delivery"))), ProblemCode::NotFound);
}

#[test]
fn an_order_needs_a_key() {
    let desk = Desk::open();
    let (work, card) = (desk.sell("jpy:300"), desk.customer());
    for bad in ["", "with space", &"x".repeat(256)] {
        assert_eq!(code(desk.order(&card, &work, bad)), ProblemCode::Malformed);
    }
    assert!(desk.order(&card, &work, &"x".repeat(255)).is_ok());
}

#[test]
fn an_order_that_nobody_pays_expires() {
    let desk = Desk::open();
    let (work, card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    let state = || desk.get::<Order>(&format!("/v1/orders/{}", order.id)).unwrap().state;
    desk.clock.advance(7 * 86_400);
    assert_eq!(state(), OrderState::Open);
    desk.clock.advance(1);
    assert_eq!(state(), OrderState::Expired);
}

#[test]
fn an_order_with_nothing_to_pay_is_settled_from_the_start() {
    let desk = Desk::open();
    let (payment, prices) = (PaymentOrder::AlreadyPaid, vec![]);
    let free = NewWork { payment, prices, ..Desk::new_work(TEXT, "jpy:1") };
    let added = desk.center().add_work(&mut TEXT.as_bytes(), free).unwrap();
    desk.center().publish(added.added.work, 1).unwrap();
    let card = desk.customer();
    let order = desk.order(&card, &added.added.work.to_string(), "key").unwrap();
    assert_eq!(order.state, OrderState::Settled);
    assert!(licence(&order).prices.0.is_empty());
    desk.clock.advance(30 * 86_400);
    assert_eq!(desk.order(&card, &order.work, "key").unwrap().state, OrderState::Settled);
}

#[test]
fn what_cannot_be_delivered_is_not_sold() {
    let desk = Desk::open();
    let (work, card) = (desk.sell("jpy:300"), desk.customer());
    let blobs = desk.folder.path().join("works/blobs");
    let away = desk.folder.path().join("away");
    std::fs::rename(&blobs, &away).unwrap();
    assert!(desk.order(&card, &work, "key").is_err());
    std::fs::rename(&away, &blobs).unwrap();
    desk.order(&card, &work, "key").unwrap();
}
