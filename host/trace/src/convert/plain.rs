//! A trace as other formats can say it: commands that are known bytes, and what comes back.

use crate::run::without_variables;
use crate::syntax::ast::{
    Expect, Form, Line, Match, Named, Pattern, Piece, Power, Send, Statement, StatusSet, Trace,
    Value,
};
use crate::syntax::source::{At, Span};
use saifu_wire::apdu::Command;

/// A line, or a command with the lines that say what must come back.
pub(super) struct Item<'t> {
    pub(super) span: Option<Span>,
    pub(super) what: What<'t>,
}

/// What an item says.
pub(super) enum What<'t> {
    Blank,
    Comment(&'t str),
    Exchange(Exchange<'t>),
    Reset,
    Power(Power),
    Atr(Vec<Digit>),
    Wait(u64),
    Note(&'t str),
    /// No other format can say it; why.
    Ours(String),
}

/// A hexadecimal digit, or any.
pub(crate) type Digit = Option<u8>;

/// A command and what must come back.
pub(super) struct Exchange<'t> {
    pub(super) command: Vec<u8>,
    pub(super) expected: Expected,
    /// Comments between the command and what is expected.
    pub(super) comments: Vec<&'t str>,
    /// What else must come back and no other format can say: why, and where it stands.
    pub(super) unsaid: Option<(String, Vec<&'t Span>)>,
}

/// What must come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expected {
    /// `sw any` alone.
    Anything,
    Lost,
    Answer {
        /// Digits, or any data.
        data: Option<Vec<Digit>>,
        status: StatusSet,
    },
}

/// The items of a trace, in order.
pub(super) fn items(trace: &Trace) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    let mut lines = trace.lines.as_slice();
    while let [line, rest @ ..] = lines {
        lines = rest;
        if let Some(comment) = &line.comment {
            items.push(Item { span: None, what: What::Comment(comment.trim()) });
        }
        match &line.statement {
            None if line.comment.is_none() => items.push(Item { span: None, what: What::Blank }),
            None => {}
            Some(At { it: Statement::Send(send), span }) => {
                let (what, after) = exchange(send, lines);
                lines = after;
                items.push(Item { span: Some(span.clone()), what });
            }
            Some(At { it, span }) => {
                items.push(Item { span: Some(span.clone()), what: statement(it) });
                inside(it, &mut items);
            }
        }
    }
    items
}

/// The lines of a loop: each is one that no other format can say.
fn inside(statement: &Statement, items: &mut Vec<Item<'_>>) {
    let (Statement::For { body, .. } | Statement::Repeat { body, .. }) = statement else { return };
    for At { it, span } in body.iter().filter_map(|line| line.statement.as_ref()) {
        let what = What::Ours("only a trace has loops".to_owned());
        items.push(Item { span: Some(span.clone()), what });
        inside(it, items);
    }
}

/// The command, and the lines behind those that belong to it.
fn exchange<'t>(send: &Send, lines: &'t [Line]) -> (What<'t>, &'t [Line]) {
    let mut comments = Vec::new();
    let (mut expects, mut places, mut taken) = (Vec::new(), Vec::new(), 0);
    for (at, line) in lines.iter().enumerate() {
        match &line.statement {
            Some(At { it: Statement::Expect(expect), span }) if is_of_command(expect) => {
                expects.push(expect);
                places.push(span);
                let before = lines[taken..=at].iter().filter_map(|line| line.comment.as_deref());
                comments.extend(before.map(str::trim));
                taken = at + 1;
            }
            None if line.comment.is_some() => {}
            _ => break,
        }
    }
    let command = match command(send) {
        Ok(command) => command,
        // Its expectations have no counterpart then, each of them.
        Err(why) => return (What::Ours(why), lines),
    };
    let (expected, unsaid) = match expected(&expects) {
        Ok(expected) => (expected, None),
        Err(why) => (status_alone(&expects), Some((why, places))),
    };
    (What::Exchange(Exchange { command, expected, comments, unsaid }), &lines[taken..])
}

