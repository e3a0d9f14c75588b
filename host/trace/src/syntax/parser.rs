//! Tokens to statements (LANGUAGE.md), and lines to blocks.
//!
//! A mistake costs its line: those after it are read, so that all mistakes are told at once.

mod command;
mod cursor;
mod expect;
mod order;
mod pattern;
mod statement;
mod value;

use super::ast::{Line, Statement, Trace};
use super::diagnostic::Diagnostic;
use super::lexer::{Kind, Lines, Logical};
use super::source::{At, Source, Span};
use order::Opening;
use std::sync::Arc;

/// A file is not larger.
pub const FILE_MAX_BYTES: usize = 16 * 1024 * 1024;

/// A trace has no more lines, those of included files counted in.
pub const LINES_MAX: usize = 100_000;

/// Loops inside loops, and values inside values, are no deeper.
pub const DEPTH_MAX: usize = 16;

/// Of one file no more mistakes are told.
pub const DIAGNOSTICS_MAX: usize = 100;

/// Reads a trace.
///
/// # Errors
/// Every mistake, in the order of the lines; at most [`DIAGNOSTICS_MAX`].
pub fn parse(source: Arc<Source>) -> Result<Trace, Vec<Diagnostic>> {
    if let Some(wrong) = unreadable(&source) {
        return Err(vec![wrong]);
    }
    let mut blocks = Blocks { open: Vec::new(), lines: Vec::new(), too_deep: 0, wrong: Vec::new() };
    for (index, logical) in Lines::of(&source).enumerate() {
        if index == LINES_MAX {
            let found = format!("the trace has more than {LINES_MAX} lines");
            blocks.wrong.push(Diagnostic::new(logical.end, found).help("use loops, or more files"));
            break;
        }
        blocks.add(logical);
        if blocks.wrong.len() >= DIAGNOSTICS_MAX {
            break;
        }
    }
    blocks.finish(source)
}

/// What is wrong with a text as a whole.
fn unreadable(source: &Arc<Source>) -> Option<Diagnostic> {
    let span = Span { source: source.clone(), line: 1, from: 0, to: 0 };
    if source.text.len() > FILE_MAX_BYTES {
        let found = format!("the file has more than {FILE_MAX_BYTES} bytes");
        return Some(Diagnostic::new(span, found).help("make several traces of it"));
    }
    let recording = source.text.starts_with("# saifu-card recording");
    recording.then(|| {
        Diagnostic::new(span, "this is a recording of saifu-card, no trace")
            .help("`saifu trace convert` makes a trace of it")
    })
}

/// The blocks that are open, and what is found.
struct Blocks {
    open: Vec<Block>,
    lines: Vec<Line>,
    /// Loops that are open besides, and too deep to be kept.
    too_deep: usize,
    wrong: Vec<Diagnostic>,
}

/// A loop that waits for its `end`.
struct Block {
    /// The lines around it so far.
    outer: Vec<Line>,
    /// Nothing where its first line is wrong.
    opening: Option<Opening>,
    comment: Option<String>,
    span: Span,
}

impl Blocks {
    fn add(&mut self, logical: Logical<'_>) {
        let keyword = match logical.tokens.first().map(|token| &token.kind) {
            Some(Kind::Word(word)) => *word,
            _ => "",
        };
        match keyword {
            "for" | "repeat" => self.open(logical),
            "end" => self.close(logical),
            _ => self.plain(logical),
        }
    }

    /// A statement of one line, a comment or nothing.
    fn plain(&mut self, logical: Logical<'_>) {
        let statement = match whole(&logical).and_then(|()| statement::parse(&logical)) {
            Ok(statement) => statement,
            Err(wrong) => return self.wrong.push(wrong),
        };
        if let (Some(At { it: Statement::Section { .. }, span }), Some(block)) =
            (&statement, self.open.last())
        {
            let found = format!("a section inside the loop of line {}", block.span.line);
            let help = "end the loop first, or put the loop inside the section";
            self.wrong.push(Diagnostic::new(span.clone(), found).help(help));
        }
        self.lines.push(Line { statement, comment: logical.comment });
    }

    fn open(&mut self, logical: Logical<'_>) {
        let span = statement::span(&logical);
        if self.open.len() == DEPTH_MAX {
            if self.too_deep == 0 {
                let found = format!("more than {DEPTH_MAX} loops inside each other");
                self.wrong.push(Diagnostic::new(span, found));
            }
            self.too_deep += 1;
            return;
        }
        let opening = match whole(&logical).and_then(|()| order::opening(&logical)) {
            Ok(opening) => Some(opening),
            Err(wrong) => {
                self.wrong.push(wrong);
                None
            }
        };
        let outer = std::mem::take(&mut self.lines);
        self.open.push(Block { outer, opening, comment: logical.comment, span });
    }

    fn close(&mut self, logical: Logical<'_>) {
        if let Err(wrong) = whole(&logical).and_then(|()| order::end(&logical)) {
            self.wrong.push(wrong);
        }
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let Some(block) = self.open.pop() else {
            let found = "`end` without a loop that it could end";
            let wrong = Diagnostic::new(statement::span(&logical), found);
            return self.wrong.push(wrong.expected("`for` or `repeat` before it"));
        };
        let body = std::mem::replace(&mut self.lines, block.outer);
        let Some(opening) = block.opening else { return };
        let statement = opening.statement(body, logical.comment);
        let statement = Some(At { it: statement, span: block.span });
        self.lines.push(Line { statement, comment: block.comment });
    }

    fn finish(mut self, source: Arc<Source>) -> Result<Trace, Vec<Diagnostic>> {
        let told = self.wrong.len() < DIAGNOSTICS_MAX;
        for block in self.open.into_iter().filter(|_| told) {
            let wrong = Diagnostic::new(block.span, "a loop without its `end`");
            self.wrong.push(wrong.expected("a line `end` after the lines that are repeated"));
        }
        self.wrong.sort_by_key(|wrong| wrong.span.line);
        self.wrong.truncate(DIAGNOSTICS_MAX);
        match self.wrong.is_empty() {
            true => Ok(Trace { source, lines: self.lines }),
            false => Err(self.wrong),
        }
    }
}

/// That every character of the line is of a token.
fn whole(logical: &Logical<'_>) -> Result<(), Diagnostic> {
    logical.wrong.clone().map_or(Ok(()), Err)
}
