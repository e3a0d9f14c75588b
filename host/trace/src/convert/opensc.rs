//! What `opensc-tool -s` prints, and what OpenSC logs (0.16 to 0.26).
//!
//! ```text
//! Using reader with a card: ...
//! Sending: 00 A4 04 00 07 F0 53 41 49 46 55 01 00
//! Received (SW1=0x90, SW2=0x00):
//! 6F 19 84 07 F0 53 41 49 46 55 01 A5 0E 80 01 01 o....SAIFU......
//! 81 01 05                                        ...
//! ```
//! ```text
//! P:729; T:0x14.. 15:19:52.123 [piv-tool] reader-pcsc.c:307:pcsc_transmit:
//! Outgoing APDU (12 bytes):
//! 00 A4 04 00 07 62 76 01 FF 00 00 00             .....bv.....
//! ... Incoming APDU (2 bytes):
//! 6A 82                                           j.
//! ```
//! opensc-tool fetches by itself what 61xx announces, and shows 9000 then.

use super::build::Builder;
use super::words::{MAX_APDU_BYTES, Part, lines};
use crate::syntax::Diagnostic;
use crate::syntax::ast::Trace;
use crate::syntax::source::{Source, Span};
use std::sync::Arc;

/// Bytes in a line of a dump.
const DUMP_BYTES: usize = 16;

pub(super) fn read_tool(source: &Arc<Source>) -> Result<Trace, Diagnostic> {
    let mut trace = Builder::new(source);
    let mut open: Option<Span> = None;
    let mut answer: Option<Answer> = None;
    for line in lines(source) {
        if let Some(sent) = line.after("Sending: ") {
            close(&mut trace, &mut answer);
            unanswered(&mut trace, open.replace(line.span()));
            trace.send(line.span(), sent.some_bytes()?);
        } else if line.text.starts_with("Received (SW1=") {
            let status = status(line)?;
            if open.take().is_none() {
                return Err(line.refuse("an answer to no command"));
            }
            answer = Some(Answer { place: line.span(), data: Vec::new(), status });
        } else if let Some(Answer { data, .. }) = &mut answer {
            take_dump(line, data)?;
        } else if line.text.starts_with("APDU transmit failed") {
            unanswered(&mut trace, open.take());
        }
    }
    close(&mut trace, &mut answer);
    unanswered(&mut trace, open);
    Ok(trace.finish())
}

struct Answer {
    place: Span,
    data: Vec<u8>,
    status: [u8; 2],
}

fn close(trace: &mut Builder, answer: &mut Option<Answer>) {
    if let Some(Answer { place, data, status }) = answer.take() {
        trace.answer(place, &data, status);
    }
}

fn unanswered(trace: &mut Builder, open: Option<Span>) {
    if let Some(open) = open {
        trace.came(open, &[]);
    }
}

/// `Received (SW1=0x90, SW2=0x00)`
fn status(line: Part<'_>) -> Result<[u8; 2], Diagnostic> {
    let mut parts = line.text.split("=0x").skip(1).map(|part| part.get(..2));
    let mut next = || parts.next().flatten().and_then(|byte| u8::from_str_radix(byte, 16).ok());
    match (next(), next()) {
        (Some(one), Some(two)) => Ok([one, two]),
        _ => Err(line.refuse("not `Received (SW1=0x.., SW2=0x..)`")),
    }
}

/// Adds the bytes of a line, if it is one of a dump.
fn take_dump(line: Part<'_>, data: &mut Vec<u8>) -> Result<(), Diagnostic> {
    data.extend(dumped(line.text));
    if data.len() > MAX_APDU_BYTES {
        return Err(line.refuse(format!("an answer of more than {MAX_APDU_BYTES} bytes")));
    }
    Ok(())
}

/// The bytes of a line of a dump: 1 to 16, then perhaps space, then a character for each; as
/// many as leave just as many characters, for those can look like bytes, too.
fn dumped(line: &str) -> Vec<u8> {
    let pairs = leading(line);
    let fits = |count: &usize| {
        let rest = line.get(count * 3..).unwrap_or_default();
        let padded = rest.get((DUMP_BYTES - count) * 3..).unwrap_or_default();
        let blank = rest.len() > *count && rest[..rest.len() - padded.len()].trim().is_empty();
        rest.len() == *count || (blank && padded.len() == *count)
    };
    let count = (1..=pairs.len()).find(fits).unwrap_or(pairs.len());
    pairs[..count].to_vec()
}

/// The pairs of digits with which a line begins, at most as many as a line of a dump has.
fn leading(line: &str) -> Vec<u8> {
    let is_pair = |word: &&str| word.len() == 2 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let pairs = line.split(' ').take_while(is_pair).take(DUMP_BYTES);
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

pub(super) fn read_debug(source: &Arc<Source>) -> Result<Trace, Diagnostic> {
    let mut trace = Builder::new(source);
    let mut open: Option<Span> = None;
    let mut all = lines(source);
    while let Some(line) = all.next() {
        let Some((way, count)) = announced(line)? else { continue };
        let mut bytes = Vec::new();
        while bytes.len() < count {
            let Some(dump) = all.next() else {
                return Err(line.refuse(format!("{count} bytes are announced; fewer come")));
            };
            let here = leading(dump.text);
            if here.is_empty() {
                return Err(dump.refuse(format!("{count} bytes are announced; fewer come")));
            }
            bytes.extend(here.into_iter().take(count - bytes.len()));
        }
        match way {
            Way::Out => {
                unanswered(&mut trace, open.replace(line.span()));
                trace.send(line.span(), bytes);
            }
            Way::In if open.take().is_some() => trace.came(line.span(), &bytes),
            Way::In => return Err(line.refuse("an answer to no command")),
        }
    }
    unanswered(&mut trace, open);
    Ok(trace.finish())
}

enum Way {
    Out,
    In,
}

/// `Outgoing APDU (12 bytes):`, or as it was before 0.16: `Outgoing APDU data [   12 bytes] ==`.
fn announced(line: Part<'_>) -> Result<Option<(Way, usize)>, Diagnostic> {
    let find = |mark: &str| line.text.find(mark).map(|at| line.skip(at + mark.len()));
    let (way, rest) = match (find("Outgoing APDU"), find("Incoming APDU")) {
        (Some(rest), _) => (Way::Out, rest),
        (_, Some(rest)) => (Way::In, rest),
        _ => return Ok(None),
    };
    let Some((before, _)) = rest.text.split_once("bytes") else { return Ok(None) };
    let digits = before.trim_start_matches(|c: char| !c.is_ascii_digit()).trim();
    match digits.parse() {
        Ok(count) if (1..=MAX_APDU_BYTES).contains(&count) => Ok(Some((way, count))),
        _ => Err(rest.refuse(format!("not a number of bytes up to {MAX_APDU_BYTES}"))),
    }
}
