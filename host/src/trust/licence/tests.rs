use super::*;
use crate::testing::{NOW, keys, world};
use saifu_wire::signed::PaymentOrder;
use saifu_wire::{CardId, Digest};

fn check(change: impl FnOnce(&mut Licence)) -> Result<Signed<Licence>, Untrusted> {
    check_against(&world::work(), change)
}

fn check_against(
    work: &api::Work,
    change: impl FnOnce(&mut Licence),
) -> Result<Signed<Licence>, Untrusted> {
    let center = CenterIdentity::verify(&world::center(), &keys::root(), NOW).unwrap();
    let card = CardIdentity::verify(world::card_certificates(), &keys::root(), NOW).unwrap();
    let order = world::order(&world::licence(change));
    check_licence(&Offered { center: &center, card: &card, work, order: &order, now: NOW })
}

#[test]
fn a_licence_as_offered_is_good() {
    assert_eq!(check(|_| {}).unwrap().message().number, 1);
}

#[test]
fn a_changed_price_is_told_with_both_prices() {
    let refused = check(|licence| licence.prices.0[0].amount = 999).unwrap_err();
    let text = "the center changed the price: it offered 300 JPY (bit-cash) and signed \
                999 JPY (bit-cash)";
    assert_eq!(refused.to_string(), text);
}

#[test]
fn another_unit_or_one_price_more_or_none_is_a_changed_price() {
    use saifu_wire::value::{Kind, Unit};
    let changes: [fn(&mut Licence); 4] = [
        |licence| licence.prices.0[0].unit = Unit::new("USD").unwrap(),
        |licence| licence.prices.0[0].kind = Kind::CyberCoin,
        |licence| licence.prices.0.push(licence.prices.0[0].clone()),
        |licence| licence.prices.0.clear(),
    ];
    for change in changes {
        let refused = check(change);
        assert!(matches!(refused, Err(Untrusted::PriceChanged { .. })), "{refused:?}");
    }
}

#[test]
fn fewer_uses_or_other_times_or_another_order_of_payment_are_changed_terms() {
    let changes: [fn(&mut Licence); 5] = [
        |licence| licence.uses = 1,
        |licence| licence.payment = PaymentOrder::DecryptFirst,
        |licence| licence.not_before = NOW,
        |licence| licence.not_after = NOW,
        |licence| licence.needs_time = true,
    ];
    for change in changes {
        let refused = check(change);
        assert!(matches!(refused, Err(Untrusted::TermsChanged { .. })), "{refused:?}");
    }
}

#[test]
fn a_licence_for_anything_else_says_for_what() {
    type Change = (&'static str, fn(&mut Licence));
    let changes: [Change; 10] = [
        ("center", |licence| licence.center.0[0] ^= 1),
        ("card", |licence| licence.card = CardId([1; 16])),
        ("key of the card", |licence| licence.card_key = Digest([1; 32])),
        ("order", |licence| licence.order.0[0] ^= 1),
        ("work", |licence| licence.content.0[0] ^= 1),
        ("version of the work", |licence| licence.content_version = 2),
        ("shop", |licence| licence.shop.0[0] ^= 1),
        ("length of the work", |licence| licence.total_bytes += 1),
        ("payment key of the center", |licence| licence.center_key.0[0] ^= 1),
        ("center", |licence| licence.center = saifu_wire::CenterId([1; 16])),
    ];
    for (field, change) in changes {
        assert_eq!(check(change), Err(Untrusted::Other { what: LICENCE, field }));
    }
}

#[test]
fn a_licence_that_is_not_valid_today_is_refused() {
    let changes: [fn(&mut Licence); 2] =
        [|licence| licence.not_before = NOW + 1, |licence| licence.not_after = NOW - 1];
    for change in changes {
        assert_eq!(check(change), Err(Untrusted::NotValidNow { what: LICENCE }));
    }
    let until_now = world::licence(|licence| licence.not_after = NOW);
    assert!(check_valid(until_now.message(), NOW).is_ok());
}

#[test]
fn a_flipped_byte_anywhere_in_a_licence_is_refused() {
    let center = CenterIdentity::verify(&world::center(), &keys::root(), NOW).unwrap();
    let card = CardIdentity::verify(world::card_certificates(), &keys::root(), NOW).unwrap();
    let work = world::work();
    let genuine = world::order(&world::licence(|_| {}));
    for at in 0..genuine.licence.0.len() {
        let mut order = genuine.clone();
        order.licence.0[at] ^= 1;
        let (center, card, work) = (&center, &card, &work);
        let offered = Offered { center, card, work, order: &order, now: NOW };
        assert!(check_licence(&offered).is_err(), "byte {at}");
    }
}

#[test]
fn a_header_must_be_the_licence_s_and_as_long_as_announced() {
    let licence = world::licence(|_| {});
    let header: [u8; HEADER_BYTES] = world::header().to_bytes().try_into().unwrap();
    let whole = world::delivery().len() as u64;
    assert_eq!(check_header(&header, licence.message(), whole), Ok(world::header()));
    let mut other = header;
    other[69] ^= 1;
    let refused = check_header(&other, licence.message(), whole);
    assert_eq!(refused, Err(Untrusted::Other { what: DELIVERY, field: "licence" }));
    let refused = check_header(&header, licence.message(), whole + 1);
    assert_eq!(refused, Err(Untrusted::Other { what: DELIVERY, field: "length in all" }));
}
