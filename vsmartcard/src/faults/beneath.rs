//! Faults that a card's machine meets, beneath the card.

use super::control::Faults;
use super::fault::{Action, Counts, MemoryFault, RandomFault};
use crate::platform::Leaves;

/// What becomes of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WriteFault {
    /// Power fails in it, and leaves this.
    Torn(Leaves),
    /// It fails, and nothing was written.
    Failed,
    /// There is no room for it, and nothing was written.
    Full,
}

impl Faults {
    /// Counts a write of the card's memory and gives what becomes of it, if that is not usual.
    pub(crate) fn meet_write(&self) -> Option<WriteFault> {
        Some(match self.meet_beneath(Counts::Writes)? {
            Action::Tear(leaves) => {
                self.lock().is_torn = true;
                WriteFault::Torn(leaves)
            }
            Action::Memory(MemoryFault::Full) => WriteFault::Full,
            _ => WriteFault::Failed,
        })
    }

    /// Counts a read of the memory outside the secure area; whether it fails, and how.
    pub(crate) fn meet_read(&self) -> Option<MemoryFault> {
        match self.meet_beneath(Counts::Reads)? {
            Action::Memory(fault) => Some(fault),
            _ => None,
        }
    }

    /// Counts a draw of random numbers; whether the source fails, and how.
    pub(crate) fn meet_draw(&self) -> Option<RandomFault> {
        match self.meet_beneath(Counts::Draws)? {
            Action::Random(fault) => Some(fault),
            _ => None,
        }
    }

    /// Counts a power-up; whether the self-test fails in it.
    pub(crate) fn meet_power_up(&self) -> bool {
        self.meet_beneath(Counts::PowerUps).is_some()
    }

    /// Counts, and gives the first fault whose turn it is.
    fn meet_beneath(&self, what: Counts) -> Option<Action> {
        let mut state = self.lock();
        let due = state.due(|fault| fault.action.counts() == Some(what));
        let fault = due.into_iter().next()?;
        state.note(&fault, &[]);
        Some(fault.action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Faults {
        let faults = Faults::default();
        faults.add(text.parse().unwrap()).unwrap();
        faults
    }

    #[test]
    fn tears_count_writes_and_no_commands() {
        let faults = faults("tear=erased@2");
        assert_eq!(faults.meet(&[0; 4]), Some(vec![]));
        assert_eq!(faults.meet_write(), None);
        assert_eq!(faults.meet_write(), Some(WriteFault::Torn(Leaves::Erased)));
        assert!(!faults.has_power());
        assert_eq!(faults.injected()[0].to_string(), "fault tear=erased@2 at command 1");
    }

    #[test]
    fn each_fault_beneath_the_card_counts_what_is_its_own() {
        let random = faults("random=zeros@2");
        assert_eq!((random.meet_write(), random.meet_read()), (None, None));
        assert_eq!((random.meet_draw(), random.meet_draw()), (None, Some(RandomFault::Zeros)));
        assert_eq!(random.meet_draw(), None, "once");
        let full = faults("memory=full");
        assert_eq!((full.meet_read(), full.meet_write()), (None, Some(WriteFault::Full)));
        assert!(full.has_power());
        let gone = faults("memory=gone@1+");
        assert_eq!((gone.meet_write(), gone.meet_read()), (None, Some(MemoryFault::Gone)));
        assert_eq!(gone.meet_read(), Some(MemoryFault::Gone));
        let selftest = faults("selftest");
        assert_eq!((selftest.meet_power_up(), selftest.meet_power_up()), (true, false));
    }
}
