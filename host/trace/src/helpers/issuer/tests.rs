use crate::helpers::tests::{call, hex, is_in_annex_b, number, refusal};
use crate::helpers::{Value, keys};
use saifu_wire::test_root;
use std::slice::from_ref;

#[test]
fn orders_verify_under_the_published_administration() {
    let point = Value::Bytes(keys::point(&test_root::ADMINISTRATION_PRIVATE).unwrap().to_vec());
    let by = [("by", point)];
    let unblock = call("unblock_order", &[], &[("card", hex("ca")), ("sequence", number(7))]);
    assert_eq!(unblock[..4], *b"SUNB");
    call("verify", &[Value::Bytes(unblock)], &by);
    let names = [("card", hex("ca")), ("nonce", hex("11")), ("erase", number(1))];
    let terminate = call("terminate_order", &[], &names);
    assert_eq!((&terminate[..4], terminate[terminate.len() - 65]), (&b"STRM"[..], 1));
    call("verify", &[Value::Bytes(terminate.clone())], &by);
    let other = [&names[..], &[("administration", hex("ae"))]].concat();
    let other = Value::Bytes(call("terminate_order", &[], &other));
    assert!(refusal("verify", &[other], &by).contains("not of this key"));
}

#[test]
fn the_root_is_what_annex_b_pins() {
    assert!(!call("test_root", &[], &[]).is_empty());
    assert!(is_in_annex_b(&call("scp03_keys", &[], &[("card", hex("ca"))])[..16]));
}

#[test]
fn a_channel_is_opened_by_hand_as_in_annex_b() {
    let answer = hex("cacacacacacacacacaca010370519dc6c18b3742e1f055c5e1a412d27f000001");
    let challenge = ("challenge", hex("a42e8c2a95e0d90f"));
    let names = [challenge.clone(), ("card", hex("ca"))];
    let command = call("scp03_authenticate", from_ref(&answer), &names);
    assert!(is_in_annex_b(&command));
    let other = [&names[..], &[("level", number(1))]].concat();
    assert_eq!(call("scp03_authenticate", from_ref(&answer), &other)[2], 1);
    let wrong = [challenge, ("keys", Value::Bytes(vec![1; 48]))];
    assert!(refusal("scp03_authenticate", &[answer], &wrong).contains("other SCP03 keys"));
}
