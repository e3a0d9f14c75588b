//! One line after the other: how a line is made, and what the last one of a file says.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use serde::Serialize;

use super::{Action, Entry, files, tidy};
use crate::clock::rfc3339;
use crate::crypto::sha256;
use crate::refusal::{Refusal, Result};

/// The most bytes of a line: four texts of 512 characters, each six bytes at most, and room.
pub(super) const MAX_LINE: u64 = 16 * 1024;

/// What ends a line before its hash.
const HASH: &str = ",\"hash\":\"";

/// Where the chain stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// The number of the first line of the file that is written to.
    pub(super) first: u64,
    /// The number of the last line; 0 for none.
    pub(super) n: u64,
    /// The hash of the last line.
    pub(super) hash: String,
}

impl Head {
    /// Before the first line.
    pub(super) fn start() -> Self {
        Self { first: 1, n: 0, hash: "0".repeat(64) }
    }
}

/// A line without its hash, in the order of [`Entry`].
#[derive(Serialize)]
struct Unhashed<'a> {
    n: u64,
    time: String,
    who: String,
    what: String,
    on: String,
    outcome: String,
    prev: &'a str,
}

/// The line that follows `head`, its end included.
pub(super) fn line(head: &Head, action: &Action) -> Result<String> {
    let unhashed = Unhashed {
        n: head.n + 1,
        time: rfc3339(action.time),
        who: tidy(&action.who),
        what: tidy(&action.what),
        on: tidy(&action.on),
        outcome: tidy(&action.outcome),
        prev: &head.hash,
    };
    let json = serde_json::to_string(&unhashed)
        .map_err(|error| Refusal::internal(format!("no line comes of an action: {error}")))?;
    let body = json.strip_suffix('}').unwrap_or(&json);
    let hash = hex::encode(sha256(&[body.as_bytes()]));
    Ok(format!("{body}{HASH}{hash}\"}}\n"))
}

/// Reads a line and checks its own hash; what is wrong, in words.
pub(super) fn of_line(line: &str) -> std::result::Result<Entry, String> {
    let entry: Entry = serde_json::from_str(line).map_err(|error| format!("no entry: {error}"))?;
    let (body, rest) = line.rsplit_once(HASH).ok_or("it does not end with its hash")?;
    let hash = hex::encode(sha256(&[body.as_bytes()]));
    if rest != format!("{hash}\"}}") {
        return Err("it was changed: its hash is another".into());
    }
    Ok(entry)
}

/// Where the chain stands when `file` is the one that is written to. A last line that is not
/// whole is cut off.
pub(super) fn last(folder: &Path, file: &mut File) -> Result<Head> {
    let unread = |error: io::Error| {
        Refusal::unavailable(format!("the audit log cannot be read ({error}): check the disk"))
    };
    let lines = ends(file).map_err(unread)?;
    if let Some((first, last)) = lines {
        let first = of_line(&first).map_err(damaged)?.n;
        let last = of_line(&last).map_err(damaged)?;
        return Ok(Head { first, n: last.n, hash: last.hash });
    }
    // The file is new; the chain may have begun in one that was put aside.
    let before = files(folder)?.into_iter().rev().nth(1);
    let Some(path) = before else { return Ok(Head::start()) };
    let mut before = File::open(path).map_err(unread)?;
    let (_, last) = ends(&mut before).map_err(unread)?.ok_or_else(|| damaged("empty".into()))?;
    let last = of_line(&last).map_err(damaged)?;
    Ok(Head { first: last.n + 1, n: last.n, hash: last.hash })
}

fn damaged(why: String) -> Refusal {
    Refusal::internal(format!(
        "the audit log is damaged, {why}: `log --verify` shows where; put its files aside, whole, \
         to begin a new one"
    ))
}

/// The first and the last whole line; none in an empty file.
fn ends(file: &mut File) -> io::Result<Option<(String, String)>> {
    let length = file.seek(SeekFrom::End(0))?;
    let from = length.saturating_sub(2 * MAX_LINE);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    Read::by_ref(file).take(2 * MAX_LINE).read_to_end(&mut tail)?;
    let whole = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    if whole < tail.len() {
        file.set_len(from + whole as u64)?;
    }
    let Some(tail) = tail[..whole].strip_suffix(b"\n") else { return Ok(None) };
    let begin = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    file.seek(SeekFrom::Start(0))?;
    let mut first = Vec::new();
    BufReader::new(Read::by_ref(file).take(MAX_LINE)).read_until(b'\n', &mut first)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    Ok(Some((text(&first), text(&tail[begin..]))))
}
