//! Capabilities: what a trace can require (LANGUAGE.md annex B).

use crate::target::{Target, TargetError};
use saifu_wire::applet::AID;

/// The emulator makes the card: a fresh one for each file, as `card` says.
pub const EMULATED: &str = "emulated";
/// Somebody may need the card still.
pub const REAL: &str = "real";
/// The card is in a reader of PC/SC.
pub const PCSC: &str = "pcsc";
/// `fault` plants faults.
pub const FAULTS: &str = "faults";
/// `power` takes its power and gives it.
pub const POWER: &str = "power";
/// `remove` and `insert` do so without a hand.
pub const SLOT: &str = "slot";
/// Times mean something.
pub const TIME: &str = "time";
/// Extended lengths pass.
pub const EXTENDED: &str = "extended";
/// The card chains commands.
pub const CHAINING: &str = "chaining";
/// The card finds applications by the beginning of their names.
pub const PARTIAL_NAMES: &str = "partial-names";
/// The card has logical channels.
pub const CHANNELS: &str = "channels";
/// It has the Saifu applet.
pub const SAIFU: &str = "saifu";

/// Every capability, and when a target has it, in the order of the annex.
pub const CAPABILITIES: &[(&str, &str)] = &[
    (EMULATED, "the emulator makes the card: a fresh one for each file, as `card` says"),
    (REAL, "the card is one that somebody may need still"),
    (PCSC, "the card is in a reader of PC/SC"),
    (FAULTS, "`fault` plants faults"),
    (POWER, "`power` takes the card's power and gives it"),
    (SLOT, "`remove` and `insert` move the card without a hand"),
    (TIME, "times mean something: `time` is looked at"),
    (EXTENDED, "the ATR's card capabilities say that extended lengths pass"),
    (CHAINING, "the ATR's card capabilities say that commands can be chained"),
    (PARTIAL_NAMES, "the ATR's card capabilities say that the beginning of a name selects"),
    (CHANNELS, "the ATR's card capabilities say that there are logical channels"),
    (SAIFU, "SELECT of the Saifu applet answers 9000; the card is reset after it was asked"),
];

/// Whether a word is a capability.
pub(super) fn is_known(word: &str) -> bool {
    CAPABILITIES.iter().any(|(name, _)| *name == word)
}

/// Whether a target has a capability.
pub(super) fn has(target: &mut dyn Target, word: &str) -> Result<bool, TargetError> {
    let byte = match word {
        EXTENDED => |capabilities: Capabilities| capabilities.third & 0x40 != 0,
        CHAINING => |capabilities: Capabilities| capabilities.third & 0x80 != 0,
        PARTIAL_NAMES => |capabilities: Capabilities| capabilities.first & 0x40 != 0,
        CHANNELS => |capabilities: Capabilities| capabilities.third & 0x1F != 0,
        SAIFU => return has_applet(target),
        word => return Ok(target.capabilities().contains(&word)),
    };
    Ok(Capabilities::of(&target.atr()?).is_some_and(byte))
}

fn has_applet(target: &mut dyn Target) -> Result<bool, TargetError> {
    let mut select = vec![0x00, 0xA4, 0x04, 0x00, AID.len() as u8];
    select.extend_from_slice(&AID);
    select.push(0x00);
    let (outcome, _) = target.transmit(&select)?;
    target.reset()?;
    Ok(matches!(outcome, crate::target::Outcome::Answer(answer) if answer.ends_with(&[0x90, 0])))
}

/// The card capabilities (ISO/IEC 7816-4, 12.1.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Capabilities {
    /// Bit 8 selection by whole names of DFs, bit 7 by partial ones.
    first: u8,
    /// Bit 8 chaining, bit 7 extended lengths, bits 5 to 1 logical channels; 0 where it is absent.
    third: u8,
}

impl Capabilities {
    fn of(atr: &[u8]) -> Option<Self> {
        let historical = historical_bytes(atr)?;
        let objects = match historical {
            [0x80, objects @ ..] => objects,
            [0x00, objects @ .., _, _, _] => objects,
            _ => return None,
        };
        let mut rest = objects;
        while let [first, after @ ..] = rest {
            let (value, after) = after.split_at_checked(usize::from(first & 0x0F))?;
            if first >> 4 == 7 {
                let (first, rest) = value.split_first()?;
                return Some(Self { first: *first, third: rest.get(1).copied().unwrap_or(0) });
            }
            rest = after;
        }
        None
    }
}

/// Behind TS, T0 and the interface bytes that each T0 and TD announces (ISO/IEC 7816-3, 8.2).
fn historical_bytes(atr: &[u8]) -> Option<&[u8]> {
    let (&[_, t0], mut rest) = atr.split_first_chunk::<2>()?;
    let mut announced = t0;
    while announced >> 4 != 0 {
        let count = (announced >> 4).count_ones() as usize;
        let (these, after) = rest.split_at_checked(count)?;
        announced = if announced & 0x80 == 0 { 0 } else { *these.last()? };
        rest = after;
    }
    rest.get(..usize::from(t0 & 0x0F))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn third(atr: &str) -> Option<u8> {
        Capabilities::of(&hex::decode(atr).unwrap()).map(|capabilities| capabilities.third)
    }

    #[test]
    fn card_capabilities_are_found_in_an_atr() {
        assert_eq!(third("3B8580017300801490"), None, "no historical bytes of a standard");
        assert_eq!(third("3B84800180740000"), None, "its length does not fit");
        assert_eq!(third("3B8580018073000094F1"), Some(0x94));
        assert_eq!(third("3B080073004090009000"), Some(0x90));
        assert_eq!(third("3B00"), None);
        assert_eq!(third("3B"), None);
    }

    #[test]
    fn capabilities_of_one_byte_say_nothing_of_chains_lengths_and_channels() {
        let atr = hex::decode("3B838001807140B2").unwrap();
        assert_eq!(Capabilities::of(&atr), Some(Capabilities { first: 0x40, third: 0 }));
    }

    #[test]
    fn every_word_is_listed_once() {
        let words: Vec<_> = CAPABILITIES.iter().map(|(word, _)| *word).collect();
        for (at, word) in words.iter().enumerate() {
            assert!(!words[at + 1..].contains(word) && is_known(word), "{word}");
        }
        assert!(!is_known("extendet"));
    }

    #[test]
    fn annex_b_is_this_list() {
        let language = include_str!("../../LANGUAGE.md");
        let (_, annex) = language.split_once("## Annex B").unwrap();
        let rows: Vec<_> =
            CAPABILITIES.iter().map(|(word, when)| format!("| `{word}` | {when} |")).collect();
        assert!(annex.contains(&rows.join("\n")), "annex B should be:\n{}", rows.join("\n"));
    }
}
