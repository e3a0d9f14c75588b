//! Against annex B of apdu-spec.md.

use super::*;
use crate::helpers::tests::{ask, call, hex, is_in_annex_b, number, refusal, word};
use saifu_wire::certificate::PublicKey;
use saifu_wire::signed::Signed;

/// The work of annex B: the numbers from 000 to 099.
fn work() -> Value {
    Value::Bytes((0..100).flat_map(|number| format!("{number:03}").into_bytes()).collect())
}

fn header_of(bytes: u64) -> Value {
    Value::Bytes(call("header", &[number(bytes)], &[]))
}

/// A key for a card: that of the center is as good as any.
fn keys() -> Value {
    Value::Bytes(call("certificate", &[word("payment")], &[]))
}

fn licence_with(more: &[(&str, Value)]) -> Signed<Licence> {
    let key = keys();
    let key = Value::Bytes([&[0x7F, 0x21, 0x82, 0x01, 0xF3][..], &bytes(&key)].concat());
    let mut named = vec![("card", hex("ca")), ("keys", key), ("header", header_of(300))];
    named.extend_from_slice(more);
    Signed::parse(&call("licence", &[], &named)).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    let Value::Bytes(bytes) = value else { panic!("{value:?}") };
    bytes.clone()
}

#[test]
fn header_and_segments_are_those_of_annex_b() {
    let header = header_of(300);
    assert!(is_in_annex_b(&bytes(&header)));
    assert!(is_in_annex_b(&call("segments", &[header.clone(), work()], &[])));
    let other = [("key", hex("07"))];
    assert!(!is_in_annex_b(&call("segments", &[header, work()], &other)));
}

#[test]
fn a_licence_has_the_terms_of_annex_b_and_its_key_opens_under_them() {
    let licence = licence_with(&[("card_key", hex("4b"))]);
    let before_key = &licence.unsigned()[..5 + 16 + 4 + 16 + 8 + 16 + 16];
    assert!(is_in_annex_b(before_key));
    let label = keys::sha256(&[licence.terms()]);
    let key = payment::unwrap(&label, &licence.message().wrapped_key.0).unwrap();
    assert_eq!(key, call("content_key", &[number(1)], &[]));
    assert!(payment::unwrap(&[0; 32], &licence.message().wrapped_key.0).is_err());
}

#[test]
fn the_same_words_give_the_same_licence_and_others_another() {
    let one = licence_with(&[]);
    assert_eq!(one, licence_with(&[]));
    assert_ne!(one, licence_with(&[("number", number(2))]));
    let given = licence_with(&[("payment", word("already_paid"))]);
    assert_eq!(given.message().prices, List(vec![]));
}

#[test]
fn prices_are_one_or_those_that_are_given() {
    let licence = licence_with(&[("amount", number(500))]);
    assert_eq!(licence.message().prices.0[0].amount, 500);
    let two = [call("price", &[number(1)], &[]), call("price", &[number(2)], &[])].concat();
    let licence = licence_with(&[("prices", Value::Bytes(two))]);
    assert_eq!(licence.message().prices.0.len(), 2);
    let bad = [("card", hex("ca")), ("keys", hex("00")), ("header", header_of(1))];
    assert!(refusal("licence", &[], &bad).contains("no certificates"));
}

#[test]
fn a_stream_needs_a_header_of_its_plaintext() {
    assert!(refusal("segments", &[header_of(299), work()], &[]).contains("has 300"));
    assert!(refusal("segments", &[hex("00"), work()], &[]).contains("no header"));
    let empty = ask("segments", &[header_of(0), hex("")], &[]);
    assert_eq!(empty.map(|value| bytes(&value).len()), Ok(16));
}

#[test]
fn the_centers_key_is_of_2048_bits() {
    let PublicKey::Rsa { modulus, .. } = keys::encryption_key(&{
        let content = bytes(&keys());
        [&[0x7F, 0x21, 0x82, 0x01, 0xF3][..], &content].concat()
    })
    .unwrap() else {
        panic!("an RSA key")
    };
    assert_eq!(modulus.len(), 256);
}
