//! What was seen in a storm, and what of it is wrong.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// In how many ways a storm can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// Somebody was waited for in vain.
    Hang,
    /// A card was not to be used again though everything was back.
    Wedged,
    /// A card is not as it must be.
    Lost,
    /// A command got no answer though nothing was killed or pulled, or none that is one.
    Unanswered,
    /// A host's error does not say what happened.
    Unclear,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hang => "HANG",
            Self::Wedged => "WEDGED",
            Self::Lost => "LOST",
            Self::Unanswered => "UNANSWERED",
            Self::Unclear => "UNCLEAR",
        })
    }
}

/// Everything that was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Cards that were put in.
    pub insertions: u64,
    /// Ends of the process with all cards.
    pub killed_cards: u64,
    /// Ends of hosts.
    pub killed_hosts: u64,
    /// Ends of pcscds.
    pub killed_pcscds: u64,
    /// Commands that were answered.
    pub answered: u64,
    /// Those of them that were none.
    pub malformed: u64,
    /// Those of extended form.
    pub extended: u64,
    /// Commands whose card, host or pcscd was ended, or pulled, before the answer was there.
    pub interrupted: u64,
    /// What hosts and the control socket said of their errors, and how often.
    pub errors: BTreeMap<String, u64>,
    /// What is wrong, and where.
    pub findings: Vec<(Wrong, String)>,
}

impl Seen {
    /// All kills.
    #[must_use]
    pub fn kills(&self) -> u64 {
        self.killed_cards + self.killed_hosts + self.killed_pcscds
    }

    /// How often something was wrong in this way.
    #[must_use]
    pub fn count(&self, wrong: Wrong) -> usize {
        self.findings.iter().filter(|(found, _)| *found == wrong).count()
    }

    /// Notes an error's text; one that is not clear is a finding, told once.
    pub(super) fn error(&mut self, place: &str, text: &str) {
        let times = self.errors.entry(text.to_owned()).or_default();
        *times += 1;
        if *times == 1 && !is_clear(text) {
            self.findings.push((Wrong::Unclear, format!("{place}: an error says: {text:?}")));
        }
    }
}

/// What causes errors in a storm, as they are told to users.
const CAUSES: [&str; 8] = [
    "it was pulled",
    "the PC/SC service has ended",
    "PC/SC service does not answer",
    "another program has",
    "there is no card in",
    "there is no reader",
    "remove it first",
    "insert a card first",
];

/// What no user can do anything with.
const OBSCURE: [&str; 7] = ["panicked", "unknown", "Os {", "Err(", "Some(", "0x80", "EOF"];

/// Whether a text names what happened, and nothing that only its programmer understands.
fn is_clear(text: &str) -> bool {
    CAUSES.iter().any(|cause| text.contains(cause))
        && !OBSCURE.iter().any(|obscure| text.contains(obscure))
}

/// What is seen, by all at once.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Seen>);

impl Tally {
    pub(super) fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything.
    pub(super) fn into_seen(self) -> Seen {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_names_its_cause_is_clear_and_any_other_is_a_finding_once() {
        let mut seen = Seen::default();
        let gone = "the card in A does not answer: it was pulled, or its program has ended";
        for clear in [gone, "there is no card in A", gone] {
            seen.error("card 0", clear);
        }
        assert!(seen.findings.is_empty() && seen.errors[gone] == 2);
        let unclear =
            ["", "error", "it was pulled: Os { code: 5 }", "thread panicked", "0x8010001D"];
        for text in unclear.iter().chain(&unclear) {
            seen.error("card 0", text);
        }
        assert_eq!(seen.count(Wrong::Unclear), unclear.len(), "{:?}", seen.findings);
    }
}
