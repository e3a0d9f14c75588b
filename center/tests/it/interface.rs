//! The router: whatever comes in is answered, and by the one table.

use std::io::Read;

use http::Request;
use saifu_center_api::{Center, DELIVERY_MEDIA_TYPE, OrderRequest, PROBLEMS, Problem, ProblemCode};
use saifu_wire::certificate::{Certificate, Role};
use serde_json::Value;

use crate::desk::{Desk, code};

fn refused(desk: &Desk, request: http::request::Builder, body: &[u8]) -> Problem {
    let response = desk.call(request.body(body.to_vec()).unwrap());
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem: Problem = serde_json::from_reader(response.into_body()).unwrap();
    assert!(problem.code().is_some_and(|code| PROBLEMS.contains(&code)), "{problem:?}");
    problem
}

fn json(method: &str, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path).header("content-type", "application/json")
}

#[test]
fn the_center_shows_who_it_is_and_its_four_certificates() {
    let desk = Desk::open();
    let center: Center = desk.get("/v1/center").unwrap();
    assert_eq!(center.id, desk.center().id().to_string());
    assert!(center.test_mode);
    let roles = [Role::Licence, Role::Credit, Role::Receipt, Role::Payment];
    for (bytes, role) in center.certificates.iter().zip(roles) {
        let certificate = Certificate::parse(&bytes.0).unwrap();
        assert_eq!(certificate.body().role, role);
        assert_eq!(certificate.body().holder_id, desk.center().id().0);
    }
}

#[test]
fn ap2_what_has_no_route_is_a_problem_of_the_table() {
    let desk = Desk::open();
    for path in ["/nowhere", "/v1", "/v2/center", "/v1/works/", "/v1/nothing", "/v1/works/a/b/c"] {
        let problem = refused(&desk, Request::get(path), b"");
        assert_eq!(problem.code(), Some(ProblemCode::NotFound), "{path}");
    }
    for (method, path) in [("DELETE", "/v1/works"), ("PUT", "/v1/orders"), ("GET", "/v1/accounts")]
    {
        let problem = refused(&desk, json(method, path), b"{}");
        assert_eq!(problem.code(), Some(ProblemCode::MethodNotAllowed), "{method} {path}");
    }
}

#[test]
fn ap13_a_body_that_is_not_what_it_should_be_is_a_problem_of_the_table() {
    let desk = Desk::open();
    let huge = vec![b' '; 70_000];
    for path in ["/v1/accounts", "/v1/orders", "/v1/settlements"] {
        for body in [&b""[..], b"{", b"[]", b"null", b"{}", b"\xFF\xFE", b"{\"account\": 5}"] {
            let problem = refused(&desk, json("POST", path), body);
            assert_eq!(problem.code(), Some(ProblemCode::Malformed), "{path} {body:?}");
        }
        let problem = refused(&desk, json("POST", path), &huge);
        assert_eq!(problem.code(), Some(ProblemCode::TooLarge));
        let problem = refused(&desk, Request::post(path), b"{}");
        assert_eq!(problem.code(), Some(ProblemCode::MediaType));
    }
}

#[test]
fn ids_that_are_none_name_nothing() {
    let desk = Desk::open();
    for id in ["x", "%00", "..%2f..", &"f".repeat(31), &"g".repeat(32), &"a".repeat(5_000)] {
        for path in [format!("/v1/works/{id}"), format!("/v1/orders/{id}/delivery")] {
            let problem = refused(&desk, Request::get(&path), b"");
            assert_eq!(problem.code(), Some(ProblemCode::NotFound), "{path}");
        }
    }
}

#[test]
fn a_path_that_is_not_text_is_a_problem_of_the_table() {
    let desk = Desk::open();
    let problem = refused(&desk, Request::get("/v1/works/%FF%FE"), b"");
    assert!(matches!(problem.code(), Some(ProblemCode::NotFound | ProblemCode::Malformed)));
}

#[test]
fn signed_things_that_are_garbage_are_malformed_or_not_found() {
    let desk = Desk::open();
    let card = desk.customer();
    for garbage in [vec![], vec![0; 10], b"STKN\x01".to_vec(), vec![0x5A; 600]] {
        assert_eq!(code(desk.settle(&garbage, &garbage)), ProblemCode::Malformed);
    }
    let load = saifu_center_api::Load {
        id: "00".repeat(16),
        nonce: saifu_center_api::HexBytes(vec![]),
        amount: 1,
        unit: "JPY".into(),
        source: "initial".into(),
    };
    assert_eq!(code(desk.challenge(&load, &card.certificates[0])), ProblemCode::NotFound);
    assert_eq!(code(desk.close_load(&load, b"")), ProblemCode::NotFound);
}

#[test]
fn a_field_too_many_or_of_another_type_is_never_a_crash() {
    let desk = Desk::open();
    let card = desk.customer();
    let request =
        OrderRequest { account: card.account.to_string(), work: "".into(), version: None };
    let mut body = serde_json::to_value(request).unwrap();
    body["version"] = Value::from(-1);
    let problem = refused(&desk, json("POST", "/v1/orders"), body.to_string().as_bytes());
    assert_eq!(problem.code(), Some(ProblemCode::Malformed));
}

#[test]
fn head_tells_a_deliverys_length_without_its_bytes() {
    let desk = Desk::open();
    let (work, card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    let path = format!("/v1/orders/{}/delivery", order.id);
    let response = desk.call(Request::head(&path).body(vec![]).unwrap());
    assert_eq!(response.headers()["content-length"], order.delivery_length.to_string());
    let etag = response.headers()["etag"].clone();
    let mut body = Vec::new();
    response.into_body().read_to_end(&mut body).unwrap();
    assert_eq!(body, b"");
    let again = desk.call(Request::get(&path).body(vec![]).unwrap());
    assert_eq!(again.headers()["etag"], etag);
    assert_eq!(again.headers()["content-type"], DELIVERY_MEDIA_TYPE);
}

#[test]
fn only_what_is_for_sale_may_be_kept_by_caches_and_they_must_ask_again() {
    let desk = Desk::open();
    let (work, card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    let kept = |path: &str| {
        let response = desk.call(Request::get(path).body(vec![]).unwrap());
        response.headers()["cache-control"].to_str().unwrap().to_owned()
    };
    let preview = format!("/v1/works/{work}/preview");
    for path in ["/v1/center", "/v1/works", &format!("/v1/works/{work}"), &preview] {
        assert_eq!(kept(path), "no-cache", "{path}");
    }
    let order = format!("/v1/orders/{}", order.id);
    for path in [&order, &format!("{order}/delivery"), "/v1/nothing", "/v1/accounts"] {
        assert_eq!(kept(path), "no-store", "{path}");
    }
    for path in ["/v1/accounts", "/v1/settlements", "/v1/orders"] {
        let response = desk.call(json("POST", path).body(b"{}".to_vec()).unwrap());
        assert_eq!(response.headers()["cache-control"], "no-store", "{path}");
    }
}

#[test]
fn two_keys_of_one_order_are_malformed() {
    let desk = Desk::open();
    let (work, card) = (desk.sell("jpy:300"), desk.customer());
    let request = OrderRequest { account: card.account.to_string(), work, version: None };
    let body = serde_json::to_vec(&request).unwrap();
    let one = json("POST", "/v1/orders").header("idempotency-key", "1");
    let problem = refused(&desk, one.header("idempotency-key", "2"), &body);
    assert_eq!(problem.code(), Some(ProblemCode::Malformed));
    assert!(problem.detail.contains("two Idempotency-Keys"), "{}", problem.detail);
}
