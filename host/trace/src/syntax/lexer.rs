//! Text to tokens, a statement's line at a time: with the lines that `\` joins to it.

mod scan;

use super::diagnostic::Diagnostic;
use super::source::{Source, Span};
pub(super) use scan::is_name;
use scan::{Scanned, scan};
use std::sync::Arc;

/// No line is longer, those that `\` joins to it included: a command of 65,535 bytes has room.
pub(super) const LINE_MAX_BYTES: usize = 256 * 1024;

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind<'s> {
    /// Letters, digits, `_`, `-`, `.`, `/`, and `#` inside.
    Word(&'s str),
    /// What stood in quotes.
    Text(Vec<u8>),
    /// `$name`, without the `$`.
    Variable(&'s str),
    /// `{ } ( ) [ ] , = : | * < >` or `<=`.
    Sign(&'static str),
    /// What follows `fault`, as it stands.
    Raw(&'s str),
}

/// A token, where it stands, and whether nothing stands between it and the one before.
#[derive(Debug, Clone)]
pub(super) struct Token<'s> {
    pub(super) kind: Kind<'s>,
    pub(super) span: Span,
    pub(super) glued: bool,
}

/// A statement's line.
pub(super) struct Logical<'s> {
    /// Its tokens, up to the first that is none.
    pub(super) tokens: Vec<Token<'s>>,
    /// What follows `#`.
    pub(super) comment: Option<String>,
    /// What is no token.
    pub(super) wrong: Option<Diagnostic>,
    /// Where it ends.
    pub(super) end: Span,
}

/// The lines of a text.
pub(super) struct Lines<'s> {
    source: &'s Arc<Source>,
    rest: std::str::Split<'s, char>,
    line: u32,
}

impl<'s> Lines<'s> {
    pub(super) fn of(source: &'s Arc<Source>) -> Self {
        let text = source.text.strip_suffix('\n').unwrap_or(&source.text);
        let mut rest = text.split('\n');
        if text.is_empty() {
            rest.next();
        }
        Self { source, rest, line: 0 }
    }

    /// One more line of the file onto the statement's; whether another one goes on with it.
    fn add(&self, text: &'s str, to: &mut Logical<'s>) -> bool {
        let text = text.strip_suffix('\r').unwrap_or(text);
        let bom =
            if self.line == 1 && text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        let Scanned { tokens, comment, continues, wrong } =
            scan(self.source, self.line, text, bom, to.tokens.is_empty());
        to.end = place(self.source, self.line, text.trim_end().len());
        if to.wrong.is_none() {
            match to.tokens.is_empty() {
                true => to.tokens = tokens,
                false => to.tokens.extend(tokens),
            }
            to.comment = comment;
            to.wrong = wrong;
        }
        continues
    }
}

impl<'s> Iterator for Lines<'s> {
    type Item = Logical<'s>;

    fn next(&mut self) -> Option<Logical<'s>> {
        let mut text = self.rest.next()?;
        self.line = self.line.saturating_add(1);
        let end = place(self.source, self.line, 0);
        let mut logical = Logical { tokens: Vec::new(), comment: None, wrong: None, end };
        let mut bytes = text.len();
        while self.add(text, &mut logical) {
            let Some(next) = self.rest.next() else {
                let found = "the file ends where `\\` says that the line goes on";
                let help = "take the `\\` away";
                logical.wrong = Some(Diagnostic::new(logical.end.clone(), found).help(help));
                break;
            };
            (text, self.line) = (next, self.line.saturating_add(1));
            bytes = bytes.saturating_add(text.len());
            if bytes > LINE_MAX_BYTES && logical.wrong.is_none() {
                logical.tokens.truncate(1);
                logical.wrong = Some(too_long(logical.end.clone()));
            }
        }
        if bytes > LINE_MAX_BYTES && logical.wrong.is_none() {
            logical.wrong = Some(too_long(place(self.source, self.line, 0)));
        }
        Some(logical)
    }
}

