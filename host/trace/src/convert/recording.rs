//! Recordings of the emulator: `saifu-card run --record FILE`, in plain text.
//!
//! ```text
//! # saifu-card recording 1, begun 1795408200.000000 s after 1970
//! = power on @0.000120
//! = atr 3B8D80... @0.000310
//! > 00A4040007F053414946550100 @0.001200
//! < 6F098407F05341494655019000 @0.001275
//! > 00200081[redacted] @0.002000        secret: what is left out must be filled in
//! < [redacted]9000 @0.002300
//! = silence @0.004                      no answer came
//! ```
//! What was left out of a command becomes a variable: `$pin` for the PIN of VERIFY, else
//! `$redacted_1` and so on, which stands for everything behind P2. A comment before the command
//! says how to give it.

use super::build::Builder;
use super::words::{Part, lines};
use crate::syntax::Diagnostic;
use crate::syntax::ast::{Expect, Piece, Power, Statement, Trace};
use crate::syntax::source::{At, Source, Span};
use std::sync::Arc;

const REDACTED: &str = "[redacted]";
const VERIFY: u8 = 0x20;

pub(super) fn read(source: &Arc<Source>) -> Result<Trace, Diagnostic> {
    let mut reader = Reader { trace: Builder::new(source), open: None, left_out: 0 };
    for line in lines(source) {
        reader.line(line)?;
    }
    reader.lost();
    Ok(reader.trace.finish())
}

struct Reader {
    trace: Builder,
    open: Option<Span>,
    /// How many commands lack something, so far.
    left_out: u32,
}

impl Reader {
    fn line(&mut self, line: Part<'_>) -> Result<(), Diagnostic> {
        let said = match line.text.rfind(" @") {
            Some(at) if !line.text.starts_with('#') => line.first(at),
            _ => line,
        };
        if let Some(command) = said.after("> ") {
            self.lost();
            self.command(command)?;
            self.open = Some(command.span());
        } else if let Some(answer) = said.after("< ") {
            self.answer(answer)?;
        } else if let Some(happened) = said.after("= ") {
            self.happened(happened)?;
        } else if let Some(comment) = said.after("#") {
            self.trace.comment(comment.text);
        } else if !said.text.trim().is_empty() {
            return Err(said.refuse("not a line of a recording: it begins with > < = or #"));
        }
        Ok(())
    }

    fn command(&mut self, part: Part<'_>) -> Result<(), Diagnostic> {
        let Some(shown) = part.text.strip_suffix(REDACTED) else {
            self.trace.send(part.span(), part.some_bytes()?);
            return Ok(());
        };
        let header = part.first(shown.len()).some_bytes()?;
        let piece = |it| At { it, span: part.span() };
        let body = if matches!(header[..], [cla, VERIFY, ..] if cla & 0xEC == 0) {
            let fill = "the PIN was left out: --set pin=..., or SAIFU_PIN in the environment";
            self.trace.comment(fill);
            Piece::Counted(vec![piece(Piece::Variable("pin".to_owned()))])
        } else {
            self.left_out += 1;
            let name = format!("redacted_{}", self.left_out);
            let fill = format!("left out: say what stood behind P2 with --set {name}=0x...");
            self.trace.comment(&fill);
            Piece::Variable(name)
        };
        self.trace.send_pieces(part.span(), vec![piece(Piece::Hex(header)), piece(body)]);
        Ok(())
    }

    fn answer(&mut self, part: Part<'_>) -> Result<(), Diagnostic> {
        if self.open.take().is_none() {
            return Err(part.refuse("an answer to no command"));
        }
        match part.after(REDACTED) {
            None => self.trace.came(part.span(), &part.bytes()?),
            Some(status) => {
                let bytes = status.bytes()?;
                let status = bytes.try_into().map_err(|_| status.refuse("no status word"))?;
                self.trace.comment("the data was left out");
                self.trace.status(part.span(), status);
            }
        }
        Ok(())
    }

    fn happened(&mut self, part: Part<'_>) -> Result<(), Diagnostic> {
        if let Some(atr) = part.after("atr ") {
            self.trace.atr(part.span(), &atr.some_bytes()?);
            return Ok(());
        }
        let statement = match part.text {
            "power on" => Statement::Power(Power::On),
            "power off" => Statement::Power(Power::Off),
            "reset" => Statement::Reset,
            other => {
                if is_no_answer(other) {
                    self.lost();
                }
                self.trace.comment(other);
                return Ok(());
            }
        };
        self.lost();
        self.trace.statement(part.span(), statement);
        Ok(())
    }

    /// The command before has got no answer.
    fn lost(&mut self) {
        if let Some(open) = self.open.take() {
            self.trace.expect(open, Expect::Lost);
        }
    }
}

fn is_no_answer(what: &str) -> bool {
    matches!(what, "silence" | "gone") || what.starts_with("pulled ") || what.starts_with("cut ")
}
