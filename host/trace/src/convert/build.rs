//! Puts a trace together, line by line.

use super::words::{Part, told};
use crate::syntax::ast::{
    Expect, Form, Line, Match, Piece, Send, Statement, StatusSet, Trace, Value,
};
use crate::syntax::source::{At, Source, Span};
use saifu_wire::apdu::Command;
use std::sync::Arc;

/// A trace that grows.
pub(super) struct Builder {
    source: Arc<Source>,
    lines: Vec<Line>,
}

impl Builder {
    pub(super) fn new(source: &Arc<Source>) -> Self {
        Self { source: Arc::clone(source), lines: Vec::new() }
    }

    pub(super) fn finish(self) -> Trace {
        Trace { source: self.source, lines: self.lines }
    }

    pub(super) fn blank(&mut self) {
        self.lines.push(Line { statement: None, comment: None });
    }

    pub(super) fn comment(&mut self, text: &str) {
        let text = told(text);
        let comment = if text.is_empty() { text } else { format!(" {text}") };
        self.lines.push(Line { statement: None, comment: Some(comment) });
    }

    /// A line of one format alone, which changes nothing of what the card gets: a comment, from
    /// which the same format has it back.
    pub(super) fn kept(&mut self, format: &str, text: &str) {
        self.comment(&format!("~{format} {}", told(text)));
    }

    /// A line whose counterpart is missing.
    pub(super) fn lost(&mut self, text: &str) {
        self.comment(&format!("(no counterpart) {}", told(text)));
    }

    pub(super) fn statement(&mut self, place: Span, it: Statement) {
        self.lines.push(Line { statement: Some(At { it, span: place }), comment: None });
    }

    pub(super) fn send(&mut self, place: Span, bytes: Vec<u8>) {
        let piece = |bytes: &[u8]| At { it: Piece::Hex(bytes.to_vec()), span: place.clone() };
        let pieces = words_of(&bytes).into_iter().map(piece).collect();
        self.send_pieces(place, pieces);
    }

    pub(super) fn send_pieces(&mut self, place: Span, pieces: Vec<At<Piece>>) {
        let form = Form::Bytes(pieces);
        let send = Send { form, follow: false, secure: false, timed_as: None };
        self.statement(place, Statement::Send(send));
    }

    pub(super) fn expect(&mut self, place: Span, expect: Expect) {
        self.statement(place, Statement::Expect(expect));
    }

    /// That anything may come.
    pub(super) fn anything(&mut self, place: Span) {
        let status = At { it: StatusSet::Any, span: place.clone() };
        self.expect(place, Expect::Status(status));
    }

    /// Exactly this data and status word.
    pub(super) fn answer(&mut self, place: Span, data: &[u8], status: [u8; 2]) {
        let data = digits(&place, data);
        let status = At { it: StatusSet::Of(vec![word(status)]), span: place.clone() };
        self.expect(place, Expect::Answer { data, status });
    }

    /// This status word, whatever the data.
    pub(super) fn status(&mut self, place: Span, status: [u8; 2]) {
        let status = At { it: StatusSet::Of(vec![word(status)]), span: place.clone() };
        self.expect(place, Expect::Status(status));
    }

    /// Data and status word as they came; without a whole status word nothing came.
    pub(super) fn came(&mut self, place: Span, answer: &[u8]) {
        match answer.split_last_chunk() {
            Some((data, status)) => self.answer(place, data, *status),
            None => self.expect(place, Expect::Lost),
        }
    }

    pub(super) fn atr(&mut self, place: Span, atr: &[u8]) {
        let pattern = digits(&place, atr);
        self.expect(place, Expect::Atr(pattern));
    }

    pub(super) fn wait(&mut self, place: Part<'_>, milliseconds: u64) {
        let value = At { it: Value::Number(milliseconds), span: place.span() };
        self.statement(place.span(), Statement::Wait(value));
    }

    pub(super) fn note(&mut self, place: Span, text: &str) {
        self.statement(place, Statement::Note(told(text)));
    }
}

/// The four digits of a status word.
pub(super) fn word(status: [u8; 2]) -> [Option<u8>; 4] {
    let [one, two] = status;
    [one >> 4, one & 15, two >> 4, two & 15].map(Some)
}

/// Bytes in a word of data.
const WORD_BYTES: usize = 16;

/// A command as people read it: CLA, INS, P1, P2, Lc, the data, Le; where it is no command of the
/// standard's, the header and what follows.
fn words_of(bytes: &[u8]) -> Vec<&[u8]> {
    let (header, body) = bytes.split_at(bytes.len().min(4));
    let (lc, data, le) = match Command::parse(bytes) {
        Ok(Command { data, .. }) if !data.is_empty() => {
            let lc = if body[0] == 0 { 3 } else { 1 };
            (&body[..lc], data, &body[lc + data.len()..])
        }
        Ok(_) => (&[][..], &[][..], body),
        Err(_) => (&[][..], body, &[][..]),
    };
    let words = header.chunks(1).chain([lc]).chain(data.chunks(WORD_BYTES)).chain([le]);
    words.filter(|word| !word.is_empty()).collect()
}

fn digits(place: &Span, bytes: &[u8]) -> Vec<At<Match>> {
    let word = |word: &[u8]| {
        let digits = word.iter().flat_map(|byte| [Some(byte >> 4), Some(byte & 15)]).collect();
        At { it: Match::Digits(digits), span: place.clone() }
    };
    bytes.chunks(WORD_BYTES).map(word).collect()
}
