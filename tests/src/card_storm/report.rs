//! The verdict on a storm.

use std::fmt;
use std::time::Duration;

use super::{Seen, Size, Wrong};

/// How a storm went.
#[derive(Debug, Clone)]
pub struct Report {
    /// What was asked for.
    pub size: Size,
    /// What was seen.
    pub seen: Seen,
    /// How long it took.
    pub took: Duration,
}

impl Report {
    /// Whether everything was done, and nothing is wrong.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let done = (self.seen.insertions, self.seen.kills());
        self.seen.findings.is_empty() && done == (self.size.insertions, self.size.kills)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cards, seen) = (self.size.cards, &self.seen);
        let (insertions, kills) = (seen.insertions, seen.kills());
        write!(f, "card-storm: {cards} cards, {insertions} insertions, {kills} kills")?;
        let [hangs, wedged, lost, unanswered] =
            [Wrong::Hang, Wrong::Wedged, Wrong::Lost, Wrong::Unanswered].map(|of| seen.count(of));
        write!(f, ", {hangs} hangs, {wedged} wedged, {lost} lost, {unanswered} unanswered")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(findings: &[Wrong]) -> Report {
        let findings = findings.iter().map(|wrong| (*wrong, String::new())).collect();
        let size = Size::FULL;
        let seen = Seen {
            insertions: size.insertions,
            killed_cards: 70,
            killed_hosts: 70,
            killed_pcscds: size.kills - 140,
            findings,
            ..Seen::default()
        };
        Report { size, seen, took: Duration::ZERO }
    }

    #[test]
    fn a_storm_without_findings_is_good_and_says_so() {
        let said = "card-storm: 10 cards, 1000 insertions, 200 kills, 0 hangs, 0 wedged, 0 lost, \
            0 unanswered";
        assert!(report(&[]).is_good());
        assert_eq!(report(&[]).to_string(), said);
    }

    #[test]
    fn any_finding_makes_a_storm_a_bad_one() {
        for (wrong, said) in [
            (Wrong::Hang, "1 hangs, 0 wedged, 0 lost, 0 unanswered"),
            (Wrong::Wedged, "0 hangs, 1 wedged, 0 lost, 0 unanswered"),
            (Wrong::Lost, "0 hangs, 0 wedged, 1 lost, 0 unanswered"),
            (Wrong::Unanswered, "0 hangs, 0 wedged, 0 lost, 1 unanswered"),
            (Wrong::Unclear, "0 hangs, 0 wedged, 0 lost, 0 unanswered"),
        ] {
            assert!(!report(&[wrong]).is_good(), "{wrong}");
            assert!(report(&[wrong]).to_string().ends_with(said), "{wrong}");
        }
    }

    #[test]
    fn a_storm_that_did_not_do_all_is_no_good_one() {
        let mut short = report(&[]);
        short.seen.insertions -= 1;
        assert!(!short.is_good());
        let mut tame = report(&[]);
        tame.seen.killed_hosts -= 1;
        assert!(!tame.is_good());
    }
}
