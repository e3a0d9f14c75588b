//! What one customer may take up: beyond it there is a refusal, and everybody else is served.

use std::io::Read;

use http::{Request, Response};
use saifu_center::catalogue::{NewWork, PreviewSource};
use saifu_center::config::Config;
use saifu_center_api::ProblemCode;
use saifu_wire::OrderId;
use saifu_wire::signed::{Outcome, PaymentOrder};

use crate::card::Card;
use crate::desk::{Desk, TEXT, code};
use crate::funding;

#[test]
fn li12_an_account_has_so_many_open_orders_and_no_more() {
    let desk = Desk::with(&Config { max_open_orders: 2, ..Config::default() });
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let order = |key| desk.order(&card, &work, key);
    let first = order("1").unwrap();
    order("2").unwrap();
    assert_eq!(code(order("3")), ProblemCode::Conflict);
    assert_eq!(order("1").unwrap(), first, "what was placed is answered again");
    assert!(desk.order(&desk.customer(), &work, "3").is_ok(), "others are served");
    let token = card.debit(&first.licence.0);
    assert_eq!(desk.outcome(&token, &first.licence.0), Outcome::Settled);
    assert!(desk.order(&card, &work, "3").is_ok(), "a paid order is not open");
    assert_eq!(code(desk.order(&card, &work, "4")), ProblemCode::Conflict);
    desk.clock.advance(7 * 86_400 + 1);
    assert!(desk.order(&card, &work, "4").is_ok(), "nor is an expired one");
}

#[test]
fn what_is_free_or_licensed_again_is_no_open_order() {
    let desk = Desk::with(&Config { max_open_orders: 2, ..Config::default() });
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let payment = PaymentOrder::AlreadyPaid;
    let terms = NewWork { prices: vec![], payment, ..Desk::new_work(TEXT, "jpy:300") };
    let free = desk.publish(TEXT, terms);
    let (bought, _) = desk.buy(&mut card, &work, "bought");
    let order = OrderId::from_hex(&bought.id).unwrap();
    for key in ["1", "2", "3"] {
        assert!(desk.order(&card, &free, &format!("free-{key}")).is_ok());
        assert!(desk.center().order_again(order, &format!("again-{key}")).is_ok());
    }
    for (key, open) in [("1", 1), ("2", 2)] {
        desk.order(&card, &work, key).unwrap();
        assert_eq!(desk.center().card_standing(card.account).unwrap().open_orders, open);
    }
    let refused = desk.order(&card, &work, "3").unwrap_err();
    assert!(refused.detail.contains("2 orders that are not paid"), "{}", refused.detail);
    assert!(desk.order(&card, &free, "free").is_ok(), "there is nothing to pay");
}

#[test]
fn a_payment_that_nobody_pays_counts_for_a_week() {
    let desk = Desk::open();
    let card = desk.customer();
    let begin = |key: &str| funding::begin(&desk, &card, key, 700);
    for number in 0..100 {
        begin(&number.to_string()).unwrap();
    }
    assert_eq!(code(begin("more")), ProblemCode::Conflict);
    assert!(begin("0").is_ok(), "what was begun is answered again");
    desk.clock.advance(7 * 86_400 - 1);
    assert_eq!(code(begin("more")), ProblemCode::Conflict);
    desk.clock.advance(1);
    assert!(begin("more").is_ok(), "after a week they count no more");
}

#[test]
fn an_account_has_so_many_loads_and_no_more() {
    let desk = Desk::with(&Config { max_loads: 2, ..Config::default() });
    let mut card = Card::new();
    desk.register(&mut card);
    for _ in 0..2 {
        let load = desk.open_load(&card).unwrap();
        assert_eq!(desk.open_load(&card).unwrap(), load, "the open one is no further one");
        let voided = card.void(&desk.credit(&card, &load).unwrap());
        desk.close_load(&load, &voided).unwrap();
    }
    assert_eq!(code(desk.open_load(&card)), ProblemCode::Conflict);
    desk.customer();
}

#[test]
fn deliveries_that_nobody_reads_leave_room_for_payments() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell_text("jpy:300", &TEXT.repeat(10_000)), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    let path = format!("/v1/orders/{}/delivery", order.id);
    let deliver = || -> Response<Box<dyn Read + Send>> {
        desk.call(Request::get(&path).body(vec![]).unwrap())
    };
    let mut stalled: Vec<_> = (0..128).map(|_| deliver()).collect();
    assert!(stalled.iter().all(|delivery| delivery.status() == 200));
    assert_eq!(code(desk.get::<()>(&path)), ProblemCode::Unavailable);
    assert_eq!(deliver().headers()["retry-after"], "5");
    let token = card.debit(&order.licence.0);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Settled);
    let mut read = Vec::new();
    stalled.pop().unwrap().into_body().read_to_end(&mut read).unwrap();
    assert_eq!(read.len() as u64, order.delivery_length);
    // The thread that read it gives its place up a moment after its last byte.
    let again = (0..1_000).map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(5));
        deliver().status()
    });
    assert!(again.into_iter().any(|status| status == 200));
}

#[test]
fn previews_that_nobody_reads_leave_room_for_deliveries() {
    let desk = Desk::open();
    let media_type = "text/plain".parse().unwrap();
    // Far longer than what is read ahead of its reader.
    let preview = PreviewSource::Brought { media_type, bytes: vec![b'a'; 1 << 20] };
    let work = NewWork { preview, ..Desk::new_work("Text", "jpy:300") };
    let text = TEXT.repeat((5 << 20) / TEXT.len());
    let added = desk.center().add_work(&mut text.as_bytes(), work).unwrap().added;
    desk.center().publish(added.work, 1).unwrap();
    let (work, card) = (added.work.to_string(), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    let get = |path: String| desk.call(Request::get(path).body(vec![]).unwrap());
    let previews: Vec<_> = (0..129).map(|_| get(format!("/v1/works/{work}/preview"))).collect();
    let refused = previews.last().unwrap();
    assert_eq!((previews[0].status().as_u16(), refused.status().as_u16()), (200, 503));
    assert_eq!(refused.headers()["retry-after"], "5");
    let delivery = get(format!("/v1/orders/{}/delivery", order.id));
    assert_eq!(delivery.status(), 200);
}
