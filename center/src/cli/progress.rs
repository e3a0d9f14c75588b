//! How far a long registration is, told on a terminal.

use std::io::{self, IsTerminal, Read, Write};
use std::time::{Duration, Instant};

/// From how many bytes on a file takes long enough to tell.
const LONG_BYTES: u64 = 32 << 20;

/// How often it is told.
const EVERY: Duration = Duration::from_millis(200);

/// A source that tells on standard error how much of it was read, if that is a terminal.
pub(super) struct Progress<R> {
    source: R,
    length: Option<u64>,
    read: u64,
    told: Option<Instant>,
    tells: bool,
}

impl<R: Read> Progress<R> {
    /// Over `source`, of `length` bytes where that is known.
    pub(super) fn new(source: R, length: Option<u64>) -> Self {
        let tells = io::stderr().is_terminal() && length.is_none_or(|length| length >= LONG_BYTES);
        Self { source, length, read: 0, told: None, tells }
    }

    fn tell(&mut self) {
        if self.told.is_some_and(|told| told.elapsed() < EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        // Where it cannot be told, the work is registered all the same.
        let _ = write!(io::stderr(), "\r{}\x1B[K", words(self.read, self.length));
    }
}

impl<R: Read> Read for Progress<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(out)?;
        self.read = self.read.saturating_add(count as u64);
        if self.tells {
            self.tell();
        }
        Ok(count)
    }
}

impl<R> Drop for Progress<R> {
    fn drop(&mut self) {
        if self.told.is_some() {
            // The line is not left half full.
            let _ = write!(io::stderr(), "\r\x1B[K");
        }
    }
}

fn words(read: u64, length: Option<u64>) -> String {
    let megabytes = read / 1_000_000;
    match length {
        Some(length) if length > 0 => {
            let percent = u128::from(read) * 100 / u128::from(length);
            format!("reading: {percent} % ({megabytes} MB)")
        }
        _ => format!("reading: {megabytes} MB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_the_part_that_was_read_of_any_length() {
        assert_eq!(words(0, Some(1)), "reading: 0 % (0 MB)");
        assert_eq!(words(50_000_000, Some(200_000_000)), "reading: 25 % (50 MB)");
        assert_eq!(words(u64::MAX, Some(u64::MAX)), "reading: 100 % (18446744073709 MB)");
        assert_eq!(words(7_000_000, None), "reading: 7 MB");
        assert_eq!(words(5, Some(0)), "reading: 0 MB");
    }

    #[test]
    fn what_is_read_comes_through_unchanged() {
        let mut out = Vec::new();
        Progress::new(&b"purse"[..], None).read_to_end(&mut out).unwrap();
        assert_eq!(out, b"purse");
    }
}
