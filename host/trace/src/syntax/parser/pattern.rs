//! Patterns and status words (LANGUAGE.md §4).

use super::cursor::{Cursor, Parsed, short};
use super::value::{hex_word, piece};
use crate::syntax::ast::{Match, Pattern, StatusSet};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::lexer::Kind;
use crate::syntax::source::{At, Span};

const STATUS: &str = "a status word: four digits, `X` for any, as in `9000` or `63CX`; \
                      `9000|6285` for a choice; or `any`";

/// No answer is longer.
const ANY_MAX_BYTES: u32 = 65_536;

/// A pattern up to the end of the line; at least one piece.
pub(super) fn pattern(cursor: &mut Cursor<'_>) -> Parsed<Pattern> {
    if cursor.is_done() {
        let wrong = cursor.wrong("what the bytes must look like");
        return Err(wrong.help("`length 0` and `\"\"` say that there are none"));
    }
    pattern_until(cursor, |cursor| cursor.is_done())
}

/// A pattern up to where this says so.
pub(super) fn pattern_until(
    cursor: &mut Cursor<'_>,
    is_end: impl Fn(&Cursor<'_>) -> bool,
) -> Parsed<Pattern> {
    let mut pattern = Pattern::new();
    while !is_end(cursor) {
        pattern.push(piece_of_pattern(cursor)?);
    }
    match pattern.iter().filter(|piece| is_free(&piece.it)).nth(1) {
        None => Ok(pattern),
        Some(second) => {
            let found = "a second piece without a fixed length in one pattern";
            let help = "say how long one of them is, as in `[4]`, or look at parts with `tlv`";
            Err(Diagnostic::new(second.span.clone(), found).help(help))
        }
    }
}

/// Whether it has no fixed length.
fn is_free(piece: &Match) -> bool {
    match piece {
        Match::Any { least, most } => Some(*least) != *most,
        Match::Capture { pattern, .. } => pattern.iter().any(|piece| is_free(&piece.it)),
        Match::Digits(_) | Match::Masked { .. } | Match::Value(_) => false,
    }
}

fn piece_of_pattern(cursor: &mut Cursor<'_>) -> Parsed<At<Match>> {
    let span = cursor.here();
    let it = match cursor.peek() {
        Some(Kind::Word(_)) if cursor.then_comes(":") => capture(cursor)?,
        Some(Kind::Word(_)) if cursor.then_comes("(") => Match::Value(piece(cursor)?.it),
        Some(Kind::Word(word)) => {
            let piece = match word.split_once('/') {
                Some((value, mask)) => masked(value, mask, &span)?,
                None => digits(word, &span)?,
            };
            cursor.skip(1);
            piece
        }
        Some(Kind::Sign("[")) => any(cursor)?,
        Some(Kind::Text(_) | Kind::Variable(_) | Kind::Sign("{")) => {
            Match::Value(piece(cursor)?.it)
        }
        _ => {
            return Err(cursor.wrong(
                "bytes, `X` for any digit, `[16]`, `[4..12]`, `[*]`, or `name:[16]` to keep them",
            ));
        }
    };
    Ok(At { it, span: cursor.since(&span) })
}

/// `name:[16]`, `name:(PATTERN)`
fn capture(cursor: &mut Cursor<'_>) -> Parsed<Match> {
    let name = cursor.name("the name under which the bytes are kept")?.it;
    cursor.need_sign(":", "`:`")?;
    let pattern = cursor.inside(|cursor| match cursor.take_sign("(") {
        true => {
            let at_end = |cursor: &Cursor<'_>| {
                cursor.is_done() || matches!(cursor.peek(), Some(Kind::Sign(")")))
            };
            let pattern = pattern_until(cursor, at_end)?;
            cursor.need_sign(")", "`)`")?;
            Ok(pattern)
        }
        false => {
            let span = cursor.here();
            let any = any(cursor)?;
            Ok(vec![At { it: any, span: cursor.since(&span) }])
        }
    })?;
    Ok(Match::Capture { name, pattern })
}

