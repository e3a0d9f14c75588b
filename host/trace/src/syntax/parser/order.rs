//! Lines that say what happens when, and what is done to the card (LANGUAGE.md §5 and §7).

use super::cursor::{Cursor, Parsed};
use super::pattern::{pattern, status};
use super::value::{byte, key, number, piece, pieces, value};
use crate::syntax::ast::{CardWish, Condition, Line, Pattern, Piece, Power, Statement, Value};
use crate::syntax::lexer::{Kind, Logical};
use crate::syntax::source::At;

/// A loop goes round no more often.
const ROUNDS_MAX: u64 = 65_536;

/// No pause is longer.
const WAIT_MAX_MS: u64 = 60_000;

/// The first line of a loop.
pub(super) enum Opening {
    /// `for`
    For { name: String, from: At<Value>, to: At<Value> },
    /// `repeat`
    Repeat { times: At<Value> },
}

impl Opening {
    /// The loop, with what stands in it.
    pub(super) fn statement(self, body: Vec<Line>, end_comment: Option<String>) -> Statement {
        match self {
            Self::For { name, from, to } => Statement::For { name, from, to, body, end_comment },
            Self::Repeat { times } => Statement::Repeat { times, body, end_comment },
        }
    }
}

/// `for NAME from N to M`, `repeat N`
pub(super) fn opening(logical: &Logical<'_>) -> Parsed<Opening> {
    let mut cursor = Cursor::behind(logical, 0);
    let opening = match cursor.take_word("for") {
        true => {
            let name = cursor.name("the name of the loop's variable")?.it;
            cursor.need_word("from", "`from` and the first number")?;
            let from = number(&mut cursor, "the first number", 0..=u64::MAX)?;
            cursor.need_word("to", "`to` and the last number")?;
            let to = number(&mut cursor, "the last number", 0..=u64::MAX)?;
            Opening::For { name, from, to }
        }
        false => {
            cursor.skip(1);
            Opening::Repeat { times: number(&mut cursor, "how often", 0..=ROUNDS_MAX)? }
        }
    };
    cursor.done()?;
    Ok(opening)
}

/// `end`
pub(super) fn end(logical: &Logical<'_>) -> Parsed<()> {
    Cursor::behind(logical, 1).done()
}

/// `section NUMBER "TEXT"`
pub(super) fn section(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    let number = cursor.word("the section's number, such as `6.1`")?.it.to_owned();
    let text = match cursor.is_done() {
        true => None,
        false => Some(cursor.text("the section's text")?.it),
    };
    Ok(Statement::Section { number, text })
}

/// `card KIND key=value ...`
pub(super) fn card(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    let kind = cursor.word("what card: `blank`, `test` or `any`")?;
    let kind = At { it: kind.it.to_owned(), span: kind.span };
    let mut options = Vec::new();
    while !cursor.is_done() {
        let key = key(cursor)?.it.to_owned();
        options.push((key, value(cursor)?));
    }
    Ok(Statement::Card(CardWish { kind, options }))
}

/// `WORD, WORD`
pub(super) fn capabilities(cursor: &mut Cursor<'_>) -> Parsed<Vec<At<String>>> {
    let mut words = Vec::new();
    loop {
        let word = cursor.word("a capability (annex B of LANGUAGE.md)")?;
        words.push(At { it: word.it.to_owned(), span: word.span });
        if cursor.is_done() {
            return Ok(words);
        }
        cursor.need_sign(",", "`,` and one more capability, or the end of the line")?;
    }
}

/// `skip unless CONDITION`, `skip if CONDITION`
pub(super) fn skip(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    let expected = "`unless` or `if`, and capabilities, `sw SW` or `VALUE = PATTERN`";
    let wrong = cursor.wrong(expected);
    let word = cursor.word(expected)?;
    match word.it {
        "unless" => Ok(Statement::SkipUnless(condition(cursor)?)),
        "if" => Ok(Statement::SkipIf(condition(cursor)?)),
        other => Err(wrong.nearest(other, ["unless", "if"])),
    }
}

