//! What a specification names, beside what a run has shown of it.

use std::collections::BTreeSet;

use saifu_trace::run::{Coverage, RunResult, SectionResult, Verdict};

use super::exceptions::{BY_OTHERS, EXCEPTIONS};
use super::spec::{Command, Pair, Parameter, Spec, class_of};

/// Where a header says which command it is: CLA, INS, P1 and P2.
type Header = [u8; 4];

/// One list, and what of it is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What is counted.
    pub what: &'static str,
    /// How many the specification names.
    pub named: usize,
    /// Those that no trace has shown.
    pub missing: Vec<String>,
    /// Those that none can show, and why.
    pub excepted: Vec<(String, &'static str)>,
}

/// What of a specification a run has shown, in sections that passed.
#[must_use]
pub fn measure(spec: &Spec, run: &RunResult) -> Vec<Row> {
    let passed: Vec<&SectionResult> = run
        .files
        .iter()
        .flat_map(|file| &file.sections)
        .filter(|section| section.verdict() == Verdict::Passed)
        .collect();
    let mut all = Coverage::default();
    passed.iter().for_each(|section| all.add(&section.coverage));
    let plain = |what, named, missing| Row { what, named, missing, excepted: Vec::new() };
    vec![
        plain("commands", spec.commands.len(), commands(spec, &all)),
        plain("values of P1 and P2", spec.parameters.len(), parameters(spec, &all)),
        plain("status words", spec.statuses.len(), statuses(spec, &all)),
        plain("tags", spec.tags.len(), tags(spec, &all)),
        pairs(spec, &passed),
    ]
}

/// How many of a hundred are shown, of those that can be; 100 only if all of them are.
#[must_use]
pub fn percent(rows: &[Row]) -> usize {
    let named: usize = rows.iter().map(|row| row.named - row.excepted.len()).sum();
    let missing: usize = rows.iter().map(|row| row.missing.len()).sum();
    (named.saturating_sub(missing) * 100).checked_div(named).unwrap_or(0)
}

impl Command {
    fn is(&self, header: Header) -> bool {
        (self.cla & 0x80 == header[0] & 0x80) && self.ins == header[1]
    }

    fn name(&self) -> String {
        format!("{:02X} {:02X} of §{}", self.cla, self.ins, self.section)
    }
}

/// A command is shown by an answer without error that a line names.
fn commands(spec: &Spec, all: &Coverage) -> Vec<String> {
    let done = |status: u16| status == 0x9000 || status >> 8 == 0x61;
    let shown = |command: &&Command| {
        all.answers.iter().any(|(header, status)| command.is(*header) && done(*status))
    };
    spec.commands.iter().filter(|one| !shown(one)).map(Command::name).collect()
}

fn of_section<'s>(spec: &'s Spec, section: &str) -> Vec<&'s Command> {
    spec.commands.iter().filter(|command| command.section == section).collect()
}

fn parameters(spec: &Spec, all: &Coverage) -> Vec<String> {
    let shown = |parameter: &&Parameter| {
        let commands = of_section(spec, &parameter.section);
        all.answers.iter().any(|(header, _)| {
            let is_value = header[parameter.at] == parameter.value;
            is_value && commands.iter().any(|command| command.is(*header))
        })
    };
    let missing = spec.parameters.iter().filter(|one| !shown(one));
    missing.map(|one| format!("P{} {:02X} of §{}", one.at - 1, one.value, one.section)).collect()
}

fn statuses(spec: &Spec, all: &Coverage) -> Vec<String> {
    let shown: BTreeSet<_> = all.answers.iter().filter_map(|(_, word)| class_of(*word)).collect();
    spec.statuses.difference(&shown).cloned().collect()
}

/// Those that are in what was sent and answered as a line says, or in an answer that a line gives;
/// P1-P2 of GET DATA is a tag as well (§6.3).
fn tags(spec: &Spec, all: &Coverage) -> Vec<String> {
    let asked =
        all.answers.iter().filter(|(header, status)| header[1] == 0xCA && *status == 0x9000);
    let asked = asked.map(|(header, _)| u32::from(u16::from_be_bytes([header[2], header[3]])));
    let mut shown: BTreeSet<u32> = asked.collect();
    shown.extend(all.answered_tags.iter().chain(&all.sent_tags).map(|(_, tag)| *tag));
    let missing = spec.tags.iter().filter(|tag| !shown.contains(&u32::from(**tag)));
    missing.map(|tag| format!("{tag:02X}")).collect()
}

