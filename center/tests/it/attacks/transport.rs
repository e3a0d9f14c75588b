//! What reaches a center over its interface, where a card has commands: methods and paths, lengths,
//! what is cut or too long, whatever bytes, and whoever is not there to be dealt with (AP2 to AP14).

use std::io::Read;

use http::Request;
use saifu_center_api::{HexBytes, PROBLEMS, Payment, Problem, ProblemCode, SignedBytes};
use serde_json::{Value, json};

use super::{Stored, credit_under_way, sales};
use crate::card::Card;
use crate::desk::{Desk, code, registration};

/// How many bodies of whatever bytes a test sends to each door.
const BODIES: usize = 300;

/// A request as it is, and the problem that it meets; none where it is answered.
fn send(desk: &Desk, method: &str, path: &str, body: &[u8]) -> Option<Problem> {
    let request = Request::builder().method(method).uri(path);
    let request = request.header("content-type", "application/json");
    let response = desk.call(request.header("idempotency-key", "key").body(body.to_vec()).unwrap());
    let status = response.status();
    let mut answer = Vec::new();
    response.into_body().read_to_end(&mut answer).unwrap();
    if status.is_success() {
        return None;
    }
    let problem: Problem = serde_json::from_slice(&answer).unwrap_or_else(|_| {
        panic!("{method} {path}: {status} {}", String::from_utf8_lossy(&answer))
    });
    assert!(problem.code().is_some_and(|code| PROBLEMS.contains(&code)), "{problem:?}");
    assert!(!status.is_server_error(), "{method} {path}: {problem:?}");
    Some(problem)
}

/// Each path of the interface with ids put in, and its methods.
fn doors(desk: &Desk, ids: &[(&str, &str)]) -> Vec<(String, Vec<String>)> {
    let described: Value = desk.get("/v1/openapi.json").unwrap();
    let paths = described["paths"].as_object().unwrap();
    assert!(paths.len() > 20, "{} paths", paths.len());
    let of = |(path, methods): (&String, &Value)| {
        let mut path = path.clone();
        for (name, id) in ids {
            path = path.replace(&format!("{{{name}}}"), id);
        }
        let methods = methods.as_object().unwrap().keys().map(|name| name.to_uppercase());
        (path, methods.collect())
    };
    paths.iter().map(of).collect()
}

/// The bodies with which the doors of a terminal are knocked at, all of them genuine.
fn genuine(desk: &Desk) -> Vec<(&'static str, String, Value)> {
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "one").unwrap();
    let (load, credit) = credit_under_way(desk, &card);
    let nonce = saifu_wire::Nonce(load.nonce.0.clone().try_into().unwrap());
    let signed =
        |bytes: Vec<u8>| serde_json::to_value(SignedBytes { signed: HexBytes(bytes) }).unwrap();
    let challenge = signed(card.challenge(1, nonce));
    let void = card.clone().void(&credit);
    let closing = signed(card.closing(|_| {}));
    let token = HexBytes(card.debit(&order.licence.0));
    let paid = Payment { token, licence: None };
    let account = card.account;
    vec![
        ("POST", "/v1/accounts".into(), serde_json::to_value(registration(&card)).unwrap()),
        ("POST", "/v1/settlements".into(), serde_json::to_value(paid).unwrap()),
        ("POST", "/v1/orders".into(), json!({ "account": account.to_string(), "work": work })),
        ("POST", format!("/v1/accounts/{account}/loads"), json!({ "purse": 1 })),
        ("PUT", format!("/v1/loads/{}/challenge", load.id), challenge),
        ("PUT", format!("/v1/loads/{}/receipt", load.id), signed(void.clone())),
        ("POST", "/v1/events".into(), signed(void)),
        ("POST", "/v1/closings".into(), closing),
    ]
}

#[test]
fn ap2_a_method_that_a_path_does_not_have_is_refused_whatever_the_path() {
    let desk = Desk::open();
    let before = Stored::of(&desk);
    let nobody = "0".repeat(32);
    let names = ["account", "order", "work", "load", "shop", "payment", "provider", "id"];
    let ids = names.map(|name| (name, nobody.as_str()));
    for (path, methods) in doors(&desk, &ids) {
        for method in ["GET", "PUT", "POST", "DELETE", "PATCH", "TRACE", "OPTIONS", "BREW"] {
            if methods.iter().any(|own| own == method) {
                continue;
            }
            let problem = send(&desk, method, &path, b"{}").expect("a refusal");
            assert_eq!(problem.code(), Some(ProblemCode::MethodNotAllowed), "{method} {path}");
        }
    }
    before.has_not_moved(&desk, &[]);
}

#[test]
fn ap3_ids_and_numbers_that_are_none_are_refused_on_every_path() {
    let desk = Desk::open();
    let before = Stored::of(&desk);
    let names = ["account", "order", "work", "load", "shop", "payment", "provider", "id"];
    for id in ["x", "%00", "..%2f..", "%FF", &"f".repeat(31), &"F".repeat(33), &"9".repeat(4_000)] {
        for (path, methods) in doors(&desk, &names.map(|name| (name, id))) {
            if !path.contains(id) {
                continue;
            }
            for method in &methods {
                assert!(send(&desk, method, &path, b"{}").is_some(), "{method} {path}");
            }
        }
    }
    for query in
        ["limit=-1", "limit=0", "limit=99999999999999999999", "after=%00", "limit=1&limit=2"]
    {
        send(&desk, "GET", &format!("/v1/works?{query}"), b"");
    }
    before.has_not_moved(&desk, &[]);
}

