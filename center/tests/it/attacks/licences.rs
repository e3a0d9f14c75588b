//! Licences that are changed, forged, spliced, another's, or no licences (LI1 to LI11).

use saifu_center::catalogue::NewWork;
use saifu_center::crypto::ecdsa::{SigningKey, other_half};
use saifu_center::money;
use saifu_center_api::ProblemCode;
use saifu_wire::Nonce;
use saifu_wire::signed::{Licence, Outcome, Signed, TOKEN_HEADER_BYTES, Token, unsigned_bytes};
use saifu_wire::test_root::{ROOT_POINT, ROOT_PRIVATE};
use saifu_wire::value::Price;

use super::{EVIDENCE, Stored, credit_under_way, each_flipped, message, sales, signed, unsigned};
use crate::card::Card;
use crate::desk::{Desk, TEXT, code};

#[test]
fn li1_a_licence_with_any_bit_flipped_is_not_paid() {
    let (desk, mut card, [order]) = sales();
    let (token, licence) = (card.debit(&order.licence.0), &order.licence.0);
    let (before, terms) = (Stored::of(&desk), unsigned(licence).len() * 8);
    for (bit, bad) in each_flipped(licence).take(terms) {
        let refused = code(desk.settle(&token, &bad));
        let known = [ProblemCode::Malformed, ProblemCode::NotAuthentic];
        assert!(known.contains(&refused), "bit {bit}: {refused:?}");
    }
    before.has_not_moved(&desk, &[]);
    let receipt = desk.settle(&token, licence).unwrap();
    let before = Stored::of(&desk);
    for (bit, other) in each_flipped(licence).skip(terms) {
        let again = desk.settle(&token, &other).unwrap();
        assert_eq!(again, receipt, "bit {bit} of the signature of what is remembered");
    }
    before.has_not_moved(&desk, &[]);
}

#[test]
fn li1_a_center_that_forgot_a_licence_takes_it_with_no_bit_flipped() {
    let mut desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let backup = desk.back_up();
    let order = desk.order(&card, &work, "late").unwrap();
    desk.restore(&backup);
    let (token, before) = (card.debit(&order.licence.0), Stored::of(&desk));
    for (bit, bad) in each_flipped(&order.licence.0) {
        assert!(desk.settle(&token, &bad).is_err(), "bit {bit}");
    }
    before.has_not_moved(&desk, &[]);
    assert_eq!(desk.outcome(&token, &other_half(&order.licence.0)), Outcome::Settled);
}

#[test]
fn li2_a_licence_for_another_card_is_not_paid_by_this_one_though_its_token_says_so() {
    let (desk, card, [order]) = sales();
    let mut other = desk.customer();
    let before = Stored::of(&desk);
    let token = other.debit(&order.licence.0);
    assert_eq!(code(desk.settle(&token, &order.licence.0)), ProblemCode::Contradiction);
    let renamed = Token { account: card.account, ..message::<Token>(&token) };
    let refused = code(desk.settle(&other.sign(renamed), &order.licence.0));
    assert_eq!(refused, ProblemCode::NotAuthentic);
    before.has_not_moved(&desk, EVIDENCE);
}

#[test]
fn li3_a_licence_that_any_other_key_signed_is_not_paid() {
    let (desk, mut card, [order]) = sales();
    let (token, elsewhere) = (card.debit(&order.licence.0), Desk::open());
    let foreign = elsewhere.order(&elsewhere.customer(), &elsewhere.sell("jpy:300"), "1").unwrap();
    let mut cheaper = message::<Licence>(&order.licence.0);
    cheaper.prices.0[0].amount = 1;
    let root = SigningKey::from_parts(&ROOT_PRIVATE, &ROOT_POINT).unwrap();
    let unknown = SigningKey::generate().unwrap();
    let before = Stored::of(&desk);
    for key in [&root, &unknown, &card.signature] {
        let forged = Signed::sign(cheaper.clone(), |bytes| key.sign(bytes)).unwrap().to_bytes();
        let paid = card.clone().debit(&forged);
        for token in [&token, &paid] {
            assert_eq!(code(desk.settle(token, &forged)), ProblemCode::NotAuthentic);
        }
    }
    assert_eq!(code(desk.settle(&token, &foreign.licence.0)), ProblemCode::NotAuthentic);
    before.has_not_moved(&desk, &[]);
}

