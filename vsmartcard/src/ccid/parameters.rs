//! The parameters of T=1 in a slot (CCID 1.1, section 6.1.7).

use super::slot_error::SlotError;
use crate::atr::Interface;

/// `bProtocolNum` of T=1.
pub(super) const T1: u8 = 1;

/// Bit 5 is always set; LRC; direct convention.
const CHECKED_BY_LRC: u8 = 0x10;
/// Inverse convention, which the reader ignores.
const INVERSE: u8 = 0x02;

/// `abProtocolDataStructure` of T=1: Fi and Di, check and convention, guard time, waiting
/// integers, clock stop, IFSC, NAD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parameters(pub(super) [u8; 7]);

impl Default for Parameters {
    /// Gives those of a slot that nobody has set.
    fn default() -> Self {
        Self([0x11, CHECKED_BY_LRC, 0x00, 0x4D, 0x00, 0x20, 0x00])
    }
}

impl Parameters {
    /// Gives those that a card asks for.
    pub(super) fn of(card: &Interface) -> Self {
        let Interface { rates, guard, waiting, ifsc, .. } = *card;
        Self([rates, CHECKED_BY_LRC, guard, waiting, 0x00, ifsc, 0x00])
    }

    /// Takes what a host sets, or names the byte that cannot be.
    pub(super) fn set(protocol: u8, data: &[u8]) -> Result<Self, SlotError> {
        if protocol != T1 {
            return Err(SlotError::FIRST);
        }
        let bytes: [u8; 7] = data.try_into().map_err(|_| SlotError::LENGTH)?;
        let [_, check, _, waiting, clock_stop, ifsc, nad] = bytes;
        let wrong = [
            (1, check & !INVERSE != CHECKED_BY_LRC),
            (3, waiting >> 4 > 9),
            (4, clock_stop != 0),
            (5, !(1..=254).contains(&ifsc)),
            (6, nad != 0),
        ];
        match wrong.iter().find(|(_, wrong)| *wrong) {
            Some((index, _)) => Err(SlotError(SlotError::DATA.0 + index)),
            None => Ok(Self(bytes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [u8; 7] = [0x11, 0x10, 0x00, 0x45, 0x00, 0xFE, 0x00];

    #[test]
    fn what_a_reader_can_do_is_taken() {
        assert_eq!(Parameters::set(1, &GOOD), Ok(Parameters(GOOD)));
        let inverse = [0x94, 0x12, 0xFF, 0x9F, 0x00, 0x01, 0x00];
        assert_eq!(Parameters::set(1, &inverse), Ok(Parameters(inverse)));
    }

    #[test]
    fn what_it_cannot_is_named_by_its_offset() {
        assert_eq!(Parameters::set(0, &GOOD), Err(SlotError(7)), "T=0");
        assert_eq!(Parameters::set(1, &GOOD[..6]), Err(SlotError(1)));
        let wrong = [(1, 0x11, 11), (1, 0x00, 11), (3, 0xA5, 13), (4, 1, 14)];
        for (index, byte, offset) in [&wrong[..], &[(5, 0, 15), (5, 0xFF, 15), (6, 1, 16)]].concat()
        {
            let mut bytes = GOOD;
            bytes[index] = byte;
            assert_eq!(Parameters::set(1, &bytes), Err(SlotError(offset)), "{index} {byte}");
        }
    }
}
