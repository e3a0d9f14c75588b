//! The mall: shops, their works, editions, and works that are withdrawn.

use std::io::Cursor;

use http::Request;
use saifu_center::catalogue::NewWork;
use saifu_center::shops::{NewShop, ShopChange};
use saifu_center::store::ShopRow;
use saifu_center_api::{ProblemCode, Shop, Shops, Work, Works};
use saifu_wire::{ContentId, ShopId};

use crate::desk::{Desk, TEXT, code};

fn open_shop(desk: &Desk, name: &str) -> ShopRow {
    let terms = "No returns.".to_owned();
    let shop = NewShop { name: name.into(), terms, fee_basis_points: 250, slug: None };
    desk.center().add_shop(shop).unwrap()
}

/// Adds and publishes a text in a shop and returns the work's id.
fn sell_in(desk: &Desk, shop: ShopId, title: &str) -> String {
    let work = NewWork { shop: Some(shop), title: title.into(), ..Desk::new_work(TEXT, "jpy:300") };
    let text = format!("{title}: {}", TEXT.repeat(300));
    let added = desk.center().add_work(&mut Cursor::new(text), work).unwrap();
    desk.center().publish(added.added.work, added.version).unwrap();
    added.added.work.to_string()
}

fn titles(desk: &Desk, query: &str) -> Vec<String> {
    let works: Works = desk.get(&format!("/v1/works?{query}")).unwrap();
    works.works.into_iter().map(|work| work.title).collect()
}

fn close(desk: &Desk, shop: ShopId, open: bool) {
    let change = ShopChange { open: Some(open), ..ShopChange::default() };
    desk.center().change_shop(shop, change).unwrap();
}

#[test]
fn the_center_itself_is_the_first_shop_and_needs_no_other() {
    let desk = Desk::open();
    let shops: Shops = desk.get("/v1/shops").unwrap();
    let [shop] = &shops.shops[..] else { panic!("{shops:?}") };
    assert_eq!((shop.id.as_str(), shop.name.as_str()), (&"0".repeat(32)[..], "Saifu test center"));
    let work: Work = desk.get(&format!("/v1/works/{}", desk.sell("jpy:300"))).unwrap();
    assert_eq!((work.shop, work.shop_name.as_str()), (None, "Saifu test center"));
    assert_eq!(desk.center().shop_by_id(ShopId::ZERO).unwrap().fee_basis_points, 0);
}

#[test]
fn each_shop_has_a_catalogue_of_its_own() {
    let desk = Desk::open();
    let (books, songs) = (open_shop(&desk, "Anna's Books"), open_shop(&desk, "Songs"));
    sell_in(&desk, books.id, "One");
    sell_in(&desk, songs.id, "Two");
    let third = sell_in(&desk, books.id, "Three");
    assert_eq!(titles(&desk, ""), ["One", "Two", "Three"]);
    assert_eq!(titles(&desk, "shop=anna-s-books"), ["One", "Three"]);
    assert_eq!(titles(&desk, &format!("shop={}", songs.id)), ["Two"]);
    assert_eq!(titles(&desk, "shop=center"), [""; 0]);
    assert_eq!(code(desk.get::<Works>("/v1/works?shop=nobody")), ProblemCode::NotFound);
    let shown: Work = desk.get(&format!("/v1/works/{third}")).unwrap();
    assert_eq!((shown.shop, shown.shop_name), (Some(books.id.to_string()), books.name));
    let shop: Shop = desk.get("/v1/shops/anna-s-books").unwrap();
    assert_eq!((shop.id, shop.terms.as_str()), (books.id.to_string(), "No returns."));
    assert_eq!(code(desk.get::<Shop>("/v1/shops/nobody")), ProblemCode::NotFound);
}

