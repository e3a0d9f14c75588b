//! Reports of a run: for people, and for what counts test cases.
//!
//! Each is made of one [`RunResult`](crate::run::RunResult). A file is a suite, a section a test
//! case; a file that is no trace is one that failed. Nothing a card or a trace says can drive a
//! terminal or break a format.

mod json;
mod junit;
mod tap;
mod text;

pub use json::json;
pub use junit::junit;
pub use tap::tap;
pub use text::{summary, text};

use crate::run::Failure;

/// What a terminal, and XML, do not take.
fn is_hidden(c: char) -> bool {
    let is_direction = matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}');
    c.is_control() || is_direction || matches!(c, '\u{FFFE}' | '\u{FFFF}')
}

/// A text on one line, without what a terminal would take for orders.
fn plain(text: &str) -> String {
    text.chars().map(|c| if is_hidden(c) { '\u{FFFD}' } else { c }).collect()
}

/// `1 section`, `2 sections`.
#[must_use]
pub fn counted(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// A failure on one line: place, what, what was sent, what came, what was expected.
fn line(failure: &Failure) -> String {
    let mut line = format!("{}: {}", failure.place.place(), failure.what);
    if let Some((_, command)) = &failure.command {
        line += &format!("; sent: {command}");
    }
    if let (Some(came), Some(expected)) = (&failure.came, &failure.expected) {
        line += &format!("; came: {}; expected: {}", came.line(), expected.line());
    }
    plain(&line)
}

#[cfg(test)]
mod tests;
