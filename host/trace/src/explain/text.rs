//! A text, line by line: traces, other tools' scripts and logs, recordings, anything mixed.
//!
//! What is in a format that is known is read as that. In any other text a line counts that has
//! hexadecimal in it, as a command or an answer where an arrow or a word before it says so. A
//! line that tells nothing stays as it is.

use super::command;
use super::{Explainer, Told, anything};
use crate::commands;
use crate::convert::plain::{command_bytes, digits, exact, only};
use crate::convert::{Format, Loss, read};
use crate::syntax::ast::{self, Expect, Form, Piece, Send, Statement, StatusSet};
use crate::syntax::source::{At, Source};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A line, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// From 1.
    pub number: u32,
    /// As it is, but for what is secret.
    pub text: String,
    /// What it says, in order; nothing where it is not known.
    pub told: Vec<Told>,
}

/// Goes through a text; `path` is its name, or `-`.
#[must_use]
pub fn explain(path: &Path, text: &str) -> Vec<Line> {
    let known = Format::detect(path, text).and_then(|format| {
        let source = Arc::new(Source { path: path.to_owned(), text: text.to_owned() });
        read(format, &source, Loss::Comment).ok()
    });
    match known {
        Some(trace) => known_lines(&trace, text),
        None => mixed_lines(text),
    }
}

/// What stands in the line of a secret.
const LEFT_OUT: &str = "[secret]";

#[derive(Default)]
struct Found {
    explainer: Explainer,
    lines: BTreeMap<u32, (Vec<Told>, Option<String>)>,
}

fn known_lines(trace: &ast::Trace, text: &str) -> Vec<Line> {
    let mut found = Found::default();
    found.walk(&trace.lines);
    let mut is_secret = false;
    let all = text.lines().zip(1..).map(|(line, number)| match found.lines.remove(&number) {
        Some((told, shown)) => {
            is_secret = shown.is_some();
            Line { number, text: shown.unwrap_or_else(|| line.to_owned()), told }
        }
        None => {
            let is_comment = line.trim().is_empty() || line.trim_start().starts_with('#');
            // What a secret command goes on in, or the echo of one.
            let hidden =
                (is_secret && !is_comment) || recognise(line).is_some_and(|seen| seen.is_secret());
            let text = if hidden { LEFT_OUT } else { line }.to_owned();
            Line { number, text, told: Vec::new() }
        }
    });
    all.collect()
}

impl Found {
    fn walk(&mut self, lines: &[ast::Line]) {
        for line in lines {
            if let Some(At { it, span }) = &line.statement {
                self.statement(span.line, it);
            }
        }
    }

    fn tell(&mut self, line: u32, told: Told, shown: Option<String>) {
        let entry = self.lines.entry(line).or_default();
        entry.0.push(told);
        entry.1 = entry.1.take().or(shown);
    }

    fn statement(&mut self, line: u32, statement: &Statement) {
        match statement {
            Statement::Send(send) => self.send(line, send),
            Statement::Expect(expect) => self.expect(line, expect),
            Statement::For { body, .. } | Statement::Repeat { body, .. } => self.walk(body),
            Statement::Select(name) => {
                if let Ok(select) = crate::convert::plain::select_bytes(name) {
                    let told = self.explainer.command(&select);
                    self.tell(line, told, None);
                }
            }
            Statement::Reset | Statement::Power(_) | Statement::Remove | Statement::Insert => {
                self.explainer.reset();
            }
            Statement::Set { name, .. } if name.to_ascii_lowercase().contains("pin") => {
                self.hide(line, format!("set {name} = {LEFT_OUT}"));
            }
            Statement::Card(wish) if wish.options.iter().any(|(name, _)| name == "pin") => {
                self.hide(line, format!("card {} pin={LEFT_OUT}", wish.kind.it));
            }
            _ => {}
        }
    }

    fn hide(&mut self, line: u32, shown: String) {
        self.lines.entry(line).or_default().1 = Some(shown);
    }

    fn send(&mut self, line: u32, send: &Send) {
        match command_bytes(send) {
            Ok(bytes) => {
                let told = self.explainer.command(&bytes);
                let shown = Seen::Command(bytes);
                let shown = shown.is_secret().then(|| format!("> {}", shown.shown()));
                self.tell(line, told, shown);
            }
            Err(_) => {
                self.explainer.reset();
                if let Some(told) = computed(send) {
                    self.tell(line, told, None);
                }
            }
        }
    }

    fn expect(&mut self, line: u32, expect: &Expect) {
        let told = match expect {
            Expect::Answer { data, status } => match whole(digits(data), &status.it) {
                Some(answer) => self.explainer.answer(&answer),
                None => return,
            },
            Expect::Status(status) => match only(&status.it) {
                Some(status) => self.explainer.answer(&status),
                None => return,
            },
            Expect::Atr(pattern) => match digits(pattern).as_deref().and_then(exact) {
                Some(atr) => self.explainer.atr(&atr),
                None => return,
            },
            _ => return,
        };
        self.tell(line, told, None);
    }
}

