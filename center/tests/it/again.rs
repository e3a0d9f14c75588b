//! A work that was bought is licensed again to the card that deleted it.

use saifu_center::catalogue::NewWork;
use saifu_center_api::{OrderState, Orders, ProblemCode};
use saifu_wire::signed::{Licence, PaymentOrder, Signed};

use crate::desk::{Desk, TEXT, code};

fn licence(bytes: &[u8]) -> Licence {
    Signed::<Licence>::parse(bytes).unwrap().message().clone()
}

#[test]
fn id4_a_bought_work_is_licensed_again_already_paid_with_a_key_of_its_own() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let (order, _) = desk.buy(&mut card, &work, "bought");
    let again = desk.again(&order.id, "again").unwrap();
    assert_eq!((again.state, again.again_of.as_deref()), (OrderState::Settled, Some(&*order.id)));
    let [first, second] = [licence(&order.licence.0), licence(&again.licence.0)];
    assert_eq!((second.payment, second.prices.0.len()), (PaymentOrder::AlreadyPaid, 0));
    assert_eq!((second.content, second.content_version), (first.content, first.content_version));
    assert!(second.number > first.number && second.order != first.order);
    assert_ne!(card.unwrap(&order.licence.0), card.unwrap(&again.licence.0));
    assert_ne!(desk.delivery(&order), desk.delivery(&again));
    assert_eq!(desk.again(&order.id, "again").unwrap(), again, "the same key, the same order");
    let third = desk.again(&again.id, "third").unwrap();
    assert_eq!(third.again_of, Some(order.id), "it is the first that paid");
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
}

#[test]
fn id4_what_is_not_paid_or_was_for_a_number_of_uses_is_not_licensed_again() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let open = desk.order(&card, &work, "open").unwrap();
    assert_eq!(code(desk.again(&open.id, "again")), ProblemCode::Conflict);
    let text = TEXT.repeat(200);
    let limited = NewWork { uses: 3, ..Desk::new_work(&text, "jpy:100") };
    let limited = desk.publish(&text, limited);
    let (limited, _) = desk.buy(&mut card, &limited, "limited");
    let refused = desk.again(&limited.id, "again").unwrap_err();
    assert_eq!(refused.code(), Some(ProblemCode::Conflict));
    assert!(refused.detail.contains("uses never come back"), "{}", refused.detail);
    assert_eq!(code(desk.again(&limited.id, "")), ProblemCode::Malformed);
    assert_eq!(code(desk.again("nothing", "again")), ProblemCode::NotFound);
}

#[test]
fn an_old_version_is_licensed_again_as_it_was_bought() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let (order, _) = desk.buy(&mut card, &work, "bought");
    let text = TEXT.repeat(100);
    let edition_of = Some(saifu_wire::ContentId::from_hex(&work).unwrap());
    desk.publish(&text, NewWork { edition_of, ..Desk::new_work(&text, "jpy:500") });
    assert_eq!(desk.again(&order.id, "again").unwrap().version, order.version);
}

#[test]
fn an_accounts_orders_are_listed_page_by_page() {
    let desk = Desk::open();
    let (work, card) = (desk.sell("jpy:300"), desk.customer());
    let orders = ["1", "2", "3"].map(|key| desk.order(&card, &work, key).unwrap());
    let path = format!("/v1/accounts/{}/orders?limit=2", card.account);
    let page: Orders = desk.get(&path).unwrap();
    assert_eq!(page.orders, orders[..2]);
    let last: Orders = desk.get(&format!("{path}&cursor={}", page.next.unwrap())).unwrap();
    assert_eq!((last.orders.as_slice(), last.next), (&orders[2..], None));
    let other = desk.customer();
    let none: Orders = desk.get(&format!("/v1/accounts/{}/orders", other.account)).unwrap();
    assert_eq!(none.orders, []);
    assert_eq!(code(desk.get::<Orders>(&format!("{path}000"))), ProblemCode::Malformed);
}
