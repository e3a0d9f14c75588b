//! Text to statements.

use super::command::{self, Command};
use super::{KEPT, is_foreign};
use crate::convert::Loss;
use crate::convert::build::Builder;
use crate::convert::words::{Part, lines};
use crate::syntax::Diagnostic;
use crate::syntax::ast::{Expect, Match, Piece, Power, Statement, StatusSet, Trace};
use crate::syntax::source::{At, Source, Span};
use saifu_wire::apdu;
use std::sync::Arc;

pub(in crate::convert) fn read(source: &Arc<Source>, loss: Loss) -> Result<Trace, Diagnostic> {
    let mut reader = Reader { trace: Builder::new(source), loss, braces: 0 };
    let mut parts: Vec<Part<'_>> = Vec::new();
    for line in lines(source) {
        if let Some(text) = line.text.trim_end().strip_suffix('\\') {
            parts.push(line.first(text.len()));
            continue;
        }
        parts.push(line);
        reader.statement(&std::mem::take(&mut parts))?;
    }
    match parts.first() {
        Some(begun) => Err(begun.refuse("the file ends before this statement does")),
        None => Ok(reader.trace.finish()),
    }
}

/// Digits in a word of data.
const WORD_DIGITS: usize = 32;

struct Reader {
    trace: Builder,
    loss: Loss,
    /// How deep in `SWI` that is passed over.
    braces: usize,
}

impl Reader {
    /// A statement: one line, or those that go on.
    fn statement(&mut self, parts: &[Part<'_>]) -> Result<(), Diagnostic> {
        let whole = parts[0].trim();
        if self.braces > 0 {
            self.in_switch(parts);
            return Ok(());
        }
        let Some(word) = parts.iter().find_map(|part| part.words().next()) else {
            self.trace.blank();
            return Ok(());
        };
        let rest = behind(parts, word);
        match word.text.to_ascii_uppercase().as_str() {
            "REM" => self.trace.comment(&joined(&rest)),
            "RST" => self.alone(&rest, word, Statement::Reset)?,
            "OFF" => self.alone(&rest, word, Statement::Power(Power::Off))?,
            "CMD" => {
                let command = command::read(whole, &rest)?;
                self.command(whole.span(), command);
            }
            "INI" => self.init(whole, &rest)?,
            "SWI" => self.switch(whole, parts)?,
            _ if is_foreign(word.text) => self.trace.kept(KEPT, &joined(parts)),
            _ => {
                let why = "RST, INI, OFF, CMD, REM, SWI or three other characters begin a line";
                return Err(word.refuse(why));
            }
        }
        Ok(())
    }

    fn alone(
        &mut self,
        rest: &[Part<'_>],
        word: Part<'_>,
        it: Statement,
    ) -> Result<(), Diagnostic> {
        match rest.iter().find_map(|part| part.words().next()) {
            Some(more) => Err(more.refuse(format!("nothing stands behind {}", word.text))),
            None => {
                self.trace.statement(word.span(), it);
                Ok(())
            }
        }
    }

    fn command(&mut self, place: Span, command: Command) {
        self.trace.send(place.clone(), command.bytes);
        let word =
            |word: &[Option<u8>]| At { it: Match::Digits(word.to_vec()), span: place.clone() };
        let data =
            command.response.map(|digits| digits.chunks(WORD_DIGITS).map(word).collect::<Vec<_>>());
        let status =
            command.status.map(|words| At { it: StatusSet::Of(words), span: place.clone() });
        match (data, status) {
            (None, None) => self.trace.anything(place),
            (None, Some(status)) => self.trace.expect(place, Expect::Status(status)),
            (Some(data), Some(status)) => {
                self.trace.expect(place, Expect::Answer { data, status });
            }
            (Some(data), None) => {
                let none = || At { it: Match::Value(Piece::Text(Vec::new())), span: place.clone() };
                let data = if data.is_empty() { vec![none()] } else { data };
                self.trace.expect(place.clone(), Expect::Data(data));
                self.trace.anything(place);
            }
        }
    }

    fn init(&mut self, whole: Part<'_>, rest: &[Part<'_>]) -> Result<(), Diagnostic> {
        let profile = command::read_bytes(whole, rest)?;
        if profile.is_empty() || profile.len() > 255 {
            return Err(whole.refuse("a terminal profile has 1 to 255 bytes"));
        }
        if self.loss == Loss::Refuse {
            let why = "INI fetches until the card has nothing more, which a trace cannot; \
                       --lossy sends its TERMINAL PROFILE alone";
            return Err(whole.refuse(why));
        }
        self.trace.comment("INI: FETCH and TERMINAL RESPONSE behind it are not sent");
        let (cla, ins, p1, p2) = (0xA0, 0x10, 0x00, 0x00);
        let command = apdu::Command { cla, ins, p1, p2, data: &profile, le: None, extended: false };
        self.trace.send(whole.span(), command.to_bytes());
        let nine = |rest: [Option<u8>; 3]| [Some(9), rest[0], rest[1], rest[2]];
        let done = nine([Some(0), Some(0), Some(0)]);
        let pending = nine([Some(1), None, None]);
        let status = At { it: StatusSet::Of(vec![done, pending]), span: whole.span() };
        self.trace.expect(whole.span(), Expect::Status(status));
        Ok(())
    }

    fn switch(&mut self, whole: Part<'_>, parts: &[Part<'_>]) -> Result<(), Diagnostic> {
        if self.loss == Loss::Refuse {
            return Err(whole.refuse("SWI goes on by what a card answers, which a trace cannot"));
        }
        if !parts.iter().any(|part| part.text.contains('{')) {
            return Err(whole.refuse("`{` is missing behind SWI"));
        }
        self.in_switch(parts);
        Ok(())
    }

    /// Passes over what stands in braces.
    fn in_switch(&mut self, parts: &[Part<'_>]) {
        self.trace.lost(&joined(parts));
        for sign in parts.iter().flat_map(|part| part.text.chars()) {
            match sign {
                '{' => self.braces += 1,
                '}' => self.braces = self.braces.saturating_sub(1),
                _ => {}
            }
        }
    }
}

/// What stands behind the first word.
fn behind<'t>(parts: &[Part<'t>], word: Part<'t>) -> Vec<Part<'t>> {
    let from = word.from + word.text.len();
    let same = |part: &&Part<'_>| part.line >= word.line;
    let cut = |part: &Part<'t>| match part.line == word.line {
        true => part.skip(from - part.from),
        false => *part,
    };
    parts.iter().filter(same).map(cut).collect()
}

fn joined(parts: &[Part<'_>]) -> String {
    let texts: Vec<_> = parts.iter().map(|part| part.text.trim()).collect();
    texts.join(" ").trim().to_owned()
}
