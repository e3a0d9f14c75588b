use super::*;
use crate::memory::PinAnswer;
use crate::platform::MemoryFailed;

const RIGHT: &[u8] = b"123456";
const WRONG: &[u8] = b"123457";

#[test]
fn three_wrong_pins_block_and_then_the_right_one_is_not_compared() {
    let mut store = card();
    for left in [2, 1, 0] {
        assert_eq!(store.verify_pin(WRONG), Ok(PinAnswer::Wrong(left)));
        store = power_cycle(store);
        assert_eq!(store.pin_tries(), left);
    }
    assert_eq!(store.verify_pin(RIGHT), Ok(PinAnswer::Blocked));
    assert_eq!(store.pin_tries(), 0);
}

#[test]
fn the_right_pin_gives_all_tries_back() {
    let mut store = card();
    store.verify_pin(WRONG).unwrap();
    store.verify_pin(WRONG).unwrap();
    assert_eq!(store.verify_pin(RIGHT), Ok(PinAnswer::Right));
    assert_eq!(power_cycle(store).pin_tries(), 3);
}

#[test]
fn without_a_stored_pin_nothing_is_compared_and_no_try_is_spent() {
    let mut store = empty();
    assert_eq!(store.verify_pin(RIGHT), Err(StoreError::Memory));
    assert_eq!(store.pin_tries(), 3);
}

#[test]
fn a_try_that_cannot_be_stored_is_no_try() {
    let mut store = card();
    store.platform_mut().refuse_writes(1, MemoryFailed::Error);
    assert_eq!(store.verify_pin(RIGHT), Err(StoreError::Memory));
    store.platform_mut().accept_writes();
    assert_eq!(power_cycle(store).pin_tries(), 3);
}

#[test]
fn a_power_cut_never_gives_a_try_back() {
    let every = [Leaves::Nothing, Leaves::Erased, Leaves::Beginning(64), Leaves::Garbage];
    for pin in [WRONG, RIGHT] {
        for leaves in every.into_iter().chain([Leaves::Everything]) {
            for at_write in 1..=2 {
                cut_again_and_again(pin, Cut { at_write, leaves, keeps_unsynced: true });
            }
        }
    }
}

/// Cuts power in each of many VERIFYs; counts what an attacker could have had compared.
fn cut_again_and_again(pin: &[u8], cut: Cut) {
    let mut store = card();
    let mut compared = 0;
    for _ in 0..100 {
        let before = store.pin_tries();
        store.platform_mut().cut_power(cut);
        let answer = store.verify_pin(pin);
        // The comparison comes after the first write and before the second.
        compared += u8::from(before > 0 && (cut.at_write == 2 || answer.is_ok()));
        store = power_cycle(store);
        let refilled = pin == RIGHT && cut.leaves == Leaves::Everything && cut.at_write == 2;
        assert!(store.pin_tries() <= before || refilled && before > 0, "{cut:?}");
        if compared >= 3 && !refilled {
            assert_eq!(store.pin_tries(), 0, "{cut:?}");
        }
    }
}