fn place(source: &Arc<Source>, line: u32, byte: usize) -> Span {
    let byte = u32::try_from(byte).unwrap_or(u32::MAX);
    Span { source: source.clone(), line, from: byte, to: byte }
}

fn too_long(span: Span) -> Diagnostic {
    let found = format!("the line has more than {LINE_MAX_BYTES} bytes");
    Diagnostic::new(span, found).help("a command has 65,535 bytes at most; send more by several")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Logical<'static>> {
        let source = Source { path: "a.apdu".into(), text: text.into() };
        Lines::of(Box::leak(Box::new(Arc::new(source)))).collect()
    }

    fn kinds(logical: &Logical<'_>) -> Vec<String> {
        let show = |token: &Token<'_>| match &token.kind {
            Kind::Word(word) => (*word).to_owned(),
            Kind::Text(text) => format!("{:?}", String::from_utf8_lossy(text)),
            Kind::Variable(name) => format!("${name}"),
            Kind::Sign(sign) => format!("'{sign}'"),
            Kind::Raw(text) => format!("raw {text}"),
        };
        logical.tokens.iter().map(show).collect()
    }

    #[test]
    fn a_line_is_words_texts_variables_and_signs() {
        let line = &lines("tlv 6F/A5#2 = x:[4..12] \"a\\\"\\\\\\x0a\" $b{C} # why = not\n")[0];
        let tokens = [
            "tlv",
            "6F/A5#2",
            "'='",
            "x",
            "':'",
            "'['",
            "4..12",
            "']'",
            "\"a\\\"\\\\\\n\"",
            "$b",
            "'{'",
            "C",
            "'}'",
        ];
        assert_eq!(kinds(line), tokens);
        assert_eq!(line.comment.as_deref(), Some(" why = not"));
        assert!(line.tokens[1].span.from == 4 && line.tokens[1].span.to == 11);
    }

    #[test]
    fn lines_that_end_with_a_backslash_go_on_and_keep_their_places() {
        let found = lines("> 00 \\\r\n  A4 \\ \r\n 04\r\n< 9000");
        assert_eq!(found.len(), 2);
        assert_eq!(kinds(&found[0]), ["'>'", "00", "A4", "04"]);
        let last = &found[0].tokens[3].span;
        assert_eq!((last.line, last.from, last.to), (3, 1, 3));
    }

    #[test]
    fn a_comment_ends_with_its_line() {
        let found = lines("# not on \\\nreset # nor here \\\nlost");
        let all: Vec<_> = found.iter().map(kinds).collect();
        assert_eq!(all, [vec![], vec!["reset".to_owned()], vec!["lost".to_owned()]]);
    }

    #[test]
    fn a_fault_is_taken_as_it_stands() {
        assert_eq!(
            kinds(&lines("fault  drop@3,before:80x8  # why")[0]),
            ["fault", "raw drop@3,before:80x8"]
        );
        assert_eq!(kinds(&lines("fault")[0]), ["fault"]);
    }

    #[test]
    fn what_is_no_token_is_told_and_the_next_line_goes_on() {
        for (text, column) in [
            ("> 00;A4", 5),
            ("note \"open", 6),
            ("note \"a\\n\"", 8),
            ("set $ = 00", 5),
            ("> 00 \\ 01", 6),
            ("note é", 6),
            ("note \u{1b}[31m", 6),
        ] {
            let found = lines(&format!("{text}\nreset"));
            let wrong = found[0].wrong.as_ref().unwrap();
            assert_eq!(wrong.span.column(), column, "{wrong}");
            assert_eq!(kinds(&found[1]), ["reset"]);
        }
        assert!(lines("> 00 \\")[0].wrong.is_some());
    }

    #[test]
    fn no_line_is_longer_than_its_limit() {
        let long = "00 ".repeat(LINE_MAX_BYTES / 3 + 1);
        assert!(lines(&long)[0].wrong.is_some());
        assert!(lines(&long.replace(' ', " \\\n"))[0].wrong.is_some());
        assert!(lines(&"00 ".repeat(LINE_MAX_BYTES / 4))[0].wrong.is_none());
    }
}
