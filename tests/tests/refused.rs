//! What hostile centers, terminals and networks try: each is refused with a clear message and
//! its own exit code, and neither the card's balance nor the center's ledger moves.

#[path = "refused/world.rs"]
mod world;

use saifu_host::cli::{ExitCode, Failure};
use saifu_host::sale::Sale;
use saifu_host::session::Session;
use saifu_tests::shop::{Willing, purse};
use saifu_wire::stream::HEADER_BYTES;
use world::{Attempt, World, replace_json};

/// The bytes of a full sealed segment: 4,032 and its tag.
const SEGMENT: usize = 4_048;

#[test]
fn a_wrong_pin_buys_nothing_and_costs_one_try() {
    let world = World::new();
    let mut attempt = Attempt::honest(&world);
    attempt.customer = Willing { pin: "9999".into() };
    let failure = attempt.buy().unwrap_err();
    assert_eq!(failure.code, ExitCode::CardRefused);
    assert!(failure.what.contains("tries left: 2"), "{}", failure.what);
    world.assert_untouched();
}

#[test]
fn three_wrong_pins_block_the_card_and_then_the_right_one_is_refused_too() {
    let world = World::new();
    for _ in 0..3 {
        let mut attempt = Attempt::honest(&world);
        attempt.customer = Willing { pin: "9999".into() };
        attempt.buy().unwrap_err();
    }
    let failure = Attempt::honest(&world).buy().unwrap_err();
    assert_eq!(failure.code, ExitCode::PinBlocked);
    assert!(failure.next.contains("issuer"), "{}", failure.next);
    assert_eq!(world.shop.ledger().unwrap(), world.before.ledger);
}

#[test]
fn too_little_value_buys_nothing() {
    let world = World::priced(10_001);
    let failure = Attempt::honest(&world).buy().unwrap_err();
    assert_eq!(failure.code, ExitCode::NotEnough);
    assert!(failure.what.contains("10001"), "{}", failure.what);
    world.assert_untouched();
}

#[test]
fn exactly_enough_value_buys_it() {
    let world = World::priced(10_000);
    Attempt::honest(&world).buy().unwrap();
    assert_eq!(world.balance(), 0);
}

#[test]
fn a_licence_for_another_card_is_refused_by_the_terminal() {
    let mut world = World::new();
    let other = world.order_for_another_card();
    let mut attempt = Attempt::honest(&world);
    attempt.tamper = Box::new(move |path, body| match path {
        "/v1/orders" => replace_json(body, "licence", other.clone().into()),
        _ => body,
    });
    let failure = attempt.buy().unwrap_err();
    assert_eq!(failure.code, ExitCode::NotAuthentic);
    assert!(failure.what.contains("card"), "{}", failure.what);
    world.assert_untouched();
}

#[test]
fn a_licence_for_another_card_is_refused_by_the_card() {
    let mut world = World::new();
    let other = hex::decode(world.order_for_another_card()).unwrap();
    let mut card = world.shop.card().unwrap();
    let client = world.shop.client().unwrap();
    let mut session = Session::open(&mut card, &client, &world.shop.root).unwrap();
    session.introduce().unwrap();
    let refusal = session.selected.load_licence(&other).unwrap_err().to_string();
    assert!(refusal.contains("6A80"), "{refusal}");
    assert!(session.selected.licences(session.center.id).unwrap().is_empty());
}

#[test]
fn a_price_that_the_center_changed_is_found_before_anybody_is_asked() {
    let world = World::new();
    let mut attempt = Attempt::honest(&world);
    attempt.tamper = Box::new(|path, body| match path.starts_with("/v1/works/") {
        true => String::from_utf8(body).unwrap().replace("\"amount\":300", "\"amount\":3").into(),
        false => body,
    });
    let failure = attempt.buy().unwrap_err();
    assert_eq!(failure.code, ExitCode::NotAuthentic);
    assert!(failure.what.contains("price"), "{}", failure.what);
    world.assert_untouched();
}

#[test]
fn a_licence_whose_price_was_changed_on_the_way_is_not_authentic() {
    let world = World::new();
    let mut attempt = Attempt::honest(&world);
    attempt.tamper = Box::new(|path, body| {
        if path != "/v1/orders" {
            return body;
        }
        // 300 in the price of the licence becomes 200.
        let text = String::from_utf8(body).unwrap();
        assert!(text.contains("000000000000012c"));
        text.replace("000000000000012c", "00000000000000c8").into()
    });
    let failure = attempt.buy().unwrap_err();
    assert_eq!(failure.code, ExitCode::NotAuthentic);
    world.assert_untouched();
}

