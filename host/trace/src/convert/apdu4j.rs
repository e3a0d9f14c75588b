//! Dumps of apdu4j, which it replays as a card: `DumpingBIBO` and `DumpFormat` of
//! martinpaljak/apdu4j as of version 26.04.20, and those of its `APDUReplayProvider` before.
//!
//! ```text
//! # ATR: 3BF91300008131FE454A434F503234325232A3     what the card said at reset
//! # PROTOCOL: T=1                                    a comment here and there
//! #
//! 00A40400                                           a command
//! # 42ms                                             comments anywhere
//! 9000                                               its answer: exactly that
//! ```
//! A command that failed, `# 42ms what went wrong` behind it, has no answer; apdu4j itself
//! takes the next line for one.

use super::build::Builder;
use super::plain::{Expected, What, exact, only};
use super::words::{Part, lines};
use super::write::{Output, Write};
use crate::syntax::Diagnostic;
use crate::syntax::ast::{Expect, Trace};
use crate::syntax::source::{Source, Span};
use std::sync::Arc;

const ATR: &str = "# ATR: ";

pub(super) fn read(source: &Arc<Source>) -> Result<Trace, Diagnostic> {
    let mut reader = Reader { trace: Builder::new(source), open: None };
    for line in lines(source) {
        reader.line(line)?;
    }
    match reader.open {
        Some(open) => Err(Diagnostic::new(open, "the last command has no answer")),
        None => Ok(reader.trace.finish()),
    }
}

struct Reader {
    trace: Builder,
    /// The command whose answer comes next.
    open: Option<Span>,
}

impl Reader {
    fn line(&mut self, line: Part<'_>) -> Result<(), Diagnostic> {
        let line = line.trim();
        if let Some(atr) = line.after(ATR) {
            self.trace.atr(atr.span(), &atr.some_bytes()?);
        } else if let Some(comment) = line.text.strip_prefix('#') {
            self.comment(line, comment.trim());
        } else if line.text.is_empty() {
            self.trace.blank();
        } else if self.open.take().is_some() {
            let bytes = line.bytes()?;
            if bytes.len() < 2 {
                return Err(line.refuse("an answer ends with a status word of two bytes"));
            }
            self.trace.came(line.span(), &bytes);
        } else {
            self.trace.send(line.span(), line.bytes()?);
            self.open = Some(line.span());
        }
        Ok(())
    }

    fn comment(&mut self, line: Part<'_>, text: &str) {
        self.trace.comment(text);
        if self.open.is_some() && is_failure(text) {
            self.open = None;
            self.trace.expect(line.span(), Expect::Lost);
        }
    }
}

/// `42ms` and why; a time alone is that of an answer.
fn is_failure(comment: &str) -> bool {
    let Some((time, why)) = comment.split_once(' ') else { return false };
    let number = time.strip_suffix("ms").unwrap_or_default();
    !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) && !why.trim().is_empty()
}

/// Writes a dump.
pub(super) struct Writer;

impl Write for Writer {
    fn comment(&mut self, text: &str, out: &mut Output) -> Result<(), String> {
        if format!("# {text}").starts_with(ATR) {
            return Err("apdu4j takes this comment for the answer to reset".to_owned());
        }
        out.line(format!("# {text}").trim_end());
        Ok(())
    }

    fn item(&mut self, what: &What<'_>, out: &mut Output) -> Result<(), String> {
        match what {
            What::Atr(digits) => {
                let atr = exact(digits).ok_or("a dump has a whole answer to reset")?;
                out.line(&format!("{ATR}{}", hex::encode_upper(atr)));
            }
            What::Exchange(exchange) => {
                let answer = answer(&exchange.expected)?;
                if exchange.command.is_empty() {
                    return Err("no bytes to send".to_owned());
                }
                out.line(&hex::encode_upper(&exchange.command));
                for comment in &exchange.comments {
                    if is_failure(comment) {
                        return Err("this comment says in a dump that no answer came".to_owned());
                    }
                    self.comment(comment, out)?;
                }
                out.line(&hex::encode_upper(answer));
            }
            _ => return Err("a dump of apdu4j has commands and their answers alone".to_owned()),
        }
        Ok(())
    }
}

fn answer(expected: &Expected) -> Result<Vec<u8>, String> {
    let Expected::Answer { data: Some(data), status } = expected else {
        return Err("a dump of apdu4j has the whole answer to each command".to_owned());
    };
    let data = exact(data).ok_or("a dump of apdu4j has answers without `X`")?;
    let status = only(status).ok_or("a dump of apdu4j has one status word for each command")?;
    Ok([&data[..], &status].concat())
}
