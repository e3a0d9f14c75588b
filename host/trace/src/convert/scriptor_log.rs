//! What `scriptor` prints (pcsc-tools 1.6.2): with a file, its lines as well.
//!
//! ```text
//! Using T=1 protocol
//! > RESET
//! < OK: 3B 8D 80 01 ...
//! > 00 A4 04 00 07 F0 53 41 49 46 55 01 00
//! < 6F 19 84 07 F0 53 41 49 46 55 01 A5 0E 80 01 01      16 bytes a line
//! 81 01 05 90 00 : Normal processing.
//! ```

use super::build::Builder;
use super::words::{MAX_APDU_BYTES, Part, lines};
use crate::syntax::Diagnostic;
use crate::syntax::ast::{Statement, Trace};
use crate::syntax::source::{Source, Span};
use std::sync::Arc;

pub(super) fn read(source: &Arc<Source>) -> Result<Trace, Diagnostic> {
    let mut reader = Reader { trace: Builder::new(source), answer: None, is_answered: true };
    for line in lines(source) {
        reader.line(line)?;
    }
    match reader.answer {
        Some((begun, _)) => {
            Err(Diagnostic::new(begun, "the answer does not end: ` : ` is missing"))
        }
        None => Ok(reader.finish()),
    }
}

struct Reader {
    trace: Builder,
    /// Where an answer began that goes on, and its bytes up to here.
    answer: Option<(Span, Vec<u8>)>,
    is_answered: bool,
}

impl Reader {
    fn line(&mut self, line: Part<'_>) -> Result<(), Diagnostic> {
        if let Some((begun, bytes)) = self.answer.take() {
            return self.answer(begun, bytes, line);
        }
        if let Some(sent) = line.after("> ") {
            if sent.text == "RESET" {
                self.trace.statement(line.span(), Statement::Reset);
                return Ok(());
            }
            self.unanswered(line);
            self.trace.send(line.span(), sent.some_bytes()?);
            self.is_answered = false;
        } else if let Some(atr) = line.after("< OK:") {
            self.trace.atr(line.span(), &atr.some_bytes()?);
        } else if let Some(why) = line.after("< KO:") {
            self.trace.comment(&format!("the reset failed: {}", why.text));
        } else if let Some(answer) = line.after("< ") {
            if self.is_answered {
                return Err(line.refuse("an answer to no command"));
            }
            self.answer(line.span(), Vec::new(), answer)?;
        } else if let Some(comment) = line.text.strip_prefix('#') {
            self.trace.comment(comment);
        }
        Ok(())
    }

    fn answer(
        &mut self,
        begun: Span,
        mut bytes: Vec<u8>,
        line: Part<'_>,
    ) -> Result<(), Diagnostic> {
        let (part, is_all) = line.split(':').map_or((line, false), |(part, _)| (part, true));
        bytes.extend(part.bytes()?);
        if bytes.len() > MAX_APDU_BYTES {
            return Err(line.refuse(format!("an answer of more than {MAX_APDU_BYTES} bytes")));
        }
        if is_all {
            self.trace.came(begun, &bytes);
            self.is_answered = true;
        } else {
            self.answer = Some((begun, bytes));
        }
        Ok(())
    }

    /// Scriptor ends where no answer comes.
    fn unanswered(&mut self, line: Part<'_>) {
        if !self.is_answered {
            self.trace.came(line.span(), &[]);
        }
    }

    fn finish(mut self) -> Trace {
        if !self.is_answered {
            self.trace.comment("no answer to the last command in what scriptor printed");
        }
        self.trace.finish()
    }
}