/// A section's status word is shown in a trace's section of that number; by one of its own
/// commands, where it describes any.
fn pairs(spec: &Spec, passed: &[&SectionResult]) -> Row {
    let (mut missing, mut excepted) = (Vec::new(), Vec::new());
    for pair in spec.pairs.iter().filter(|pair| !is_shown(spec, pair, passed)) {
        let name = format!("{} of §{}", pair.status, pair.section);
        match listed(EXCEPTIONS, pair) {
            Some(why) => excepted.push((name, why)),
            None => missing.push(name),
        }
    }
    Row { what: "status words of sections", named: spec.pairs.len(), missing, excepted }
}

/// Why a pair is in a list, if it is.
fn listed(list: &[(&str, &str, &'static str)], pair: &Pair) -> Option<&'static str> {
    let mut list = list.iter();
    let found =
        list.find(|(section, status, _)| *section == pair.section && *status == pair.status);
    found.map(|(.., why)| *why)
}

fn is_shown(spec: &Spec, pair: &Pair, passed: &[&SectionResult]) -> bool {
    let commands = of_section(spec, &pair.section);
    let is_any = commands.is_empty() || listed(BY_OTHERS, pair).is_some();
    let is_its_own = |header: Header| is_any || commands.iter().any(|command| command.is(header));
    let here = passed.iter().filter(|section| section.number == pair.section);
    let mut answers = here.flat_map(|section| &section.coverage.answers);
    answers.any(|(header, status)| {
        is_its_own(*header) && class_of(*status).as_ref() == Some(&pair.status)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use saifu_trace::run::FileResult;

    const TEXT: &str = "## 5 A\n\n### 5.4 B\n\n| SW | |\n|---|---|\n| `6985` | no |\n| `9000` | yes |\n\n\
        ## 6 C\n\n### 6.1 D\n\n`80 10 P1 00`, P1 `01`. Tag `7F21`. 6985.\n";

    fn run(number: &str, header: Header, statuses: &[u16], tag: Option<u32>) -> RunResult {
        let coverage = Coverage {
            answers: statuses.iter().map(|status| (header, *status)).collect(),
            sent_tags: tag.map(|tag| (header, tag)).into_iter().collect(),
            ..Coverage::default()
        };
        let section = SectionResult { number: number.into(), coverage, ..SectionResult::default() };
        let file = FileResult { sections: vec![section], ..FileResult::default() };
        RunResult { files: vec![file], ..RunResult::default() }
    }

    fn missing(run: &RunResult) -> Vec<String> {
        let rows = measure(&Spec::read(TEXT), run);
        assert_eq!(percent(&rows) == 100, rows.iter().all(|row| row.missing.is_empty()));
        rows.into_iter().flat_map(|row| row.missing).collect()
    }

    #[test]
    fn what_is_shown_in_its_section_by_its_command_is_not_missing() {
        let all = run("6.1", [0x80, 0x10, 1, 0], &[0x6985, 0x9000], Some(0x7F21));
        assert_eq!(missing(&all), [""; 0]);
    }

    #[test]
    fn what_no_trace_shows_is_missing_by_name() {
        let nothing = missing(&RunResult::default());
        let named = ["80 10 of §6.1", "P1 01 of §6.1", "6985", "9000", "7F21", "6985 of §6.1"];
        assert!(named.iter().all(|name| nothing.iter().any(|one| one == name)), "{nothing:?}");
        let half = missing(&run("6.1", [0x80, 0x10, 0, 0], &[0x9000], Some(0x7F21)));
        assert_eq!(half, ["P1 01 of §6.1", "6985", "6985 of §6.1"]);
    }

    #[test]
    fn another_section_or_another_command_shows_nothing_of_this_one() {
        let elsewhere = run("6.2", [0x80, 0x10, 1, 0], &[0x6985, 0x9000], Some(0x7F21));
        assert_eq!(missing(&elsewhere), ["6985 of §6.1", "9000 of §6.1"]);
        let other = run("6.1", [0x00, 0x10, 1, 0], &[0x6985, 0x9000], Some(0x7F21));
        assert!(missing(&other).contains(&"6985 of §6.1".into()));
    }

    #[test]
    fn every_exception_is_of_something_that_the_specification_names() {
        let spec = Spec::read(crate::coverage::spec::SPEC);
        for (section, status, _) in EXCEPTIONS.iter().chain(BY_OTHERS) {
            let pair = Pair { section: (*section).into(), status: (*status).into() };
            assert!(spec.pairs.contains(&pair), "{pair:?}");
        }
    }

    #[test]
    fn a_section_that_failed_shows_nothing() {
        let mut all = run("6.1", [0x80, 0x10, 1, 0], &[0x6985, 0x9000], Some(0x7F21));
        all.files[0].sections[0].skipped = Some("because".into());
        assert_eq!(missing(&all).len(), 7);
    }
}
