//! The tokens of one line of the file.

use super::{Kind, Token};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::{Source, Span};
use std::sync::Arc;

/// What a line of the file holds.
pub(super) struct Scanned<'s> {
    pub(super) tokens: Vec<Token<'s>>,
    pub(super) comment: Option<String>,
    /// Whether it ends with `\`.
    pub(super) continues: bool,
    pub(super) wrong: Option<Diagnostic>,
}

/// Few lines have more tokens.
const TOKENS_USUAL: usize = 8;

const SIGNS: &[&str] = &["<=", "{", "}", "(", ")", "[", "]", ",", "=", ":", "|", "*", "<", ">"];

/// Scans a line from this byte on; `begins` says that no token of the statement came before.
pub(super) fn scan<'s>(
    source: &'s Arc<Source>,
    line: u32,
    text: &'s str,
    from: usize,
    begins: bool,
) -> Scanned<'s> {
    let scanned = Scanned {
        tokens: Vec::with_capacity(TOKENS_USUAL),
        comment: None,
        continues: false,
        wrong: None,
    };
    let mut scanner = Scanner { source, line, text, at: from, begins, scanned };
    if let Err(wrong) = scanner.all() {
        scanner.scanned.wrong = Some(wrong);
        scanner.scanned.continues = text.trim_end().ends_with('\\');
    }
    scanner.scanned
}

struct Scanner<'s> {
    source: &'s Arc<Source>,
    line: u32,
    text: &'s str,
    at: usize,
    begins: bool,
    scanned: Scanned<'s>,
}

impl<'s> Scanner<'s> {
    fn all(&mut self) -> Result<(), Diagnostic> {
        let mut glued = false;
        while let Some(next) = self.rest().chars().next() {
            let from = self.at;
            let kind = match next {
                ' ' | '\t' => {
                    self.at += 1;
                    glued = false;
                    continue;
                }
                '#' => {
                    self.scanned.comment = Some(self.rest()[1..].trim_end().to_owned());
                    return Ok(());
                }
                '\\' => return self.end_of_line(),
                '"' => self.quoted()?,
                '$' => self.variable()?,
                c if is_word(c) => self.word(),
                _ => self.sign()?,
            };
            let is_fault =
                self.begins && self.scanned.tokens.is_empty() && is_the_word(&kind, "fault");
            self.push(kind, from, glued);
            glued = true;
            if is_fault {
                self.raw();
            }
        }
        Ok(())
    }

    fn rest(&self) -> &'s str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn span(&self, from: usize, to: usize) -> Span {
        let offset = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        Span { source: self.source.clone(), line: self.line, from: offset(from), to: offset(to) }
    }

    fn push(&mut self, kind: Kind<'s>, from: usize, glued: bool) {
        let span = self.span(from, self.at);
        self.scanned.tokens.push(Token { kind, span, glued });
    }

    /// Takes what these characters are of.
    fn take(&mut self, mut is: impl FnMut(char) -> bool) -> &'s str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|c| !is(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    fn word(&mut self) -> Kind<'s> {
        Kind::Word(self.take(|c| is_word(c) || c == '#'))
    }

    fn sign(&mut self) -> Result<Kind<'s>, Diagnostic> {
        if let Some(sign) = SIGNS.iter().find(|sign| self.rest().starts_with(**sign)) {
            self.at += sign.len();
            return Ok(Kind::Sign(sign));
        }
        let c = self.rest().chars().next().unwrap_or_default();
        let span = self.span(self.at, self.at + c.len_utf8());
        let shown = c.escape_debug();
        let wrong = Diagnostic::new(span, format!("`{shown}` means nothing here"));
        Err(match c {
            '@' => wrong.help(
                "is this a recording of saifu-card? `saifu trace convert` makes a trace of it",
            ),
            '\'' => wrong.help("texts stand in double quotes"),
            _ => wrong.help("outside of quotes and comments stand letters, digits and signs alone"),
        })
    }

    fn variable(&mut self) -> Result<Kind<'s>, Diagnostic> {
        let from = self.at;
        self.at += 1;
        let name = self.take(|c| c.is_ascii_alphanumeric() || c == '_');
        if is_name(name) {
            return Ok(Kind::Variable(name));
        }
        Err(Diagnostic::new(self.span(from, self.at), "`$` without a name").expected(
            "a variable, such as $challenge: a letter, then letters, digits and `_`, 64 at most",
        ))
    }

    fn end_of_line(&mut self) -> Result<(), Diagnostic> {
        if self.rest()[1..].trim().is_empty() {
            self.scanned.continues = true;
            return Ok(());
        }
        let span = self.span(self.at, self.at + 1);
        let help = "a line goes on in the next if `\\` is the last of it, comments included";
        Err(Diagnostic::new(span, "`\\` inside a line").help(help))
    }

    /// A text, its escapes resolved.
    fn quoted(&mut self) -> Result<Kind<'s>, Diagnostic> {
        let from = self.at;
        self.at += 1;
        let mut bytes = Vec::new();
        while let Some(c) = self.rest().chars().next() {
            match c {
                '"' => {
                    self.at += 1;
                    return Ok(Kind::Text(bytes));
                }
                '\\' => bytes.push(self.escape()?),
                c if c.is_control() => {
                    let span = self.span(self.at, self.at + c.len_utf8());
                    let found = format!("the character {:04X} in a text", u32::from(c));
                    return Err(
                        Diagnostic::new(span, found).help("write it as `\\x` and two digits")
                    );
                }
                c => {
                    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    self.at += c.len_utf8();
                }
            }
        }
        let found = "a text that does not end in this line";
        Err(Diagnostic::new(self.span(from, self.text.len()), found).expected("`\"` at its end"))
    }

    fn escape(&mut self) -> Result<u8, Diagnostic> {
        let from = self.at;
        let (byte, bytes) = match self.rest().as_bytes() {
            [b'\\', c @ (b'"' | b'\\'), ..] => (Some(*c), 2),
            [b'\\', b'x', high, low, ..] => (hex_byte(*high, *low), 4),
            _ => (None, 2),
        };
        let end = (from + bytes).min(self.text.len());
        match byte {
            Some(byte) => {
                self.at = end;
                Ok(byte)
            }
            None => Err(Diagnostic::new(self.span(from, end), "no such escape in a text")
                .expected("`\\\"`, `\\\\`, or `\\x` and two hexadecimal digits")),
        }
    }

    /// What follows `fault`: as it stands, up to a comment.
    fn raw(&mut self) {
        let rest = self.rest();
        let comment = [" #", "\t#"].iter().filter_map(|mark| rest.find(mark)).min();
        let end = self.at + comment.unwrap_or(rest.len());
        let text = &self.text[self.at..end];
        let from = self.at + (text.len() - text.trim_start().len());
        let raw = text.trim();
        if !raw.is_empty() {
            self.at = from + raw.len();
            self.push(Kind::Raw(raw), from, false);
        }
        self.at = end;
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/')
}

fn is_the_word(kind: &Kind<'_>, word: &str) -> bool {
    matches!(kind, Kind::Word(found) if *found == word)
}

fn hex_byte(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// Whether this can be a variable's name: a letter or `_`, then those and digits, 64 at most.
pub(in crate::syntax) fn is_name(word: &str) -> bool {
    word.len() <= 64
        && !word.starts_with(|c: char| c.is_ascii_digit())
        && !word.is_empty()
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