#[test]
fn ap4_ap6_a_body_that_is_cut_anywhere_is_malformed() {
    let desk = Desk::open();
    let doors = genuine(&desk);
    let before = Stored::of(&desk);
    for (method, path, body) in doors {
        let whole = body.to_string();
        for length in (0..whole.len()).step_by(11) {
            let problem = send(&desk, method, &path, &whole.as_bytes()[..length]);
            assert_eq!(problem.unwrap().code(), Some(ProblemCode::Malformed), "{path} {length}");
        }
    }
    before.has_not_moved(&desk, &[]);
}

#[test]
fn ap4_ap6_what_is_signed_is_malformed_or_not_authentic_when_it_is_cut_anywhere() {
    let (desk, mut card, [order]) = sales();
    let (load, credit) = credit_under_way(&desk, &card);
    let (void, token) = (card.clone().void(&credit), card.debit(&order.licence.0));
    let before = Stored::of(&desk);
    for length in 0..token.len() {
        let refused = code(desk.settle(&token[..length], &order.licence.0));
        assert_eq!(refused, ProblemCode::Malformed, "{length}");
    }
    for length in 0..order.licence.0.len() {
        assert!(desk.settle(&token, &order.licence.0[..length]).is_err(), "{length}");
    }
    for length in 0..void.len() {
        assert_eq!(code(desk.event(&void[..length])), ProblemCode::Malformed, "{length}");
        assert_eq!(code(desk.close_load(&load, &void[..length])), ProblemCode::Malformed);
    }
    before.has_not_moved(&desk, &[]);
}

#[test]
fn ap5_ap8_what_is_too_long_is_refused_before_it_is_looked_at() {
    let desk = Desk::open();
    let doors = genuine(&desk);
    let before = Stored::of(&desk);
    for (method, path, body) in doors {
        let padded = body.to_string() + &" ".repeat(1 << 20);
        let problem = send(&desk, method, &path, padded.as_bytes()).unwrap();
        assert_eq!(problem.code(), Some(ProblemCode::TooLarge), "{path}");
        let deep = "[".repeat(30_000);
        let problem = send(&desk, method, &path, deep.as_bytes()).unwrap();
        assert_eq!(problem.code(), Some(ProblemCode::Malformed), "{path}");
    }
    before.has_not_moved(&desk, &[]);
}

/// Numbers that look random and are the same each time (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end
    }
}

/// A genuine body with a few of its bytes replaced, doubled or left out, or whatever bytes.
fn mangled(whole: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    if numbers.below(4) == 0 {
        return (0..numbers.below(600)).map(|_| numbers.below(256) as u8).collect();
    }
    let mut body = whole.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(body.len());
        match numbers.below(3) {
            0 => body[at] = b"0123456789abcdef\"{}[],:\x00\xFF"[numbers.below(25)],
            1 => body.insert(at, whole[at % whole.len()]),
            _ => drop(body.remove(at)),
        }
    }
    body
}

#[test]
fn ap13_whatever_bytes_come_are_answered_by_the_table_and_move_nothing() {
    let desk = Desk::open();
    let doors = genuine(&desk);
    let mut numbers = Numbers(0x5A1F_0000_0000_0001);
    let before = Stored::of(&desk);
    for (method, path, body) in doors {
        let whole = body.to_string().into_bytes();
        for _ in 0..BODIES {
            let body = mangled(&whole, &mut numbers);
            // Where nothing that counts was touched, a genuine thing is taken: not here.
            if serde_json::from_slice::<Value>(&body).ok() == serde_json::from_slice(&whole).ok() {
                continue;
            }
            let shown = String::from_utf8_lossy(&body).into_owned();
            let problem = send(&desk, method, &path, &body);
            assert!(problem.is_some(), "{method} {path} took {shown}");
        }
    }
    before.has_not_moved(&desk, &[]);
}

#[test]
fn ap14_for_a_card_that_is_not_registered_nothing_is_done() {
    let (desk, elsewhere) = (Desk::open(), Desk::open());
    let work = desk.sell("jpy:300");
    let mut card = elsewhere.customer();
    let order = elsewhere.order(&card, &elsewhere.sell("jpy:300"), "key").unwrap();
    let (load, credit) = credit_under_way(&elsewhere, &card);
    card.center = desk.center().id();
    let before = Stored::of(&desk);
    assert_eq!(code(desk.order(&card, &work, "key")), ProblemCode::NotFound);
    assert_eq!(code(desk.open_load(&card)), ProblemCode::NotFound);
    assert_eq!(code(desk.close_card(&card.closing(|_| {}))), ProblemCode::NotFound);
    let void = card.clone().void(&credit);
    assert_eq!(code(desk.event(&void)), ProblemCode::NotFound);
    assert_eq!(code(desk.close_load(&load, &void)), ProblemCode::NotFound);
    let token = card.debit(&order.licence.0);
    assert_eq!(code(desk.settle(&token, &order.licence.0)), ProblemCode::NotFound);
    assert_eq!(code(desk.order(&Card::new(), &work, "key")), ProblemCode::NotFound);
    before.has_not_moved(&desk, &[]);
}
