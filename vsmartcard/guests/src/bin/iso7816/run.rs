//! The suite as a user runs it, `saifu trace run`, and what that reports.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use saifu_vsmartcard::harness::PrivatePcscd;
use serde::Deserialize;

use super::cards::Card;
use super::{Anything, PANICKED};

/// What a run on one card may take, in seconds; `timeout` ends it then.
const ENDS_WITHIN: &str = "300";
/// How long a card that died is waited for, in seconds.
const IS_BACK_WITHIN: &str = "20";
/// So much is told of bytes that came.
const SHOWN_CHARS: usize = 60;
/// How `saifu trace run` ends, and `timeout` when it had to end it.
const DONE: i32 = 0;
const SOMETHING_FAILED: i32 = 1;
const TOOK_TOO_LONG: [i32; 2] = [124, 137];

/// The terminal's program.
pub(crate) struct Saifu(PathBuf);

/// What became of the suite on one card.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) card: Card,
    pub(crate) passed: usize,
    pub(crate) skipped: usize,
    pub(crate) deviations: Vec<Deviation>,
}

/// A section in which a card deviates.
#[derive(Debug)]
pub(crate) struct Deviation {
    /// Its number.
    pub(crate) section: String,
    /// Its text, with the clause.
    pub(crate) text: String,
    /// What came, and what was expected.
    pub(crate) lines: Vec<String>,
}

#[derive(Deserialize)]
struct Report {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    path: String,
    sections: Vec<Section>,
}

#[derive(Deserialize)]
struct Section {
    number: String,
    text: String,
    verdict: String,
    failures: Vec<Failure>,
}

#[derive(Deserialize)]
struct Failure {
    line: u32,
    what: String,
    came: Option<String>,
    expected: Option<String>,
    command: Option<String>,
}

impl Saifu {
    /// The program at this path, which must be there.
    pub(crate) fn at(path: PathBuf) -> Result<Self, Anything> {
        if path.is_file() {
            return Ok(Self(path));
        }
        let path = path.display();
        Err(format!("no {path}: cargo build -p saifu-host --bin saifu").into())
    }

    /// Runs a suite on a card; on one that dies of it, each trace on a card of its own, for it
    /// takes a second and more to be there again.
    pub(crate) fn run(&self, card: Card, suite: &Path) -> Result<Found, Anything> {
        let parts = if card.dies() { traces(suite)? } else { vec![suite.to_owned()] };
        let found = thread::scope(|scope| {
            let running: Vec<_> =
                parts.iter().map(|part| scope.spawn(|| self.part(card, part))).collect();
            let ended = running.into_iter().map(|part| part.join().map_err(|_| PANICKED)?);
            ended.collect::<Result<Vec<_>, Anything>>()
        })?;
        let mut all = Found { card, passed: 0, skipped: 0, deviations: Vec::new() };
        for part in found {
            all.passed += part.passed;
            all.skipped += part.skipped;
            all.deviations.extend(part.deviations);
        }
        Ok(all)
    }

    fn part(&self, card: Card, traces: &Path) -> Result<Found, Anything> {
        let there = card.insert()?;
        let mut command = self.command(&there.pcscd, traces);
        command.args(card.variables().iter().flat_map(|variable| ["--set", variable]));
        let output = command.output()?;
        match output.status.code() {
            Some(DONE | SOMETHING_FAILED) => Found::read(card, &output.stdout),
            Some(code) if TOOK_TOO_LONG.contains(&code) => {
                Err(format!("{}: not done within {ENDS_WITHIN} s", card.name()).into())
            }
            _ => Err(said(&output.stdout, &output.stderr).into()),
        }
    }

    fn command(&self, pcscd: &PrivatePcscd, traces: &Path) -> Command {
        let mut command = pcscd.client("timeout");
        command
            .args(["--kill-after=5", ENDS_WITHIN])
            .arg(&self.0)
            .args(["--json", "--card-timeout"]);
        command.args([IS_BACK_WITHIN, "trace", "run"]).arg(traces);
        command.args(["--on", &format!("reader:{}", pcscd.reader(0))]);
        command
    }
}

fn said(out: &[u8], err: &[u8]) -> String {
    String::from_utf8_lossy(&[out, err].concat()).into_owned()
}

/// The traces of a folder, in the order of their names.
fn traces(folder: &Path) -> Result<Vec<PathBuf>, Anything> {
    let entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let paths = entries.into_iter().map(|entry| entry.path());
    let mut traces: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "apdu")).collect();
    traces.sort();
    Ok(traces)
}

impl Found {
    /// Takes a report apart.
    fn read(card: Card, report: &[u8]) -> Result<Self, Anything> {
        let report: Report = serde_json::from_slice(report)?;
        let mut found = Self { card, passed: 0, skipped: 0, deviations: Vec::new() };
        for file in report.files {
            for section in file.sections {
                match section.verdict.as_str() {
                    "passed" => found.passed += 1,
                    "skipped" => found.skipped += 1,
                    _ => found.deviations.push(Deviation::of(section, &file.path)),
                }
            }
        }
        Ok(found)
    }

    /// How many sections the card was asked.
    pub(crate) fn sections(&self) -> usize {
        self.passed + self.skipped + self.deviations.len()
    }
}

impl Deviation {
    fn of(section: Section, path: &str) -> Self {
        let file = Path::new(path).file_name().unwrap_or_default().display();
        let line = |failure: &Failure| {
            let mut line = format!("{file}:{}: {}", failure.line, failure.what);
            let rest = [
                ("came", &failure.came),
                ("expected", &failure.expected),
                ("after", &failure.command),
            ];
            for (word, text) in rest.iter().filter_map(|(word, text)| Some((word, text.as_ref()?)))
            {
                let short: String = text.chars().take(SHOWN_CHARS).collect();
                let more = if short.len() < text.len() { "…" } else { "" };
                line.push_str(&format!("; {word} {short}{more}"));
            }
            line
        };
        let lines = section.failures.iter().map(line).collect();
        Self { section: section.number, text: section.text, lines }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(section: &str) -> Result<Found, Anything> {
        let report = format!(
            r#"{{"files": [{{"path": "a/1-select.apdu",
                "sections": [{section}]}}]}}"#
        );
        Found::read(Card::Piv, report.as_bytes())
    }

    #[test]
    fn a_section_that_failed_is_a_deviation_with_what_came() {
        let failed = found(
            r#"{"number": "1.9", "text": "P2 0C", "verdict": "failed", "failures": [{"line": 7,
                "what": "another status word", "came": "90 00", "expected": "6A86",
                "command": null}]}"#,
        );
        let failed = failed.unwrap();
        assert_eq!((failed.passed, failed.skipped, failed.sections()), (0, 0, 1));
        assert_eq!(failed.deviations[0].section, "1.9");
        let line = "1-select.apdu:7: another status word; came 90 00; expected 6A86";
        assert_eq!(failed.deviations[0].lines, [line]);
    }

    #[test]
    fn a_section_that_passed_or_was_skipped_is_none() {
        for verdict in ["passed", "skipped"] {
            let section =
                format!(r#"{{"number": "1", "text": "", "verdict": "{verdict}", "failures": []}}"#);
            assert!(found(&section).unwrap().deviations.is_empty());
        }
    }

    #[test]
    fn a_report_of_another_shape_is_an_error() {
        assert!(found(r#"{"number": "1"}"#).is_err());
    }
}
