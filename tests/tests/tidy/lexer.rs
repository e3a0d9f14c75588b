//! Tells code, comments and literals of a Rust source apart, without parsing it.

/// A source, once as written and once with nothing but its code.
pub(crate) struct Source {
    /// The text as written.
    pub(crate) text: String,
    /// The text with each byte of a comment or literal blanked; lines and offsets stay.
    pub(crate) code: String,
    /// Each comment as written, with the line it begins on.
    pub(crate) comments: Vec<(usize, String)>,
}

impl Source {
    /// Reads `text`; whatever is not closed ends with the text.
    pub(crate) fn new(text: &str) -> Self {
        let mut lexer = Lexer { bytes: text.as_bytes(), at: 0, code: Vec::new() };
        let mut comments = Vec::new();
        while lexer.at < lexer.bytes.len() {
            let start = lexer.at;
            match lexer.next_piece() {
                Piece::Code => lexer.keep(),
                Piece::Literal(length) => lexer.blank(length),
                Piece::Comment(length) => {
                    lexer.blank(length);
                    comments.push((line_of(text, start), text[start..lexer.at].to_owned()));
                }
            }
        }
        let code = String::from_utf8(lexer.code).expect("only whole characters are kept");
        Self { text: text.to_owned(), code, comments }
    }
}

/// The line, counted from 1, on which the byte at `offset` stands.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    1 + text.as_bytes()[..offset].iter().filter(|byte| **byte == b'\n').count()
}

/// The words of `code` (identifiers, keywords, numbers), each with its offset.
pub(crate) fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    code.split(|c: char| !is_word(c))
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr().addr() - code.as_ptr().addr(), word))
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// What begins at the lexer's place, and how many bytes of it are to be blanked.
enum Piece {
    Code,
    Comment(usize),
    Literal(usize),
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    code: Vec<u8>,
}

impl Lexer<'_> {
    fn next_piece(&self) -> Piece {
        let rest = &self.bytes[self.at..];
        match rest {
            [b'/', b'/', ..] => Piece::Comment(until(rest, b"\n")),
            [b'/', b'*', ..] => Piece::Comment(block_comment(rest)),
            [b'"', ..] => Piece::Literal(quoted(rest, b'"')),
            [b'\'', ..] => character(rest).map_or(Piece::Code, Piece::Literal),
            [b'r', ..] if self.begins_a_raw_literal() => {
                raw(rest).map_or(Piece::Code, Piece::Literal)
            }
            _ => Piece::Code,
        }
    }

    /// `r` opens a raw literal unless it ends a word; `br` and `cr` are words of their own.
    fn begins_a_raw_literal(&self) -> bool {
        let before = &self.bytes[..self.at];
        let word = before.iter().rev().take_while(|b| is_word(char::from(**b))).count();
        word == 0 || (word == 1 && matches!(before.last(), Some(b'b' | b'c')))
    }

    fn keep(&mut self) {
        self.code.push(self.bytes[self.at]);
        self.at += 1;
    }

    fn blank(&mut self, length: usize) {
        let end = self.bytes.len().min(self.at + length);
        let blanked = self.bytes[self.at..end].iter();
        self.code.extend(blanked.map(|byte| if *byte == b'\n' { b'\n' } else { b' ' }));
        self.at = end;
    }
}

/// Bytes up to and without `mark`.
fn until(rest: &[u8], mark: &[u8]) -> usize {
    rest.windows(mark.len()).position(|window| window == mark).unwrap_or(rest.len())
}

/// Block comments nest.
fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// A literal from its opening to its closing quote; a backslash covers the byte after it.
fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// A character literal, or nothing where the quote begins a lifetime or a label.
fn character(rest: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(&rest[1..rest.len().min(8)]);
    let mut characters = text.chars();
    let first = characters.next()?;
    let is_literal = first == '\\' || characters.next() == Some('\'');
    is_literal.then(|| quoted(rest, b'\''))
}

/// A raw literal (from its `r`), or nothing where `r` begins a word or a raw identifier.
fn raw(rest: &[u8]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
    let body = rest.get(1 + hashes..)?.strip_prefix(b"\"")?;
    let mark = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    Some(2 + hashes + until(body, &mark) + mark.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        let source = Source::new(text);
        assert_eq!(source.code.len(), text.len());
        source.code.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_are_blanked_and_kept_with_their_lines() {
        assert_eq!(code("a // {\nb /* { /* } */ { */ c"), "a b c");
        let source = Source::new("a\n// one\n/* two\n */ b // three");
        let lines: Vec<usize> = source.comments.iter().map(|comment| comment.0).collect();
        assert_eq!(lines, [2, 3, 4]);
        assert_eq!(source.comments[1].1, "/* two\n */");
    }

    #[test]
    fn strings_are_blanked_with_their_escapes() {
        assert_eq!(code(r#"f("{ \" } // no") ; b"\\" ; g"#), "f( ) ; b ; g");
        assert_eq!(code("a(\"{\n{\")"), "a( )");
    }

    #[test]
    fn raw_strings_end_at_as_many_hashes_as_they_began_with() {
        assert_eq!(code("x = r#\"{ \"quote\" \\\"#; y"), "x = ; y");
        assert_eq!(code("x = br##\"{\"# \"##; y = r\"\\\"; z"), "x = b ; y = ; z");
        assert_eq!(code("r#type { for_\"{\" }"), "r#type { for_ }");
    }

    #[test]
    fn characters_are_blanked_and_lifetimes_are_not() {
        assert_eq!(code("('{', '\\'', '\\u{7b}', b'}', '\u{e4}')"), "( , , , b , )");
        assert_eq!(
            code("fn f<'a>(x: &'a str) { 'l: loop {} }"),
            "fn f<'a>(x: &'a str) { 'l: loop {} }"
        );
    }
}
