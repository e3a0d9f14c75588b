//! Statements to text.

use super::{Dialect, KEPT, KEPT_LINES};
use crate::convert::plain::{Exchange, Expected, What};
use crate::convert::write::{Output, Write, expectation};
use crate::syntax::ast::Power;
use saifu_wire::apdu::Command;

/// Writes a script.
pub(in crate::convert) struct Writer {
    dialect: Dialect,
    is_extended: bool,
}

/// The Le of the development kit's own examples.
const USUAL_LE: &str = "0x7F";

impl Writer {
    pub(in crate::convert) fn apdutool() -> Self {
        Self { dialect: Dialect::Apdutool, is_extended: false }
    }

    pub(in crate::convert) fn jcardsim() -> Self {
        Self { dialect: Dialect::JCardSim, is_extended: false }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, out: &mut Output) -> Result<(), String> {
        let (line, is_extended) = self.command(&exchange.command, out)?;
        if exchange.expected != Expected::Anything {
            out.lose("a script expects nothing: only `sw any` has a counterpart")?;
        }
        for comment in &exchange.comments {
            self.comment(comment, out)?;
        }
        if is_extended != self.is_extended {
            out.line(if is_extended { "extended on;" } else { "extended off;" });
            self.is_extended = is_extended;
        }
        out.line(&line);
        match expectation(&exchange.expected) {
            Some(expected) => self.comment(&expected, out),
            None => Ok(()),
        }
    }

    /// The statement, and whether it is in extended form.
    fn command(&self, bytes: &[u8], out: &Output) -> Result<(String, bool), String> {
        let parsed = Command::parse(bytes).ok().filter(|parsed| parsed.to_bytes() == bytes);
        let command = parsed.ok_or("a script has Lc and Le as ISO/IEC 7816-4 writes them")?;
        let is_short = Command { extended: false, ..command }.to_bytes() == bytes;
        match self.dialect {
            Dialect::JCardSim if is_short => {
                let le = command.le.map_or("0x00".to_owned(), number);
                Ok((counted(&command, &le), false))
            }
            Dialect::JCardSim => Err("jCardSim makes a command extended only where it must".into()),
            Dialect::Apdutool if command.extended => {
                let all: Vec<_> = bytes.iter().map(|byte| number(usize::from(*byte))).collect();
                Ok((format!("{};", all.join(" ")), true))
            }
            Dialect::Apdutool => {
                let le = match command.le {
                    None => "0x00".to_owned(),
                    Some(256) => {
                        out.lose("a script cannot ask for 256 bytes: ask for 127 with le=127")?;
                        USUAL_LE.to_owned()
                    }
                    Some(le) => number(le),
                };
                Ok((counted(&command, &le), false))
            }
        }
    }

    fn power(&self, power: Power, out: &mut Output) {
        if power != Power::On {
            out.line("powerdown;");
        }
        if power != Power::Off {
            out.line("powerup;");
        }
    }

    /// What jCardSim does not take; it would take the next command for a part of it.
    fn apdutool_alone(&self, line: &str, out: &mut Output) -> Result<(), String> {
        if self.dialect == Dialect::JCardSim {
            return Err("a script of jCardSim has commands and power alone".to_owned());
        }
        out.line(line);
        Ok(())
    }
}

fn number(number: usize) -> String {
    format!("0x{number:02X}")
}

/// CLA INS P1 P2 Lc data Le: in one line, for jCardSim joins lines without a space.
fn counted(command: &Command<'_>, le: &str) -> String {
    let Command { cla, ins, p1, p2, data, .. } = command;
    let header = [*cla, *ins, *p1, *p2].map(|byte| number(usize::from(byte)));
    let data = data.iter().map(|byte| number(usize::from(*byte)));
    let all = header.into_iter().chain([number(command.data.len())]).chain(data);
    format!("{} {le};", all.collect::<Vec<_>>().join(" "))
}

impl Write for Writer {
    fn comment(&mut self, text: &str, out: &mut Output) -> Result<(), String> {
        let kept = text.strip_prefix('~').and_then(|text| text.strip_prefix(KEPT));
        let kept = kept.and_then(|kept| kept.trim().strip_suffix(';'));
        match kept.filter(|kept| KEPT_LINES.contains(kept)) {
            Some("contacted") => out.line("contacted;"),
            Some(kept) if self.dialect == Dialect::Apdutool => out.line(&format!("{kept};")),
            _ => out.line(format!("// {text}").trim_end()),
        }
        Ok(())
    }

    fn item(&mut self, what: &What<'_>, out: &mut Output) -> Result<(), String> {
        match what {
            What::Exchange(exchange) => self.exchange(exchange, out)?,
            What::Power(power) => self.power(*power, out),
            What::Reset => {
                out.lose("a script has power on and off, and no reset")?;
                self.power(Power::Cycle, out);
            }
            What::Note(text) if text.contains('"') => {
                return Err("an echo cannot hold a quotation mark".to_owned());
            }
            What::Note(text) => self.apdutool_alone(&format!("echo \"{text}\";"), out)?,
            What::Wait(milliseconds) => {
                self.apdutool_alone(&format!("delay {milliseconds};"), out)?;
            }
            _ => return Err("a script does not look at the answer to reset".to_owned()),
        }
        Ok(())
    }
}
