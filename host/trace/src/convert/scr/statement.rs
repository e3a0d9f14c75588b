//! What a statement of a script says.

use super::{Dialect, KEPT, KEPT_LINES, Loss};
use crate::convert::build::Builder;
use crate::convert::words::{Part, on_line};
use crate::syntax::Diagnostic;
use crate::syntax::ast::{Power, Statement, Trace};
use crate::syntax::source::Source;
use saifu_wire::apdu::Command;
use std::collections::HashMap;
use std::sync::Arc;

/// The most words that a `#define` may stand for, and the most of them.
const MAX_DEFINED: usize = 1_000;
/// The longest wait that a trace has, in milliseconds.
const MAX_WAIT_MS: u64 = 60_000;
const AID: &str = "//aid/";

/// What a script has said so far.
pub(super) struct Statements {
    pub(super) trace: Builder,
    dialect: Dialect,
    loss: Loss,
    is_extended: bool,
    defined: HashMap<String, Vec<String>>,
}

impl Statements {
    pub(super) fn new(source: &Arc<Source>, dialect: Dialect, loss: Loss) -> Self {
        let trace = Builder::new(source);
        Self { trace, dialect, loss, is_extended: false, defined: HashMap::new() }
    }

    pub(super) fn finish(self) -> Trace {
        self.trace.finish()
    }

    /// `#define NAME WORDS`
    pub(super) fn directive(&mut self, line: Part<'_>) -> Result<(), Diagnostic> {
        let mut words = line.words().map(|word| word.text.to_owned());
        match (words.next().as_deref(), words.next()) {
            (Some("#define"), Some(name)) if self.dialect == Dialect::Apdutool => {
                let value: Vec<_> = words.take(MAX_DEFINED + 1).collect();
                if value.is_empty() || value.len() > MAX_DEFINED {
                    return Err(line.refuse(format!("a name stands for 1 to {MAX_DEFINED} words")));
                }
                if self.defined.len() >= MAX_DEFINED {
                    return Err(line.refuse(format!("more than {MAX_DEFINED} names")));
                }
                self.defined.insert(name, value);
                Ok(())
            }
            _ => Err(line.refuse("not `#define NAME WORDS`, the only directive that is known")),
        }
    }

    pub(super) fn statement(
        &mut self,
        end: Part<'_>,
        words: &[Part<'_>],
    ) -> Result<(), Diagnostic> {
        let Some(first) = words.first() else { return Ok(()) };
        let whole = first.first(first.text.len());
        let words = self.replaced(words)?;
        let texts: Vec<_> = words.iter().map(|(_, text)| text.as_str()).collect();
        match self.simple(whole, &texts) {
            Some(done) => done,
            None if texts[0].starts_with(|c: char| c.is_ascii_digit()) => self.command(&words),
            None => {
                let why = format!("`{}` has no counterpart in a trace", texts.join(" "));
                let line = on_line(end.source, whole.line, "").span;
                self.lose(Diagnostic::new(line, why), &texts)
            }
        }
    }

    fn lose(&mut self, refusal: Diagnostic, words: &[&str]) -> Result<(), Diagnostic> {
        match self.loss {
            Loss::Refuse => Err(refusal),
            Loss::Comment => {
                self.trace.lost(&words.join(" "));
                Ok(())
            }
        }
    }

    /// The words with what was defined in their place.
    fn replaced<'t>(&self, words: &[Part<'t>]) -> Result<Vec<(Part<'t>, String)>, Diagnostic> {
        let mut replaced = Vec::new();
        for word in words {
            match self.defined.get(word.text) {
                None => replaced.push((*word, word.text.to_owned())),
                Some(value) => replaced.extend(value.iter().map(|text| (*word, text.clone()))),
            }
            if replaced.len() > 70_000 {
                return Err(word.refuse("too long once its names are replaced"));
            }
        }
        Ok(replaced)
    }

    /// What is no command of a card.
    fn simple(&mut self, place: Part<'_>, words: &[&str]) -> Option<Result<(), Diagnostic>> {
        let lower: Vec<_> = words.iter().take(3).map(|word| word.to_ascii_lowercase()).collect();
        let lower: Vec<_> = lower.iter().map(String::as_str).collect();
        match lower[..] {
            ["powerup"] => {
                self.trace.statement(place.span(), Statement::Power(Power::On));
            }
            ["powerdown"] => {
                self.trace.statement(place.span(), Statement::Power(Power::Off));
            }
            ["extended", on @ ("on" | "off")] if self.dialect == Dialect::Apdutool => {
                self.is_extended = on == "on";
            }
            ["echo", _] if words[1].starts_with('"') => {
                self.trace.note(place.span(), words[1].trim_matches('"'));
            }
            ["delay", number] => return Some(self.delay(place, number)),
            ["select", _] => return Some(self.select(place, words[1])),
            _ if KEPT_LINES.contains(&&*lower.join(" ")) => {
                self.trace.kept(KEPT, &format!("{};", lower.join(" ")));
            }
            _ => return None,
        }
        Some(Ok(()))
    }

    fn delay(&mut self, place: Part<'_>, number: &str) -> Result<(), Diagnostic> {
        match number.parse() {
            Ok(milliseconds) if milliseconds <= MAX_WAIT_MS => {
                self.trace.wait(place, milliseconds);
                Ok(())
            }
            _ => Err(place.refuse(format!("a trace waits at most {MAX_WAIT_MS} milliseconds"))),
        }
    }

    /// `//aid/A000000062/03010C0102`
    fn select(&mut self, place: Part<'_>, aid: &str) -> Result<(), Diagnostic> {
        let digits = aid.strip_prefix(AID).map(|aid| aid.replace('/', ""));
        let aid = digits.and_then(|digits| hex::decode(digits).ok());
        let Some(aid) = aid.filter(|aid| (5..=16).contains(&aid.len())) else {
            return Err(place.refuse(format!("no name of an application: `{AID}RID/PIX`")));
        };
        let le = Some(0x7F);
        let (cla, ins, p1, p2, extended) = (0x00, 0xA4, 0x04, 0x00, false);
        let select = Command { cla, ins, p1, p2, data: &aid, le, extended };
        self.trace.send(place.span(), select.to_bytes());
        self.trace.anything(place.span());
        Ok(())
    }

    fn command(&mut self, words: &[(Part<'_>, String)]) -> Result<(), Diagnostic> {
        let mut numbers = Vec::with_capacity(words.len());
        for (place, text) in words {
            numbers.push(number(*place, text)?);
        }
        let place = words[0].0;
        let bytes = match (self.is_extended, self.dialect) {
            (true, _) => as_they_stand(words, &numbers)?,
            (false, dialect) => counted(words, &numbers, dialect)?,
        };
        self.trace.send(place.span(), bytes);
        self.trace.anything(place.span());
        Ok(())
    }
}

fn number(place: Part<'_>, text: &str) -> Result<u32, Diagnostic> {
    let lower = text.to_ascii_lowercase();
    let (digits, radix) = lower.strip_prefix("0x").map_or((&*lower, 10), |digits| (digits, 16));
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_alphanumeric());
    let number = is_number.then(|| u32::from_str_radix(digits, radix).ok()).flatten();
    number
        .filter(|number| *number <= 65_536)
        .ok_or_else(|| place.refuse("not a number such as 0xA4 or 164"))
}

