//! Reads a fault's text.

use std::str::FromStr;
use std::time::Duration;

use super::fault::{Action, Fault, MemoryFault, RandomFault, When, Which};
use crate::platform::Leaves;

/// The text form, for people.
pub const GRAMMAR: &str = "\
ACTION[=ARGUMENT][,before][@WHEN][:COMMAND], as in drop@3, delay=2s@1+:A4, tear=half@5
  drop               the answer never comes; the card stays in the reader
  delay=TIME         it comes so much later (500ms, 2s, 1m)
  truncate[=BYTES]   its last bytes are missing (1)
  corrupt[=INDEX]    a byte is inverted: 0 the first, -1 the last (the middle one)
  lengthen[=BYTES]   zeros stand before its status word (1)
  duplicate          it comes twice
  status=SW          it is this status word instead
  empty              it has length 0
  cut[=BYTES]        so many bytes of its frame come (1: half the header), and the end
  stray[=HEX]        bytes follow it that nobody asked for (00)
  silent[=TIME]      nothing is carried out or answered, for ever or for so long
  die                the card's process ends before it answers
  reconnect          the connection closes instead; the card is back at once
  away=TIME          the connection closes instead; the card is back after that
  tear[=LEFT]        power fails in a write of the card's memory, of which is left
                     nothing, erased, half, garbage or all (half); then as reconnect
  random[=HOW]       the card's random source failed, gives zeros, or is stuck (failed)
  memory[=HOW]       its memory fails in a read, is gone, fails in a write, or is full:
                     read, gone, write, full
  selftest           its self-test at power-up does not come out
  ,before            the command never reaches the card (drop, delay, status, empty,
                     die, reconnect, away)
  @WHEN              3, 3-5 or 3+: which of the commands it meets (1); of the writes or
                     reads for tear and memory, draws for random, power-ups for selftest
  :COMMAND           2 digits INS, 4 CLA INS, 6 and P1, 8 and P2; x is any (all)";

/// Longer times are a mistake.
pub(super) const MAX_TIME: Duration = Duration::from_secs(3_600);
/// More stray bytes are a mistake, too.
const MAX_STRAY_BYTES: usize = 65_536;

const ACTIONS: &str = "drop, delay, truncate, corrupt, lengthen, duplicate, status, empty, cut, \
    stray, silent, die, reconnect, away, tear, random, memory or selftest";

/// Where a fault's text is wrong, and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at column {column}\n  {text}\n  {caret:>width$}", caret = "^", width = shown_column(.column))]
pub struct FaultTextError {
    /// The whole text.
    pub text: String,
    /// The character where it is wrong, counted from 1.
    pub column: usize,
    /// What should be there.
    pub expected: String,
}

/// Where the caret stands: no text is wider than so many characters for the formatter.
fn shown_column(column: &usize) -> usize {
    (*column).min(usize::from(u16::MAX))
}

/// A part of the text, and where it begins in bytes.
#[derive(Clone, Copy)]
struct Part<'t> {
    text: &'t str,
    at: usize,
}

/// Where in the text, in bytes, and what was expected there.
type Wrong = (usize, String);

impl FromStr for Fault {
    type Err = FaultTextError;

    fn from_str(text: &str) -> Result<Self, FaultTextError> {
        parse(text).map_err(|(at, expected)| {
            let column = text.get(..at).map_or(0, |before| before.chars().count()) + 1;
            FaultTextError { text: text.to_owned(), column, expected }
        })
    }
}

impl<'t> Part<'t> {
    /// What stands before and after the first `mark`, if there is one.
    fn split(self, mark: char) -> (Self, Option<Self>) {
        let Some((before, after)) = self.text.split_once(mark) else { return (self, None) };
        let at = self.at + before.len() + mark.len_utf8();
        (Part { text: before, at: self.at }, Some(Part { text: after, at }))
    }

    fn wrong<T>(self, expected: &str) -> Result<T, Wrong> {
        Err((self.at, expected.to_owned()))
    }
}

