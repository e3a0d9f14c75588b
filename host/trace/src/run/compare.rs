//! Whether two runs came to the same: one card on two ways, or two cards.

use super::Verdict;
use super::result::{FileResult, RunResult, SectionResult};
use std::collections::BTreeMap;

/// What differs between two runs of the same files, a line each: files, sections, what they came
/// to, how many checks they made and which lines failed. Times, and the words in which a target
/// tells of a lost answer or of what it is not, do not count.
#[must_use]
pub fn differences(one: &RunResult, other: &RunResult) -> Vec<String> {
    let names = (one.target.as_str(), other.target.as_str());
    let mut found = Vec::new();
    let (ones, others) = (by_path(one), by_path(other));
    for path in ones.keys().chain(others.keys().filter(|path| !ones.contains_key(*path))) {
        match (ones.get(path), others.get(path)) {
            (Some(one), Some(other)) => files(one, other, names, &mut found),
            (Some(_), None) => found.push(format!("{path}: it did not run on {}", names.1)),
            _ => found.push(format!("{path}: it did not run on {}", names.0)),
        }
    }
    found
}

fn by_path(run: &RunResult) -> BTreeMap<String, &FileResult> {
    run.files.iter().map(|file| (file.path.display().to_string(), file)).collect()
}

fn files(one: &FileResult, other: &FileResult, names: (&str, &str), found: &mut Vec<String>) {
    let path = one.path.display();
    if one.unreadable != other.unreadable {
        found.push(format!("{path}: it is a trace on one of the two only"));
    }
    if one.sections.len() != other.sections.len() {
        let (here, there) = (one.sections.len(), other.sections.len());
        found.push(format!("{path}: {here} sections on {}, {there} on {}", names.0, names.1));
    }
    for (one, other) in one.sections.iter().zip(&other.sections) {
        let (here, there) = (told(one), told(other));
        if here != there {
            let section = one.name();
            let (first, second) = names;
            found.push(format!("{path}: {section}: {here} on {first}, {there} on {second}"));
        }
    }
}

/// What a section came to, in words that are the same for the same.
fn told(section: &SectionResult) -> String {
    let verdict = match section.verdict() {
        Verdict::Passed => "passed",
        Verdict::Failed => "failed",
        Verdict::Skipped => "skipped",
    };
    let lines: Vec<_> =
        section.failures.iter().map(|failure| failure.place.line.to_string()).collect();
    let mut told = format!("{verdict} with {} checks", section.checks);
    if !lines.is_empty() {
        told += &format!(" (lines {})", lines.join(", "));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(target: &str, checks: u64, path: &str) -> RunResult {
        let section = SectionResult { number: "1".into(), checks, ..SectionResult::default() };
        let sections = vec![section];
        let file = FileResult { path: path.into(), sections, ..FileResult::default() };
        RunResult { target: target.into(), files: vec![file], ..RunResult::default() }
    }

    #[test]
    fn runs_that_came_to_the_same_do_not_differ() {
        assert_eq!(differences(&run("a", 2, "x"), &run("b", 2, "x")), [""; 0]);
    }

    #[test]
    fn what_differs_is_told_with_both_targets() {
        let told = differences(&run("a", 2, "x"), &run("b", 3, "x"));
        assert_eq!(told, ["x: 1: passed with 2 checks on a, passed with 3 checks on b"]);
        let told = differences(&run("a", 2, "x"), &run("b", 2, "y"));
        assert_eq!(told, ["x: it did not run on b", "y: it did not run on a"]);
        let mut skipped = run("b", 2, "x");
        skipped.files[0].sections[0].skipped = Some("it is not a".into());
        assert!(differences(&run("a", 2, "x"), &skipped)[0].contains("skipped with 2"));
        skipped.files[0].sections.clear();
        assert!(differences(&run("a", 2, "x"), &skipped)[0].contains("0 on b"));
    }
}
