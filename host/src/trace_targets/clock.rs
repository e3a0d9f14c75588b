//! How long a command has been under way.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Says to another thread since when a command waits for its answer.
#[derive(Debug)]
pub(super) struct Clock {
    start: Instant,
    /// Milliseconds since the start, plus one; 0 while no command is under way.
    begun: AtomicU64,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), begun: AtomicU64::new(0) }
    }

    /// A command begins.
    pub(super) fn begin(&self) {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.begun.store(now + 1, Ordering::Release);
    }

    /// It has ended.
    pub(super) fn end(&self) {
        self.begun.store(0, Ordering::Release);
    }

    /// Whether one has been under way for longer than this.
    pub(super) fn is_over(&self, deadline: Duration) -> bool {
        match self.begun.load(Ordering::Acquire) {
            0 => false,
            begun => self.start.elapsed() > Duration::from_millis(begun - 1) + deadline,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_command_that_is_under_way_can_be_late() {
        let clock = Clock::new();
        assert!(!clock.is_over(Duration::ZERO));
        clock.begin();
        std::thread::sleep(Duration::from_millis(5));
        assert!(clock.is_over(Duration::ZERO) && !clock.is_over(Duration::from_secs(60)));
        clock.end();
        assert!(!clock.is_over(Duration::ZERO));
    }
}
