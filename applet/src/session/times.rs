//! The times that centers signed for a session (§6.32, §12.3).

use saifu_wire::CenterId;

use crate::memory::MAX_CENTERS;

/// The signed time of each center; of the last ones, should there be more than a card knows.
#[derive(Debug, Default)]
pub struct Times {
    /// The latest first.
    signed: [Option<(CenterId, u64)>; MAX_CENTERS as usize],
}

impl Times {
    /// Notes a time, in the place of the center's one before.
    pub fn note(&mut self, center: CenterId, time: u64) {
        let mut next = Some((center, time));
        for place in &mut self.signed {
            let before = core::mem::replace(place, next);
            if before.is_none_or(|(known, _)| known == center) {
                return;
            }
            next = before;
        }
    }

    /// Gives the time of a center; `None` where it signed none in this session.
    #[must_use]
    pub fn of(&self, center: CenterId) -> Option<u64> {
        self.signed.iter().flatten().find(|(known, _)| *known == center).map(|(_, time)| *time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn center(number: u8) -> CenterId {
        CenterId([number; 16])
    }

    #[test]
    fn each_center_has_its_own_time_and_the_last_one_holds() {
        let mut times = Times::default();
        assert_eq!(times.of(center(1)), None);
        for (number, time) in [(1, 10), (2, 20), (3, 30), (2, 21), (1, 11), (1, 12)] {
            times.note(center(number), time);
        }
        let found = [1, 2, 3, 4].map(|number| times.of(center(number)));
        assert_eq!(found, [Some(12), Some(21), Some(30), None]);
        assert_eq!(times.signed.iter().flatten().count(), 3);
    }

    #[test]
    fn one_center_too_many_takes_the_place_of_the_oldest() {
        let mut times = Times::default();
        for number in 0..=MAX_CENTERS {
            times.note(center(number), u64::from(number));
        }
        assert_eq!(times.of(center(0)), None);
        for number in 1..=MAX_CENTERS {
            assert_eq!(times.of(center(number)), Some(u64::from(number)));
        }
    }
}