fn parse(text: &str) -> Result<Fault, Wrong> {
    let (rest, which) = Part { text, at: 0 }.split(':');
    let (rest, when) = rest.split('@');
    let (what, before) = rest.split(',');
    let (name, argument) = what.split('=');
    let action = action(name, argument)?;
    let beneath = action.counts();
    if let Some(before) = before {
        check_before(before, &action)?;
    }
    if let (Some(which), Some(counts)) = (which, beneath) {
        return (Part { at: which.at - 1, ..which }).wrong(&format!(
            "the end: {} counts {}, not commands",
            name.text,
            counts.word()
        ));
    }
    Ok(Fault {
        action,
        before: before.is_some(),
        when: when.map_or(Ok(When::only(1)), parse_when)?,
        which: which.map_or(Ok(Which::ALL), parse_which)?,
    })
}

fn action(name: Part<'_>, argument: Option<Part<'_>>) -> Result<Action, Wrong> {
    let end = Part { text: "", at: name.at + name.text.len() };
    let time = |what: &str| argument.map_or_else(|| end.wrong(what), parse_time);
    let bytes = || argument.map_or(Ok(1), |part| number(part, 1, u16::MAX));
    let action = match name.text {
        "drop" => Action::Drop,
        "delay" => return time("=TIME, such as delay=2s").map(Action::Delay),
        "truncate" => return bytes().map(Action::Truncate),
        "corrupt" => return argument.map(parse_index).transpose().map(Action::Corrupt),
        "lengthen" => return bytes().map(Action::Lengthen),
        "duplicate" => Action::Duplicate,
        "status" => return parse_status(argument.unwrap_or(end)).map(Action::Status),
        "empty" => Action::Empty,
        "cut" => return bytes().map(Action::Cut),
        "stray" => return argument.map_or(Ok(vec![0]), parse_bytes).map(Action::Stray),
        "silent" => return argument.map(parse_time).transpose().map(Action::Silent),
        "die" => Action::Die,
        "reconnect" => Action::Away(Duration::ZERO),
        "away" => return time("=TIME, such as away=2s").map(Action::Away),
        "tear" => return argument.map_or(Ok(HALF), parse_left).map(Action::Tear),
        "random" => {
            return argument.map_or(Ok(RandomFault::Failed), parse_random).map(Action::Random);
        }
        "memory" => {
            return argument.map_or(Ok(MemoryFault::Write), parse_memory).map(Action::Memory);
        }
        "selftest" => Action::SelfTest,
        _ => return name.wrong(ACTIONS),
    };
    match argument {
        None => Ok(action),
        Some(argument) => (Part { at: argument.at - 1, ..argument })
            .wrong(&format!("no argument: {} has none", name.text)),
    }
}

fn check_before(before: Part<'_>, action: &Action) -> Result<(), Wrong> {
    if before.text != "before" {
        return before.wrong("\"before\"");
    }
    let fits = matches!(
        action,
        Action::Drop
            | Action::Delay(_)
            | Action::Status(_)
            | Action::Empty
            | Action::Die
            | Action::Away(_)
    );
    if fits { Ok(()) } else { before.wrong("no \"before\": this needs the card's answer") }
}

/// Half of a slot, the only thing that a card overwrites in place.
const HALF: Leaves = Leaves::Beginning(saifu_applet::platform::SLOT_BYTES / 2);

fn parse_left(part: Part<'_>) -> Result<Leaves, Wrong> {
    Ok(match part.text {
        "nothing" => Leaves::Nothing,
        "erased" => Leaves::Erased,
        "half" => HALF,
        "garbage" => Leaves::Garbage,
        "all" => Leaves::Everything,
        _ => return part.wrong("nothing, erased, half, garbage or all"),
    })
}

fn parse_random(part: Part<'_>) -> Result<RandomFault, Wrong> {
    let found = RandomFault::ALL.into_iter().find(|fault| fault.name() == part.text);
    found.map_or_else(|| part.wrong("failed, zeros or stuck"), Ok)
}

