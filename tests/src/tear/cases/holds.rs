//! Holds, and how they end (§6.19, §6.26 to §6.28).

use saifu_wire::Wire;
use saifu_wire::ins::Ins;
use saifu_wire::request::{LicenceRef, PayRequest};
use saifu_wire::signed::{Licence, PaymentOrder};

use super::super::case::Case;
use super::super::seen::Answer;
use super::super::world::{World, first};
use crate::fixture::{Delivery, PIN, TestCard};

pub(super) fn cases() -> Vec<Case> {
    [holds(), ends(), releases_by_plaintext()].concat()
}

fn holds() -> Vec<Case> {
    let (once, _) = offered(|_| ());
    let (mut again, _) = held(|_| ());
    again.card.verify(PIN).expect("the right PIN");
    cancel(&mut again.card).expect("a hold that ends");
    let (mut two, _) = held(|_| ());
    two.order_as(2, |terms| terms.payment = PaymentOrder::DecryptFirst);
    vec![
        Case::new("HOLD", &once, |card| hold(card, 1)).verified(),
        Case::new("HOLD, after another was cancelled", &again, |card| hold(card, 1)).verified(),
        Case::new("HOLD, another", &two, |card| hold(card, 2)).verified(),
    ]
}

fn ends() -> Vec<Case> {
    let (world, _) = held(|_| ());
    let release = |card: &mut TestCard| card.send(Ins::Release, 0, 0, &licence(1));
    vec![Case::new("RELEASE", &world, release), Case::new("CANCEL", &world, cancel).verified()]
}

/// The first plaintext of a held licence pays, and counts a use where uses are counted.
fn releases_by_plaintext() -> Vec<Case> {
    let plaintext = |name: &str, change: fn(&mut Licence)| {
        let (world, delivery) = held(change);
        let (header, segments) = (delivery.header.clone(), delivery.segments.concat());
        Case::new(name, &world, move |card| card.decrypt(0, &segments)).after(move |card| {
            card.open_stream(&first(), 1, &header).map(|opened| opened.to_bytes())
        })
    };
    vec![
        plaintext("DECRYPT, of a held licence", |_| ()),
        plaintext("DECRYPT, of a held licence with three uses", |terms| terms.uses = 3),
    ]
}

/// A customer's card with a decrypt-first licence.
pub(super) fn offered(change: impl FnOnce(&mut Licence)) -> (World, Delivery) {
    let mut world = World::customer(1_000);
    let delivery = world.order_as(1, |terms| {
        terms.payment = PaymentOrder::DecryptFirst;
        change(terms);
    });
    (world, delivery)
}

/// The same, with its price on hold.
pub(super) fn held(change: impl FnOnce(&mut Licence)) -> (World, Delivery) {
    let (mut world, delivery) = offered(change);
    world.card.verify(PIN).expect("the right PIN");
    hold(&mut world.card, 1).expect("a hold");
    (world, delivery)
}

fn hold(card: &mut TestCard, number: u64) -> Answer {
    let licence = LicenceRef { center: first().id(), number };
    card.send(Ins::Hold, 0, 0, &PayRequest { licence, price_index: 0, purse: 1 }.to_bytes())
}

fn cancel(card: &mut TestCard) -> Answer {
    card.send(Ins::Cancel, 0, 0, &licence(1))
}

fn licence(number: u64) -> Vec<u8> {
    LicenceRef { center: first().id(), number }.to_bytes()
}
