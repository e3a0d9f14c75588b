//! Values (LANGUAGE.md §2): bytes, and numbers where numbers stand.

use super::cursor::{Cursor, Parsed, shown};
use crate::helpers;
use crate::syntax::ast::{Call, Piece, Value};
use crate::syntax::diagnostic::{Diagnostic, nearest};
use crate::syntax::lexer::Kind;
use crate::syntax::source::{At, Span};
use std::ops::RangeInclusive;

const BYTES: &str =
    "bytes: hexadecimal as in `A0 B1`, a text in quotes, $name, {...} or a helper(...)";

/// Pieces of bytes up to the end of the line; at least one.
pub(super) fn pieces(cursor: &mut Cursor<'_>) -> Parsed<Vec<At<Piece>>> {
    let mut all = vec![piece(cursor)?];
    while !cursor.is_done() {
        all.push(piece(cursor)?);
    }
    Ok(all)
}

/// A piece of bytes.
pub(super) fn piece(cursor: &mut Cursor<'_>) -> Parsed<At<Piece>> {
    let span = cursor.here();
    let it = match cursor.peek() {
        Some(Kind::Word(_)) if cursor.then_comes("(") => Piece::Call(Box::new(call(cursor)?)),
        Some(Kind::Word(word)) => {
            let bytes = hex_word(word, &span)?;
            cursor.skip(1);
            Piece::Hex(bytes)
        }
        Some(Kind::Text(bytes)) => {
            cursor.skip(1);
            Piece::Text(bytes.clone())
        }
        Some(Kind::Variable(name)) => {
            cursor.skip(1);
            Piece::Variable((*name).to_owned())
        }
        Some(Kind::Sign("{")) => Piece::Counted(counted(cursor)?),
        _ => return Err(cursor.wrong(BYTES)),
    };
    Ok(At { it, span: cursor.since(&span) })
}

/// `{ ... }`
fn counted(cursor: &mut Cursor<'_>) -> Parsed<Vec<At<Piece>>> {
    cursor.skip(1);
    let mut inside = Vec::new();
    while !cursor.take_sign("}") {
        if cursor.is_done() {
            return Err(cursor.wrong("`}` after the bytes that are counted"));
        }
        inside.push(cursor.inside(piece)?);
    }
    Ok(inside)
}

/// `name(value, key=value)`
fn call(cursor: &mut Cursor<'_>) -> Parsed<Call> {
    let name = cursor.word("a helper's name")?;
    let name = At { it: name.it.to_owned(), span: name.span };
    cursor.need_sign("(", "`(`")?;
    let mut arguments = Vec::new();
    while !cursor.take_sign(")") {
        if !arguments.is_empty() {
            cursor.need_sign(",", "`,` and one more value, or `)`")?;
        }
        let key = match cursor.peek_word() {
            Some(_) if cursor.then_comes("=") => Some(key(cursor)?.it.to_owned()),
            _ => None,
        };
        arguments.push((key, cursor.inside(value)?));
    }
    Ok(Call { name, arguments })
}

/// `key=`
pub(super) fn key<'t>(cursor: &mut Cursor<'t>) -> Parsed<At<&'t str>> {
    let key = cursor.word("`key=value`")?;
    cursor.need_sign("=", "`=` and a value")?;
    Ok(key)
}

/// A value where numbers may stand.
pub(super) fn value(cursor: &mut Cursor<'_>) -> Parsed<At<Value>> {
    let span = cursor.here();
    let it = match cursor.peek() {
        Some(Kind::Word(_)) if cursor.then_comes("(") => Value::Call(Box::new(call(cursor)?)),
        Some(Kind::Word(word)) => {
            let value = word_value(word, &span)?;
            cursor.skip(1);
            value
        }
        Some(Kind::Text(bytes)) => {
            cursor.skip(1);
            Value::Text(bytes.clone())
        }
        Some(Kind::Variable(name)) => {
            cursor.skip(1);
            Value::Variable((*name).to_owned())
        }
        _ => {
            return Err(cursor.wrong(
                "a value: a number, bytes as in `0xA0B1`, a text in quotes, $name, a word or a \
                 helper(...)",
            ));
        }
    };
    Ok(At { it, span: cursor.since(&span) })
}

