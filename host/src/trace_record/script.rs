//! The lines of a recording, one after the other.

use super::named;
use super::secrets::{Data, Secrets, Shown};
use saifu_trace::syntax::{self, Source, parse};
use saifu_wire::apdu::Command;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

/// The bytes of a status word.
const STATUS_BYTES: usize = 2;

/// What is known before the first command.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// When it begins, in UTC, as RFC 3339 has it.
    pub date: String,
    /// The reader, or what stands for it.
    pub reader: String,
    /// The program that talks to the card, if it is known; without its arguments, which may be
    /// nobody's business.
    pub program: Option<String>,
    /// The card that a run shall make before, as `card` in a trace has it: `test seed="A"`.
    pub card: Option<String>,
}

/// What is done with a card's power between two commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Power {
    Reset,
    Cycle,
}

/// Makes the lines of what passes. Each call gives whole lines, to be written at once.
#[derive(Debug)]
pub struct Script {
    secrets: Option<Secrets>,
    by_name: bool,
    /// What was done since the last command; before the first nothing is told of it: a run begins
    /// with a card that was reset.
    power: Option<Power>,
    atr: Option<Vec<u8>>,
    /// The last answer to reset that is in the file.
    told_atr: Option<Vec<u8>>,
    begun: bool,
    works: u32,
}

impl Script {
    /// Begins one without secrets, with commands by name.
    #[must_use]
    pub fn new() -> Self {
        Self {
            secrets: Some(Secrets::default()),
            by_name: true,
            power: None,
            atr: None,
            told_atr: None,
            begun: false,
            works: 0,
        }
    }

    /// The same with every byte, PINs and keys included.
    #[must_use]
    pub fn unredacted(self) -> Self {
        Self { secrets: None, ..self }
    }

    /// The same with all commands in hex.
    #[must_use]
    pub fn in_hex(self) -> Self {
        Self { by_name: false, ..self }
    }

    /// What stands before the first command.
    #[must_use]
    pub fn head(&self, head: &Head) -> String {
        let Head { date, reader, program, card } = head;
        let mut text = format!("# recorded {date}\n# reader {}\n", one_line(reader));
        text += match self.secrets {
            Some(_) => "# PINs are variables, other secrets are left out\n",
            None => "# with every secret that passed: keep it to yourself\n",
        };
        if let Some(card) = card {
            text += &format!("card {card}\n");
        }
        let title = one_line(program.as_deref().unwrap_or("a session"));
        settled(&(text + &format!("\nsection 1 \"{title}\"\n")))
    }

    /// The card was reset.
    pub fn reset(&mut self) {
        self.power = self.power.or(Some(Power::Reset));
    }

    /// The card lost its power, or got it.
    pub fn power(&mut self) {
        self.power = Some(Power::Cycle);
    }

    /// What the card says to a reset; it may be told as often as the reader asks.
    pub fn atr(&mut self, atr: &[u8]) {
        if self.atr.as_deref() != Some(atr) {
            self.atr = Some(atr.to_vec());
        }
    }

    /// The lines of a command, with what was done since the one before.
    pub fn command(&mut self, bytes: &[u8]) -> String {
        let mut text = self.since_the_last();
        let parsed = Command::parse(bytes).ok();
        let data = match &mut self.secrets {
            Some(secrets) => secrets.command(bytes, parsed.as_ref()),
            None => {
                Data::open(parsed.as_ref().map_or_else(|| &bytes[bytes.len().min(4)..], |c| c.data))
            }
        };
        for note in &data.notes {
            let _ = writeln!(text, "# {note}");
        }
        let line = named::line(bytes, parsed.as_ref(), &data.parts, self.by_name);
        let _ = writeln!(text, "{line}");
        settled(&text)
    }

    /// The lines of its answer, status word included.
    pub fn answer(&mut self, answer: &[u8]) -> String {
        let Some((data, status)) = answer.split_last_chunk::<STATUS_BYTES>() else {
            return self.lost("an answer without a status word");
        };
        let status = hex::encode_upper(status);
        let shown = self.secrets.as_ref().map_or(Shown::All, |secrets| secrets.answer(data.len()));
        let text = match shown {
            Shown::All if data.is_empty() => format!("< {status}\n"),
            Shown::All => format!("< {} {status}\n", named::hex(data)),
            Shown::Length => format!("< [{}] {status}\n", data.len()),
            Shown::Nothing => format!("< [*] {status}\n"),
            Shown::Digest => {
                self.works = self.works.saturating_add(1);
                let (work, bytes) = (self.works, data.len());
                let digest = named::hex(&Sha256::digest(data));
                format!("< work{work}:[{bytes}] {status}\nexpect sha256($work{work}) = {digest}\n")
            }
        };
        settled(&text)
    }

    /// The lines of an answer that never came, and why.
    pub fn lost(&mut self, why: &str) -> String {
        settled(&format!("lost # {}\n", one_line(why)))
    }

    fn since_the_last(&mut self) -> String {
        let power = self.power.take().filter(|_| self.begun);
        self.begun = true;
        let mut text = match power {
            Some(Power::Reset) => "\nreset\n".to_owned(),
            Some(Power::Cycle) => "\npower cycle\n".to_owned(),
            None => String::new(),
        };
        if self.told_atr != self.atr {
            if let Some(atr) = &self.atr {
                let _ = writeln!(text, "atr {}", named::hex(atr));
            }
            self.told_atr.clone_from(&self.atr);
        }
        text
    }
}

impl Default for Script {
    fn default() -> Self {
        Self::new()
    }
}

/// Lines in the form that `saifu trace fmt` gives them, a blank line before them kept.
fn settled(text: &str) -> String {
    let blank = if text.starts_with('\n') { "\n" } else { "" };
    let source = Source { path: PathBuf::new(), text: text.to_owned() };
    match parse(Arc::new(source)) {
        Ok(trace) => format!("{blank}{}", syntax::format(&trace).trim_start_matches('\n')),
        // What is no line of a trace is shown as it is, and found when the trace is read.
        Err(_) => text.to_owned(),
    }
}

/// A text without what ends a line or a quotation.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '"' | '\\') { '_' } else { c }).collect()
}

#[cfg(test)]
mod tests;
