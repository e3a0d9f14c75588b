//! HOLD, RELEASE and CANCEL when power fails in the middle of them.

use super::*;
use saifu_wire::CenterId;

use crate::platform::ram::RamPlatform;
use crate::test_kit::cuts::Script;
use crate::test_kit::holds::Standing;
use crate::test_kit::sale::pay;
use crate::test_kit::{PIN, TestCard, TestCenter};
use alloc::vec::Vec;
use saifu_wire::ins::Ins;

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

const LOADED: Standing = Standing {
    status: LicenceStatus::Loaded,
    uses_left: u32::MAX,
    balance: 1_000,
    held: 0,
    counter: 2,
    tokens: 0,
    holds: 0,
};

const HELD: Standing = Standing {
    status: LicenceStatus::Held,
    balance: 700,
    held: 300,
    counter: 3,
    holds: 1,
    ..LOADED
};

const RELEASED: Standing =
    Standing { status: LicenceStatus::Released, balance: 700, counter: 4, tokens: 1, ..LOADED };

const CANCELLED: Standing = Standing { counter: 4, ..LOADED };

fn held() -> RamPlatform {
    let mut card = CENTER.decrypt_first(1_000, |_| ());
    card.hold(&CENTER, 1).unwrap();
    card.card.into_platform()
}

fn cut(
    platform: &RamPlatform,
    command: &dyn Fn(&mut TestCard) -> Result<Vec<u8>, u16>,
    [before, after]: [Standing; 2],
) {
    let prepare = |card: &mut TestCard| drop(card.verify(PIN).unwrap());
    let stored = |card: &TestCard| card.standing(&CENTER, 1);
    let script = Script { prepare: &prepare, command, stored: &stored };
    script.cut_everywhere(platform, [before, after, after]);
}

#[test]
fn id6_a_cut_at_any_write_leaves_the_price_held_or_in_the_balance() {
    let platform = CENTER.decrypt_first(1_000, |_| ()).card.into_platform();
    let hold = |card: &mut TestCard| card.send(Ins::Hold, 0, 0, &pay(&CENTER, 1, 0, 1));
    cut(&platform, &hold, [LOADED, HELD]);
}

#[test]
fn id6_a_cut_at_any_write_leaves_the_price_held_or_paid() {
    cut(&held(), &|card| card.release(&CENTER, 1), [HELD, RELEASED]);
}

#[test]
fn id6_a_cut_at_any_write_leaves_the_price_held_or_given_back() {
    let cancel = |card: &mut TestCard| card.send(Ins::Cancel, 0, 0, &CENTER.named(1));
    cut(&held(), &cancel, [HELD, CANCELLED]);
}
