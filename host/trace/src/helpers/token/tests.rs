//! Against the token of annex B.31.

use crate::helpers::Value;
use crate::helpers::tests::{call, hex, refusal, word};
use std::slice::from_ref;

const SPEC: &str = include_str!("../../../../../apdu-spec.md");

/// What the card answers in a section of annex B, without status word.
fn answer(heading: &str) -> Value {
    let section = SPEC.split(heading).nth(1).unwrap();
    let answer: String = section
        .split("< ")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    hex(&answer[..answer.len() - 4])
}

fn field(of: &Value, name: &str) -> Vec<u8> {
    call("field", &[of.clone(), word(name)], &[])
}

#[test]
fn the_token_of_annex_b_opens_and_says_what_was_paid() {
    let token = answer("### B.31 DEBIT");
    let payload = Value::Bytes(call("open_token", from_ref(&token), &[]));
    assert_eq!(field(&payload, "amount"), 300_u64.to_be_bytes());
    assert_eq!(field(&payload, "licence"), 1_u64.to_be_bytes());
    assert_eq!(field(&token, "counter"), 4_u64.to_be_bytes());
}

#[test]
fn a_token_that_was_changed_does_not_open() {
    let token = answer("### B.31 DEBIT");
    let at = |at| {
        let spoiled = call("flip", &[token.clone(), Value::Number(at)], &[]);
        refusal("open_token", &[Value::Bytes(spoiled)], &[])
    };
    assert!(at(20).contains("not wrapped for this key"));
    assert!(at(420).contains("MAC"));
    assert!(refusal("open_token", &[hex("0102")], &[]).contains("no token"));
}

#[test]
fn an_events_fields_have_the_names_of_annex_a() {
    let event = answer("### B.23 CREDIT");
    assert_eq!(field(&event, "kind"), [2]);
    assert_eq!(field(&event, "balance"), 10_000_u64.to_be_bytes());
    assert_eq!(field(&event, "signature").len(), 64);
    assert!(refusal("field", &[event, word("colour")], &[]).contains("there are center, account"));
    assert!(refusal("field", &[hex("00"), word("kind")], &[]).contains("no signed structure"));
}