/// What is said of the status word, where the rest cannot be said.
fn status_alone(expects: &[&Expect]) -> Expected {
    let status = |expect: &&Expect| match expect {
        Expect::Answer { status, .. } | Expect::Status(status) => Some(status.it.clone()),
        _ => None,
    };
    match expects.iter().find_map(status).unwrap_or_else(good) {
        StatusSet::Any => Expected::Anything,
        status => Expected::Answer { data: None, status },
    }
}

fn is_of_command(expect: &Expect) -> bool {
    !matches!(expect, Expect::Atr(_) | Expect::Time { .. })
}

fn statement(statement: &Statement) -> What<'_> {
    let ours = |what: &str| What::Ours(format!("only a trace has {what}"));
    match statement {
        Statement::Reset => What::Reset,
        Statement::Power(power) => What::Power(*power),
        Statement::Note(text) => What::Note(text),
        Statement::Select(name) => select(name),
        Statement::Wait(At { it: Value::Number(milliseconds), .. }) => What::Wait(*milliseconds),
        Statement::Expect(Expect::Atr(pattern)) => match digits(pattern) {
            Some(digits) => What::Atr(digits),
            None => ours("an answer to reset of no fixed length, or one that is kept"),
        },
        Statement::Send(_) | Statement::Wait(_) => ours("a value that is computed"),
        Statement::Expect(_) => ours("an expectation without its command, or of times"),
        Statement::Title(_) | Statement::Section { .. } => ours("titles and sections"),
        Statement::Card(_) | Statement::Destructive(_) => ours("wishes for its card"),
        Statement::Require(_) | Statement::SkipUnless(_) | Statement::SkipIf(_) => {
            ours("lines that depend on what the card can do")
        }
        Statement::Include(_) => ours("other files in it"),
        Statement::Set { .. } | Statement::Compare { .. } => ours("variables"),
        Statement::For { .. } | Statement::Repeat { .. } => ours("loops"),
        Statement::Remove | Statement::Insert => ours("a card that goes and comes"),
        Statement::Fault(_) => ours("faults"),
        Statement::OpenScp03(_) | Statement::CloseScp03 => ours("secure channels"),
    }
}

/// `select` is SELECT by name, which must answer 9000 (LANGUAGE.md §5).
fn select<'t>(name: &[At<Piece>]) -> What<'t> {
    match select_bytes(name) {
        Ok(command) => What::Exchange(Exchange {
            command,
            expected: done(),
            comments: Vec::new(),
            unsaid: None,
        }),
        Err(why) => What::Ours(why),
    }
}

/// The command that `select` is.
pub(crate) fn select_bytes(name: &[At<Piece>]) -> Result<Vec<u8>, String> {
    let name = constant(name)?;
    let select = Command {
        cla: 0x00,
        ins: 0xA4,
        p1: 0x04,
        p2: 0x00,
        data: &name,
        le: Some(256),
        extended: false,
    };
    Ok(select.to_bytes())
}

/// 9000, whatever the data: what a command must answer of which nothing is said.
fn done() -> Expected {
    Expected::Answer { data: None, status: good() }
}

/// 9000: what a command must answer where no line speaks of the status word.
fn good() -> StatusSet {
    StatusSet::Of(vec![super::build::word([0x90, 0x00])])
}

fn expected(expects: &[&Expect]) -> Result<Expected, String> {
    let mut found = match expects {
        [] => return Ok(done()),
        [Expect::Lost] => return Ok(Expected::Lost),
        [Expect::Status(status)] if status.it == StatusSet::Any => return Ok(Expected::Anything),
        _ => (None, None),
    };
    for expect in expects {
        let (data, status) = match expect {
            Expect::Answer { data, status } => (Some(data), Some(&status.it)),
            Expect::Data(data) => (Some(data), None),
            Expect::Status(status) => (None, Some(&status.it)),
            _ => return Err("only a trace looks into an answer: lengths, objects, none".into()),
        };
        if (data.is_some() && found.0.is_some()) || (status.is_some() && found.1.is_some()) {
            return Err("only a trace says twice what must come back".to_owned());
        }
        if let Some(data) = data {
            let data = digits(data).ok_or("only a trace has data of no fixed length, or kept")?;
            found.0 = Some(data);
        }
        found.1 = status.or(found.1);
    }
    let status = found.1.cloned().unwrap_or_else(good);
    Ok(Expected::Answer { data: found.0, status })
}

