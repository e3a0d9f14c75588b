//! Text to statements: words up to `;`, comments, definitions.

use super::statement::Statements;
use super::{Dialect, Loss};
use crate::convert::words::{Part, lines};
use crate::syntax::Diagnostic;
use crate::syntax::ast::Trace;
use crate::syntax::source::Source;
use std::sync::Arc;

/// The most words of one statement: every byte of an extended command, and more.
const MAX_WORDS: usize = 70_000;

pub(super) fn read(
    source: &Arc<Source>,
    dialect: Dialect,
    loss: Loss,
) -> Result<Trace, Diagnostic> {
    let statements = Statements::new(source, dialect, loss);
    let mut reader = Reader { statements, words: Vec::new(), comment: None };
    for line in lines(source) {
        reader.line(line)?;
    }
    if let Some(begun) = reader.comment {
        return Err(begun.refuse("this comment does not end: `*/` is missing"));
    }
    match reader.words.first() {
        Some(word) => Err(word.refuse("this statement does not end: `;` is missing")),
        None => Ok(reader.statements.finish()),
    }
}

struct Reader<'t> {
    statements: Statements,
    /// Those of the statement that has begun.
    words: Vec<Part<'t>>,
    /// Where a comment began that goes on.
    comment: Option<Part<'t>>,
}

impl<'t> Reader<'t> {
    fn line(&mut self, line: Part<'t>) -> Result<(), Diagnostic> {
        let mut rest = line.trim();
        if rest.text.is_empty() && self.words.is_empty() && self.comment.is_none() {
            self.statements.trace.blank();
        }
        while !rest.text.is_empty() {
            rest = self.step(rest)?.trim();
        }
        Ok(())
    }

    /// Takes what comes next in a line, and gives what is left of it.
    fn step(&mut self, rest: Part<'t>) -> Result<Part<'t>, Diagnostic> {
        if self.comment.is_some() {
            return Ok(self.in_comment(rest));
        }
        if let Some(comment) = rest.after("//") {
            self.statements.trace.comment(comment.text);
            return Ok(rest.skip(rest.text.len()));
        }
        if rest.text.starts_with("/*") {
            self.comment = Some(rest.first(2));
            return Ok(rest.skip(2));
        }
        if rest.text.starts_with('#') && self.words.is_empty() {
            self.statements.directive(rest)?;
            return Ok(rest.skip(rest.text.len()));
        }
        if rest.text.starts_with(';') {
            let words = std::mem::take(&mut self.words);
            self.statements.statement(rest.first(1), &words)?;
            return Ok(rest.skip(1));
        }
        self.word(rest)
    }

    fn word(&mut self, rest: Part<'t>) -> Result<Part<'t>, Diagnostic> {
        let length = match rest.text.strip_prefix('"') {
            Some(text) => text.find('"').map(|end| end + 2),
            None => Some(rest.text.find(ends_word).unwrap_or(rest.text.len())),
        };
        let Some(length) = length else {
            return Err(rest.refuse("this text does not end: `\"` is missing"));
        };
        if self.words.len() >= MAX_WORDS {
            return Err(rest.refuse(format!("more than {MAX_WORDS} words in one statement")));
        }
        self.words.push(rest.first(length));
        Ok(rest.skip(length))
    }

    fn in_comment(&mut self, rest: Part<'t>) -> Part<'t> {
        let end = rest.text.find("*/");
        let text = rest.first(end.unwrap_or(rest.text.len()));
        let text = text.text.trim_matches(|c: char| c == '*' || c.is_whitespace());
        if !text.is_empty() {
            self.statements.trace.comment(text);
        }
        match end {
            Some(end) => {
                self.comment = None;
                rest.skip(end + 2)
            }
            None => rest.skip(rest.text.len()),
        }
    }
}

fn ends_word(character: char) -> bool {
    character.is_whitespace() || matches!(character, ';' | '"')
}
