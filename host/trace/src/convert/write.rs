//! What all that writes a format shares: item by item, a loss refused or told in a comment.

use super::Loss;
use super::plain::{Exchange, Expected, Item, What, items};
use super::words::{on_line, spaced, told};
use crate::syntax::Diagnostic;
use crate::syntax::ast::{StatusSet, Trace};
use crate::syntax::source::Span;

/// Writes one format.
pub(super) trait Write {
    /// Writes a comment of its own.
    ///
    /// # Errors
    /// Why it cannot stand there.
    fn comment(&mut self, text: &str, out: &mut Output) -> Result<(), String>;

    /// Writes what a line says; never a comment.
    ///
    /// # Errors
    /// Why the format has nothing for it.
    fn item(&mut self, what: &What<'_>, out: &mut Output) -> Result<(), String>;
}

/// What is written, and what becomes of losses.
pub(super) struct Output {
    text: String,
    loss: Loss,
}

impl Output {
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Lets go of something, where that is chosen.
    pub(super) fn lose(&self, why: &str) -> Result<(), String> {
        match self.loss {
            Loss::Refuse => Err(why.to_owned()),
            Loss::Comment => Ok(()),
        }
    }
}

/// Writes a trace.
pub(super) fn write(
    trace: &Trace,
    writer: &mut impl Write,
    loss: Loss,
) -> Result<String, Diagnostic> {
    let mut out = Output { text: String::new(), loss };
    for item in items(trace) {
        let written = match &item.what {
            What::Blank => {
                out.line("");
                Ok(())
            }
            What::Comment(text) => writer.comment(text, &mut out),
            What::Ours(why) => Err(why.clone()),
            What::Exchange(Exchange { unsaid: Some((why, places)), .. }) => out
                .lose(why)
                .and_then(|()| writer.item(&item.what, &mut out))
                .and_then(|()| unsaid(trace, places, writer, &mut out)),
            what => writer.item(what, &mut out),
        };
        let Err(why) = written else { continue };
        let place = place(trace, &item);
        let text = || trace.source.text.lines().nth(place.line.saturating_sub(1) as usize);
        let told = || format!("(no counterpart) {}", told(text().unwrap_or_default()));
        if loss == Loss::Refuse || writer.comment(&told(), &mut out).is_err() {
            return Err(Diagnostic::new(place, why));
        }
        let What::Exchange(exchange) = &item.what else { continue };
        let expected = expectation(&exchange.expected).map(|expected| format!("({expected})"));
        if let Some(Err(why)) = expected.map(|expected| writer.comment(&expected, &mut out)) {
            return Err(Diagnostic::new(place, why));
        }
    }
    Ok(out.text)
}

/// Tells in comments what a command written before must answer and the format cannot say.
fn unsaid(
    trace: &Trace,
    places: &[&Span],
    writer: &mut impl Write,
    out: &mut Output,
) -> Result<(), String> {
    let mut lines = trace.source.text.lines();
    let mut before = 0;
    for place in places {
        let Some(line) = lines.nth(place.line.saturating_sub(before + 1) as usize) else { break };
        before = place.line;
        writer.comment(&format!("(no counterpart) {}", told(line)), out)?;
    }
    Ok(())
}

/// Where an item stands; a comment has no place of its own, and is looked for.
fn place(trace: &Trace, item: &Item<'_>) -> Span {
    let found = || {
        let What::Comment(text) = &item.what else { return 1 };
        let at = trace.source.text.lines().position(|line| line.contains(text));
        at.and_then(|at| u32::try_from(at + 1).ok()).unwrap_or(1)
    };
    item.span.clone().unwrap_or_else(|| on_line(&trace.source, found(), "").span)
}

/// What must come back, in words for a comment.
pub(super) fn expectation(expected: &Expected) -> Option<String> {
    match expected {
        Expected::Anything => None,
        Expected::Lost => Some("expected: no answer".to_owned()),
        Expected::Answer { data, status } => {
            let data = data.as_ref().map(|data| format!("{} ", digits(data)));
            let words = match status {
                StatusSet::Any => "any status word".to_owned(),
                StatusSet::Of(words) => {
                    words.iter().map(|word| digits(word)).collect::<Vec<_>>().join(" or ")
                }
            };
            Some(format!("expected: {}{words}", data.unwrap_or_default()))
        }
    }
}

/// Digits, `X` for any.
pub(super) fn digits(digits: &[Option<u8>]) -> String {
    let digit = |digit: &Option<u8>| match digit {
        Some(digit) => char::from_digit(u32::from(*digit), 16).unwrap_or('X').to_ascii_uppercase(),
        None => 'X',
    };
    digits.iter().map(digit).collect()
}

/// Bytes as `00 A4 04 00`; a command has at least one.
pub(super) fn command(bytes: &[u8]) -> Result<String, String> {
    if bytes.is_empty() { Err("no bytes to send".to_owned()) } else { Ok(spaced(bytes)) }
}