fn word_value(word: &str, span: &Span) -> Parsed<Value> {
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        let too_large = |_| Diagnostic::new(span.clone(), "a number of more than 64 bits");
        return word.parse().map(Value::Number).map_err(too_large);
    }
    if let Some(digits) = word.strip_prefix("0x") {
        let from = span.from + 2;
        return hex_word(digits, &Span { from, ..span.clone() }).map(Value::Hex);
    }
    if word.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Ok(Value::Word(word.to_owned()));
    }
    let wrong = Diagnostic::new(span.clone(), format!("found {}", shown(span)));
    let wrong = wrong.expected("a number, or bytes that begin with `0x`");
    Err(match word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => wrong.help(format!("bytes are written `0x{word}` here")),
        false => wrong,
    })
}

/// A number, a variable or a helper; a number must be in this range.
pub(super) fn number(
    cursor: &mut Cursor<'_>,
    what: &str,
    range: RangeInclusive<u64>,
) -> Parsed<At<Value>> {
    let expected = format!(
        "{what}: a number from {} to {}, $name or a helper(...)",
        range.start(),
        range.end()
    );
    let wrong = cursor.wrong(&expected);
    let found = match cursor.peek() {
        Some(Kind::Word(_)) if cursor.then_comes("(") => value(cursor)?,
        Some(Kind::Word(_) | Kind::Variable(_)) => value(cursor).map_err(|_| wrong.clone())?,
        _ => return Err(wrong),
    };
    match &found.it {
        Value::Number(number) if range.contains(number) => Ok(found),
        Value::Variable(_) | Value::Call(_) => Ok(found),
        _ => Err(wrong),
    }
}

/// A byte of a header: two hexadecimal digits, a variable or a helper.
pub(super) fn byte(cursor: &mut Cursor<'_>) -> Parsed<At<Value>> {
    let span = cursor.here();
    match cursor.peek() {
        Some(Kind::Variable(_)) => return value(cursor),
        Some(Kind::Word(_)) if cursor.then_comes("(") => return value(cursor),
        Some(Kind::Word(word)) if word.len() == 2 => {
            if let Ok(byte) = hex::decode(word) {
                cursor.skip(1);
                return Ok(At { it: Value::Hex(byte), span });
            }
        }
        _ => {}
    }
    Err(cursor.wrong("a byte: two hexadecimal digits, $name or a helper(...)"))
}

/// The bytes of a word of hexadecimal digits.
pub(super) fn hex_word(word: &str, span: &Span) -> Parsed<Vec<u8>> {
    if let Some(bytes) = hex_bytes(word.as_bytes()) {
        return Ok(bytes);
    }
    let wrong = |found: String| Diagnostic::new(span.clone(), found).expected(BYTES);
    let bad = word.char_indices().find(|(_, c)| !c.is_ascii_hexdigit());
    let Some((at, c)) = bad else {
        let found = format!("an odd number of hexadecimal digits in {}", shown(span));
        return Err(wrong(found).help("two digits make a byte"));
    };
    if let Some(bytes) = word.strip_prefix("0x") {
        let help = format!("bytes stand without `0x` here: `{bytes}`");
        return Err(wrong(format!("found {}", shown(span))).help(help));
    }
    if !word.contains(|c: char| c.is_ascii_digit())
        && word.contains(|c: char| c.is_ascii_lowercase())
    {
        return Err(no_name(word, span, wrong(format!("found {}", shown(span)))));
    }
    let from = span.from + u32::try_from(at).unwrap_or(0);
    let digit = Span { from, to: from + 1, ..span.clone() };
    let wrong = Diagnostic::new(digit, format!("`{c}` is no hexadecimal digit")).expected(BYTES);
    Err(match c {
        'O' | 'o' => wrong.help("a zero is `0`"),
        'l' | 'I' => wrong.help("a one is `1`"),
        'X' | 'x' => wrong.help("`X` for any digit stands in what is expected alone"),
        _ => wrong,
    })
}

/// The bytes of digits, one pair after the other; most words are one.
fn hex_bytes(digits: &[u8]) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() {
        return None;
    }
    let digit = |digit: u8| char::from(digit).to_digit(16).map(|digit| digit as u8);
    let mut bytes = Vec::with_capacity(pairs.len());
    for [high, low] in pairs {
        bytes.push(digit(*high)? << 4 | digit(*low)?);
    }
    Some(bytes)
}

/// A word in the place of bytes, which may be a helper or a variable.
fn no_name(word: &str, span: &Span, wrong: Diagnostic) -> Diagnostic {
    match nearest(word, helpers::all().map(|helper| helper.name)) {
        Some(helper) => wrong.help(format!("did you mean the helper `{helper}(...)`?")),
        None => wrong.help(format!("a variable is written `${}`", shown(span).trim_matches('`'))),
    }
}