/// `WORD, WORD`, `sw SW` or `VALUE = PATTERN`, whose value begins with a variable or a helper.
fn condition(cursor: &mut Cursor<'_>) -> Parsed<Condition> {
    if cursor.take_word("sw") {
        return Ok(Condition::Status(status(cursor)?));
    }
    match cursor.peek() {
        Some(Kind::Word(_)) if !cursor.then_comes("(") => {
            Ok(Condition::Capabilities(capabilities(cursor)?))
        }
        Some(Kind::Word(_) | Kind::Variable(_)) => {
            let (value, pattern) = comparison(cursor)?;
            Ok(Condition::Value { value, pattern })
        }
        _ => Err(cursor.wrong("capabilities, `sw SW`, or `$name = PATTERN`")),
    }
}

/// `set NAME = VALUE`
pub(super) fn set(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    let name = cursor.name("the variable's name")?.it;
    cursor.need_sign("=", "`=` and a value")?;
    Ok(Statement::Set { name, value: pieces(cursor)? })
}

/// `expect VALUE = PATTERN`
pub(super) fn compare(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    let (value, pattern) = comparison(cursor)?;
    Ok(Statement::Compare { value, pattern })
}

/// `VALUE = PATTERN`
fn comparison(cursor: &mut Cursor<'_>) -> Parsed<(Vec<At<Piece>>, Pattern)> {
    let mut value = vec![piece(cursor)?];
    while !cursor.take_sign("=") {
        if cursor.is_done() {
            return Err(cursor.wrong("`=` and what it must be"));
        }
        value.push(piece(cursor)?);
    }
    Ok((value, pattern(cursor)?))
}

/// `power off`, `power on`, `power cycle`
pub(super) fn power(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    let expected = "`off`, `on` or `cycle`";
    let wrong = cursor.wrong(expected);
    let power = match cursor.word(expected)?.it {
        "off" => Power::Off,
        "on" => Power::On,
        "cycle" => Power::Cycle,
        other => return Err(wrong.nearest(other, ["off", "on", "cycle"])),
    };
    Ok(Statement::Power(power))
}

/// `fault SPEC`, `fault none`
pub(super) fn fault(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    let span = cursor.here();
    let Some(Kind::Raw(text)) = cursor.peek() else {
        return Err(cursor.wrong("what goes wrong, such as `drop@3`, or `none`"));
    };
    cursor.skip(1);
    let fault = (*text != "none").then(|| At { it: (*text).to_owned(), span });
    Ok(Statement::Fault(fault))
}

/// `scp03 open key=value ...`, `scp03 close`
pub(super) fn scp03(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    let expected = "`open` or `close`";
    let wrong = cursor.wrong(expected);
    match cursor.word(expected)?.it {
        "close" => return Ok(Statement::CloseScp03),
        "open" => {}
        other => return Err(wrong.nearest(other, ["open", "close"])),
    }
    let mut options: Vec<(String, At<Value>)> = Vec::new();
    while !cursor.is_done() {
        let expected = "`keys=`, `version=` or `level=`, each once";
        let wrong = cursor.wrong(expected);
        let key = key(cursor)?;
        let value = match key.it {
            again if options.iter().any(|(key, _)| key == again) => return Err(wrong),
            "keys" => value(cursor)?,
            "version" | "level" => byte(cursor)?,
            other => return Err(wrong.nearest(other, ["keys", "version", "level"])),
        };
        options.push((key.it.to_owned(), value));
    }
    Ok(Statement::OpenScp03(options))
}

/// `wait N ms`
pub(super) fn wait(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    let pause = number(cursor, "milliseconds", 0..=WAIT_MAX_MS)?;
    cursor.need_word("ms", "`ms`")?;
    Ok(Statement::Wait(pause))
}
