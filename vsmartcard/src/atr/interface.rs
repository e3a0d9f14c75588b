//! What an ATR's interface bytes say to a reader (ISO/IEC 7816-3, section 8.3).

/// The size of a card's blocks where the ATR does not say it.
const INITIAL_IFSC: u8 = 32;
/// BWI 4 and CWI 13, where it does not say them.
const INITIAL_WAITING: u8 = 0x4D;
/// F = 372 and D = 1, where it does not say them.
const INITIAL_RATES: u8 = 0x11;

const T1: u8 = 1;

/// What a reader has to know of a card before it speaks with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interface {
    /// TA1: Fi and Di; 11 if absent.
    pub rates: u8,
    /// TC1: the extra guard time; 0 if absent.
    pub guard: u8,
    /// The protocol that TD1 names; T=0 if absent.
    pub first_protocol: u8,
    /// The protocol of specific mode, which TA2 names.
    pub specific: Option<u8>,
    /// The card's block size for T=1: the first TA for it from TA3 on; 32 if absent.
    pub ifsc: u8,
    /// BWI and CWI for T=1: the first TB for it from TB3 on; 4D if absent.
    pub waiting: u8,
    /// Whether T=1 is checked by a CRC: the first TC for it from TC3 on.
    pub has_crc: bool,
}

impl Default for Interface {
    fn default() -> Self {
        Self {
            rates: INITIAL_RATES,
            guard: 0,
            first_protocol: 0,
            specific: None,
            ifsc: INITIAL_IFSC,
            waiting: INITIAL_WAITING,
            has_crc: false,
        }
    }
}

impl Interface {
    /// Whether a reader can speak T=1 with the card without having to choose it, by blocks
    /// with an LRC.
    #[must_use]
    pub fn is_t1_with_lrc(&self) -> bool {
        let specific = self.specific.unwrap_or(T1);
        let first = self.first_protocol == T1 && specific == T1;
        first && !self.has_crc && (1..=254).contains(&self.ifsc)
    }

    /// Reads an ATR that is well-formed.
    pub(super) fn read(atr: &[u8]) -> Self {
        let mut bytes = atr.iter().skip(1).copied();
        let mut read = Self::default();
        let mut follow = bytes.next().unwrap_or(0);
        let (mut group, mut protocol, mut is_t1_known) = (1_u8, 0, false);
        loop {
            let [ta, tb, tc, td] = [0x10, 0x20, 0x40, 0x80]
                .map(|bit| if follow & bit == 0 { None } else { bytes.next() });
            match group {
                1 => {
                    read.rates = ta.unwrap_or(INITIAL_RATES);
                    read.guard = tc.unwrap_or(0);
                }
                2 => read.specific = ta.map(|byte| byte & 0x0F),
                _ if protocol == T1 && !is_t1_known => {
                    is_t1_known = true;
                    read.ifsc = ta.unwrap_or(INITIAL_IFSC);
                    read.waiting = tb.unwrap_or(INITIAL_WAITING);
                    read.has_crc = tc.is_some_and(|byte| byte & 1 == 1);
                }
                _ => {}
            }
            let Some(next) = td else { return read };
            (follow, protocol) = (next & 0xF0, next & 0x0F);
            if group == 1 {
                read.first_protocol = protocol;
            }
            group += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atr::Atr;

    fn interface(text: &str) -> Interface {
        text.parse::<Atr>().unwrap_or_else(|error| panic!("{text}: {error}")).interface()
    }

    /// Of an ATR that offers T=1, written without TS and TCK.
    fn of_t1(text: &str) -> Interface {
        let bytes = hex::decode(text.replace(' ', "")).unwrap();
        let check = bytes.iter().fold(0, |sum, byte| sum ^ byte);
        interface(&format!("3B {text} {check:02X}"))
    }

    #[test]
    fn our_card_offers_t1_with_the_longest_blocks() {
        let offered =
            Interface { first_protocol: 1, ifsc: 254, waiting: 0x45, ..Interface::default() };
        assert_eq!(Atr::default().interface(), offered);
        assert!(offered.is_t1_with_lrc());
    }

    #[test]
    fn a_real_cards_rates_guard_time_and_second_protocol_are_read() {
        let jcop = interface("3B F8 13 00 00 81 31 FE 45 4A 43 4F 50 76 32 34 31 B7");
        assert_eq!((jcop.rates, jcop.guard, jcop.ifsc, jcop.waiting), (0x13, 0, 254, 0x45));
        assert!(jcop.is_t1_with_lrc());
        let contactless = interface("3B:8F:80:01:80:4F:0C:A0:00:00:03:06:03:00:01:00:00:00:00:6A");
        assert_eq!((contactless.first_protocol, contactless.ifsc), (0, 32));
        assert!(!contactless.is_t1_with_lrc(), "T=0 comes first");
    }

    #[test]
    fn atrs_that_a_t1_reader_cannot_take_are_told() {
        assert!(!interface("3B00").is_t1_with_lrc(), "T=0 alone");
        for (text, why) in [
            ("80 81 71 20 45 01", "CRC"),
            ("80 81 31 00 45", "no bytes in a block"),
            ("80 81 31 FF 45", "IFSC FF"),
            ("80 91 00 31 FE 45", "specific mode with T=0"),
        ] {
            assert!(!of_t1(text).is_t1_with_lrc(), "{why}");
        }
        for good in ["80 01", "80 81 31 01 45", "80 91 01 31 FE 45", "80 81 71 20 45 00"] {
            assert!(of_t1(good).is_t1_with_lrc(), "{good}");
        }
    }

    #[test]
    fn only_the_first_bytes_for_t1_count() {
        let twice = of_t1("80 81 B1 20 45 11 40");
        assert_eq!((twice.ifsc, twice.waiting), (0x20, 0x45));
    }
}