#[test]
fn li3_what_one_key_signs_for_one_purpose_is_nothing_for_another() {
    let (desk, mut card, [order]) = sales();
    let receipt = desk.settle(&card.debit(&order.licence.0), &order.licence.0).unwrap();
    let (load, credit) = credit_under_way(&desk, &card);
    let (token, closing) = (card.clone().debit(&order.licence.0), card.closing(|_| {}));
    let event = card.clone().void(&credit);
    let nonce = Nonce(load.nonce.0.clone().try_into().unwrap());
    let challenge = card.challenge(1, nonce);
    let all = [
        (&token, "settle"),
        (&closing, "close"),
        (&event, "event"),
        (&challenge, "challenge"),
        (&order.licence.0, "licence"),
        (&credit, "credit"),
        (&receipt, "receipt"),
        (&card.certificates[0], "certificate"),
    ];
    let before = Stored::of(&desk);
    for (bytes, what) in all {
        let answer = |door| match door {
            "settle" => desk.settle(bytes, &order.licence.0),
            "close" => desk.close_card(bytes),
            "event" => desk.event(bytes),
            _ => desk.challenge(&load, bytes),
        };
        for door in
            ["settle", "close", "event", "challenge"].into_iter().filter(|door| *door != what)
        {
            assert_eq!(code(answer(door)), ProblemCode::Malformed, "{what} as {door}");
        }
        before.has_not_moved(&desk, &[]);
    }
}

#[test]
fn li5_the_wrapped_key_of_one_licence_opens_under_no_other_terms_and_no_splice_is_paid() {
    let (desk, mut card, [one, other]) = sales();
    let (mut spliced, second) = (message::<Licence>(&one.licence.0), &other.licence.0);
    assert_ne!(card.unwrap(&one.licence.0), card.unwrap(second));
    spliced.wrapped_key = message::<Licence>(second).wrapped_key;
    let bytes = unsigned_bytes(&spliced);
    let signature = Signed::<Licence>::parse(&one.licence.0).unwrap().signature().to_vec();
    let spliced = [bytes, signature].concat();
    assert_eq!(card.unwrapped(&spliced), None);
    let before = Stored::of(&desk);
    let token = card.debit(&spliced);
    assert_eq!(code(desk.settle(&token, &spliced)), ProblemCode::NotAuthentic);
    before.has_not_moved(&desk, &[]);
}

#[test]
fn li6_no_work_is_sold_for_nothing_for_too_much_or_at_too_many_prices() {
    let desk = Desk::open();
    let price = |amount| Price { amount, ..money::parse_price("jpy:300").unwrap() };
    let before = Stored::of(&desk);
    let wrong = [vec![], vec![price(0)], vec![price(u64::MAX)], vec![price(i64::MAX as u64 + 1)]]
        .into_iter()
        .chain([vec![price(300), price(0)], vec![price(300); 9]]);
    for prices in wrong {
        let shown = format!("{prices:?}");
        let work = NewWork { prices, ..Desk::new_work(TEXT, "jpy:300") };
        let added = desk.center().add_work(&mut TEXT.as_bytes(), work);
        assert_eq!(added.unwrap_err().code(), ProblemCode::Malformed, "{shown}");
    }
    for text in ["gold:jpy:300", "jpy:-1", "jpy:18446744073709551616", "jpy:", "jpy:300:moon"] {
        assert!(money::parse_price(text).is_err(), "{text}");
    }
    before.has_not_moved(&desk, &[]);
}

