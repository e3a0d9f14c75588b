//! Bytes, values, patterns and status words as text.

use super::Word;
use crate::syntax::ast::{Call, Match, Path, Piece, StatusSet, Value};
use crate::syntax::source::At;
use std::fmt::Write;

/// Pieces of bytes, a word each; what brackets hold, too.
pub(super) fn pieces(all: &[At<Piece>]) -> Vec<Word> {
    all.iter().flat_map(|at| piece(&at.it, at.span.line)).collect()
}

fn piece(piece: &Piece, line: u32) -> Vec<Word> {
    let text = match piece {
        Piece::Hex(bytes) if bytes.is_empty() => return Vec::new(),
        Piece::Hex(bytes) => hex::encode_upper(bytes),
        Piece::Text(bytes) => text(bytes),
        Piece::Variable(name) => format!("${name}"),
        Piece::Call(each) => call(each),
        Piece::Counted(inside) => return bracketed("{", pieces(inside), "}", line),
    };
    vec![Word { text, line }]
}

/// A pattern, a word for each of its pieces.
pub(super) fn pattern(all: &[At<Match>]) -> Vec<Word> {
    all.iter().flat_map(|at| matched(&at.it, at.span.line)).collect()
}

fn matched(one: &Match, line: u32) -> Vec<Word> {
    let text = match one {
        Match::Digits(digits) if digits.is_empty() => return Vec::new(),
        Match::Digits(digits) => digits.iter().copied().map(digit).collect(),
        Match::Masked { value, mask } => {
            format!("{}/{}", hex::encode_upper(value), hex::encode_upper(mask))
        }
        Match::Value(value) => return piece(value, line),
        Match::Any { least, most } => any(*least, *most),
        Match::Capture { name, pattern: inside } => match inside.as_slice() {
            [At { it: Match::Any { least, most }, .. }] => {
                format!("{name}:{}", any(*least, *most))
            }
            _ => return bracketed(&format!("{name}:("), pattern(inside), ")", line),
        },
    };
    vec![Word { text, line }]
}

/// Words with a bracket before the first and one behind the last.
fn bracketed(open: &str, mut inside: Vec<Word>, close: &str, line: u32) -> Vec<Word> {
    if inside.is_empty() {
        return vec![Word { text: format!("{open}{close}"), line }];
    }
    if let Some(first) = inside.first_mut() {
        first.text.insert_str(0, open);
    }
    if let Some(last) = inside.last_mut() {
        last.text.push_str(close);
    }
    inside
}

fn any(least: u32, most: Option<u32>) -> String {
    match (least, most) {
        (0, None) => "[*]".into(),
        (least, None) => format!("[{least}..*]"),
        (least, Some(most)) if least == most => format!("[{least}]"),
        (least, Some(most)) => format!("[{least}..{most}]"),
    }
}

/// A digit, `X` for any.
fn digit(digit: Option<u8>) -> char {
    let digit = digit.and_then(|digit| char::from_digit(u32::from(digit), 16));
    digit.map_or('X', |digit| digit.to_ascii_uppercase())
}

/// Status words.
pub(super) fn status(set: &StatusSet) -> String {
    match set {
        StatusSet::Any => "any".into(),
        StatusSet::Of(words) => {
            let words: Vec<String> =
                words.iter().map(|word| word.iter().copied().map(digit).collect()).collect();
            words.join("|")
        }
    }
}

/// A path of tags.
pub(super) fn path(steps: &Path) -> String {
    let step = |(tag, which): &(u32, u16)| {
        let digits = format!("{tag:02X}");
        let even = if digits.len().is_multiple_of(2) { digits } else { format!("0{digits}") };
        if *which == 1 { even } else { format!("{even}#{which}") }
    };
    steps.iter().map(step).collect::<Vec<_>>().join("/")
}

/// A value where numbers may stand.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Hex(bytes) if bytes.is_empty() => text(&[]),
        Value::Hex(bytes) => format!("0x{}", hex::encode_upper(bytes)),
        Value::Text(bytes) => text(bytes),
        Value::Variable(name) => format!("${name}"),
        Value::Call(each) => call(each),
        Value::Word(word) => word.clone(),
    }
}

/// A value where a byte in hexadecimal may stand.
pub(super) fn byte(given: &Value) -> String {
    match given {
        Value::Hex(bytes) => hex::encode_upper(bytes),
        Value::Number(number) => format!("{number:02X}"),
        other => value(other),
    }
}

fn call(call: &Call) -> String {
    let argument = |(key, given): &(Option<String>, At<Value>)| match key {
        Some(key) => format!("{key}={}", value(&given.it)),
        None => value(&given.it),
    };
    let arguments: Vec<_> = call.arguments.iter().map(argument).collect();
    format!("{}({})", call.name.it, arguments.join(", "))
}

/// A text in quotes.
pub(super) fn text(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                c if c.is_control() => escaped(c.encode_utf8(&mut [0; 4]).as_bytes(), &mut out),
                c => out.push(c),
            }
        }
        escaped(chunk.invalid(), &mut out);
    }
    out.push('"');
    out
}

fn escaped(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        let _ = write!(out, "\\x{byte:02X}");
    }
}
