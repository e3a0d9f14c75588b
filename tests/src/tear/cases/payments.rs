//! Payments and their receipts (§6.14, §6.17).

use super::super::case::Case;
use super::super::world::{World, first, less};
use crate::fixture::{OUTBOX_PLACES, PIN, PRICE, TestCard};

pub(super) fn cases() -> Vec<Case> {
    [debits(), without_pin(), receipts()].concat()
}

fn debits() -> Vec<Case> {
    let pay = |number| move |card: &mut TestCard| card.debit(&first(), number);
    let mut buyer = World::buyer(1_000, 1..=3);
    let delivery = first().deliver(&buyer.keys(), 1);
    buyer.shows(1, &delivery);
    let once = Case::new("DEBIT, the first", &buyer, pay(1));
    buyer.buys(1);
    let twice = Case::new("DEBIT, another", &buyer, pay(2));
    let exact = Case::new("DEBIT, of all there is", &World::buyer(PRICE, 1..=1), pay(1));
    let mut full = World::buyer(PRICE * OUTBOX_PLACES, 1..=OUTBOX_PLACES);
    (1..OUTBOX_PLACES).for_each(|number| drop(full.buys(number)));
    let last = Case::new("DEBIT, the last place of the outbox", &full, pay(OUTBOX_PLACES));
    [once, twice, exact, last].into_iter().map(Case::verified).collect()
}

/// What is paid without a VERIFY is summed up, and the next VERIFY begins the sum anew.
fn without_pin() -> Vec<Case> {
    let mut world = World::spender();
    let pay = |number| move |card: &mut TestCard| card.debit(&first(), number);
    let once = Case::new("DEBIT, without the PIN", &world, pay(1));
    pay(1)(&mut world.card).expect("a small payment");
    let twice = Case::new("DEBIT, without the PIN again", &world, pay(2));
    let verify =
        Case::new("VERIFY, right, after a payment without it", &world, |card| card.verify(PIN));
    vec![once, twice, verify.unseen().stepwise()]
}

fn receipts() -> Vec<Case> {
    let mut world = World::buyer(1_000, 1..=2);
    let token = world.buys(1);
    let settle = |name: &str, world: &World, token: &[u8]| {
        let receipt = first().receipt(token, 1);
        Case::new(name, world, move |card| card.acknowledge(&receipt))
            .moves(|value| less(value, PRICE))
    };
    let only = settle("ACKNOWLEDGE, the only token", &world, &token);
    world.buys(2);
    let first_of_two = settle("ACKNOWLEDGE, one of two", &world, &token);
    vec![only, first_of_two]
}