fn whole(data: Option<Vec<Option<u8>>>, status: &StatusSet) -> Option<Vec<u8>> {
    Some([&exact(&data?)?[..], &only(status)?].concat())
}

/// A command with variables or helpers in it, as far as its line tells.
fn computed(send: &Send) -> Option<Told> {
    let header = match &send.form {
        Form::Named(named) => commands::by_name(&named.name.it)?.header().to_vec(),
        Form::Bytes(pieces) => {
            let known = pieces.iter().map_while(|piece| match &piece.it {
                Piece::Hex(bytes) => Some(bytes.as_slice()),
                _ => None,
            });
            known.collect::<Vec<_>>().concat().get(..4)?.to_vec()
        }
    };
    let name = commands::by_header(&header)?.name;
    Some(Told::new(name, "with values that are computed when it runs"))
}

/// Hexadecimal in a line of which the format is not known.
enum Seen {
    Command(Vec<u8>),
    Answer(Vec<u8>),
    Something(Vec<u8>),
}

impl Seen {
    fn is_secret(&self) -> bool {
        matches!(self, Self::Command(bytes) | Self::Something(bytes)
            if command::shown(bytes).ends_with(LEFT_OUT))
    }

    fn shown(&self) -> String {
        match self {
            Self::Command(bytes) | Self::Something(bytes) => command::shown(bytes),
            Self::Answer(bytes) => hex::encode_upper(bytes),
        }
    }
}

fn mixed_lines(text: &str) -> Vec<Line> {
    let mut explainer = Explainer::new();
    let mut is_asked = false;
    let all = text.lines().zip(1..).map(|(line, number)| {
        let Some(seen) = recognise(line) else {
            return Line { number, text: line.to_owned(), told: Vec::new() };
        };
        let text = if seen.is_secret() { seen.shown() } else { line.to_owned() };
        let told = match &seen {
            Seen::Command(bytes) => explainer.command(bytes),
            Seen::Answer(bytes) => explainer.answer(bytes),
            // Behind a command comes its answer.
            Seen::Something(bytes) if is_asked && is_answer(bytes) => explainer.answer(bytes),
            Seen::Something(bytes) if is_command(bytes) => explainer.command(bytes),
            Seen::Something(bytes) => anything(bytes),
        };
        is_asked = match &seen {
            Seen::Command(_) => true,
            Seen::Answer(_) => false,
            Seen::Something(bytes) => !is_asked && is_command(bytes),
        };
        Line { number, text, told: vec![told] }
    });
    all.collect()
}

fn is_command(bytes: &[u8]) -> bool {
    saifu_wire::apdu::Command::parse(bytes).is_ok() && !matches!(bytes[0], 0x3B | 0x3F)
}

fn is_answer(bytes: &[u8]) -> bool {
    matches!(bytes, [.., 0x61..=0x6F | 0x90..=0x9F, _])
}

/// Words and arrows before the bytes of a command, and of an answer.
const SENT: [&str; 6] = [">", "send", "c-apdu", "capdu", "command", "outgoing"];
const CAME: [&str; 7] = ["<", "recv", "receiv", "r-apdu", "rapdu", "response", "answer"];

/// The fewest bytes of hexadecimal that count where nothing before them says what they are.
const LEAST_BYTES: usize = 4;
const STATUS_BYTES: usize = 2;

fn recognise(line: &str) -> Option<Seen> {
    let words: Vec<_> = line.split_whitespace().collect();
    let run = longest_run(&words)?;
    let bytes = hex::decode(words[run.clone()].concat()).ok()?;
    let before = words[..run.start].join(" ").to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| before.contains(word));
    if says(&CAME) && bytes.len() >= STATUS_BYTES {
        return Some(Seen::Answer(bytes));
    }
    if says(&SENT) && bytes.len() >= LEAST_BYTES {
        return Some(Seen::Command(bytes));
    }
    let is_alone = run.len() == words.len() && is_answer(&bytes);
    (bytes.len() >= LEAST_BYTES || is_alone).then_some(Seen::Something(bytes))
}

/// The longest row of words that are pairs of hexadecimal digits.
fn longest_run(words: &[&str]) -> Option<std::ops::Range<usize>> {
    let is_hex = |word: &str| {
        word.len().is_multiple_of(2) && word.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let digits = |range: &std::ops::Range<usize>| -> usize {
        words[range.clone()].iter().map(|word| word.len()).sum()
    };
    let mut best: Option<std::ops::Range<usize>> = None;
    let mut start = 0;
    for at in 0..=words.len() {
        if words.get(at).is_some_and(|word| is_hex(word)) {
            continue;
        }
        if at > start && best.as_ref().is_none_or(|best| digits(best) < digits(&(start..at))) {
            best = Some(start..at);
        }
        start = at + 1;
    }
    best
}
