//! The first plaintext of a held licence, when power, memory or random source fails before it.

use super::*;

use crate::platform::MemoryFailed;
use crate::platform::ram::RamPlatform;
use crate::test_kit::cuts::Script;
use crate::test_kit::holds::Standing;
use crate::test_kit::sale::{delivery, work};
use crate::test_kit::{TestCard, TestCenter};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

const HELD: Standing = Standing {
    status: LicenceStatus::Held,
    uses_left: 3,
    balance: 700,
    held: 300,
    counter: 3,
    tokens: 0,
    holds: 1,
};

const RELEASED: Standing = Standing {
    status: LicenceStatus::Released,
    uses_left: 2,
    held: 0,
    counter: 4,
    tokens: 1,
    holds: 0,
    ..HELD
};

fn held() -> RamPlatform {
    let mut card = CENTER.decrypt_first(1_000, |licence| licence.uses = 3);
    card.hold(&CENTER, 1).unwrap();
    card.card.into_platform()
}

fn play(card: &mut TestCard) -> Result<alloc::vec::Vec<u8>, u16> {
    card.decrypt(0, &delivery(1, &work(1, 1_000))[0])
}

#[test]
fn st7_id6_a_cut_before_the_first_byte_leaves_the_price_held_or_paid_and_never_gains_a_use() {
    let script = Script {
        prepare: &|card| drop(card.open(&CENTER, 1, &work(1, 1_000)).unwrap()),
        command: &play,
        stored: &|card| card.standing(&CENTER, 1),
    };
    // Where it was paid, opening it again costs a use of its own.
    let again = Standing { uses_left: 1, ..RELEASED };
    script.cut_everywhere(&held(), [HELD, RELEASED, again]);
}

#[test]
fn pa17_a_memory_that_fails_lets_nothing_out_and_leaves_the_hold() {
    for (why, word) in [(MemoryFailed::Error, 0x6581), (MemoryFailed::Full, 0x6A84)] {
        let mut card = TestCard::with_power(held());
        card.open(&CENTER, 1, &work(1, 1_000)).unwrap();
        card.card.platform_mut().refuse_writes(1, why);
        assert_eq!(play(&mut card), Err(word));
        card.card.platform_mut().accept_writes();
        assert_eq!(card.standing(&CENTER, 1), HELD);
        assert!(play(&mut card).is_ok());
        assert_eq!(card.standing(&CENTER, 1), RELEASED);
    }
}