/// `[16]`, `[4..12]`, `[4..*]`, `[*]`
fn any(cursor: &mut Cursor<'_>) -> Parsed<Match> {
    let expected = "so many bytes: `[16]`, `[4..12]`, `[4..*]` or `[*]`, 65536 at most";
    cursor.need_sign("[", expected)?;
    let wrong = cursor.wrong(expected);
    let number = |text: &str| text.parse().ok().filter(|number| *number <= ANY_MAX_BYTES);
    let (least, most) = match cursor.peek_word() {
        None if cursor.take_sign("*") => (Some(0), None),
        None => return Err(wrong),
        Some(word) => {
            cursor.skip(1);
            match word.strip_suffix("..") {
                Some(least) if cursor.take_sign("*") => (number(least), None),
                _ => {
                    let (least, most) = word.split_once("..").unwrap_or((word, word));
                    (number(least), Some(number(most).ok_or_else(|| wrong.clone())?))
                }
            }
        }
    };
    let least = least.ok_or_else(|| wrong.clone())?;
    if most.is_some_and(|most| most < least) {
        return Err(wrong.help("the smaller number stands first"));
    }
    cursor.need_sign("]", "`]`")?;
    Ok(Match::Any { least, most })
}

/// `A0B0/F0FF`
fn masked(value: &str, mask: &str, span: &Span) -> Parsed<Match> {
    let stroke = span.from + u32::try_from(value.len()).unwrap_or(0);
    let value = hex_word(value, &Span { to: stroke, ..span.clone() })?;
    let mask = hex_word(mask, &Span { from: stroke + 1, ..span.clone() })?;
    if value.len() == mask.len() {
        return Ok(Match::Masked { value, mask });
    }
    let found = format!("{} bytes, and a mask of {}", value.len(), mask.len());
    Err(Diagnostic::new(span.clone(), found)
        .expected("as many bytes before the stroke as after it"))
}

/// Digits, `X` for any.
fn digits(word: &str, span: &Span) -> Parsed<Match> {
    hex_word(&word.replace(['x', 'X'], "0"), span)?;
    Ok(Match::Digits(word.chars().filter_map(digit).collect()))
}

/// A digit; the inner `None` is any.
fn digit(c: char) -> Option<Option<u8>> {
    match c {
        'x' | 'X' => Some(None),
        c => c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()).map(Some),
    }
}

/// Status words: `9000`, `63CX`, `9000|6285`, `any`.
pub(super) fn status(cursor: &mut Cursor<'_>) -> Parsed<At<StatusSet>> {
    let span = cursor.here();
    if cursor.take_word("any") {
        return Ok(At { it: StatusSet::Any, span });
    }
    let mut words = vec![status_word(cursor)?];
    while cursor.take_sign("|") {
        words.push(status_word(cursor)?);
    }
    Ok(At { it: StatusSet::Of(words), span: cursor.since(&span) })
}

fn status_word(cursor: &mut Cursor<'_>) -> Parsed<[Option<u8>; 4]> {
    let Some(word) = cursor.peek_word() else { return Err(cursor.wrong(STATUS)) };
    let mut digits = [None; 4];
    let are_digits = word.len() == digits.len()
        && word.chars().zip(&mut digits).all(|(c, place)| digit(c).map(|it| *place = it).is_some());
    if are_digits {
        cursor.skip(1);
        return Ok(digits);
    }
    let wrong = cursor.wrong(STATUS);
    Err(match word {
        _ if word.replace(['O', 'o'], "0").chars().all(|c| digit(c).is_some())
            && word.len() == 4 =>
        {
            wrong.help(format!("did you mean `{}`?", word.replace(['O', 'o'], "0")))
        }
        _ if word.len() > 4 && word.len() % 2 == 0 && word.is_char_boundary(word.len() - 4) => {
            let (data, status) = word.split_at(word.len() - 4);
            let apart =
                format!("is `{status}` the status word? Write it apart: {} {status}", short(data));
            if word.chars().all(|c| digit(c).is_some()) { wrong.help(apart) } else { wrong }
        }
        "ok" | "OK" => wrong.help("did you mean `9000`?"),
        _ => wrong,
    })
}
