//! What operators ask and decide by the interface: shops, vouchers, credits, cards.

use http::{Request, Response};
use saifu_center::catalogue::NewWork;
use saifu_center::operators::NewToken;
use saifu_center::store::{NewPayout, Role};
use saifu_center_api::{
    AdminCard, AdminCards, AdminSales, AdminShop, AdminShops, AdminStatus, Credit, Credits,
    Problem, Replaced, Statements, VoucherBatch, VoucherBatches, VouchersMade,
};
use saifu_wire::ShopId;
use saifu_wire::value::{Kind, Unit};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::io::{Cursor, Read};

use crate::desk::{Desk, TEXT};

/// A center, and somebody who runs it.
struct Office {
    desk: Desk,
    token: String,
}

impl Office {
    fn of(desk: Desk, role: Role, shop: Option<&str>) -> Self {
        let new = NewToken { role, shop: shop.map(str::to_owned), expires: None };
        let token = desk.center().add_token(new).unwrap().1.to_string();
        Self { desk, token }
    }

    fn owner() -> Self {
        Self::of(Desk::open(), Role::Owner, None)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Response<impl Read + use<>> {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let request = request.header("content-type", "application/json");
        let request = request.header("idempotency-key", "a-key");
        let body = if body.is_null() { vec![] } else { body.to_string().into_bytes() };
        self.desk.call(request.body(body).unwrap())
    }

    #[track_caller]
    fn get<T: DeserializeOwned>(&self, path: &str) -> T {
        self.done("GET", path, &Value::Null)
    }

    #[track_caller]
    fn done<T: DeserializeOwned>(&self, method: &str, path: &str, body: &Value) -> T {
        let answer = self.call(method, path, body);
        assert_eq!(answer.status(), 200, "{method} {path}");
        serde_json::from_reader(answer.into_body()).unwrap()
    }

    #[track_caller]
    fn refused(&self, method: &str, path: &str, body: &Value) -> (u16, String) {
        let answer = self.call(method, path, body);
        let status = answer.status().as_u16();
        let problem: Problem = serde_json::from_reader(answer.into_body()).unwrap();
        (status, problem.detail)
    }
}

/// Sells a work for 390 in a shop, as often.
fn sell(desk: &Desk, shop: ShopId, times: u32) {
    let work = NewWork { shop: Some(shop), ..Desk::new_work(TEXT, "jpy:390") };
    let text = TEXT.repeat(300);
    let added = desk.center().add_work(&mut Cursor::new(text), work).unwrap().added;
    desk.center().publish(added.work, 1).unwrap();
    let mut card = desk.customer();
    for key in 0..times {
        let order = desk.order(&card, &added.work.to_string(), &key.to_string()).unwrap();
        desk.settle(&card.debit(&order.licence.0), &order.licence.0).unwrap();
    }
}

#[test]
fn a_shop_is_opened_once_changed_and_closed() {
    let office = Office::owner();
    let new = json!({ "name": "Books", "terms": "No returns.", "fee_basis_points": 250.0 });
    let shop: AdminShop = office.done("POST", "/v1/admin/shops", &new);
    assert_eq!((&*shop.slug, shop.fee_basis_points), ("books", 250));
    assert_eq!(office.done::<AdminShop>("POST", "/v1/admin/shops", &new), shop, "the same words");
    let other = json!({ "name": "Books", "fee_basis_points": 1 });
    assert_eq!(office.refused("POST", "/v1/admin/shops", &other).0, 409);
    let over = json!({ "name": "Songs", "fee_basis_points": 10_001 });
    assert_eq!(office.refused("POST", "/v1/admin/shops", &over).0, 400);
    let path = "/v1/admin/shops/books";
    let change = json!({ "fee_basis_points": 300, "open": false });
    let changed: AdminShop = office.done("PATCH", path, &change);
    assert_eq!((changed.fee_basis_points, &*changed.terms), (300, "No returns."));
    assert!(changed.closed.is_some());
    assert_eq!(office.get::<AdminShop>(path), changed);
    assert_eq!(office.refused("GET", "/v1/admin/shops/bookz", &Value::Null).0, 404);
    let (status, why) = office.refused("PATCH", path, &json!([null, null]));
    assert!(status == 400 && why.contains("expected an object"), "{why}");
}

#[test]
fn lists_come_page_by_page_and_each_page_names_the_next() {
    let office = Office::owner();
    for name in ["Books", "Songs"] {
        let _: AdminShop = office.done("POST", "/v1/admin/shops", &json!({ "name": name }));
    }
    let (mut path, mut slugs) = ("/v1/admin/shops?limit=2".to_owned(), Vec::new());
    loop {
        let answer = office.call("GET", &path, &Value::Null);
        let link = answer.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        let page: AdminShops = serde_json::from_reader(answer.into_body()).unwrap();
        slugs.extend(page.shops.into_iter().map(|shop| shop.slug));
        assert_eq!(link.is_some(), page.next.is_some());
        let Some(link) = link else { break };
        let (next, rel) = link.strip_prefix('<').unwrap().split_once('>').unwrap();
        assert_eq!(rel, "; rel=\"next\"");
        path = next.to_owned();
    }
    assert_eq!(slugs, ["center", "books", "songs"]);
    office.desk.customer();
    office.desk.customer();
    let first: AdminCards = office.get("/v1/admin/cards?limit=1");
    let rest: AdminCards = office.get(&format!("/v1/admin/cards?after={}", first.next.unwrap()));
    assert_eq!((first.cards.len(), rest.cards.len(), rest.next), (1, 1, None));
}

#[test]
fn a_shop_is_shown_its_own_sales_and_statement_and_no_others() {
    let owner = Office::owner();
    let shop = |name| -> AdminShop {
        let new = json!({ "name": name, "fee_basis_points": 250 });
        owner.done("POST", "/v1/admin/shops", &new)
    };
    let (books, songs) = (shop("Books"), shop("Songs"));
    sell(&owner.desk, ShopId::from_hex(&books.id).unwrap(), 3);
    sell(&owner.desk, ShopId::from_hex(&songs.id).unwrap(), 1);
    sell(&owner.desk, ShopId::ZERO, 1);
    assert_eq!(owner.get::<AdminSales>("/v1/admin/sales").sales.len(), 5);
    assert_eq!(owner.get::<AdminSales>("/v1/admin/sales?shop=songs").sales.len(), 1);
    let of = Office::of(owner.desk, Role::Shop, Some("books"));
    let sales: AdminSales = of.get("/v1/admin/sales?limit=2");
    assert_eq!((sales.sales.len(), &sales.sales[0].shop), (2, &Some(books.id)));
    let rest: AdminSales = of.get(&format!("/v1/admin/sales?after={}", sales.next.unwrap()));
    assert_eq!((rest.sales.len(), rest.next), (1, None));
    let told: Statements = of.get("/v1/admin/shops/books/statement");
    let [account] = &told.accounts[..] else { panic!("one: {told:?}") };
    assert_eq!((account.gross, account.fee, account.net), (1_170, 29, 1_141));
    assert_eq!((account.fee_of_all, account.payable), (29, 1_141));
    assert_eq!((account.sales_count, account.lines.len()), (3, 3));
    for other in ["songs", "center", "nothing", &songs.id] {
        for path in ["sales?shop=SHOP", "shops/SHOP", "shops/SHOP/statement"] {
            let path = format!("/v1/admin/{}", path.replace("SHOP", other));
            assert_eq!(of.refused("GET", &path, &Value::Null).0, 403, "{path}");
        }
    }
    assert_eq!(of.refused("PATCH", "/v1/admin/shops/books", &json!({})).0, 403);
}

#[test]
fn a_statement_is_of_a_period_and_goes_on_page_by_page() {
    let office = Office::owner();
    sell(&office.desk, ShopId::ZERO, 3);
    let path = "/v1/admin/shops/center/statement";
    let answer = office.call("GET", &format!("{path}?limit=2"), &Value::Null);
    let link = answer.headers()["link"].to_str().unwrap().to_owned();
    assert!(link.contains("kind=bit-cash&unit=JPY&after="), "{link}");
    let next = link.strip_prefix('<').unwrap().split_once('>').unwrap().0;
    let rest: Statements = office.get(next);
    assert_eq!((rest.accounts[0].lines.len(), rest.accounts[0].next), (1, None));
    let before: Statements = office.get(&format!("{path}?to=2026-01-01T00:00:00Z"));
    assert_eq!((before.accounts[0].sales, before.accounts[0].lines.len()), (0, 0));
    let (status, why) = office.refused("GET", &format!("{path}?from=yesterday"), &Value::Null);
    assert!(status == 400 && why.contains("RFC 3339"), "{why}");
}

#[test]
fn all_value_that_was_issued_is_somewhere_in_the_status() {
    let office = Office::owner();
    sell(&office.desk, ShopId::ZERO, 2);
    let (kind, unit) = (Kind::BitCash, Unit::new("JPY").unwrap());
    let reference = "November".to_owned();
    let payout = NewPayout { shop: ShopId::ZERO, kind, unit, amount: 700, reference };
    office.desk.center().pay_out(payout).unwrap();
    let status: AdminStatus = office.get("/v1/admin/status");
    let [is] = &status.value[..] else { panic!("{status:?}") };
    assert_eq!((is.settled, is.redeemed, is.expired), (80, 700, 0));
    let all = is.unapplied + is.cards + is.settled + is.suspense + is.expired + is.redeemed;
    assert_eq!(all, is.issued);
}

#[test]
fn vouchers_are_made_once_under_a_key_sold_and_taken_back() {
    let office = Office::of(Desk::open(), Role::Funding, None);
    let path = "/v1/admin/voucher-batches";
    let new = json!({ "count": 2, "unit": "jpy", "amount": 500 });
    let made: VouchersMade = office.done("POST", path, &new);
    assert_eq!((made.codes.len(), &*made.batch.state), (2, "not sold"));
    let (status, why) = office.refused("POST", path, &new);
    assert!(status == 409 && why.contains(&made.batch.batch), "{why}");
    let one = format!("{path}/{}", made.batch.batch);
    let sold: VoucherBatch = office.done("POST", &format!("{one}/sell"), &Value::Null);
    assert_eq!(&*sold.state, "sold");
    let card = office.desk.customer();
    office.desk.center().redeem(card.account, &made.codes[0], None).unwrap();
    for _ in 0..2 {
        let voided: VoucherBatch = office.done("POST", &format!("{one}/void"), &Value::Null);
        assert_eq!((voided.redeemed, voided.voided, voided.unused), (1, 1, 0));
    }
    assert_eq!(office.get::<VoucherBatches>(path).batches.len(), 1);
    for wrong in ["0", "nothing", &"0".repeat(32)] {
        assert_eq!(office.refused("GET", &format!("{path}/{wrong}"), &Value::Null).0, 404);
    }
    let none = json!({ "count": 0, "unit": "jpy", "amount": 500 });
    assert_eq!(office.refused("POST", path, &none).0, 409, "the key is spent");
}

#[test]
fn a_credit_is_given_once_for_its_reference_and_waits_for_the_card() {
    let office = Office::of(Desk::open(), Role::Owner, None);
    let card = office.desk.customer();
    let to = card.account.to_string();
    let gift = json!({
        "to": &to[..8], "purse": 1, "amount": 70, "reason": "a gift", "reference": "one",
    });
    let given: Credit = office.done("POST", "/v1/admin/credits", &gift);
    assert_eq!(office.done::<Credit>("POST", "/v1/admin/credits", &gift), given);
    assert_eq!((&*given.state, given.amount), ("ready", 70));
    assert_eq!(office.get::<Credits>("/v1/admin/credits").credits, [given]);
    let shown: AdminCard = office.get(&format!("/v1/admin/cards/{to}"));
    assert_eq!((shown.purses[0].waits, shown.purses[0].ended), (70, false));
    let nobody = json!({
        "to": "0000", "purse": 1, "amount": 70, "reason": "a gift", "reference": "two",
    });
    assert_eq!(office.refused("POST", "/v1/admin/credits", &nobody).0, 404);
}

#[test]
fn a_card_is_frozen_thawed_revoked_and_replaced_and_nothing_is_noted_twice() {
    let office = Office::owner();
    let (old, new) = (office.desk.customer(), office.desk.customer());
    let path = format!("/v1/admin/cards/{}", old.account);
    let reason = json!({ "reason": "reported stolen" });
    for _ in 0..2 {
        let card: AdminCard = office.done("POST", &format!("{path}/freeze"), &reason);
        assert_eq!((&*card.card.state, card.notes.len()), ("frozen", 1));
    }
    let other = json!({ "reason": "another reason" });
    assert_eq!(office.refused("POST", &format!("{path}/freeze"), &other).0, 409);
    let found = json!({ "reason": "found again" });
    for _ in 0..2 {
        let card: AdminCard = office.done("POST", &format!("{path}/thaw"), &found);
        assert_eq!((&*card.card.state, card.notes.len()), ("good", 2));
    }
    let by = json!({ "by": new.account.to_string(), "reason": "lost", "waiting_days": 3 });
    let replaced: Replaced = office.done("POST", &format!("{path}/replace"), &by);
    assert_eq!(replaced.new, new.account.to_string());
    assert_eq!(office.done::<Replaced>("POST", &format!("{path}/replace"), &by), replaced);
    let path = format!("/v1/admin/cards/{}", new.account);
    for _ in 0..2 {
        let card: AdminCard = office.done("POST", &format!("{path}/revoke"), &reason);
        assert_eq!(&*card.card.state, "revoked");
    }
    let empty = json!({ "reason": " " });
    assert_eq!(office.refused("POST", &format!("{path}/revoke"), &empty).0, 400);
    assert_eq!(office.refused("GET", "/v1/admin/cards/0000", &Value::Null).0, 404);
}
