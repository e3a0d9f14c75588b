//! Somebody who tries PINs and takes power away each time, to get a try for nothing.

use saifu_vsmartcard::platform::{Cut, Leaves, RamPlatform};

use super::report::Row;
use super::world::World;
use crate::fixture::TestCard;

/// How often power is cut in a row.
const ROUNDS: u64 = 100;

const TRIES: u8 = 3;

/// Tries wrong PINs with a cut in each: never are more compared than were counted down.
#[must_use]
pub fn guess() -> Row {
    let mut row = Row::new("VERIFY, wrong, again and again");
    row.writes = 1;
    let machine = World::customer(0).card.machine();
    let beginnings = (1..128).step_by(9).map(Leaves::Beginning);
    let torn = [Leaves::Nothing, Leaves::Erased, Leaves::Garbage, Leaves::Everything];
    for leaves in torn.into_iter().chain(beginnings) {
        // A cut at the second write is one after the answer: there is no such write.
        for at_write in 1..=2 {
            let cut = Cut { at_write, leaves, keeps_unsynced: false };
            let guessed = guess_with(machine.clone(), cut, &mut row.cuts);
            let told = guessed.err().map(|what| format!("{}, {cut:?}: {what}", row.name));
            row.violated += usize::from(told.is_some());
            row.violations.extend(told);
        }
    }
    row
}

fn guess_with(mut machine: RamPlatform, cut: Cut, cuts: &mut usize) -> Result<(), String> {
    let (mut compared, mut left) = (0, TRIES);
    for _ in 0..ROUNDS {
        let mut card = TestCard::on(machine);
        card.select();
        card.cut_power(cut);
        let answer = card.verify(b"0000");
        compared += u8::from(matches!(answer, Ok(_) | Err(0x63C0..=0x63CF)));
        card.lose_power();
        *cuts += 1;
        card.power_cycle();
        let now = card.status().pin_tries;
        if now > left || compared > TRIES - now {
            return Err(format!("{compared} compared, and of {left} tries {now} are left"));
        }
        left = now;
        machine = card.machine();
    }
    Ok(())
}
