//! Against annex B of apdu-spec.md, whose card is sixteen times `CA`.

use super::*;
use crate::helpers::tests::{call, hex, is_in_annex_b, number, refusal, text, word};

fn card() -> (&'static str, Value) {
    ("card", hex("ca"))
}

#[test]
fn the_certificates_of_the_test_center_are_those_of_annex_b() {
    for role in ["licence", "credit", "receipt"] {
        assert!(is_in_annex_b(&call("certificate", &[word(role)], &[])), "{role}");
    }
    let payment = call("certificate", &[word("payment")], &[]);
    assert!(is_in_annex_b(&payment[..255]) && is_in_annex_b(&payment[255..]), "in two parts");
    let other = call("certificate", &[word("licence")], &[("until", text("270101"))]);
    assert!(!is_in_annex_b(&other));
}

#[test]
fn openings_credits_and_receipts_are_those_of_annex_b() {
    let purses = Value::Bytes(call("purse", &[number(1)], &[]));
    assert!(is_in_annex_b(&call("opening", &[], &[card(), ("purses", purses)])));
    let coupon = [("kind", word("coupon")), ("until", number(TIME))];
    let purses = ("purses", Value::Bytes(call("purse", &[number(2)], &coupon)));
    let second = [card(), purses, ("sequence", number(1))];
    assert!(is_in_annex_b(&call("opening", &[], &second)));
    let load = [card(), ("sequence", number(1)), ("amount", number(10_000))];
    assert!(is_in_annex_b(&call("credit", &[], &load)));
    let other = [card(), ("sequence", number(1)), ("amount", number(10_001))];
    assert!(!is_in_annex_b(&call("credit", &[], &other)));
}

#[test]
fn what_annex_b_signs_can_be_signed_by_hand() {
    let load = [card(), ("sequence", number(1)), ("amount", number(10_000))];
    let credit = call("credit", &[], &load);
    let body = Value::Bytes(credit[..credit.len() - 64].to_vec());
    assert_eq!(call("sign", &[body.clone(), word("credit")], &[]), credit);
    assert_ne!(call("sign", &[body, word("receipt")], &[]), credit);
}

#[test]
fn the_administration_is_the_published_one() {
    let content = call("certificate", &[word("administration")], &[]);
    assert!(is_in_annex_b(&content[..149]) && is_in_annex_b(&content[149..]), "in two parts");
    let other = call("certificate", &[word("administration")], &[("center", hex("ae"))]);
    assert!(!is_in_annex_b(&other[149..]));
}

#[test]
fn what_is_missing_or_of_another_form_is_told() {
    assert!(refusal("credit", &[], &[]).contains("card= is missing"));
    assert!(refusal("credit", &[], &[("card", hex("0102"))]).contains("16 bytes, not 2"));
    assert!(refusal("certificate", &[word("king")], &[]).contains("role is licence or"));
    let bad = [("until", text("261301"))];
    assert!(refusal("certificate", &[word("licence")], &bad).contains("YYMMDD"));
    assert!(refusal("certificate", &[word("card_signature")], &[card()]).contains("key="));
    let purses = [card(), ("purses", hex("01"))];
    assert!(refusal("opening", &[], &purses).contains("joined by concat"));
    assert!(refusal("purse", &[number(1)], &[("unit", text("yen"))]).contains("capitals"));
    assert!(refusal("receipt", &[hex("00")], &[]).contains("no token"));
}
