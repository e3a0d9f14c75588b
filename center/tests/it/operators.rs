//! Those who run a center: tokens, roles, and the log of what they did.

use http::Request;
use saifu_center::operators::audit_log::{Action, AuditLog, verify};
use saifu_center::operators::roles::ADMIN_ROUTES;
use saifu_center::operators::{MAX_TOKENS, NewToken};
use saifu_center::shops::NewShop;
use saifu_center::store::Role;
use saifu_center_api::{AdminLog, AdminSales, AdminStatus, ProblemCode, VoucherBatches};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::desk::{Desk, NOW};

fn token(desk: &Desk, role: Role, expires: Option<u64>) -> String {
    let shop = (role == Role::Shop).then(|| "books".to_owned());
    if role == Role::Shop {
        let shop = NewShop { name: "Books".into(), ..NewShop::default() };
        desk.center().add_shop_once(shop).unwrap();
    }
    let (_, token) = desk.center().add_token(NewToken { role, shop, expires }).unwrap();
    (*token).clone()
}

/// The status of a request with this token.
fn status(desk: &Desk, method: &str, path: &str, token: &str) -> u16 {
    let request = Request::builder().method(method).uri(path);
    let request = request.header("authorization", format!("Bearer {token}"));
    desk.call(request.body(vec![]).unwrap()).status().as_u16()
}

fn get<T: DeserializeOwned>(desk: &Desk, path: &str, token: &str) -> T {
    let request = Request::get(path).header("authorization", format!("bearer {token}"));
    let answer = desk.call(request.body(vec![]).unwrap());
    assert_eq!(answer.status(), 200, "{path}");
    serde_json::from_reader(answer.into_body()).unwrap()
}

#[test]
fn each_role_may_ask_what_the_table_says_and_nothing_else() {
    let desk = Desk::open();
    for role in Role::ALL {
        let token = token(&desk, *role, None);
        for route in ADMIN_ROUTES.iter().filter(|route| !route.path.contains('{')) {
            let answered = status(&desk, route.method, route.path, &token);
            match route.roles.contains(role) {
                true => assert!(![401, 403].contains(&answered), "{} {route:?}", role.name()),
                false => assert_eq!(answered, 403, "{} {route:?}", role.name()),
            }
        }
    }
}

#[test]
fn without_a_token_nobody_is_told_anything() {
    let desk = Desk::open();
    let good = token(&desk, Role::Owner, None);
    let mut other_secret = good.clone();
    other_secret.replace_range(good.len() - 1.., if good.ends_with('0') { "1" } else { "0" });
    for wrong in ["", "saifu_x_y", &other_secret, &good.replace("saifu_", "saifu_0")] {
        assert_eq!(status(&desk, "GET", "/v1/admin/status", wrong), 401, "{wrong}");
    }
    let bare = desk.call(Request::get("/v1/admin/sales").body(vec![]).unwrap());
    assert_eq!(
        (bare.status().as_u16(), &bare.headers()["www-authenticate"]),
        (401, &"Bearer".parse().unwrap())
    );
    assert_eq!(status(&desk, "GET", "/v1/admin/status", &good), 200);
    assert_eq!(status(&desk, "HEAD", "/v1/admin/status", &good), 200);
}

#[test]
fn pi11_a_token_ends_when_it_expires_and_at_once_when_it_is_revoked() {
    let desk = Desk::open();
    let path = "/v1/admin/status";
    let brief = token(&desk, Role::Owner, Some(NOW + 60));
    let long = token(&desk, Role::Auditor, None);
    assert_eq!((status(&desk, "GET", path, &brief), status(&desk, "GET", path, &long)), (200, 200));
    desk.clock.advance(60);
    assert_eq!((status(&desk, "GET", path, &brief), status(&desk, "GET", path, &long)), (401, 200));
    let id = long.split('_').nth(1).unwrap();
    desk.center().revoke_token(id).unwrap();
    assert_eq!(status(&desk, "GET", path, &long), 401, "though it was proved a moment ago");
    let tokens = desk.center().tokens(10).unwrap();
    let auditor = tokens.iter().find(|row| row.role == Role::Auditor).unwrap();
    assert_eq!((auditor.last_used, auditor.revoked), (Some(NOW), Some(NOW + 60)));
    assert!(desk.center().revoke_token("00").is_err());
}