fn parse_memory(part: Part<'_>) -> Result<MemoryFault, Wrong> {
    let found = MemoryFault::ALL.into_iter().find(|fault| fault.name() == part.text);
    found.map_or_else(|| part.wrong("read, gone, write or full"), Ok)
}

fn parse_time(part: Part<'_>) -> Result<Duration, Wrong> {
    let expected = "a time of at most an hour, such as 500ms, 2s or 1m";
    time(part.text).filter(|time| *time <= MAX_TIME).map_or_else(|| part.wrong(expected), Ok)
}

/// Reads a time with its unit.
pub(super) fn time(text: &str) -> Option<Duration> {
    let unit_at = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (digits, unit) = text.split_at(unit_at);
    let count: u64 = digits.parse().ok()?;
    match unit {
        "us" => Some(Duration::from_micros(count)),
        "ms" => Some(Duration::from_millis(count)),
        "s" => Some(Duration::from_secs(count)),
        "m" => count.checked_mul(60).map(Duration::from_secs),
        _ => None,
    }
}

/// A number from `least` to `most`, digits only.
fn number<N: FromStr + PartialOrd + std::fmt::Display>(
    part: Part<'_>,
    least: N,
    most: N,
) -> Result<N, Wrong> {
    let digits = part.text.bytes().all(|byte| byte.is_ascii_digit());
    let number =
        part.text.parse().ok().filter(|number| digits && (&least..=&most).contains(&number));
    number.map_or_else(|| part.wrong(&format!("a number from {least} to {most}")), Ok)
}

fn parse_index(part: Part<'_>) -> Result<i32, Wrong> {
    let expected = "the index of a byte from -65535 to 65534";
    let index = part.text.parse().ok().filter(|index| (-65_535..=65_534).contains(index));
    index.map_or_else(|| part.wrong(expected), Ok)
}

fn parse_bytes(part: Part<'_>) -> Result<Vec<u8>, Wrong> {
    let bytes = hex::decode(part.text).ok().filter(|bytes| !bytes.is_empty());
    let bytes = bytes.filter(|bytes| bytes.len() <= MAX_STRAY_BYTES);
    bytes.map_or_else(|| part.wrong("bytes in hex, two digits each"), Ok)
}

fn parse_status(part: Part<'_>) -> Result<[u8; 2], Wrong> {
    let status = hex::decode(part.text).ok().and_then(|bytes| bytes.try_into().ok());
    status.map_or_else(|| part.wrong("a status word of four hex digits, such as status=6F00"), Ok)
}

fn parse_when(part: Part<'_>) -> Result<When, Wrong> {
    if let Some(first) = part.text.strip_suffix('+') {
        return number(Part { text: first, ..part }, 1, u64::MAX).map(When::from);
    }
    let (first, last) = part.split('-');
    let first_number = number(first, 1, u64::MAX)
        .or_else(|_| first.wrong("which of the commands, such as 3, 3-5 or 3+"))?;
    let last = last.map_or(Ok(first_number), |last| number(last, first_number, u64::MAX))?;
    Ok(When { first: first_number, last: Some(last) })
}

fn parse_which(part: Part<'_>) -> Result<Which, Wrong> {
    if !matches!(part.text.len(), 2 | 4 | 6 | 8) {
        return part.wrong("2, 4, 6 or 8 digits: INS, or CLA INS P1 P2 or the beginning of that");
    }
    // INS alone is the second byte.
    let skipped = if part.text.len() == 2 { 2 } else { 0 };
    let (mut value, mut mask) = ([0; 4], [0; 4]);
    for (index, digit) in part.text.char_indices() {
        let shift = if index % 2 == 0 { 4 } else { 0 };
        let byte = (index + skipped) / 2;
        match digit.to_digit(16) {
            Some(nibble) => {
                value[byte] |= (nibble as u8) << shift;
                mask[byte] |= 0xF << shift;
            }
            None if matches!(digit, 'x' | 'X') => {}
            None => {
                return (Part { at: part.at + index, ..part }).wrong("a hex digit, or x for any");
            }
        }
    }
    Ok(Which::masked(value, mask))
}

#[cfg(test)]
mod tests;
