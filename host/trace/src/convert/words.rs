//! The words of a line and where they stand; hexadecimal.

use crate::syntax::Diagnostic;
use crate::syntax::source::{Source, Span};
use std::sync::Arc;

/// The most bytes of a command or an answer: an extended command with every length field.
pub(super) const MAX_APDU_BYTES: usize = 65_544;

/// A line, or part of one, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'t> {
    pub(super) source: &'t Arc<Source>,
    /// From 1.
    pub(super) line: u32,
    /// The first byte in the line.
    pub(super) from: usize,
    pub(super) text: &'t str,
}

/// The lines of a source.
pub(super) fn lines(source: &Arc<Source>) -> impl Iterator<Item = Part<'_>> {
    let whole = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
    whole.lines().zip(1..).map(move |(text, line)| Part { source, line, from: 0, text })
}

impl<'t> Part<'t> {
    pub(super) fn span(self) -> Span {
        let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let (from, to) = (narrow(self.from), narrow(self.from + self.text.len()));
        Span { source: Arc::clone(self.source), line: self.line, from, to }
    }

    pub(super) fn refuse(self, why: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.span(), why)
    }

    /// What follows the first `bytes` of it, which end with a character.
    pub(super) fn skip(self, bytes: usize) -> Self {
        let text = self.text.get(bytes..).unwrap_or_default();
        Self { from: self.from + self.text.len() - text.len(), text, ..self }
    }

    /// The first `bytes` of it.
    pub(super) fn first(self, bytes: usize) -> Self {
        Self { text: self.text.get(..bytes).unwrap_or(self.text), ..self }
    }

    pub(super) fn trim(self) -> Self {
        let ahead = self.text.len() - self.text.trim_start().len();
        let part = self.skip(ahead);
        Self { text: part.text.trim_end(), ..part }
    }

    /// What follows a beginning, without the space around it.
    pub(super) fn after(self, beginning: &str) -> Option<Self> {
        self.text.starts_with(beginning).then(|| self.skip(beginning.len()).trim())
    }

    /// What stands before and after the first of `mark`.
    pub(super) fn split(self, mark: char) -> Option<(Self, Self)> {
        let at = self.text.find(mark)?;
        Some((self.first(at), self.skip(at + mark.len_utf8())))
    }

    /// Its words.
    pub(super) fn words(self) -> impl Iterator<Item = Part<'t>> {
        let mut rest = self;
        std::iter::from_fn(move || {
            rest = rest.trim();
            let end = rest.text.find(char::is_whitespace).unwrap_or(rest.text.len());
            let word = rest.first(end);
            rest = rest.skip(end);
            (!word.text.is_empty()).then_some(word)
        })
    }

    /// Its bytes: pairs of hexadecimal digits, with or without space between the pairs.
    pub(super) fn bytes(self) -> Result<Vec<u8>, Diagnostic> {
        let mut bytes = Vec::new();
        for word in self.words() {
            bytes.extend(word.pairs()?);
            if bytes.len() > MAX_APDU_BYTES {
                return Err(word.refuse(format!("more than {MAX_APDU_BYTES} bytes in one go")));
            }
        }
        Ok(bytes)
    }

    /// Its bytes, of which there is at least one.
    pub(super) fn some_bytes(self) -> Result<Vec<u8>, Diagnostic> {
        let bytes = self.bytes()?;
        if bytes.is_empty() { Err(self.refuse("no bytes stand here")) } else { Ok(bytes) }
    }

    fn pairs(self) -> Result<Vec<u8>, Diagnostic> {
        if let Some(wrong) = self.text.find(|c: char| !c.is_ascii_hexdigit()) {
            let wide = self.text[wrong..].chars().next().map_or(1, char::len_utf8);
            return Err(self.skip(wrong).first(wide).refuse("not a hexadecimal digit"));
        }
        hex::decode(self.text)
            .map_err(|_| self.refuse("an odd number of hexadecimal digits: a byte has two"))
    }
}

/// What is wrong with a whole line, from 1.
pub(super) fn on_line(source: &Arc<Source>, line: u32, why: impl Into<String>) -> Diagnostic {
    let to = u32::try_from(source.line(line).trim_end().len()).unwrap_or(u32::MAX);
    Diagnostic::new(Span { source: Arc::clone(source), line, from: 0, to }, why)
}

/// Bytes as `00 A4 04 00`.
pub(super) fn spaced(bytes: &[u8]) -> String {
    let pairs: Vec<_> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(" ")
}

/// Text that a comment or a note can hold: no control characters, and none of what would make
/// the line go on in the next.
pub(super) fn told(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.trim().trim_end_matches(['\\', ' ']).to_owned()
}