#[test]
fn a_token_that_makes_no_sense_is_not_made() {
    let desk = Desk::open();
    let shop = |name: &str| Some(name.to_owned());
    for (role, shop, expires) in [
        (Role::Shop, None, None),
        (Role::Owner, shop("books"), None),
        (Role::Shop, shop(""), None),
        (Role::Shop, shop("a b"), None),
        (Role::Owner, None, Some(NOW)),
    ] {
        let refused = desk.center().add_token(NewToken { role, shop, expires });
        assert_eq!(refused.unwrap_err().code(), ProblemCode::Malformed);
    }
    assert_eq!(desk.center().tokens(MAX_TOKENS).unwrap(), []);
}

#[test]
fn a_shop_s_token_is_no_other_shop_s() {
    let desk = Desk::open();
    let operator = desk.center().operator(&token(&desk, Role::Shop, None)).unwrap();
    let books = desk.center().shop("books").unwrap().id.to_string();
    assert!(operator.refuse_other_shop(&books).is_ok());
    let refusal = operator.refuse_other_shop("records").unwrap_err();
    let none = NewToken { role: Role::Shop, shop: Some("nothing".into()), expires: None };
    assert_eq!(desk.center().add_token(none).unwrap_err().code(), ProblemCode::NotFound);
    assert_eq!(refusal.code(), ProblemCode::Forbidden);
    let owner = desk.center().operator(&token(&desk, Role::Owner, None)).unwrap();
    assert!(owner.refuse_other_shop("records").is_ok());
}

#[test]
fn an_operator_sees_status_and_sales_page_by_page() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    for key in ["1", "2"] {
        let order = desk.order(&card, &work, key).unwrap();
        desk.settle(&card.debit(&order.licence.0), &order.licence.0).unwrap();
    }
    let owner = token(&desk, Role::Owner, None);
    let told: AdminStatus = get(&desk, "/v1/admin/status", &owner);
    assert_eq!((told.accounts, told.value[0].cards, told.value[0].settled), (1, 9_400, 600));
    let first: AdminSales = get(&desk, "/v1/admin/sales?limit=1", &owner);
    assert_eq!((first.sales.len(), first.sales[0].amount), (1, 300));
    let path = format!("/v1/admin/sales?after={}", first.next.unwrap());
    let rest: AdminSales = get(&desk, &path, &owner);
    assert_eq!((rest.sales.len(), rest.next), (1, None));
    for wrong in ["?limit=0", "?limit=201", "?after=-1", "?after=18446744073709551615"] {
        assert_eq!(status(&desk, "GET", &format!("/v1/admin/sales{wrong}"), &owner), 400);
    }
}

#[test]
fn whoever_asks_what_is_not_theirs_stands_in_the_audit_log() {
    let desk = Desk::open();
    let (owner, funding) = (token(&desk, Role::Owner, None), token(&desk, Role::Funding, None));
    assert_eq!(status(&desk, "GET", "/v1/admin/sales", &funding), 403);
    let log: AdminLog = get(&desk, "/v1/admin/audit-log", &owner);
    let [entry] = &log.entries[..] else { panic!("one: {:?}", log.entries) };
    assert_eq!(entry.who, format!("token:{}", funding.split('_').nth(1).unwrap()));
    assert_eq!((&entry.what[..], &entry.outcome[..]), ("GET /v1/admin/sales", "403"));
    let secret = funding.rsplit('_').next().unwrap();
    assert!(!format!("{entry:?}").contains(secret));
    let action = Action {
        time: NOW,
        who: "user:0".into(),
        what: "publish".into(),
        on: String::new(),
        outcome: "done".into(),
    };
    AuditLog::open(desk.folder.path()).unwrap().write(&action).unwrap();
    assert_eq!(verify(desk.folder.path()).unwrap().entries, 2);
    let rest: AdminLog = get(&desk, "/v1/admin/audit-log?after=1", &owner);
    assert_eq!(rest.entries[0].what, "publish");
}

