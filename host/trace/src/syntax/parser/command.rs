//! `> ...` (LANGUAGE.md §3).

use super::cursor::{Cursor, Parsed, shown};
use super::value::{byte, hex_word, key, number, piece};
use crate::commands;
use crate::syntax::ast::{Form, Named, Send};
use crate::syntax::diagnostic::{Diagnostic, nearest};
use crate::syntax::lexer::Kind;
use crate::syntax::source::At;

const OPTIONS: &[&str] = &["cla", "ins", "p1", "p2", "le", "channel", "chain"];
const FLAGS: &[&str] = &["extended", "follow", "secure", "as"];

/// No name of a command has more words.
const NAME_WORDS_MAX: usize = 6;

/// A command: what follows `>`.
pub(super) fn send(cursor: &mut Cursor<'_>) -> Parsed<Send> {
    let form = match cursor.peek() {
        Some(Kind::Word(word)) if is_name(word) && !cursor.then_comes("(") => {
            Form::Named(Box::new(name(cursor)?))
        }
        Some(_) => Form::Bytes(Vec::with_capacity(cursor.left())),
        None => {
            let expected = "a command: its bytes in hexadecimal, or its name as in `SELECT`";
            return Err(cursor.wrong(expected));
        }
    };
    let mut send = Send { form, follow: false, secure: false, timed_as: None };
    while !cursor.is_done() {
        if option(cursor, &mut send)? {
            continue;
        }
        let is_over = send.follow || send.secure || send.timed_as.is_some();
        match &mut send.form {
            Form::Bytes(_) if is_over => {
                let wrong = cursor.wrong("`follow`, `secure` or `as NAME`");
                return Err(wrong.help("all bytes stand before them"));
            }
            Form::Bytes(bytes) => bytes.push(piece(cursor)?),
            Form::Named(named) => named.data.push(piece(cursor)?),
        }
    }
    Ok(send)
}

/// Whether a word can begin a name, rather than being bytes.
fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && !word.chars().all(|c| c.is_ascii_hexdigit())
        && !word.starts_with("0x")
}

/// The name of a command.
fn name(cursor: &mut Cursor<'_>) -> Parsed<Named> {
    let span = cursor.here();
    let ahead = cursor.words_ahead(NAME_WORDS_MAX);
    let words: Vec<_> = ahead.iter().map(|(word, _)| word.as_str()).collect();
    let wrong = |words: &[&str], cursor: &mut Cursor<'_>, tokens| {
        cursor.skip(tokens);
        unknown(words, Diagnostic::new(cursor.since(&span), ""))
    };
    let Some((command, count)) = commands::by_words(&words) else {
        let count = words.iter().take_while(|word| !is_data(word)).count().max(1);
        let tokens = ahead.get(count - 1).map_or(1, |(_, tokens)| *tokens);
        return Err(wrong(&words[..count.min(words.len())], cursor, tokens));
    };
    if let Some((_, tokens)) = ahead.get(count).filter(|(word, _)| is_of_a_name(word)) {
        return Err(wrong(&words[..=count], cursor, *tokens));
    }
    cursor.skip(ahead.get(count - 1).map_or(1, |(_, tokens)| *tokens));
    let name = At { it: command.name.to_owned(), span: cursor.since(&span) };
    Ok(Named {
        name,
        cla: None,
        ins: None,
        p1: None,
        p2: None,
        le: None,
        channel: None,
        extended: false,
        chain: None,
        data: Vec::new(),
    })
}

/// Whether a word behind a name can only be one more word of a name.
fn is_of_a_name(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_uppercase()) && !word.chars().all(|c| c.is_ascii_hexdigit())
}

/// Whether a word can be no part of a name.
fn is_data(word: &str) -> bool {
    FLAGS.contains(&word)
        || word.starts_with(|c: char| c.is_ascii_digit())
        || (word.len().is_multiple_of(2) && word.chars().all(|c| c.is_ascii_hexdigit()))
}

