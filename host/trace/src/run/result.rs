//! What came of a run, as a tree: files, their sections, what failed in each.

use super::coverage::Coverage;
use super::limits::MAX_SHOWN_BYTES;
use crate::syntax::ast::Statement;
use crate::syntax::{At, Span};
use std::path::PathBuf;
use std::time::Duration;

/// What came of a run.
#[derive(Debug, Clone, Default)]
pub struct RunResult {
    /// What the target is called.
    pub target: String,
    /// The files, in the order in which they ran.
    pub files: Vec<FileResult>,
    /// Why the run ended before its end, where it did.
    pub stopped: Option<Stopped>,
    /// How long it took.
    pub took: Duration,
}

/// Why a run ended before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// The target is broken or gone; what, why and what next.
    Target(String),
    /// Something failed, and the run was to stop there.
    Failure,
    /// By [`Settings::interrupt`](super::Settings::interrupt).
    Interrupted,
}

impl Stopped {
    /// Why it ended, unless that was asked for.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Target(why) => Some(why),
            Self::Failure => None,
            Self::Interrupted => Some("interrupted"),
        }
    }
}

/// What came of a file.
#[derive(Debug, Clone, Default)]
pub struct FileResult {
    /// Where it is.
    pub path: PathBuf,
    /// What it calls itself.
    pub title: Option<String>,
    /// Why it is no trace, as a message with line and caret; then it has no sections.
    pub unreadable: Option<String>,
    /// Its sections in order. What stands before the first is one without a number, which is
    /// here only if something happened in it.
    pub sections: Vec<SectionResult>,
    /// How long it took.
    pub took: Duration,
}

/// What came of a section: a test case.
#[derive(Debug, Clone, Default)]
pub struct SectionResult {
    /// Its number; empty for what stands before the first section.
    pub number: String,
    /// Its text.
    pub text: String,
    /// The line where it begins, from 1.
    pub line: u32,
    /// How many checks it made.
    pub checks: u64,
    /// How many commands it sent, parts of chains and GET RESPONSE included.
    pub commands: u64,
    /// What failed: the first hundred, and of a file the first thousand.
    pub failures: Vec<Failure>,
    /// How many more failed.
    pub more_failures: u64,
    /// Why it, or the rest of it, was skipped.
    pub skipped: Option<String>,
    /// Lines that could not be looked at here, such as a time where there is none.
    pub unchecked: Vec<Note>,
    /// What the trace notes.
    pub notes: Vec<Note>,
    /// What it covered, where that was asked for.
    pub coverage: Coverage,
    /// How long it took.
    pub took: Duration,
}

/// Something told at a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The line, from 1.
    pub line: u32,
    /// What.
    pub text: String,
}

/// A line that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The line.
    pub place: Span,
    /// What is wrong, in words.
    pub what: String,
    /// What came.
    pub came: Option<Shown>,
    /// What was expected.
    pub expected: Option<Shown>,
    /// The command that it is about, and its line; without what is secret in it.
    pub command: Option<(u32, String)>,
}

/// Bytes or words for people, in pieces of which some differ.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// The pieces.
    pub tokens: Vec<Token>,
    /// How many pieces before them are left out.
    pub before: usize,
    /// How many pieces after them are left out.
    pub after: usize,
}

/// A piece of what is shown: a byte, say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its text.
    pub text: String,
    /// Whether it is not as it should be.
    pub differs: bool,
}

/// What a section came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All held.
    Passed,
    /// Something did not.
    Failed,
    /// It was skipped, and what came before held.
    Skipped,
}

/// How many sections came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// All held.
    pub passed: u64,
    /// Something did not hold; a file that is no trace counts as one.
    pub failed: u64,
    /// Skipped.
    pub skipped: u64,
}

impl SectionResult {
    /// The section that a line begins, if it does.
    pub(super) fn begun(statement: &At<Statement>) -> Option<Self> {
        let Statement::Section { number, text } = &statement.it else { return None };
        let text = text.clone().unwrap_or_default();
        let line = statement.span.line;
        Some(Self { number: number.clone(), text, line, ..Self::default() })
    }

    /// What it came to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if !self.failures.is_empty() || self.more_failures > 0 {
            Verdict::Failed
        } else if self.skipped.is_some() {
            Verdict::Skipped
        } else {
            Verdict::Passed
        }
    }

    /// What it is called: number and text, or that it is the preamble.
    #[must_use]
    pub fn name(&self) -> String {
        match (self.number.as_str(), self.text.as_str()) {
            ("", _) => "before the first section".into(),
            (number, "") => number.into(),
            (number, text) => format!("{number} {text}"),
        }
    }
}

impl FileResult {
    /// What it came to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let is = |verdict| move |section: &SectionResult| section.verdict() == verdict;
        if self.unreadable.is_some() || self.sections.iter().any(is(Verdict::Failed)) {
            return Verdict::Failed;
        }
        let all_skipped = self.sections.iter().all(is(Verdict::Skipped));
        if all_skipped && !self.sections.is_empty() { Verdict::Skipped } else { Verdict::Passed }
    }

    /// How many of its sections came to what.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts =
            Counts { failed: u64::from(self.unreadable.is_some()), ..Counts::default() };
        for section in &self.sections {
            match section.verdict() {
                Verdict::Passed => counts.passed += 1,
                Verdict::Failed => counts.failed += 1,
                Verdict::Skipped => counts.skipped += 1,
            }
        }
        counts
    }
}

impl RunResult {
    /// How many sections came to what.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.files.iter().map(FileResult::counts).fold(Counts::default(), |sum, one| Counts {
            passed: sum.passed + one.passed,
            failed: sum.failed + one.failed,
            skipped: sum.skipped + one.skipped,
        })
    }

    /// Whether a file is no trace.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        self.files.iter().any(|file| file.unreadable.is_some())
    }

    /// All that it covered.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        let mut all = Coverage::default();
        let sections = self.files.iter().flat_map(|file| &file.sections);
        sections.for_each(|section| all.add(&section.coverage));
        all
    }
}

impl Shown {
    /// One piece that differs.
    #[must_use]
    pub fn word(text: impl Into<String>) -> Self {
        Self::of(vec![Token { text: text.into(), differs: true }])
    }

    /// Pieces, shortened around the first that differs.
    #[must_use]
    pub fn of(mut tokens: Vec<Token>) -> Self {
        const LEAD: usize = 32;
        let first = tokens.iter().position(|token| token.differs).unwrap_or(0);
        let before = if first < MAX_SHOWN_BYTES { 0 } else { first - LEAD };
        tokens.drain(..before);
        let after = tokens.len().saturating_sub(MAX_SHOWN_BYTES);
        tokens.truncate(MAX_SHOWN_BYTES);
        Self { tokens, before, after }
    }

    /// Bytes, those marked that differ.
    #[must_use]
    pub fn bytes(bytes: &[u8], differs: &[bool]) -> Self {
        let token = |(at, byte): (usize, &u8)| Token {
            text: format!("{byte:02X}"),
            differs: differs.get(at).copied().unwrap_or(false),
        };
        Self::of(bytes.iter().enumerate().map(token).collect())
    }

    /// On one line: what is left out told, nothing marked.
    #[must_use]
    pub fn line(&self) -> String {
        let mut words: Vec<_> = self.tokens.iter().map(|token| token.text.clone()).collect();
        if self.before > 0 {
            words.insert(0, format!("({} before)", self.before));
        }
        if self.after > 0 {
            words.push(format!("({} more)", self.after));
        }
        if words.is_empty() { "nothing".into() } else { words.join(" ") }
    }
}
