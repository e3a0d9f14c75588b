//! Power that fails at each write of a command.

use alloc::vec::Vec;
use core::fmt::Debug;

use super::TestCard;
use crate::platform::ram::{Cut, Leaves, RamPlatform};

/// What a write can leave of itself.
const LEAVES: [Leaves; 5] =
    [Leaves::Nothing, Leaves::Erased, Leaves::Beginning(20), Leaves::Garbage, Leaves::Everything];

/// A command that is cut, and how to look at what came of it.
pub(crate) struct Script<'s, S> {
    /// What comes before it, undisturbed, each time that the card gets power.
    pub(crate) prepare: &'s dyn Fn(&mut TestCard),
    /// The command.
    pub(crate) command: &'s dyn Fn(&mut TestCard) -> Result<Vec<u8>, u16>,
    /// What is stored.
    pub(crate) stored: &'s dyn Fn(&TestCard) -> S,
}

impl<S: Copy + Debug + PartialEq> Script<'_, S> {
    /// Cuts the command at each of its writes, with everything that such a write can leave. What is
    /// stored then must be as `before` or as `after`, both of which must come up, and an answer
    /// comes only with `after`. Whoever asked finds out what came of it by asking again: with the
    /// power back, the command must end in `again`, and answer what was answered before.
    pub(crate) fn cut_everywhere(&self, platform: &RamPlatform, [before, after, again]: [S; 3]) {
        let mut seen = Vec::new();
        for leaves in LEAVES {
            for keeps_unsynced in [true, false] {
                let cut = |at_write| Cut { at_write, leaves, keeps_unsynced };
                let outcomes = (1..).map(|at| self.cut(platform, cut(at), after, again));
                seen.extend(outcomes.map_while(|found| found));
            }
        }
        let count = |state| seen.iter().filter(|found| **found == state).count();
        assert!(count(before) > 0 && count(after) > 0);
        assert_eq!(count(before) + count(after), seen.len(), "nothing in between");
    }

    /// Cuts the command once; what was stored then, or `None` if it made fewer writes.
    fn cut(&self, platform: &RamPlatform, cut: Cut, after: S, again: S) -> Option<S> {
        let mut card = TestCard::with_power(platform.clone());
        (self.prepare)(&mut card);
        card.card.platform_mut().cut_power(cut);
        let answer = (self.command)(&mut card).ok();
        let failed = !card.card.store().platform().has_power();
        let mut card = card.power_cycle();
        let found = (self.stored)(&card);
        assert!(answer.is_none() || found == after, "an answer only after the commit");
        (self.prepare)(&mut card);
        let repeated = (self.command)(&mut card).unwrap();
        assert!(answer.is_none_or(|answer| answer == repeated));
        let end = (self.stored)(&card);
        assert!(end == after || (end == again && found == after), "{end:?} after {found:?}");
        failed.then_some(found)
    }
}
