//! Statements to text, in the shape that annex B.4 asks for.

use super::{KEPT, is_foreign};
use crate::convert::plain::{Exchange, Expected, What};
use crate::convert::words::spaced;
use crate::convert::write::{Output, Write, digits};
use crate::syntax::ast::{Power, StatusSet};

/// Writes a script.
pub(in crate::convert) struct Writer;

/// CLA INS P1 P2 P3.
const HEADER_BYTES: usize = 5;
/// Bytes in a line of data.
const LINE_BYTES: usize = 16;

impl Writer {
    fn exchange(&mut self, exchange: &Exchange<'_>, out: &mut Output) -> Result<(), String> {
        let command = &exchange.command;
        if command.is_empty() {
            return Err("no bytes to send".to_owned());
        }
        let (header, data) = command.split_at(command.len().min(HEADER_BYTES));
        let mut lines = vec![format!("CMD {}", spaced(header))];
        lines.extend(data.chunks(LINE_BYTES).map(spaced));
        match &exchange.expected {
            Expected::Anything => {}
            Expected::Lost => return Err("a script cannot expect that no answer comes".to_owned()),
            Expected::Answer { data, status } => {
                if let Some(data) = data {
                    lines.extend(response(data)?);
                }
                if let StatusSet::Of(words) = status {
                    lines.push(format!("({})", statuses(words)));
                }
            }
        }
        for comment in &exchange.comments {
            self.comment(comment, out)?;
        }
        out.line(&lines.join(" \\\n"));
        Ok(())
    }
}

/// `[10 A0 XX]`, 16 bytes a line.
fn response(data: &[Option<u8>]) -> Result<Vec<String>, String> {
    let bytes: Vec<_> = data.chunks_exact(2).map(digits).collect();
    if bytes.iter().any(|byte| byte.contains('X') && byte != "XX") {
        return Err("a script leaves open whole bytes of data: not a digit of one".to_owned());
    }
    let mut lines: Vec<_> = bytes.chunks(LINE_BYTES).map(|line| line.join(" ")).collect();
    match lines.as_mut_slice() {
        [] => lines.push("[]".to_owned()),
        [first, ..] => {
            first.insert(0, '[');
            lines.last_mut().into_iter().for_each(|last| last.push(']'));
        }
    }
    Ok(lines)
}

/// `91 33, 69 XX`
fn statuses(words: &[[Option<u8>; 4]]) -> String {
    let word = |word: &[Option<u8>; 4]| format!("{} {}", digits(&word[..2]), digits(&word[2..]));
    words.iter().map(word).collect::<Vec<_>>().join(", ")
}

impl Write for Writer {
    fn comment(&mut self, text: &str, out: &mut Output) -> Result<(), String> {
        let kept = text.strip_prefix('~').and_then(|text| text.strip_prefix(KEPT));
        let foreign = |kept: &&str| kept.split_whitespace().next().is_some_and(is_foreign);
        match kept.map(str::trim).filter(foreign) {
            Some(kept) => out.line(kept),
            None => out.line(format!("REM {text}").trim_end()),
        }
        Ok(())
    }

    fn item(&mut self, what: &What<'_>, out: &mut Output) -> Result<(), String> {
        match what {
            What::Exchange(exchange) => return self.exchange(exchange, out),
            What::Reset => out.line("RST"),
            What::Power(Power::Off) => out.line("OFF"),
            What::Power(power) => {
                out.lose("a script powers on with RST alone, which resets: use `reset`")?;
                if *power == Power::Cycle {
                    out.line("OFF");
                }
                out.line("RST");
            }
            What::Atr(_) => return Err("a script does not look at the answer to reset".to_owned()),
            What::Wait(_) => return Err("a script cannot wait".to_owned()),
            _ => return Err("a script has remarks, and no notes in a report".to_owned()),
        }
        Ok(())
    }
}
