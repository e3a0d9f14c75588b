//! What is wrong with a trace, as its author reads it.

use super::source::Span;
use std::fmt;

/// A mistake: where it is, what was found there, what was expected, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Where.
    pub span: Span,
    /// What was found.
    pub found: String,
    /// What may stand there; empty where the first says it all.
    pub expected: String,
    /// What to do; empty where nothing more is known.
    pub help: String,
}

impl Diagnostic {
    /// A mistake of which nothing but this is known.
    #[must_use]
    pub fn new(span: Span, found: impl Into<String>) -> Self {
        Self { span, found: found.into(), expected: String::new(), help: String::new() }
    }

    /// The same, with what may stand there.
    #[must_use]
    pub fn expected(self, expected: impl Into<String>) -> Self {
        Self { expected: expected.into(), ..self }
    }

    /// The same, with what to do.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }

    /// The same, with the nearest of what there is, where one is near.
    #[must_use]
    pub fn nearest<'a>(self, to: &str, of: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(to, of) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }
}

impl fmt::Display for Diagnostic {
    /// File, line, column and what was found; the line with carets; what was expected; what to
    /// do. No newline at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.span.place(), self.found)?;
        f.write_str(&self.span.excerpt())?;
        if !self.expected.is_empty() {
            write!(f, "\n      = expected: {}", self.expected)?;
        }
        if !self.help.is_empty() {
            write!(f, "\n      = help: {}", self.help)?;
        }
        Ok(())
    }
}

/// The word that needs the fewest letters added, left out, exchanged or swapped, if it is at most
/// a third of them; capitals do not matter.
#[must_use]
pub fn nearest<'a>(word: &str, of: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > WORD_MAX_BYTES {
        return None;
    }
    let word = word.to_ascii_lowercase();
    let near = |other: &'a str| (distance(&word, &other.to_ascii_lowercase()), other);
    let (steps, nearest) = of.into_iter().map(near).min_by_key(|(steps, _)| *steps)?;
    (steps * 3 <= word.chars().count().max(nearest.len())).then_some(nearest)
}

/// No word of the language is longer.
const WORD_MAX_BYTES: usize = 64;

/// The edit distance with swaps of neighbours (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<_>, Vec<_>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, left) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, right) in b.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(left != right);
            let mut least = replaced.min(row[j] + 1).min(rows[i][j + 1] + 1);
            if i > 0 && j > 0 && *left == b[j - 1] && a[i - 1] == *right {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_mistake_is_told_with_place_line_caret_expectation_and_help() {
        let source = Source { path: "a.apdu".into(), text: "rest".into() };
        let span = Span { source: Arc::new(source), line: 1, from: 0, to: 4 };
        let mistake = Diagnostic::new(span, "`rest` begins no line")
            .expected("a keyword")
            .nearest("rest", ["reset", "remove"]);
        let told = "a.apdu:1:1: `rest` begins no line\n    1 | rest\n      | ^^^^\n      \
                    = expected: a keyword\n      = help: did you mean `reset`?";
        assert_eq!(mistake.to_string(), told);
    }

    #[test]
    fn the_nearest_word_is_found_if_it_is_near() {
        let words = ["section", "select", "set"];
        assert_eq!(nearest("secton", words), Some("section"));
        assert_eq!(nearest("SELETC", words), Some("select"));
        assert_eq!(nearest("ste", words), Some("set"));
        assert_eq!(nearest("banana", words), None);
        assert_eq!(nearest("", words), None);
        assert_eq!(nearest(&"s".repeat(100_000), words), None);
    }
}
