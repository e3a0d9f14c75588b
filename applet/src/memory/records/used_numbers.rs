//! Licence numbers that open nothing any more: a floor, and a window above it (§8.5).
//!
//! ```text
//! 0 ........ floor ......... floor + 1023 ........
//! all used   marked one by one   none used
//! ```
//! A number at or above the window moves it up, so that what is remembered never grows; the
//! numbers it leaves behind count as used. That is how IPsec tells a replay (RFC 4303, 3.4.3).

use alloc::vec::Vec;

use saifu_wire::codec::Reader;
use saifu_wire::{Malformed, Wire};

/// How many numbers the window has.
pub const WINDOW_NUMBERS: u64 = 1_024;

const WINDOW_BYTES: usize = 128;

/// Remembers which numbers are used; none is at first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedNumbers {
    floor: u64,
    /// One bit for each number of the window, at the number modulo its size.
    window: [u8; WINDOW_BYTES],
}

impl Default for UsedNumbers {
    fn default() -> Self {
        Self { floor: 0, window: [0; WINDOW_BYTES] }
    }
}

impl UsedNumbers {
    /// Says whether a number is used.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        let (at, bit) = place(number);
        let marked = self.window.get(at).is_some_and(|byte| byte & bit != 0);
        number < self.floor || (number <= self.last() && marked)
    }

    /// Moves the window up, if need be, until it has this number.
    pub fn reach(&mut self, number: u64) {
        let floor = number.saturating_sub(WINDOW_NUMBERS.saturating_sub(1));
        if floor <= self.floor {
            return;
        }
        for left in self.floor..floor.min(self.floor.saturating_add(WINDOW_NUMBERS)) {
            let (at, bit) = place(left);
            self.window.get_mut(at).into_iter().for_each(|byte| *byte &= !bit);
        }
        self.floor = floor;
    }

    /// Marks a number as used, for ever.
    pub fn mark(&mut self, number: u64) {
        self.reach(number);
        if number >= self.floor {
            let (at, bit) = place(number);
            self.window.get_mut(at).into_iter().for_each(|byte| *byte |= bit);
        }
    }

    fn last(&self) -> u64 {
        self.floor.saturating_add(WINDOW_NUMBERS.saturating_sub(1))
    }
}

/// The byte and the bit of a number.
fn place(number: u64) -> (usize, u8) {
    let place = number % WINDOW_NUMBERS;
    ((place / 8) as usize, 1 << (place % 8))
}

impl Wire for UsedNumbers {
    fn write(&self, out: &mut Vec<u8>) {
        self.floor.write(out);
        self.window.write(out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { floor: Wire::read(reader)?, window: Wire::read(reader)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    #[test]
    fn a_marked_number_is_used_and_its_neighbours_are_not() {
        let mut used = UsedNumbers::default();
        used.mark(7);
        assert!(used.contains(7));
        assert!(!used.contains(6) && !used.contains(8) && !used.contains(7 + WINDOW_NUMBERS));
    }

    #[test]
    fn numbers_below_the_window_are_used_and_above_it_are_not() {
        let mut used = UsedNumbers::default();
        used.reach(WINDOW_NUMBERS + 9);
        assert!(used.contains(9) && !used.contains(10));
        assert!(!used.contains(WINDOW_NUMBERS + 9) && !used.contains(u64::MAX));
    }

    #[test]
    fn a_number_that_takes_the_place_of_a_marked_one_is_not_used() {
        let mut used = UsedNumbers::default();
        used.mark(7);
        used.reach(7 + WINDOW_NUMBERS);
        assert!(used.contains(7) && !used.contains(7 + WINDOW_NUMBERS));
    }

    #[test]
    fn the_highest_number_of_all_can_be_marked() {
        let mut used = UsedNumbers::default();
        used.mark(u64::MAX);
        assert!(used.contains(u64::MAX) && !used.contains(u64::MAX - 1));
        assert!(used.contains(u64::MAX - WINDOW_NUMBERS));
    }

    #[test]
    fn nothing_that_was_marked_is_ever_free_again() {
        let mut used = UsedNumbers::default();
        let mut marked = BTreeSet::new();
        let mut number = 1u64;
        for step in 0..2_000u64 {
            number = (number * 25 + step) % 9_000;
            used.mark(number);
            marked.insert(number);
            used = UsedNumbers::from_bytes(&used.to_bytes()).unwrap();
        }
        assert!(marked.iter().all(|number| used.contains(*number)));
        let free = (0..9_000).filter(|number| !used.contains(*number));
        assert!(free.count() > 0);
    }
}