/// That no command has this name, with the nearest that there is.
fn unknown(words: &[&str], wrong: Diagnostic) -> Diagnostic {
    let names = || commands::all().iter().map(|command| command.name);
    let near =
        (1..=words.len()).rev().find_map(|count| nearest(&words[..count].join(" "), names()));
    let wrong =
        Diagnostic { found: format!("no command is called {}", shown(&wrong.span)), ..wrong };
    let wrong = wrong
        .expected("a name of annex A of LANGUAGE.md (`saifu trace commands` lists them), or bytes");
    match near {
        Some(near) => wrong.help(format!("did you mean `{near}`?")),
        None => wrong.help("any command can be written in hexadecimal: `> 00 A4 04 00`"),
    }
}

/// An option of the named form, if one comes next.
fn option(cursor: &mut Cursor<'_>, send: &mut Send) -> Parsed<bool> {
    if flag(cursor, send)? {
        return Ok(true);
    }
    let Form::Named(named) = &mut send.form else { return Ok(false) };
    if cursor.peek_word() == Some("extended") {
        once(cursor, named.extended)?;
        named.extended = cursor.take_word("extended");
        return Ok(true);
    }
    if cursor.peek_word().is_none() || !cursor.then_comes("=") {
        return Ok(false);
    }
    once(cursor, is_set(named, cursor.peek_word().unwrap_or_default()))?;
    let unknown =
        cursor.wrong("an option: `cla=`, `ins=`, `p1=`, `p2=`, `le=`, `channel=` or `chain=`");
    let key = key(cursor)?;
    match key.it {
        "cla" => named.cla = Some(fixed_byte(cursor)?),
        "ins" => named.ins = Some(fixed_byte(cursor)?),
        "p1" => named.p1 = Some(byte(cursor)?),
        "p2" => named.p2 = Some(byte(cursor)?),
        "le" if cursor.take_word("none") => named.le = Some(None),
        "le" => {
            let wrong = |wrong: Diagnostic| {
                wrong.help("`le=256` is `00`, `le=65536` is `0000`, `le=none` is none")
            };
            named.le = Some(Some(number(cursor, "Le", 1..=65_536).map_err(wrong)?));
        }
        "channel" => named.channel = Some(number(cursor, "a logical channel", 0..=19)?),
        "chain" => named.chain = Some(number(cursor, "the bytes of a part", 1..=65_535)?),
        other => return Err(unknown.nearest(other, OPTIONS.iter().copied())),
    }
    Ok(true)
}

fn is_set(named: &Named, key: &str) -> bool {
    match key {
        "cla" => named.cla.is_some(),
        "ins" => named.ins.is_some(),
        "p1" => named.p1.is_some(),
        "p2" => named.p2.is_some(),
        "le" => named.le.is_some(),
        "channel" => named.channel.is_some(),
        "chain" => named.chain.is_some(),
        _ => false,
    }
}

fn once(cursor: &Cursor<'_>, again: bool) -> Parsed<()> {
    match again {
        true => Err(cursor.wrong("each option once")),
        false => Ok(()),
    }
}

/// A byte of the header that no variable can be.
fn fixed_byte(cursor: &mut Cursor<'_>) -> Parsed<u8> {
    let span = cursor.here();
    let wrong = cursor.wrong("a byte: two hexadecimal digits");
    let word = cursor.word("a byte: two hexadecimal digits")?;
    match hex_word(word.it, &span).as_deref() {
        Ok([byte]) => Ok(*byte),
        _ => Err(wrong),
    }
}

/// `follow`, `secure` or `as NAME`, if it comes next.
fn flag(cursor: &mut Cursor<'_>, send: &mut Send) -> Parsed<bool> {
    match cursor.peek_word() {
        Some("follow") => {
            once(cursor, send.follow)?;
            send.follow = cursor.take_word("follow");
        }
        Some("secure") => {
            once(cursor, send.secure)?;
            send.secure = cursor.take_word("secure");
        }
        Some("as") => {
            once(cursor, send.timed_as.is_some())?;
            cursor.skip(1);
            send.timed_as = Some(cursor.name("a name for how long it took")?.it);
        }
        Some("extended") if matches!(send.form, Form::Bytes(_)) => {
            let help = "write the length fields as they shall be, or the command by its name";
            return Err(cursor.wrong("bytes: in hexadecimal nothing is added").help(help));
        }
        _ => return Ok(false),
    }
    Ok(true)
}
