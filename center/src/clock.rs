//! The one clock: everything that needs the time asks it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// Says what time it is.
pub trait Clock: Send + Sync {
    /// Seconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> u64;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }
}

/// A clock that stands still until it is set.
#[derive(Debug)]
pub struct SetClock(AtomicU64);

impl SetClock {
    /// Stands at `seconds` since 1970.
    pub fn at(seconds: u64) -> Self {
        Self(AtomicU64::new(seconds))
    }

    /// Moves on by `seconds`.
    pub fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Reads a time that has not passed the beginning of Unix time, as RFC 3339 has it.
///
/// # Errors
/// What to write instead.
pub fn second(text: &str) -> std::result::Result<u64, &'static str> {
    let time = text.parse::<jiff::Timestamp>().ok();
    let second = time.and_then(|time| u64::try_from(time.as_second()).ok());
    second.filter(|second| *second != 0).ok_or("write it as RFC 3339 does, 2027-01-01T00:00:00Z")
}

/// A time as it travels: RFC 3339, UTC; empty where the calendar does not reach.
pub fn rfc3339(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map_or_else(String::new, |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_travels_as_rfc_3339_in_utc() {
        assert_eq!(rfc3339(1_795_305_600), "2026-11-22T00:00:00Z");
        assert_eq!(rfc3339(u64::MAX), "");
    }

    #[test]
    fn a_set_clock_moves_only_when_told() {
        let clock = SetClock::at(5);
        assert_eq!((clock.now(), clock.now()), (5, 5));
        clock.advance(2);
        assert_eq!(clock.now(), 7);
    }
}
