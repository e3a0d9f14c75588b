//! Files that `scriptor` of pcsc-tools reads (version 1.6.2, its manual page and its source).
//!
//! ```text
//! # comment                     at the very beginning of a line only
//! reset                         any line that contains the word, in whatever case
//! 00A4040007F053414946550100    a command: pairs of digits without any space ...
//! 00 A4 04 00 07 F0 \           ... or with one between each two; goes on after `\`
//! 53 41 49 46 55 01 00
//! exit                          any line that contains it, comments included: the end
//! ```
//! It sends and shows, and expects nothing: a command comes with `sw any`.

use super::build::Builder;
use super::plain::{Expected, What};
use super::words::{MAX_APDU_BYTES, Part, lines};
use super::write::{Output, Write, command, expectation};
use crate::syntax::Diagnostic;
use crate::syntax::ast::{Statement, Trace};
use crate::syntax::source::{Source, Span};
use std::sync::Arc;

const KEPT: &str = "scriptor";

pub(super) fn read(source: &Arc<Source>) -> Result<Trace, Diagnostic> {
    let mut reader =
        Reader { trace: Builder::new(source), begun: None, sent: Vec::new(), is_over: false };
    for line in lines(source) {
        reader.line(line)?;
    }
    match reader.begun {
        Some(begun) => Err(Diagnostic::new(begun, "the file ends before this command does")),
        None => Ok(reader.trace.finish()),
    }
}

struct Reader {
    trace: Builder,
    /// Where a command began that goes on, and its bytes up to here.
    begun: Option<Span>,
    sent: Vec<u8>,
    is_over: bool,
}

impl Reader {
    fn line(&mut self, line: Part<'_>) -> Result<(), Diagnostic> {
        self.is_over |= says(line.text, "exit");
        if self.is_over {
            self.after_exit(line.text);
        } else if line.text.trim().is_empty() {
            self.trace.blank();
        } else if let Some(comment) = line.text.strip_prefix('#') {
            self.trace.comment(comment);
        } else if says(line.text, "reset") {
            if self.begun.is_some() {
                return Err(line.refuse("the command before it goes on here"));
            }
            self.trace.statement(line.span(), Statement::Reset);
        } else {
            self.command(line)?;
        }
        Ok(())
    }

    /// Nothing of it is sent.
    fn after_exit(&mut self, text: &str) {
        match text.trim().is_empty() {
            true => self.trace.blank(),
            false => self.trace.kept(KEPT, text),
        }
    }

    fn command(&mut self, line: Part<'_>) -> Result<(), Diagnostic> {
        let (bytes, goes_on) = match line.text.strip_suffix('\\') {
            Some(text) => (line.first(text.len()), true),
            None => (line, false),
        };
        self.sent.extend(spelt(bytes)?);
        if self.sent.len() > MAX_APDU_BYTES {
            return Err(line.refuse(format!("a command of more than {MAX_APDU_BYTES} bytes")));
        }
        let begun = self.begun.take().unwrap_or_else(|| line.span());
        if goes_on {
            self.begun = Some(begun);
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.sent);
        if bytes.is_empty() {
            return Err(Diagnostic::new(begun, "a command without bytes"));
        }
        self.trace.send(begun.clone(), bytes);
        self.trace.anything(begun);
        Ok(())
    }
}

fn says(line: &str, word: &str) -> bool {
    line.to_ascii_lowercase().contains(word)
}

/// Bytes as scriptor takes them; it stops at anything else.
fn spelt(part: Part<'_>) -> Result<Vec<u8>, Diagnostic> {
    let text = part.text.trim_end_matches(' ');
    let part = part.first(text.len());
    if !text.contains(' ') {
        return part.bytes();
    }
    let mut bytes = Vec::new();
    let mut rest = part;
    loop {
        let (word, after) = rest.split(' ').unwrap_or((rest, rest.skip(rest.text.len())));
        if word.text.len() != 2 {
            let why = "scriptor takes two digits and one space, or no space at all";
            return Err(word.refuse(why));
        }
        bytes.extend(word.bytes()?);
        if after.text.is_empty() {
            return Ok(bytes);
        }
        rest = after;
    }
}

/// Writes what scriptor reads.
#[derive(Debug, Default)]
pub(super) struct Writer {
    is_over: bool,
}

impl Write for Writer {
    fn comment(&mut self, text: &str, out: &mut Output) -> Result<(), String> {
        let kept = text.strip_prefix('~').and_then(|text| text.strip_prefix(KEPT));
        match kept {
            Some(kept) if self.is_over || says(kept, "exit") => {
                self.is_over = true;
                out.line(kept.trim());
            }
            _ if says(text, "exit") && !self.is_over => {
                return Err("scriptor ends at `exit`, in a comment, too: reword it".to_owned());
            }
            _ => out.line(format!("# {text}").trim_end()),
        }
        Ok(())
    }

    fn item(&mut self, what: &What<'_>, out: &mut Output) -> Result<(), String> {
        if self.is_over {
            return Err("scriptor has ended before this line: at `exit`".to_owned());
        }
        match what {
            What::Reset => out.line("reset"),
            What::Exchange(exchange) => {
                let line = command(&exchange.command)?;
                if exchange.expected != Expected::Anything {
                    out.lose("scriptor expects nothing: only `sw any` has a counterpart")?;
                }
                for comment in &exchange.comments {
                    self.comment(comment, out)?;
                }
                out.line(&line);
                if let Some(expected) = expectation(&exchange.expected) {
                    self.comment(&expected, out)?;
                }
            }
            What::Power(_) => return Err("scriptor can only reset a card".to_owned()),
            What::Wait(_) => return Err("scriptor cannot wait".to_owned()),
            What::Note(_) => return Err("scriptor has no notes".to_owned()),
            _ => return Err("scriptor shows the answer to reset and expects none".to_owned()),
        }
        Ok(())
    }
}
