//! The tokens of a line, from left to right.

use super::DEPTH_MAX;
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::lexer::{Kind, Logical, Token};
use crate::syntax::source::{At, Span};

/// What is read, or the mistake.
pub(super) type Parsed<T> = Result<T, Diagnostic>;

/// So many characters of what was found are repeated in a message.
const SHOWN_CHARS: usize = 40;

/// Where in a line the parser is.
pub(super) struct Cursor<'t> {
    tokens: &'t [Token<'t>],
    at: usize,
    end: &'t Span,
    depth: usize,
}

impl<'t> Cursor<'t> {
    /// Behind the first so many tokens.
    pub(super) fn behind(logical: &'t Logical<'t>, tokens: usize) -> Self {
        Self { tokens: &logical.tokens, at: tokens, end: &logical.end, depth: 0 }
    }

    pub(super) fn peek(&self) -> Option<&'t Kind<'t>> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    /// The word that comes next, if it is one.
    pub(super) fn peek_word(&self) -> Option<&'t str> {
        match self.peek() {
            Some(Kind::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// Whether the token after the next one is this sign.
    pub(super) fn then_comes(&self, sign: &str) -> bool {
        let second = self.tokens.get(self.at + 1).map(|token| &token.kind);
        matches!(second, Some(Kind::Sign(found)) if *found == sign)
    }

    /// The next so many words and colons, as they are glued to words: where a name may be.
    pub(super) fn words_ahead(&self, most: usize) -> Vec<(String, usize)> {
        let mut words: Vec<(String, usize)> = Vec::new();
        for (index, token) in self.tokens[self.at..].iter().enumerate() {
            let option = self.tokens.get(self.at + index + 1).is_some_and(
                |next| matches!(&next.kind, Kind::Sign(sign @ ("=" | "(")) if *sign == "=" || next.glued),
            );
            match &token.kind {
                Kind::Word(word) if !option && words.len() < most => {
                    words.push(((*word).to_owned(), index + 1));
                }
                Kind::Sign(":") if token.glued => match words.last_mut() {
                    Some((word, tokens)) => {
                        word.push(':');
                        *tokens = index + 1;
                    }
                    None => break,
                },
                _ => break,
            }
        }
        words
    }

    /// Whether nothing comes still but a word, or several with `|` between them.
    pub(super) fn is_last_choice(&self) -> bool {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let words = rest.iter().step_by(2).all(|token| matches!(token.kind, Kind::Word(_)));
        let strokes = rest.iter().skip(1).step_by(2).all(|token| token.kind == Kind::Sign("|"));
        rest.len() % 2 == 1 && words && strokes
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// How many tokens come still.
    pub(super) fn left(&self) -> usize {
        self.tokens.len().saturating_sub(self.at)
    }

    /// Goes over so many tokens.
    pub(super) fn skip(&mut self, tokens: usize) {
        self.at = (self.at + tokens).min(self.tokens.len());
    }

    /// The next token's place; behind the last one the end of the line.
    pub(super) fn here(&self) -> Span {
        self.tokens.get(self.at).map_or(self.end, |token| &token.span).clone()
    }

    /// From a place to the end of what was read last.
    pub(super) fn since(&self, from: &Span) -> Span {
        let last = self.at.checked_sub(1).and_then(|last| self.tokens.get(last));
        last.map_or_else(|| from.clone(), |last| from.up_to(&last.span))
    }

    /// Goes over this sign, if it comes next.
    pub(super) fn take_sign(&mut self, sign: &str) -> bool {
        let comes = matches!(self.peek(), Some(Kind::Sign(found)) if *found == sign);
        self.at += usize::from(comes);
        comes
    }

    /// Goes over this word, if it comes next.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let comes = self.peek_word() == Some(word);
        self.at += usize::from(comes);
        comes
    }

    /// Goes over this sign, which must come next.
    pub(super) fn need_sign(&mut self, sign: &str, expected: &str) -> Parsed<()> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.wrong(expected)) }
    }

    /// Goes over this word, which must come next.
    pub(super) fn need_word(&mut self, word: &str, expected: &str) -> Parsed<()> {
        if self.take_word(word) {
            return Ok(());
        }
        let found = self.peek_word().unwrap_or_default();
        Err(self.wrong(expected).nearest(found, [word]))
    }

    /// The word that must come next.
    pub(super) fn word(&mut self, expected: &str) -> Parsed<At<&'t str>> {
        let (Some(word), span) = (self.peek_word(), self.here()) else {
            return Err(self.wrong(expected));
        };
        self.at += 1;
        Ok(At { it: word, span })
    }

    /// The name of a variable or of a time, without `$`.
    pub(super) fn name(&mut self, expected: &str) -> Parsed<At<String>> {
        if let Some(Kind::Variable(name)) = self.peek() {
            return Err(self
                .wrong(expected)
                .help(format!("write `{name}`: `$` stands where it is used")));
        }
        match self.peek_word() {
            Some(word) if crate::syntax::lexer::is_name(word) => {
                let found = self.word(expected)?;
                Ok(At { it: found.it.to_owned(), span: found.span })
            }
            _ => {
                let help = "a letter, then letters, digits and `_`, 64 at most";
                Err(self.wrong(expected).help(help))
            }
        }
    }

    /// The text in quotes that must come next: UTF-8 without control characters.
    pub(super) fn text(&mut self, expected: &str) -> Parsed<At<String>> {
        let (Some(Kind::Text(bytes)), span) = (self.peek(), self.here()) else {
            return Err(self.wrong(expected).help("put it into double quotes"));
        };
        self.at += 1;
        match String::from_utf8(bytes.clone()) {
            Ok(text) if !text.chars().any(char::is_control) => Ok(At { it: text, span }),
            _ => Err(Diagnostic::new(span, "this text is no text but bytes").expected(expected)),
        }
    }

    /// Reads what stands inside brackets, unless these are too many inside each other.
    pub(super) fn inside<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == DEPTH_MAX {
            let found = format!("more than {DEPTH_MAX} brackets inside each other");
            return Err(Diagnostic::new(self.here(), found).help("use `set` and variables"));
        }
        self.depth += 1;
        let done = read(self);
        self.depth -= 1;
        done
    }

    /// That the line says no more.
    pub(super) fn done(&self) -> Parsed<()> {
        match self.is_done() {
            true => Ok(()),
            false => Err(self.wrong("the end of the line")),
        }
    }

    /// The mistake that something else comes next than what was expected.
    pub(super) fn wrong(&self, expected: &str) -> Diagnostic {
        let found = match self.peek() {
            None => "the line ends too early".to_owned(),
            Some(Kind::Text(_)) => "found a text".to_owned(),
            Some(Kind::Word(word)) => format!("found `{}`", short(word)),
            Some(Kind::Raw(text)) => format!("found `{}`", short(text)),
            Some(Kind::Variable(name)) => format!("found `${name}`"),
            Some(Kind::Sign(sign)) => format!("found `{sign}`"),
        };
        Diagnostic::new(self.here(), found).expected(expected)
    }
}

/// The beginning of a text.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// What stands there, shortened.
pub(super) fn shown(span: &Span) -> String {
    let line = span.source.line(span.line);
    let text = line.get(span.from as usize..span.to as usize).unwrap_or_default();
    format!("`{}`", short(text))
}
