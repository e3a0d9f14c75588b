//! A line, by what it begins with.

use super::cursor::{Cursor, Parsed, short};
use super::pattern::{pattern, status};
use super::value::pieces;
use super::{command, expect, order};
use crate::commands;
use crate::syntax::ast::{Expect, Statement};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::lexer::{Kind, Logical};
use crate::syntax::source::{At, Span};

/// What a line can begin with.
const KEYWORDS: &[&str] = &[
    "atr",
    "card",
    "data",
    "destructive",
    "end",
    "expect",
    "fault",
    "for",
    "include",
    "insert",
    "length",
    "lost",
    "note",
    "power",
    "remove",
    "repeat",
    "require",
    "reset",
    "scp03",
    "section",
    "select",
    "set",
    "skip",
    "sw",
    "time",
    "title",
    "tlv",
    "wait",
];

/// The statement of a line that opens and ends no block; none if it is blank or a comment.
pub(super) fn parse(logical: &Logical<'_>) -> Parsed<Option<At<Statement>>> {
    if logical.tokens.is_empty() {
        return Ok(None);
    }
    let mut cursor = Cursor::behind(logical, 0);
    let it = match cursor.peek() {
        Some(Kind::Sign(">")) => {
            cursor.skip(1);
            Statement::Send(command::send(&mut cursor)?)
        }
        Some(Kind::Sign("<")) => {
            cursor.skip(1);
            Statement::Expect(expect::answer(&mut cursor)?)
        }
        Some(Kind::Word(word)) => {
            cursor.skip(1);
            let known = keyword(word, &mut cursor)?;
            let wrong = || unknown(word, Cursor::behind(logical, 0).wrong("a keyword, `>` or `<`"));
            known.ok_or_else(wrong)?
        }
        _ => return Err(no_line(cursor.wrong("a keyword, `>` or `<`"), cursor.peek())),
    };
    cursor.done()?;
    Ok(Some(At { it, span: span(logical) }))
}

/// The place of the line, as far as it is one of the file.
pub(super) fn span(logical: &Logical<'_>) -> Span {
    let Some(first) = logical.tokens.first() else { return logical.end.clone() };
    let same = logical.tokens.iter().rfind(|token| token.span.line == first.span.line);
    same.map_or_else(|| first.span.clone(), |last| first.span.up_to(&last.span))
}

/// The statement that this keyword begins; none if it is none.
fn keyword(word: &str, cursor: &mut Cursor<'_>) -> Parsed<Option<Statement>> {
    Ok(Some(match word {
        "title" => Statement::Title(cursor.text("what reports call the file")?.it),
        "section" => order::section(cursor)?,
        "card" => order::card(cursor)?,
        "require" => Statement::Require(order::capabilities(cursor)?),
        "skip" => order::skip(cursor)?,
        "destructive" => {
            Statement::Destructive(cursor.text("why the trace can destroy a card")?.it)
        }
        "include" => Statement::Include(cursor.text("the file's name")?),
        "set" => order::set(cursor)?,
        "expect" => order::compare(cursor)?,
        "reset" => Statement::Reset,
        "power" => order::power(cursor)?,
        "remove" => Statement::Remove,
        "insert" => Statement::Insert,
        "select" => Statement::Select(pieces(cursor)?),
        "fault" => order::fault(cursor)?,
        "scp03" => order::scp03(cursor)?,
        "wait" => order::wait(cursor)?,
        "note" => Statement::Note(cursor.text("what the report shall say")?.it),
        _ => return Ok(expectation(word, cursor)?.map(Statement::Expect)),
    }))
}

fn expectation(word: &str, cursor: &mut Cursor<'_>) -> Parsed<Option<Expect>> {
    Ok(Some(match word {
        "sw" => Expect::Status(status(cursor)?),
        "data" => Expect::Data(pattern(cursor)?),
        "length" => Expect::Length(expect::lengths(cursor)?),
        "tlv" => expect::tlv(cursor)?,
        "lost" => Expect::Lost,
        "atr" => Expect::Atr(pattern(cursor)?),
        "time" => expect::time(cursor)?,
        _ => return Ok(None),
    }))
}

/// That a line begins with no keyword.
fn unknown(word: &str, wrong: Diagnostic) -> Diagnostic {
    let is_hex = |word: &str| word.chars().all(|c| c.is_ascii_hexdigit());
    let capitals = word.chars().all(|c| c.is_ascii_uppercase());
    let lower = word.to_ascii_lowercase();
    let named = commands::all().iter().any(|each| each.name.split(' ').next() == Some(word));
    let wrong = Diagnostic { found: format!("no line begins with `{}`", short(word)), ..wrong };
    match word {
        _ if named => wrong.help("a line that sends a command begins with `>`"),
        _ if KEYWORDS.contains(&lower.as_str()) => {
            wrong.help(format!("keywords are lower case: `{lower}`"))
        }
        _ if word.len() == 4 && is_hex(word) => {
            wrong.help(format!("is it a status word that must come back? `sw {word}`"))
        }
        _ if is_hex(word) => wrong.help("a line that sends a command begins with `>`"),
        _ if capitals => {
            wrong.help("names of commands stand behind `>`: `saifu trace commands` lists them")
        }
        _ => wrong.nearest(word, KEYWORDS.iter().copied()),
    }
}

/// That a line begins with something that begins none.
fn no_line(wrong: Diagnostic, kind: Option<&Kind<'_>>) -> Diagnostic {
    match kind {
        Some(Kind::Sign("=")) => wrong
            .help("is this a recording of saifu-card? `saifu trace convert` makes a trace of it"),
        Some(Kind::Variable(name)) => wrong.help(format!("`set {name} = ...` gives it a value")),
        _ => wrong,
    }
}