/// The bytes of a command that needs nothing but what its line says.
fn command(send: &Send) -> Result<Vec<u8>, String> {
    if send.follow || send.secure || send.timed_as.is_some() {
        return Err("only a trace has `follow`, `secure` and `as`".to_owned());
    }
    command_bytes(send)
}

/// The bytes of a command before it is protected or followed, where its line alone says them.
pub(crate) fn command_bytes(send: &Send) -> Result<Vec<u8>, String> {
    match &send.form {
        Form::Bytes(pieces) => constant(pieces),
        Form::Named(named) => named_command(&send.form, named),
    }
}

fn named_command(form: &Form, named: &Named) -> Result<Vec<u8>, String> {
    if named.chain.is_some() {
        return Err("only a trace sends one command in parts: write the parts out".to_owned());
    }
    constant(&named.data)?;
    let le = named.le.as_ref().and_then(Option::as_ref);
    let values = [named.p1.as_ref(), named.p2.as_ref(), le, named.channel.as_ref()];
    let is_computed = |value: &&At<Value>| matches!(value.it, Value::Variable(_) | Value::Call(_));
    match values.into_iter().flatten().any(|value| is_computed(&value)) {
        true => Err(COMPUTED.to_owned()),
        false => without_variables(form),
    }
}

const COMPUTED: &str = "only a trace has variables and helpers";

/// The bytes of pieces that need nothing but themselves.
fn constant(pieces: &[At<Piece>]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for piece in pieces {
        bytes.extend(constant_piece(&piece.it)?);
    }
    Ok(bytes)
}

fn constant_piece(piece: &Piece) -> Result<Vec<u8>, String> {
    match piece {
        Piece::Hex(bytes) | Piece::Text(bytes) => Ok(bytes.clone()),
        Piece::Counted(pieces) => {
            let inside = constant(pieces)?;
            let mut bytes = match inside.len() {
                short @ 0..=255 => vec![short as u8],
                long => {
                    let long = u16::try_from(long).map_err(|_| "more than 65,535 bytes")?;
                    [&[0][..], &long.to_be_bytes()].concat()
                }
            };
            bytes.extend(inside);
            Ok(bytes)
        }
        Piece::Variable(_) | Piece::Call(_) => Err(COMPUTED.to_owned()),
    }
}

/// The most digits that a pattern without a digit of its own may stand for.
const MAX_ANY_BYTES: u32 = 65_536;

/// A pattern as digits, where it has a fixed length and keeps nothing.
pub(crate) fn digits(pattern: &Pattern) -> Option<Vec<Digit>> {
    let mut all = Vec::new();
    for piece in pattern {
        match &piece.it {
            Match::Digits(digits) => all.extend(digits),
            Match::Masked { value, mask } => {
                for (value, mask) in value.iter().zip(mask) {
                    all.push(masked(value >> 4, mask >> 4)?);
                    all.push(masked(value & 15, mask & 15)?);
                }
            }
            Match::Value(piece) => {
                let bytes = constant_piece(piece).ok()?;
                all.extend(bytes.iter().flat_map(|byte| [Some(byte >> 4), Some(byte & 15)]));
            }
            Match::Any { least, most } => {
                let fixed = (*most == Some(*least) && *least <= MAX_ANY_BYTES).then_some(*least)?;
                all.extend(std::iter::repeat_n(None, fixed as usize * 2));
            }
            Match::Capture { .. } => return None,
        }
    }
    Some(all)
}

fn masked(value: u8, mask: u8) -> Option<Digit> {
    match mask {
        0x0 => Some(None),
        0xF => Some(Some(value)),
        _ => None,
    }
}

/// Digits as bytes, where none is left open.
pub(crate) fn exact(digits: &[Digit]) -> Option<Vec<u8>> {
    let pair = |pair: &[Digit]| Some(pair[0]? << 4 | pair[1]?);
    digits.chunks_exact(2).map(pair).collect()
}

/// The one status word that is right, where there is but one.
pub(crate) fn only(status: &StatusSet) -> Option<[u8; 2]> {
    match status {
        StatusSet::Of(words) if words.len() == 1 => exact(&words[0])?.try_into().ok(),
        _ => None,
    }
}
