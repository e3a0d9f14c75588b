//! What must come back (LANGUAGE.md §4 and §6).

use super::cursor::{Cursor, Parsed};
use super::pattern::{pattern, pattern_until, status};
use super::value::number;
use crate::syntax::ast::{Expect, Lengths, Path, TlvExpect};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::At;

/// No time may be more times another one.
const FACTOR_MAX: u32 = 1_000;

/// No path has more steps.
const STEPS_MAX: usize = 16;

/// `< PATTERN SW`
pub(super) fn answer(cursor: &mut Cursor<'_>) -> Parsed<Expect> {
    let at_end = |cursor: &Cursor<'_>| cursor.is_done() || cursor.is_last_choice();
    let data = pattern_until(cursor, at_end)?;
    Ok(Expect::Answer { data, status: status(cursor)? })
}

/// `length N`, `length N to M`: what follows `length`.
pub(super) fn lengths(cursor: &mut Cursor<'_>) -> Parsed<At<Lengths>> {
    let span = cursor.here();
    let least = number(cursor, "a length", 0..=65_536)?.it;
    let most = match cursor.take_word("to") {
        true => Some(number(cursor, "the largest length", 0..=65_536)?.it),
        false => None,
    };
    Ok(At { it: Lengths { least, most }, span: cursor.since(&span) })
}

/// What follows `tlv`.
pub(super) fn tlv(cursor: &mut Cursor<'_>) -> Parsed<Expect> {
    let word = cursor.word("a path of tags, such as `6F/A5/80`")?;
    let it = path(word.it).map_err(|why| {
        let expected = "tags in hexadecimal with `/` between them; `#2` is the second of its name";
        Diagnostic::new(word.span.clone(), why).expected(expected)
    })?;
    let path = At { it, span: word.span };
    let what = match cursor.peek_word() {
        Some("absent") => {
            cursor.skip(1);
            TlvExpect::Absent
        }
        Some("length") => {
            cursor.skip(1);
            TlvExpect::Length(lengths(cursor)?)
        }
        _ if cursor.take_sign("=") => TlvExpect::Is(pattern(cursor)?),
        _ if cursor.is_done() => TlvExpect::Present,
        _ => return Err(cursor.wrong("`absent`, `= PATTERN`, `length N` or nothing more")),
    };
    Ok(Expect::Tlv { path, what })
}

fn path(text: &str) -> Result<Path, String> {
    let steps: Path = text.split('/').map(step).collect::<Result<_, _>>()?;
    match steps.len() > STEPS_MAX {
        true => Err(format!("a path of more than {STEPS_MAX} steps")),
        false => Ok(steps),
    }
}

fn step(text: &str) -> Result<(u32, u16), String> {
    let (tag, which) = text.split_once('#').unwrap_or((text, "1"));
    let which = which.parse().ok().filter(|which| *which > 0);
    let which = which.ok_or_else(|| format!("`{text}` does not say the how manieth"))?;
    match hex::decode(tag) {
        Ok(bytes) if is_tag(&bytes) => {
            Ok((bytes.iter().fold(0, |tag, byte| tag << 8 | u32::from(*byte)), which))
        }
        _ => Err(format!("`{tag}` is no tag of BER-TLV")),
    }
}

/// One to four bytes: the low bits of the first are all set if more follow, bit 8 of those says
/// that one more does (ISO/IEC 8825-1 section 8.1.2).
fn is_tag(bytes: &[u8]) -> bool {
    let Some((last, before)) = bytes.split_last() else { return false };
    let Some((first, middle)) = before.split_first() else { return last & 0x1F != 0x1F };
    bytes.len() <= 4
        && first & 0x1F == 0x1F
        && middle.iter().all(|byte| byte & 0x80 != 0)
        && last & 0x80 == 0
}

/// What follows `time`.
pub(super) fn time(cursor: &mut Cursor<'_>) -> Parsed<Expect> {
    let name = cursor.name("the name of a time, as `as` gave it")?;
    cursor.need_sign("<=", "`<=`")?;
    let wrong =
        cursor.wrong("a factor such as `1.5`, at most 1000, with 3 digits behind the point");
    let thousandths = match cursor.peek_word().and_then(thousandths) {
        Some(thousandths) => thousandths,
        None => return Err(wrong.help("as in `time slow <= 1.5 * quick`")),
    };
    cursor.skip(1);
    cursor.need_sign("*", "`*` and the name of the other time")?;
    let than = cursor.name("the name of the other time")?;
    Ok(Expect::Time { name, thousandths, than })
}

fn thousandths(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 3 {
        return None;
    }
    let whole: u32 = whole.parse().ok().filter(|whole| *whole <= FACTOR_MAX)?;
    let part: u32 = format!("{part:0<3}").parse().ok()?;
    whole.checked_mul(1_000)?.checked_add(part).filter(|all| (1..=FACTOR_MAX * 1_000).contains(all))
}