fn byte(place: Part<'_>, number: u32) -> Result<u8, Diagnostic> {
    u8::try_from(number).map_err(|_| place.refuse("more than a byte: 0xFF at most"))
}

fn bytes(words: &[(Part<'_>, String)], numbers: &[u32]) -> Result<Vec<u8>, Diagnostic> {
    words.iter().zip(numbers).map(|((place, _), number)| byte(*place, *number)).collect()
}

/// With `extended on`: a command of the standard's extended form, byte by byte.
fn as_they_stand(words: &[(Part<'_>, String)], numbers: &[u32]) -> Result<Vec<u8>, Diagnostic> {
    let bytes = bytes(words, numbers)?;
    match Command::parse(&bytes) {
        Ok(_) => Ok(bytes),
        Err(wrong) => Err(words[0].0.refuse(format!("no command of ISO/IEC 7816-4: {wrong}"))),
    }
}

/// CLA INS P1 P2 Lc data Le.
fn counted(
    words: &[(Part<'_>, String)],
    numbers: &[u32],
    dialect: Dialect,
) -> Result<Vec<u8>, Diagnostic> {
    let place = words[0].0;
    let lc = match numbers.get(4) {
        Some(lc) if dialect == Dialect::JCardSim && *lc <= 65_535 => *lc,
        Some(lc) => u32::from(byte(words[4].0, *lc)?),
        None => return Err(place.refuse("CLA INS P1 P2 Lc data Le: Lc is missing")),
    };
    let lc = lc as usize;
    if words.len() != lc + 6 {
        let there = words.len() - 5;
        let why = format!("CLA INS P1 P2 Lc data Le: Lc says {lc}, and {there} follow with Le");
        return Err(place.refuse(why));
    }
    let header = bytes(&words[..4], &numbers[..4])?;
    let data = bytes(&words[5..lc + 5], &numbers[5..lc + 5])?;
    let le = match (numbers[lc + 5], dialect) {
        (0, _) => None,
        (le, Dialect::JCardSim) => Some(le as usize),
        (le, Dialect::Apdutool) => Some(usize::from(byte(words[lc + 5].0, le)?)),
    };
    let [cla, ins, p1, p2] = [header[0], header[1], header[2], header[3]];
    Ok(Command { cla, ins, p1, p2, data: &data, le, extended: false }.to_bytes())
}