/// What the last line of the log says of a request: on what, and how it ended.
fn noted(desk: &Desk, token: &str, (method, path): (&str, &str), body: &Value) -> (String, String) {
    let request = Request::builder().method(method).uri(format!("/v1/admin/{path}"));
    let request = request.header("authorization", format!("Bearer {token}"));
    let request = request.header("content-type", "application/json");
    let request = request.header("idempotency-key", "a-key");
    desk.call(request.body(body.to_string().into_bytes()).unwrap());
    let log: AdminLog = get(desk, "/v1/admin/audit-log?limit=200", token);
    let last = log.entries.last().unwrap();
    assert!(last.what.starts_with(method), "{last:?}");
    (last.on.clone(), last.outcome.clone())
}

#[test]
fn every_changing_request_is_noted_with_what_it_was_about() {
    let desk = Desk::open();
    let owner = token(&desk, Role::Owner, None);
    let (old, new) = (desk.customer().account.to_string(), desk.customer().account.to_string());
    let done = |route: (&str, &str), body: Value, words: &[&str]| {
        let (on, outcome) = noted(&desk, &owner, route, &body);
        assert_eq!(outcome, "done", "{on}");
        for word in words {
            assert!(on.contains(word), "{word} is not in {on}");
        }
        assert!(on.starts_with(&format!("/v1/admin/{}", route.1)), "{on}");
    };
    let shop = json!({ "name": "Books", "fee_basis_points": 250 });
    done(("POST", "shops"), shop, &["name=\"Books\"", "fee_basis_points=250", "slug=books"]);
    let id = desk.center().shop("books").unwrap().id.to_string();
    let change = json!({ "fee_basis_points": 300, "open": false, "terms": "none\" open=true" });
    let words = ["fee_basis_points=300", "open=false", "terms=\"none\\\" open=true\"", &id[..]];
    done(("PATCH", "shops/books"), change, &words);
    let batch = json!({ "count": 2, "unit": "jpy", "amount": 500 });
    done(("POST", "voucher-batches"), batch, &["count=2", "amount=500", "\"jpy\"", "batch="]);
    let batches: VoucherBatches = get(&desk, "/v1/admin/voucher-batches", &owner);
    let batch = &batches.batches[0].batch;
    for what in ["sell", "void"] {
        done(("POST", &format!("voucher-batches/{batch}/{what}")), json!({}), &[batch]);
    }
    let gift = json!({
        "to": &old[..8], "purse": 1, "amount": 70, "reason": "sorry", "reference": "r-1",
    });
    let words = ["purse=1", "amount=70", "unit=JPY", "\"r-1\"", "\"sorry\"", &old[..]];
    done(("POST", "credits"), gift, &words);
    let reason = json!({ "reason": "reported stolen", "despite_evidence": true });
    for (what, word) in [("freeze", "stolen"), ("thaw", "despite_evidence=true")] {
        done(("POST", &format!("cards/{}/{what}", &old[..8])), reason.clone(), &[&old, word]);
    }
    let by = json!({ "by": &new[..8], "reason": "lost" });
    done(("POST", &format!("cards/{old}/replace")), by, &["\"lost\"", &old, &new]);
    done(("POST", &format!("cards/{new}/revoke")), reason, &["reported stolen", &new]);
}

#[test]
fn a_request_that_was_refused_is_noted_with_what_it_was_about() {
    let desk = Desk::open();
    let owner = token(&desk, Role::Owner, None);
    let gift = json!({
        "to": "0000", "purse": 1, "amount": 70, "reason": "x".repeat(10_000), "reference": "r-2",
    });
    let (on, outcome) = noted(&desk, &owner, ("POST", "credits"), &gift);
    assert_eq!(outcome, "404");
    assert!(on.contains("to=\"0000\"") && on.contains("reference=\"r-2\""), "{on}");
    assert!(on.len() < 300, "{on}");
    let (on, outcome) = noted(&desk, &owner, ("PATCH", "shops/no"), &json!({ "open": true }));
    assert_eq!((&*on, &*outcome), ("/v1/admin/shops/no open=true", "404"));
}