#[test]
fn a_kup_of_the_terminals_own_making_gets_no_content_key() {
    let world = World::new();
    for (what, registration) in world.forged_registrations() {
        let refused = world.shop.client().unwrap().register(&registration).unwrap_err();
        let failure = Failure::from(refused);
        assert_eq!(failure.code, ExitCode::CenterRefused, "{what}");
        assert!(failure.what.contains("authentic"), "{what}: {}", failure.what);
    }
    world.assert_untouched();
}

/// Orders, pays and settles honestly, then lets the work come through `tamper`.
fn damaged(tamper: fn(Vec<u8>) -> Vec<u8>) -> Failure {
    let world = World::new();
    let mut card = world.shop.card().unwrap();
    let mut attempt = Attempt::honest(&world);
    attempt.tamper = Box::new(move |path, body| match path.ends_with("/delivery") {
        true => tamper(body),
        false => body,
    });
    let client = attempt.client();
    let mut session = Session::open(&mut card, &client, &world.shop.root).unwrap();
    let mut sale = world.pay_and_settle(&mut session);
    let (balance, ledger) = (purse(&mut session).unwrap(), world.shop.ledger().unwrap());

    let error = sale.decrypt(&mut session, &mut |_: &_| {}).unwrap_err();
    let failure = Failure::of_sale(error, sale.record());
    assert!(!world.output().exists(), "no file is left");
    assert_eq!(world.leftovers(), Vec::<String>::new());
    assert_eq!(purse(&mut session).unwrap(), balance);
    assert_eq!(world.shop.ledger().unwrap(), ledger);
    drop((session, sale));
    drop(card);

    world.resume();
    assert_eq!(std::fs::read(world.output()).unwrap(), world.work.read().unwrap());
    assert_eq!(world.balance(), balance.balance, "and nothing is paid twice");
    failure
}

#[test]
fn a_truncated_delivery_leaves_no_file_and_is_fetched_again_for_nothing() {
    let failure = damaged(|mut body| {
        body.truncate(HEADER_BYTES + 3 * SEGMENT);
        body
    });
    assert_eq!(failure.code, ExitCode::Damaged);
    assert!(failure.next.contains("saifu resume"), "{}", failure.next);
}

#[test]
fn swapped_segments_leave_no_file_and_are_fetched_again_for_nothing() {
    let failure = damaged(|mut body| {
        let (first, rest) = body[HEADER_BYTES..].split_at_mut(SEGMENT);
        first.swap_with_slice(&mut rest[..SEGMENT]);
        body
    });
    assert_eq!(failure.code, ExitCode::Damaged);
    assert!(failure.what.contains("6A80"), "{}", failure.what);
}

#[test]
fn a_changed_byte_leaves_no_file_and_is_fetched_again_for_nothing() {
    let failure = damaged(|mut body| {
        let last = body.len() - 1;
        body[last] ^= 1;
        body
    });
    assert_eq!(failure.code, ExitCode::Damaged);
}

#[test]
fn another_header_leaves_no_file_and_is_fetched_again_for_nothing() {
    let failure = damaged(|mut body| {
        body[HEADER_BYTES - 1] ^= 1;
        body
    });
    assert_eq!(failure.code, ExitCode::Damaged);
}

#[test]
fn a_token_that_was_changed_on_the_way_is_refused_and_the_true_one_settles() {
    let world = World::new();
    let mut card = world.shop.card().unwrap();
    let client = world.shop.client().unwrap();
    let mut session = Session::open(&mut card, &client, &world.shop.root).unwrap();
    let mut sale: Sale = world.pay(&mut session);
    let ledger = world.shop.ledger().unwrap();
    let operations = world.shop.center.payment_key_operations();
    let record = sale.record();
    let (token, licence) =
        (record.signed_token().unwrap().to_bytes(), record.licence().unwrap().to_bytes());
    for at in [0, 20, 60, 145, 400, token.len() - 70, token.len() - 1] {
        let mut changed = token.clone();
        changed[at] ^= 1;
        world.shop.center.settle(&changed, Some(&licence)).unwrap_err();
    }
    assert_eq!(world.shop.ledger().unwrap(), ledger);
    assert_eq!(world.shop.center.payment_key_operations(), operations);
    sale.settle(&session, &mut |_: &_| {}).unwrap();
    assert_eq!(world.shop.ledger().unwrap().settled, 300);
}
