//! What came of an attack, and the one judge of what "refused" means.

use saifu_wire::Status;
use saifu_wire::ins::Ins;

use crate::fixture::{TestCard, command};

/// The most failures of one attack that are told.
const MAX_TOLD: usize = 20;

/// Counts the cases of one attack; a case is one input.
#[derive(Debug, Default)]
pub struct Tally {
    refused: u64,
    accepted: u64,
    failed: u64,
    failures: Vec<String>,
}

impl Tally {
    /// How many inputs had to be refused, and were, as documented.
    #[must_use]
    pub fn refused_cases(&self) -> u64 {
        self.refused
    }

    /// How many inputs had to be answered otherwise, and were: each a yes that proves a no.
    #[must_use]
    pub fn accepted_cases(&self) -> u64 {
        self.accepted
    }

    /// How many inputs had to be refused, and were not refused as documented.
    #[must_use]
    pub fn failed_cases(&self) -> u64 {
        self.failed
    }

    /// The first failures, in words.
    #[must_use]
    pub fn failures(&self) -> &[String] {
        &self.failures
    }

    /// Sends a command that must be refused with this status word.
    pub(super) fn refused(
        &mut self,
        card: &mut TestCard,
        word: u16,
        ins: Ins,
        [p1, p2]: [u8; 2],
        data: &[u8],
    ) {
        self.apdu(card, word, &command(ins, p1, p2, data, Some(65_536)));
    }

    /// Sends an APDU that must be refused with this status word: documented, no data beside it,
    /// and nothing changed that is stored, in the secure area or outside. (That no answer
    /// contains a secret is looked at for every card of the fixture.)
    pub(super) fn apdu(&mut self, card: &mut TestCard, word: u16, apdu: &[u8]) {
        let before = card.image();
        let answer = card.transmit(apdu);
        let wrong = is_not(&answer, word)
            .or_else(|| (card.image() != before).then(|| "changed what is stored".to_owned()));
        self.judged(wrong, apdu);
    }

    /// As [`Tally::apdu`], for a PIN that is compared: it costs a try, and nothing outside changes.
    pub(super) fn tried(&mut self, card: &mut TestCard, word: u16, apdu: &[u8]) {
        let before = card.image();
        let answer = card.transmit(apdu);
        let after = card.image();
        let wrong = is_not(&answer, word)
            .or_else(|| (after.outside != before.outside).then(|| "changed what is stored".into()))
            .or_else(|| (after.slots == before.slots).then(|| "cost no try".to_owned()));
        self.judged(wrong, apdu);
    }

    /// Judges an input that is no command, such as a memory that somebody had in hand.
    pub(super) fn case(&mut self, refused: bool, what: impl FnOnce() -> String) {
        if refused {
            self.refused += 1;
        } else {
            self.fail(what());
        }
    }

    /// Counts an input that was answered otherwise than by a refusal, as it had to be.
    pub(super) fn accepted(&mut self) {
        self.accepted += 1;
    }

    /// Counts so many inputs, of which so many were refused and all others answered.
    pub(super) fn count(&mut self, refused: u64, of: u64) {
        self.refused += refused;
        self.accepted += of - refused;
    }

    /// Notes a failure.
    pub(super) fn fail(&mut self, what: String) {
        self.failed += 1;
        if self.failures.len() < MAX_TOLD {
            self.failures.push(what);
        }
    }

    fn judged(&mut self, wrong: Option<String>, apdu: &[u8]) {
        let number = self.refused + self.failed + 1;
        let head: Vec<u8> = apdu.iter().copied().take(4).collect();
        let what = |wrong: String| format!("case {number}, {head:02X?}: {wrong}");
        match wrong {
            None => self.refused += 1,
            Some(wrong) => self.fail(what(wrong)),
        }
    }
}

/// Says why an answer is not exactly this documented status word.
fn is_not(answer: &[u8], word: u16) -> Option<String> {
    if answer == word.to_be_bytes() {
        return (!Status::is_documented(word)).then(|| format!("{word:04X} is not documented"));
    }
    let [first, second] = answer.last_chunk().copied().unwrap_or_default();
    let data = answer.len().saturating_sub(2);
    Some(format!("{first:02X}{second:02X} and {data} bytes of data instead of {word:04X}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{PIN, buyer};

    fn verify(pin: &[u8]) -> Vec<u8> {
        command(Ins::Verify, 0x00, 0x81, pin, None)
    }

    #[test]
    fn what_is_refused_as_documented_counts() {
        let (mut card, center) = buyer(0xCA, 1_000, 1..=1);
        let mut tally = Tally::default();
        tally.refused(&mut card, 0x6982, Ins::GetBalance, [0, 0], &center.id().0);
        tally.tried(&mut card, 0x63C2, &verify(b"4321"));
        assert_eq!((tally.refused_cases(), tally.failed_cases()), (2, 0));
    }

    #[test]
    fn what_is_answered_refused_otherwise_or_changes_something_does_not_count() {
        let (mut card, center) = buyer(0xCA, 1_000, 1..=1);
        let mut tally = Tally::default();
        tally.refused(&mut card, 0x6982, Ins::GetData, [0xDF, 0x02], &[]);
        tally.refused(&mut card, 0x6A80, Ins::GetBalance, [0, 0], &center.id().0);
        tally.refused(&mut card, 0x63C2, Ins::Verify, [0x00, 0x81], b"4321");
        tally.tried(&mut card, 0x9000, &verify(&PIN[..0]));
        tally.case(false, || "a memory that was taken".into());
        assert_eq!((tally.refused_cases(), tally.failed_cases()), (0, 5));
        assert_eq!(tally.failures().len(), 5);
        assert!(tally.failures()[2].contains("changed"), "{:?}", tally.failures());
    }
}
