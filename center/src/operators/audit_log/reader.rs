//! The log read: a page of it, or all of it to see whether the chain holds.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::chain::{Head, MAX_LINE, of_line};
use super::{Entry, files};
use crate::refusal::{Refusal, Result};

/// What came of reading the whole chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many entries hold together.
    pub entries: u64,
    /// The hash of the last of them: kept elsewhere, it shows later that nothing was cut off.
    pub head: String,
    /// What is wrong, in words, at the first place where something is.
    pub finding: Option<String>,
}

/// At most `limit` entries after number `after`, oldest first; what is no entry is left out.
///
/// # Errors
/// `unavailable`: the log cannot be read.
pub fn list(folder: &Path, after: u64, limit: u32) -> Result<Vec<Entry>> {
    let mut found = Vec::new();
    let files = files(folder)?;
    for (at, path) in files.iter().enumerate() {
        // A file put aside that ends before `after` is not read line by line: the next one's
        // name says where that one begins.
        if files.get(at + 1).and_then(|next| first_of(next)).is_some_and(|next| next <= after + 1) {
            continue;
        }
        each_line(path, |line| {
            found.extend(of_line(line).ok().filter(|entry| entry.n > after));
            found.len() < limit as usize
        })?;
        if found.len() >= limit as usize {
            break;
        }
    }
    Ok(found)
}

/// Reads the whole chain.
///
/// # Errors
/// `unavailable`: the log cannot be read.
pub fn verify(folder: &Path) -> Result<Verified> {
    let (mut head, mut finding) = (Head::start(), None);
    for path in files(folder)? {
        let mut number = 0;
        each_line(&path, |line| {
            number += 1;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            match follow(&head, line) {
                Ok(next) => head = next,
                Err(why) => finding = Some(format!("{name}, line {number}: {why}")),
            }
            finding.is_none()
        })?;
        if finding.is_some() {
            break;
        }
    }
    Ok(Verified { entries: head.n, head: head.hash, finding })
}

fn follow(head: &Head, line: &str) -> std::result::Result<Head, String> {
    let entry = of_line(line)?;
    if entry.n != head.n + 1 {
        return Err(format!("it is number {}, after {}: lines are missing", entry.n, head.n));
    }
    if entry.prev != head.hash {
        return Err("it does not follow the line before it".into());
    }
    Ok(Head { first: head.first, n: entry.n, hash: entry.hash })
}

/// The number of a file's first entry, by its name.
fn first_of(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.split('.').nth(1)?.parse().ok()
}

/// Hands over each whole line until `go_on` says no.
fn each_line(path: &Path, mut go_on: impl FnMut(&str) -> bool) -> Result<()> {
    let failed = |error: io::Error| {
        let path = path.display();
        Refusal::unavailable(format!("{path} cannot be read ({error}): give permission"))
    };
    let mut reader = BufReader::new(File::open(path).map_err(failed)?);
    loop {
        let mut line = Vec::new();
        let read = reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
        if read.map_err(failed)? == 0 {
            return Ok(());
        }
        let is_whole = line.ends_with(b"\n") || line.len() as u64 == MAX_LINE;
        // A line that is not whole is being written, or was cut by a power failure.
        if !is_whole || !go_on(String::from_utf8_lossy(&line).trim_end()) {
            return Ok(());
        }
    }
}
