//! Traces to text, in the settled form.
//!
//! - one space between two words; keywords, options and what they are in one order; hexadecimal
//!   digits are capitals, grouped as they were: each word stays one
//! - inside a loop four spaces more; behind a statement two before its comment
//! - at most one blank line in a row, none at the beginning and at the end
//! - a line that went on in the next where the author saw fit still does, four spaces more to the
//!   right; one of more than [`WIDTH`] characters goes on between two words
//!
//! What is read from the result is what it was made of, but for blank lines.

mod pieces;
mod statement;

use super::ast::{Line, Statement, Trace};
use std::fmt::Write;

/// A line goes on in the next before it is longer, where a word ends.
const WIDTH: usize = 100;

const INDENT: usize = 4;

/// A word of a line, and the line of the file it stood in; 0 where that is not known.
pub(super) struct Word {
    text: String,
    line: u32,
}

/// The trace as text.
#[must_use]
pub fn format(trace: &Trace) -> String {
    let mut out = Out { text: String::new() };
    out.lines(&trace.lines, 0);
    let end = out.text.trim_end().len();
    out.text.truncate(end);
    if end > 0 {
        out.text.push('\n');
    }
    out.text
}

struct Out {
    text: String,
}

impl Out {
    fn lines(&mut self, lines: &[Line], indent: usize) {
        for line in lines {
            match (&line.statement, &line.comment) {
                (None, None) => self.blank(),
                (None, Some(comment)) => self.whole(&[], Some(comment), indent),
                (Some(statement), comment) => {
                    self.whole(&statement::words(statement), comment.as_ref(), indent);
                    self.body(&statement.it, indent);
                }
            }
        }
    }

    /// What stands in a loop, and its end.
    fn body(&mut self, statement: &Statement, indent: usize) {
        let (Statement::For { body, end_comment, .. }
        | Statement::Repeat { body, end_comment, .. }) = statement
        else {
            return;
        };
        self.lines(body, indent + INDENT);
        let end = Word { text: "end".into(), line: 0 };
        self.whole(&[end], end_comment.as_ref(), indent);
    }

    fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// A statement, its comment or both.
    fn whole(&mut self, words: &[Word], comment: Option<&String>, indent: usize) {
        let _ = write!(self.text, "{:indent$}", "");
        self.words(words, indent);
        if let Some(comment) = comment {
            let space = if words.is_empty() { "" } else { "  " };
            let comment = comment.trim_end().replace(char::is_control, " ");
            let _ = write!(self.text, "{space}#{comment}");
        }
        self.text.push('\n');
    }

    fn words(&mut self, words: &[Word], indent: usize) {
        let (mut column, mut line) = (indent, 0);
        for (index, word) in words.iter().enumerate() {
            let chars = word.text.chars().count();
            let was_broken = line > 0 && word.line > line;
            if index > 0 && (was_broken || column + 1 + chars + " \\".len() > WIDTH) {
                let _ = write!(self.text, " \\\n{:1$}", "", indent + INDENT);
                column = indent + INDENT;
            } else if index > 0 {
                self.text.push(' ');
                column += 1;
            }
            if word.line > 0 {
                line = word.line;
            }
            self.text.push_str(&word.text);
            column += chars;
        }
    }
}
