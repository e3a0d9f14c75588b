//! Where something stands in a file, and how it is shown.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

/// A file of a trace, or text from somewhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What messages call it; `-` for standard input.
    pub path: PathBuf,
    /// All of it.
    pub text: String,
}

/// A place in a [`Source`]: part of one line.
#[derive(Clone, PartialEq, Eq)]
pub struct Span {
    /// The file.
    pub source: Arc<Source>,
    /// The line, from 1; 0 for what was made and not read.
    pub line: u32,
    /// The first byte of the place in its line, from 0.
    pub from: u32,
    /// The byte after the place.
    pub to: u32,
}

/// Something, and where it stands. Two are equal wherever they stand.
#[derive(Clone)]
pub struct At<T> {
    /// The thing.
    pub it: T,
    /// Its place.
    pub span: Span,
}

/// How many characters of a long line are shown.
const EXCERPT_CHARS: usize = 88;

/// How many of them stand before the place, where the line is longer.
const EXCERPT_CHARS_BEFORE: usize = 30;

static NOWHERE: LazyLock<Arc<Source>> =
    LazyLock::new(|| Arc::new(Source { path: PathBuf::new(), text: String::new() }));

impl Source {
    /// A line without its end, from 1; empty where there is none.
    #[must_use]
    pub fn line(&self, number: u32) -> &str {
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let line = index.and_then(|index| self.text.split('\n').nth(index)).unwrap_or_default();
        line.strip_suffix('\r').unwrap_or(line)
    }
}

impl Span {
    /// The place of what was made and not read.
    #[must_use]
    pub fn nowhere() -> Self {
        Self { source: NOWHERE.clone(), line: 0, from: 0, to: 0 }
    }

    /// The column in characters, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        let line = self.source.line(self.line);
        1 + line.get(..self.from as usize).map_or(self.from as usize, |head| head.chars().count())
    }

    /// `FILE:LINE:COLUMN`.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}:{}", self.source.path.display(), self.line, self.column())
    }

    /// From where this begins to where the other, of the same line, ends; this alone if the other
    /// stands in another line.
    #[must_use]
    pub fn up_to(&self, other: &Self) -> Self {
        match self.line == other.line {
            true => Self { to: other.to.max(self.to), ..self.clone() },
            false => self.clone(),
        }
    }

    /// The line, and below it a caret under every character of the place. Of a long line, the
    /// part around the place; what cannot be printed becomes a space.
    ///
    /// ```text
    ///   12 | < 9O00
    ///      |   ^^^^
    /// ```
    #[must_use]
    pub fn excerpt(&self) -> String {
        let text = self.source.line(self.line);
        let line: Vec<char> = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let start = (self.column() - 1).min(line.len());
        let marked = text
            .get(self.from as usize..(self.to as usize).min(text.len()))
            .map_or(1, |place| place.chars().count().max(1));
        let skip = match line.len() > EXCERPT_CHARS {
            true => start.saturating_sub(EXCERPT_CHARS_BEFORE),
            false => 0,
        };
        let end = line.len().min(skip + EXCERPT_CHARS);
        let before = if skip > 0 { "…" } else { "" };
        let after = if end < line.len() { "…" } else { "" };
        let shown: String = line[skip..end].iter().collect();
        let indent = start - skip + before.chars().count();
        let carets = marked.min((end + 1).saturating_sub(start)).max(1);
        let mut out = String::new();
        let _ = writeln!(out, "{:>5} | {before}{shown}{after}", self.line);
        let _ = write!(out, "      | {}{}", " ".repeat(indent), "^".repeat(carets));
        out
    }
}

impl std::fmt::Debug for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}..{}", self.line, self.from, self.to)
    }
}

impl<T> At<T> {
    /// Something that was made and not read.
    #[must_use]
    pub fn nowhere(it: T) -> Self {
        Self { it, span: Span::nowhere() }
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for At<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.it.fmt(f)
    }
}

impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.it == other.it
    }
}

impl<T: Eq> Eq for At<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, line: u32, from: u32, to: u32) -> Span {
        let source = Source { path: "a.apdu".into(), text: text.into() };
        Span { source: Arc::new(source), line, from, to }
    }

    #[test]
    fn a_place_is_shown_with_carets_under_it() {
        let span = span("# é\r\n< 9O00\n", 2, 2, 6);
        assert_eq!(span.place(), "a.apdu:2:3");
        assert_eq!(span.excerpt(), "    2 | < 9O00\n      |   ^^^^");
    }

    #[test]
    fn columns_count_characters() {
        let span = span("note \"é\" x", 1, 10, 11);
        assert_eq!(span.column(), 10);
        assert!(span.excerpt().ends_with("\n      |          ^"));
    }

    #[test]
    fn of_a_long_line_the_part_around_the_place_is_shown() {
        let text = format!("> {}Z{}", "00".repeat(50_000), "00".repeat(50_000));
        let shown = span(&text, 1, 100_002, 100_003).excerpt();
        let (line, carets) = shown.split_once('\n').unwrap();
        assert!(line.chars().count() < 110, "{line}");
        let at = carets.chars().position(|c| c == '^').unwrap();
        assert_eq!(line.chars().nth(at), Some('Z'));
        assert_eq!(carets.matches('^').count(), 1);
    }

    #[test]
    fn a_place_outside_of_the_text_is_shown_as_well() {
        for (line, from, to) in [(0, 0, 0), (9, 5, 9), (1, 3, 2), (1, 40, 90)] {
            let span = span("é\tb", line, from, to);
            assert!(span.excerpt().contains('^'), "{}", span.place());
        }
    }
}