#[test]
fn what_is_bought_in_a_shop_is_settled_to_that_shop() {
    let desk = Desk::open();
    let shop = open_shop(&desk, "Books");
    let (work, mut card) = (sell_in(&desk, shop.id, "One"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    desk.settle(&card.debit(&order.licence.0), &order.licence.0).unwrap();
    assert_eq!(desk.value()[2], 300);
}

#[test]
fn a_search_finds_titles_and_creators_in_any_case() {
    let desk = Desk::open();
    for title in ["Über den Wolken", "100% Cotton", "Alice"] {
        sell_in(&desk, ShopId::ZERO, title);
    }
    assert_eq!(titles(&desk, "q=%C3%BCBER"), ["Über den Wolken"]);
    assert_eq!(titles(&desk, "q=0%25"), ["100% Cotton"]);
    assert_eq!(titles(&desk, "q=nobody").len(), 3, "all are by Nobody");
    assert_eq!(titles(&desk, "q=_"), [""; 0]);
    let long = format!("/v1/works?q={}", "a".repeat(101));
    assert_eq!(code(desk.get::<Works>(&long)), ProblemCode::Malformed);
}

#[test]
fn the_next_page_is_named_in_the_head_as_well() {
    let desk = Desk::open();
    for title in ["A", "B", "C"] {
        sell_in(&desk, ShopId::ZERO, title);
    }
    let mut path = "/v1/works?limit=2&q=nobody".to_owned();
    let mut pages = Vec::new();
    loop {
        let response = desk.call(Request::get(&path).body(vec![]).unwrap());
        let link = response.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        pages.push(titles(&desk, path.split_once('?').unwrap().1));
        let Some(link) = link else { break };
        let next = link.strip_suffix(">; rel=\"next\"").unwrap();
        path = next.strip_prefix('<').unwrap().to_owned();
    }
    assert_eq!(pages, [vec!["A", "B"], vec!["C"]]);
}

#[test]
fn a_closed_shop_sells_nothing_and_what_was_bought_is_delivered_again() {
    let desk = Desk::open();
    let shop = open_shop(&desk, "Books");
    let (work, card) = (sell_in(&desk, shop.id, "One"), desk.customer());
    let order = desk.order(&card, &work, "before").unwrap();
    let delivered = desk.delivery(&order);
    close(&desk, shop.id, false);
    assert_eq!(titles(&desk, ""), [""; 0]);
    assert_eq!(code(desk.get::<Shop>("/v1/shops/books")), ProblemCode::NotFound);
    assert_eq!(code(desk.get::<Work>(&format!("/v1/works/{work}"))), ProblemCode::NotFound);
    assert_eq!(code(desk.order(&card, &work, "after")), ProblemCode::NotFound);
    assert!(desk.delivery(&order) == delivered);
    let id = ContentId::from_hex(&work).unwrap();
    let refused = desk.center().publish(id, 1).unwrap_err();
    assert_eq!(refused.code(), ProblemCode::Conflict);
    let more = NewWork { shop: Some(shop.id), ..Desk::new_work(TEXT, "jpy:1") };
    let refused = desk.center().add_work(&mut Cursor::new(TEXT.repeat(300)), more).unwrap_err();
    assert_eq!(refused.code(), ProblemCode::Conflict);
    close(&desk, shop.id, true);
    assert_eq!(titles(&desk, ""), ["One"]);
    assert!(desk.order(&card, &work, "again").is_ok());
}

#[test]
fn a_withdrawn_work_is_not_sold_and_its_buyers_keep_it() {
    let desk = Desk::open();
    let (work, card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "before").unwrap();
    let delivered = desk.delivery(&order);
    let id = ContentId::from_hex(&work).unwrap();
    desk.center().withdraw(id).unwrap();
    let again = desk.center().withdraw(id).unwrap();
    assert!(again.withdrawn.is_some());
    assert_eq!(titles(&desk, ""), [""; 0]);
    assert_eq!(code(desk.get::<Work>(&format!("/v1/works/{work}"))), ProblemCode::NotFound);
    assert_eq!(code(desk.order(&card, &work, "after")), ProblemCode::NotFound);
    let older = desk.order_version(&card, &work, "older", Some(1));
    assert_eq!(code(older), ProblemCode::NotFound);
    assert_eq!(desk.order(&card, &work, "before").unwrap().id, order.id);
    assert!(desk.delivery(&order) == delivered);
    desk.center().publish(id, 1).unwrap();
    assert!(desk.order(&card, &work, "back").is_ok());
    let never = desk.center().withdraw(ContentId([7; 16])).unwrap_err();
    assert_eq!(never.code(), ProblemCode::NotFound);
}

#[test]
fn a_new_edition_leaves_the_older_one_to_those_who_bought_it() {
    let desk = Desk::open();
    let shop = open_shop(&desk, "Books");
    let (work, card) = (sell_in(&desk, shop.id, "One"), desk.customer());
    let old = desk.order(&card, &work, "old").unwrap();
    let delivered = desk.delivery(&old);
    let edition_of = ContentId::from_hex(&work);
    let edition = NewWork { edition_of, ..Desk::new_work("Second", "jpy:500") };
    let mut text = Cursor::new("Another text. ".repeat(900));
    let row = desk.center().add_work(&mut text, edition.clone()).unwrap();
    assert_eq!((row.added.shop, row.version), (shop.id, 2));
    desk.center().publish(row.added.work, 2).unwrap();
    let new = desk.order(&card, &work, "new").unwrap();
    assert_eq!((old.version, new.version), (1, 2));
    assert!(desk.delivery(&old) == delivered, "the same bytes as ever");
    let [old_salt, new_salt] =
        [&delivered, &desk.delivery(&new)].map(|bytes| bytes[38..70].to_vec());
    assert_ne!(old_salt, new_salt, "an edition is delivered under keys of its own");
    let elsewhere = NewWork { shop: Some(ShopId::ZERO), ..edition };
    let refused = desk.center().add_work(&mut Cursor::new("x".repeat(9_000)), elsewhere);
    assert_eq!(refused.unwrap_err().code(), ProblemCode::Conflict);
}

#[test]
fn a_work_of_another_digest_or_that_opens_no_more_or_that_nobody_can_pay_is_refused() {
    let desk = Desk::open();
    let add = |work: NewWork| desk.center().add_work(&mut Cursor::new(TEXT.repeat(300)), work);
    let row = add(Desk::new_work(TEXT, "jpy:300")).unwrap();
    let right =
        NewWork { sha256: Some(row.added.content.sha256), ..Desk::new_work(TEXT, "jpy:300") };
    assert!(add(right.clone()).is_ok());
    let digest = "ab".repeat(32).parse().ok();
    let mut past = right.clone();
    past.validity.not_after = desk.center().now() - 1;
    for (wrong, word) in [
        (NewWork { sha256: digest, ..right }, "SHA-256"),
        (past, "past"),
        (Desk::new_work(TEXT, "eur:300"), "no purse"),
        (Desk::new_work(TEXT, "jpy:1000001"), "at most 1000000"),
        (Desk::new_work(TEXT, "jpy:3:shop".replace("jpy", "coupon:jpy").as_str()), "bound"),
    ] {
        let refused = add(wrong).unwrap_err();
        assert_eq!(refused.code(), ProblemCode::Malformed);
        assert!(refused.to_string().contains(word), "{refused}");
    }
}

#[test]
fn two_shops_have_two_slugs_and_a_shop_may_be_renamed() {
    let desk = Desk::open();
    let shop = open_shop(&desk, "Books");
    let twin = NewShop { name: "Books".into(), ..NewShop::default() };
    assert_eq!(desk.center().add_shop(twin).unwrap_err().code(), ProblemCode::Conflict);
    let over = NewShop { name: "Rent".into(), fee_basis_points: 10_001, ..NewShop::default() };
    assert_eq!(desk.center().add_shop(over).unwrap_err().code(), ProblemCode::Malformed);
    let change = ShopChange {
        slug: Some("library".into()),
        fee_basis_points: Some(1_000),
        ..ShopChange::default()
    };
    desk.center().change_shop(shop.id, change).unwrap();
    let found = desk.center().shop("library").unwrap();
    assert_eq!((found.id, found.fee_basis_points, &found.name[..]), (shop.id, 1_000, "Books"));
    let change = ShopChange { slug: Some("center".into()), ..ShopChange::default() };
    let refused = desk.center().change_shop(shop.id, change).unwrap_err();
    assert_eq!(refused.code(), ProblemCode::Conflict);
}
