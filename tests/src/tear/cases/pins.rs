//! The PIN (§6.6, §6.7): a try is spent before anything is compared.

use saifu_wire::ins::Ins;
use saifu_wire::request::change_pin_data;

use super::super::case::Case;
use super::super::world::World;
use crate::fixture::{PIN, TestCard};

const WRONG: &[u8] = b"0000";
const NEW: &[u8] = b"56789";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        wrong("VERIFY, wrong", 0).answers(0x63C2).again(0x63C1),
        wrong("VERIFY, wrong, the last try", 2).answers(0x63C0).again(0x6983),
        right("VERIFY, right", 0).unseen().stepwise(),
        right("VERIFY, right, after two wrong ones", 2).stepwise(),
    ];
    cases.extend(changes());
    cases
}

fn wrong(name: &str, before: usize) -> Case {
    Case::new(name, &after_wrong_pins(before), |card| card.verify(WRONG))
}

fn right(name: &str, before: usize) -> Case {
    Case::new(name, &after_wrong_pins(before), |card| card.verify(PIN))
}

fn changes() -> Vec<Case> {
    let change = |old: &'static [u8]| {
        move |card: &mut TestCard| {
            card.send(Ins::ChangeReferenceData, 0x00, 0x81, &change_pin_data(old, NEW))
        }
    };
    let mut world = World::customer(1_000);
    world.view.pins = vec![PIN.to_vec(), NEW.to_vec()];
    let right = Case::new("CHANGE REFERENCE DATA", &world, change(PIN));
    let wrong = Case::new("CHANGE REFERENCE DATA, wrong", &world, change(WRONG));
    vec![right.again(0x63C2).stepwise(), wrong.answers(0x63C2).again(0x63C1)]
}

/// A customer's card whose holder was wrong so many times.
fn after_wrong_pins(count: usize) -> World {
    let mut world = World::customer(1_000);
    for _ in 0..count {
        world.card.verify(WRONG).expect_err("a wrong PIN");
    }
    world
}
