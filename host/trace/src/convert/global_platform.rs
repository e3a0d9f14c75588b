//! What `gp -d` of GlobalPlatformPro prints (18 to 25), which is apdu4j's `LoggingCardTerminal`,
//! and what apdu4j's `LoggingBIBO` does.
//!
//! ```text
//! # SCardConnect("Reader 0", T=*) -> T=1, 3BF91300008131FE454A434F503234325232A3
//! A>> T=1 (4+0007) 00A40400 07 A0000001510000 00      without `T=1` since 21.11
//! A<< (0018+2) (23ms) 6F108408A000000151000000A5049F6501FF 9000
//! A#1>> (4+0000) 01CA9F7F 00                           on a logical channel; `B` from a buffer
//! A#1<< (0000+2) (8ms) 6A88
//! << [error] SCARD_W_REMOVED_CARD (3.14ms)             no answer
//! ```

use super::build::Builder;
use super::words::{Part, lines, told};
use crate::syntax::Diagnostic;
use crate::syntax::ast::{Expect, Trace};
use crate::syntax::source::{Source, Span};
use std::sync::Arc;

pub(super) fn read(source: &Arc<Source>) -> Result<Trace, Diagnostic> {
    let mut trace = Builder::new(source);
    let mut open: Option<Span> = None;
    for line in lines(source) {
        if let Some(sent) = behind(line, ">>") {
            if let Some(open) = open.replace(line.span()) {
                trace.expect(open, Expect::Lost);
            }
            trace.send(line.span(), apdu(sent)?);
        } else if let Some(came) = behind(line, "<<") {
            if open.take().is_none() {
                return Err(line.refuse("an answer to no command"));
            }
            answer(&mut trace, line, came)?;
        } else if let Some(atr) = connected(line) {
            trace.atr(atr.span(), &atr.some_bytes()?);
        }
    }
    if let Some(open) = open {
        trace.expect(open, Expect::Lost);
    }
    Ok(trace.finish())
}

/// What follows the mark, where nothing but `A`, `B` and a channel stands between it and the
/// space or the beginning before it.
fn behind<'t>(line: Part<'t>, mark: &str) -> Option<Part<'t>> {
    let at = line.text.find(mark)?;
    let before = line.text[..at].rsplit([' ', '\t']).next().unwrap_or_default();
    let (path, channel) = before.split_once('#').unwrap_or((before, ""));
    let known = matches!(path, "" | "A" | "B") && channel.bytes().all(|b| b.is_ascii_digit());
    known.then(|| line.skip(at + mark.len()).trim())
}

/// The bytes behind what is said of them: the protocol, lengths and times in brackets.
fn apdu(part: Part<'_>) -> Result<Vec<u8>, Diagnostic> {
    let mut bytes = Vec::new();
    for word in said_aside(part).words() {
        if word.text.starts_with(['(', '[']) {
            break;
        }
        bytes.extend(word.bytes()?);
    }
    if bytes.is_empty() { Err(part.refuse("no bytes stand here")) } else { Ok(bytes) }
}

/// What follows `T=1`, `(4+0007)` and `(23ms)`.
fn said_aside(part: Part<'_>) -> Part<'_> {
    let mut rest = part.trim();
    loop {
        let length = match rest.text {
            text if text.starts_with('(') => text.find(')').map(|at| at + 1),
            text if text.starts_with("T=") => Some(text.find(' ').unwrap_or(text.len())),
            _ => None,
        };
        match length {
            Some(length) => rest = rest.skip(length).trim(),
            None => return rest,
        }
    }
}

fn answer(trace: &mut Builder, line: Part<'_>, came: Part<'_>) -> Result<(), Diagnostic> {
    let rest = said_aside(came);
    let is_answer = rest.text.starts_with(|c: char| c.is_ascii_hexdigit())
        && rest.words().next().is_some_and(|word| word.text.len() % 2 == 0 && word.bytes().is_ok());
    if is_answer {
        trace.came(line.span(), &apdu(rest)?);
    } else {
        trace.comment(&told(rest.text));
        trace.expect(line.span(), Expect::Lost);
    }
    Ok(())
}

/// The answer to reset in `SCardConnect("...", T=*) -> T=1, 3B...`
fn connected(line: Part<'_>) -> Option<Part<'_>> {
    let call = line.text.find("SCardConnect(")?;
    let arrow = line.text[call..].find("-> T=")? + call;
    let comma = line.text[arrow..].find(", ")? + arrow;
    let atr = line.skip(comma + 2).trim();
    let is_hex = !atr.text.is_empty() && atr.text.bytes().all(|b| b.is_ascii_hexdigit());
    is_hex.then_some(atr)
}