/// What a card signs that is not exactly a message: too long, too short, of another version or
/// tag, or with a length that lies.
fn inexact(card: &Card, genuine: &[u8]) -> Vec<Vec<u8>> {
    let unsigned = unsigned(genuine);
    let at = |place: usize, byte: u8| {
        let mut bytes = unsigned.to_vec();
        bytes[place] = byte;
        bytes
    };
    let long = [[unsigned, &[0]].concat(), [unsigned, unsigned].concat()];
    let short = (0..unsigned.len()).step_by(7).map(|length| unsigned[..length].to_vec());
    let changed = [at(4, 0), at(4, 2), at(4, 0xFF), at(0, b's'), at(3, 0)];
    long.into_iter().chain(short).chain(changed).map(|bytes| signed(card, &bytes)).collect()
}

#[test]
fn li7_what_is_not_exactly_a_message_is_malformed_though_a_card_signed_it() {
    let (desk, card, [order]) = sales();
    let (load, credit) = credit_under_way(&desk, &card);
    let nonce = Nonce(load.nonce.0.clone().try_into().unwrap());
    let before = Stored::of(&desk);
    for bad in inexact(&card, &card.clone().debit(&order.licence.0)) {
        assert_eq!(code(desk.settle(&bad, &order.licence.0)), ProblemCode::Malformed);
    }
    for bad in inexact(&card, &card.clone().void(&credit)) {
        assert_eq!(code(desk.event(&bad)), ProblemCode::Malformed);
        assert_eq!(code(desk.close_load(&load, &bad)), ProblemCode::Malformed);
    }
    for bad in inexact(&card, &card.challenge(1, nonce)) {
        assert_eq!(code(desk.challenge(&load, &bad)), ProblemCode::Malformed);
    }
    for bad in inexact(&card, &card.closing(|_| {})) {
        assert_eq!(code(desk.close_card(&bad)), ProblemCode::Malformed);
    }
    before.has_not_moved(&desk, &[]);
}

#[test]
fn li7_a_length_inside_that_lies_is_malformed_though_a_card_signed_it() {
    let (desk, card, [order]) = sales();
    let (token, before) = (card.clone().debit(&order.licence.0), Stored::of(&desk));
    let wrapped = TOKEN_HEADER_BYTES;
    for place in [wrapped, wrapped + 2 + 256] {
        let mut lie = unsigned(&token).to_vec();
        let length = u16::from_be_bytes([lie[place], lie[place + 1]]);
        for other in [0, length - 1, length + 1, length + 256, u16::MAX] {
            lie[place..place + 2].copy_from_slice(&other.to_be_bytes());
            let refused = code(desk.settle(&signed(&card, &lie), &order.licence.0));
            assert_eq!(refused, ProblemCode::Malformed, "{other} at {place}");
        }
    }
    before.has_not_moved(&desk, &[]);
}

#[test]
fn li11_two_licences_with_one_number_are_two_orders_and_each_is_paid_once() {
    let mut desk = Desk::open();
    let works = [desk.sell("jpy:300"), desk.sell_text("jpy:500", &TEXT.repeat(299))];
    let mut card = desk.customer();
    let backup = desk.back_up();
    let first = desk.order(&card, &works[0], "first").unwrap();
    desk.restore(&backup);
    let second = desk.order(&card, &works[1], "second").unwrap();
    let number = |licence: &[u8]| message::<Licence>(licence).number;
    assert_eq!(number(&first.licence.0), number(&second.licence.0));
    let [one, two] = [&first, &second].map(|order| card.debit(&order.licence.0));
    assert_eq!(code(desk.settle(&one, &second.licence.0)), ProblemCode::Contradiction);
    assert_eq!(desk.outcome(&one, &first.licence.0), Outcome::Settled);
    assert_eq!(desk.outcome(&two, &second.licence.0), Outcome::Settled);
    assert_eq!(desk.outcome(&card.debit(&first.licence.0), &first.licence.0), Outcome::Suspense);
    assert_eq!(desk.value(), [0, 8_900, 800, 300]);
}
