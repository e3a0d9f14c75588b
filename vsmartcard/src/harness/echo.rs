//! What stands beside a card when time is measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::plug::{InSlot, Reply};

/// The longest data that its answer carries with the status word.
const MAX_DATA_BYTES: usize = saifu_wire::apdu::MAX_RESPONSE_DATA;

/// For measuring, not a card: answers every command with zeros and 9000, and looks at none.
///
/// What an exchange with it takes is what the way to a card takes. Clones are the same one, so
/// that whoever keeps one sets the length of the next answers.
#[derive(Debug, Clone)]
pub struct Echo {
    data_bytes: Arc<AtomicUsize>,
}

impl Echo {
    /// Makes one whose answers carry so many zeros, at most 65,533.
    #[must_use]
    pub fn answering(data_bytes: usize) -> Self {
        let echo = Self { data_bytes: Arc::default() };
        echo.answer(data_bytes);
        echo
    }

    /// Lets answers from now on carry so many zeros, at most 65,533.
    pub fn answer(&self, data_bytes: usize) {
        self.data_bytes.store(data_bytes.min(MAX_DATA_BYTES), Ordering::Relaxed);
    }
}

impl InSlot for Echo {
    fn power_off(&mut self) {}

    fn power_on(&mut self) {}

    fn reset(&mut self) {}

    fn transmit(&mut self, _: &[u8]) -> Reply {
        let data_bytes = self.data_bytes.load(Ordering::Relaxed);
        let mut answer = vec![0; data_bytes + 2];
        answer[data_bytes] = 0x90;
        Reply::Answer(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_answers_as_long_as_it_was_told_whatever_the_command() {
        let owner = Echo::answering(0);
        let mut echo = owner.clone();
        assert_eq!(echo.transmit(&[1, 2, 3, 4]), Reply::Answer(vec![0x90, 0x00]));
        owner.answer(3);
        assert_eq!(echo.transmit(&[]), Reply::Answer(vec![0, 0, 0, 0x90, 0x00]));
        owner.answer(usize::MAX);
        let longest = echo.transmit(&[0; 9]).into_answer().unwrap();
        assert_eq!(longest.len(), 65_535, "no longer than a frame");
    }
}
