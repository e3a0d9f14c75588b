//! The content memory (§6.19 to §6.24), and deleted licences (§6.13).

use saifu_wire::Wire;
use saifu_wire::ins::Ins;
use saifu_wire::request::{LicenceRef, segments_data};

use super::super::case::Case;
use super::super::seen::Answer;
use super::super::world::{World, first};
use super::holds;
use crate::fixture::{Delivery, PIN, TestCard};

/// The licences of a card on which deleting one joins nodes of the manifest.
const SOME: u64 = 12;

pub(super) fn cases() -> Vec<Case> {
    [kept(), stored_as_it_came(), deleted(), deleted_licences()].concat()
}

/// DECRYPT that also keeps what it decrypts: all at once, and its end alone.
fn kept() -> Vec<Case> {
    let (world, delivery) = paid();
    let keep_all = keep("DECRYPT, that keeps a work", &world, &delivery);
    let mut twice = world.copy();
    does(&mut twice, &keep_all);
    let (held, held_delivery) = holds::held(|_| ());
    let mut held = held;
    held.shows(1, &held_delivery);
    let end = segments_data(1, &delivery.segments[1]);
    let ready = open_and_keep_first(&delivery);
    vec![
        keep("DECRYPT, that keeps a work anew", &twice, &delivery).unseen(),
        keep("DECRYPT, of a held licence, that keeps it", &held, &held_delivery),
        Case::new("DECRYPT, that keeps the end", &world, move |card| {
            card.send(Ins::Decrypt, 1, 0, &end)
        })
        .after(ready),
        keep_all,
    ]
}

fn keep(name: &str, world: &World, delivery: &Delivery) -> Case {
    let segments = segments_data(0, &delivery.segments.concat());
    let header = delivery.header.clone();
    Case::new(name, world, move |card| card.send(Ins::Decrypt, 1, 0, &segments))
        .after(move |card| {
            card.verify(PIN)?;
            card.open_stream(&first(), 1, &header).map(|opened| opened.to_bytes())
        })
        .stepwise()
}

fn open_and_keep_first(
    delivery: &Delivery,
) -> impl Fn(&mut TestCard) -> Answer + Send + Sync + 'static {
    let (header, begin) = (delivery.header.clone(), segments_data(0, &delivery.segments[0]));
    move |card| {
        card.verify(PIN)?;
        card.open_stream(&first(), 1, &header)?;
        card.send(Ins::Decrypt, 1, 0, &begin)
    }
}

/// Procedure 2: `Ke[M]` as it came, with the licence before it or after it.
fn stored_as_it_came() -> Vec<Case> {
    let (world, delivery) = paid();
    let whole = store("STORE CONTENT", &world, &delivery);
    let mut again = world.copy();
    does(&mut again, &whole);
    let mut unloaded = World::customer(1_000);
    let unloaded_delivery = first().deliver(&unloaded.keys(), 1);
    unloaded.shows(1, &unloaded_delivery);
    let licence = unloaded_delivery.licence.to_bytes();
    vec![
        store("STORE CONTENT, anew", &again, &delivery).unseen(),
        Case::new("LOAD LICENCE, kept as it came", &unloaded, move |card| {
            card.send(Ins::LoadLicence, 1, 0, &licence)
        }),
        whole,
    ]
}

fn store(name: &str, world: &World, delivery: &Delivery) -> Case {
    let begin = [licence(1), delivery.header.to_bytes()].concat();
    let segments = segments_data(0, &delivery.segments.concat());
    Case::new(name, world, move |card| {
        card.send(Ins::StoreContent, 0, 0, &begin)?;
        card.send(Ins::StoreContent, 1, 0, &segments)?;
        card.send(Ins::StoreContent, 2, 0, &[])
    })
    .verified()
    .stepwise()
}

fn deleted() -> Vec<Case> {
    let (mut world, delivery) = paid();
    let store = store("", &world, &delivery);
    does(&mut world, &store);
    let keep = keep("", &world, &delivery);
    does(&mut world, &keep);
    let delete =
        |form| move |card: &mut TestCard| card.send(Ins::DeleteContent, form, 0, &licence(1));
    vec![
        Case::new("DELETE CONTENT, as plaintext", &world, delete(0)).verified().again(0x6A88),
        Case::new("DELETE CONTENT, as it came", &world, delete(1)).verified().again(0x6A88),
    ]
}

fn deleted_licences() -> Vec<Case> {
    let delete = |name: &str, world: &World, number| {
        let act = move |card: &mut TestCard| card.send(Ins::DeleteLicence, 0, 0, &licence(number));
        Case::new(name, world, act).verified().again(0x6A88)
    };
    let mut stored = World::customer(1_000);
    let delivery = stored.order_as(1, |_| ());
    let token = stored.buys(1);
    stored.settles(&token);
    stored.shows(1, &delivery);
    let keep = keep("", &stored, &delivery);
    does(&mut stored, &keep);
    let mut some = World::customer(1_000);
    (1..=SOME).for_each(|number| some.order(number));
    let mut cases = vec![delete("DELETE LICENCE, with its work", &stored, 1)];
    for number in 1..SOME {
        cases.push(delete(&format!("DELETE LICENCE, number {number} of {SOME}"), &some, number));
        some.card.verify(PIN).expect("the right PIN");
        some.card.send(Ins::DeleteLicence, 0, 0, &licence(number)).expect("a deleted licence");
    }
    cases
}

/// A customer's card with a licence that is paid, and its work in view.
fn paid() -> (World, Delivery) {
    let mut world = World::customer(1_000);
    let delivery = world.order_as(1, |_| ());
    world.buys(1);
    world.shows(1, &delivery);
    (world, delivery)
}

/// Has the world's card do what a case does.
fn does(world: &mut World, case: &Case) {
    (case.ready)(&mut world.card).expect("what goes before");
    (case.act)(&mut world.card).expect("a command that works");
}

fn licence(number: u64) -> Vec<u8> {
    LicenceRef { center: first().id(), number }.to_bytes()
}
