//! What a card may be like, as far as anybody outside can know: its PIN and the tries left.
//!
//! A command that was not answered may have been carried out whole, in part, or not at all. So
//! there may be several states; whatever the card says afterwards must fit one of them.

use std::collections::BTreeSet;
use std::fmt;

use saifu_wire::status::{Status, TRIES_LEFT};

/// The tries of a card whose PIN was right the last time.
pub(super) const ALL_TRIES: u8 = 3;

/// What a command asks of the PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing.
    Nothing,
    /// Whether it is the one of this number.
    Verify(u32),
    /// To become another one.
    Change { from: u32, to: u32 },
}

/// One state: the number of the PIN, and the tries left.
type State = (u32, u8);

/// All the states that a card may be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Believed(BTreeSet<State>);

/// What a card says that no state explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Impossible(String);

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Believed {
    /// A new card, whose PIN is the first one.
    pub(super) fn new() -> Self {
        Self(BTreeSet::from([(0, ALL_TRIES)]))
    }

    /// The PIN, or the one that is tried first where it may be another.
    pub(super) fn pin(&self) -> u32 {
        self.0.first().map_or(0, |(pin, _)| *pin)
    }

    /// Whether the PIN is known, and has all its tries.
    pub(super) fn is_settled(&self) -> bool {
        self.0.len() == 1 && self.0.iter().all(|(_, tries)| *tries == ALL_TRIES)
    }

    /// A command was sent, and no answer came.
    pub(super) fn unanswered(&mut self, asked: Asked) {
        self.0 = self.0.iter().flat_map(|state| steps(*state, asked).0).collect();
    }

    /// A command was answered with this status word.
    pub(super) fn answered(&mut self, asked: Asked, word: u16) -> Result<(), Impossible> {
        if asked == Asked::Nothing {
            return Ok(());
        }
        let explained = self.0.iter().filter_map(|state| {
            let (passed, answer) = steps(*state, asked);
            passed.last().copied().filter(|_| answer == word)
        });
        self.keep(explained.collect(), || format!("it answers {asked:?} with {word:04X}"))
    }

    /// The card told the tries that are left.
    pub(super) fn told(&mut self, tries: u8) -> Result<(), Impossible> {
        let explained = self.0.iter().filter(|(_, left)| *left == tries).copied();
        self.keep(explained.collect(), || format!("it tells {tries} tries"))
    }

    fn keep(
        &mut self,
        explained: BTreeSet<State>,
        what: impl Fn() -> String,
    ) -> Result<(), Impossible> {
        if explained.is_empty() {
            let states = &self.0;
            return Err(Impossible(format!("{}, and may be (PIN, tries) {states:?}", what())));
        }
        self.0 = explained;
        Ok(())
    }
}

/// The states that a card passes from its first to its last, and its answer (apdu-spec.md, §6.6
/// and §6.7): a try is spent before the PIN is compared.
fn steps((pin, tries): State, asked: Asked) -> (Vec<State>, u16) {
    let (tried, becomes) = match asked {
        Asked::Nothing => return (vec![(pin, tries)], Status::Ok as u16),
        Asked::Verify(tried) => (tried, tried),
        Asked::Change { from, to } => (from, to),
    };
    let Some(left) = tries.checked_sub(1) else {
        return (vec![(pin, tries)], Status::PinBlocked as u16);
    };
    if tried == pin {
        (vec![(pin, tries), (pin, left), (becomes, ALL_TRIES)], Status::Ok as u16)
    } else {
        (vec![(pin, tries), (pin, left)], TRIES_LEFT | u16::from(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGE: Asked = Asked::Change { from: 0, to: 1 };

    #[test]
    fn a_change_that_was_answered_is_there_and_nothing_else_is() {
        let mut card = Believed::new();
        card.answered(CHANGE, 0x9000).unwrap();
        assert!(card.is_settled() && card.pin() == 1);
        assert!(card.clone().answered(Asked::Verify(0), 0x9000).is_err(), "it was taken back");
        assert!(card.clone().told(2).is_err(), "a try is gone");
        card.answered(Asked::Verify(1), 0x9000).unwrap();
    }

    #[test]
    fn a_change_without_answer_was_made_or_not_and_is_one_of_both_for_good() {
        let mut card = Believed::new();
        card.unanswered(CHANGE);
        assert!(!card.is_settled());
        let mut made = card.clone();
        made.told(3).unwrap();
        made.answered(Asked::Verify(0), 0x63C2).unwrap();
        made.answered(Asked::Verify(1), 0x9000).unwrap();
        assert!(made.is_settled());
        assert!(made.answered(Asked::Verify(0), 0x9000).is_err(), "it is the old one again");
        let mut spent = card.clone();
        spent.told(2).unwrap();
        assert_eq!(spent.clone().pin(), 0, "with a try spent it was not made");
        assert!(spent.answered(Asked::Verify(1), 0x9000).is_err());
        assert!(card.told(1).is_err(), "one command costs one try");
    }

    #[test]
    fn wrong_tries_are_counted_and_a_card_without_any_stays_blocked() {
        let mut card = Believed::new();
        for word in [0x63C2, 0x63C1, 0x63C0, 0x6983] {
            card.answered(Asked::Verify(7), word).unwrap();
        }
        assert!(card.clone().answered(Asked::Verify(0), 0x9000).is_err());
        card.answered(Asked::Verify(0), 0x6983).unwrap();
    }

    #[test]
    fn what_no_state_explains_is_told_with_the_states() {
        let told = Believed::new().answered(Asked::Verify(0), 0x63C2).unwrap_err().to_string();
        assert_eq!(told, "it answers Verify(0) with 63C2, and may be (PIN, tries) {(0, 3)}");
    }
}
