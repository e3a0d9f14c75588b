//! A reader that passes short APDUs only.

use crate::desk::{Desk, pcscd};
use saifu_vsmartcard::harness::{OnExtended, PassedLengths, ShortOnly};

/// The longest short command and the longest answer to one (ISO/IEC 7816-3, 12.1.3).
const LONGEST: (usize, usize) = (261, 258);

/// All of a sale behind such a reader, from the account to the receipt; what has passed it.
fn sold(on_extended: OnExtended, more: &[&str]) -> PassedLengths {
    let desk = Desk::without_card(pcscd());
    let card = ShortOnly::new(desk.card.clone(), on_extended);
    let passed = card.passed();
    let _in_reader = desk.insert(0, card);
    desk.saifu(&[&["register"], more].concat()).good();
    desk.buy(more).ran().good();
    let lengths = passed.lengths();
    desk.assert_sold();
    assert!(lengths.longest_command <= LONGEST.0 && lengths.longest_answer <= LONGEST.1);
    lengths
}

#[test]
fn a_reader_that_refuses_extended_apdus_is_found_out_and_served_with_short_ones() {
    let passed = sold(OnExtended::Refuse, &[]);
    assert_eq!(passed.longest_answer, LONGEST.1, "whole answers are fetched in parts");
    assert_eq!(passed.kept_back, 2, "one attempt in each of two runs");
}

#[test]
fn a_reader_that_lets_go_of_the_card_at_an_extended_apdu_is_served_with_short_ones() {
    let passed = sold(OnExtended::Break, &[]);
    assert_eq!(passed.kept_back, 2, "one attempt in each of two runs");
}

#[test]
fn where_the_user_asks_for_short_apdus_no_extended_one_is_ever_sent() {
    let passed = sold(OnExtended::Refuse, &["--short-apdus"]);
    assert_eq!(passed.longest_answer, LONGEST.1, "whole answers are fetched in parts");
    assert_eq!(passed.kept_back, 0);
}
