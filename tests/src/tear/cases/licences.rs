//! Licences and streams (§6.11, §6.18).

use saifu_wire::ins::Ins;
use saifu_wire::request::LicenceRef;
use saifu_wire::{Wire, signed::Licence};

use super::super::case::Case;
use super::super::seen::Answer;
use super::super::world::{World, first};
use crate::fixture::{Delivery, TIME, TestCard, stored_content};

/// How many licences a card has that has many: the manifest is a tree then.
const MANY: u64 = 70;

pub(super) fn cases() -> Vec<Case> {
    [loads(), streams()].concat()
}

fn loads() -> Vec<Case> {
    let mut many = World::customer(1_000);
    // Between these two the manifest's nodes split, wherever that is.
    let splits: Vec<_> = (1..=MANY)
        .filter_map(|number| {
            let case = (2..=9).contains(&number).then(|| {
                load(&format!("LOAD LICENCE, number {number}"), &mut many, number, |_| ())
            });
            many.order(number);
            case
        })
        .collect();
    let mut none = World::customer(1_000);
    let mut others = vec![
        load("LOAD LICENCE, the first", &mut none, 1, |_| ()),
        load("LOAD LICENCE, that moves the window", &mut none, 5_000, |_| ()),
        load("LOAD LICENCE, of a later time", &mut none, 1, |terms| terms.time = TIME + 1_000),
        load("LOAD LICENCE, with many others", &mut many, MANY + 1, |_| ()),
    ];
    others.extend(splits);
    others
}

fn load(name: &str, world: &mut World, number: u64, change: fn(&mut Licence)) -> Case {
    let keys = world.keys();
    let delivery = first().deliver_as(&keys, number, &stored_content(), change);
    let mut world = world.copy();
    world.shows(number, &delivery);
    Case::new(name, &world, move |card| {
        card.load_licence(&delivery.licence).map(|state| state.to_bytes())
    })
}

fn streams() -> Vec<Case> {
    let uses = |name: &str, uses: u32| {
        let mut world = World::customer(1_000);
        let delivery = world.order_as(1, |terms| terms.uses = uses);
        world.buys(1);
        Case::new(name, &world, move |card| open(card, 1, &delivery)).drawn()
    };
    vec![
        uses("OPEN STREAM, that uses one of three", 3),
        uses("OPEN STREAM, the last use", 1).again(0x6985),
    ]
}

fn open(card: &mut TestCard, number: u64, delivery: &Delivery) -> Answer {
    let licence = LicenceRef { center: first().id(), number }.to_bytes();
    card.send(Ins::OpenStream, 0, 0, &[licence, delivery.header.to_bytes()].concat())
}
