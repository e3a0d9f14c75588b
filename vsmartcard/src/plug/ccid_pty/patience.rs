//! Keeps a host waiting while the card works: it counts the time anew with each byte of 80 or
//! more that comes before a frame.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::terminal::Terminal;

/// Asks for time. A host waits at least 1.4 s for our card (BWI 4).
const MORE_TIME: u8 = 0x80;
/// How long a card may work before time is asked for, and how often it is looked after.
const QUIET: Duration = Duration::from_millis(400);
const TICK: Duration = Duration::from_millis(200);

/// Whether the card works, and since when nobody has told the host.
#[derive(Debug, Default)]
pub(super) struct Patience {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct State {
    quiet_since: Option<Instant>,
    has_ended: bool,
}

/// Ends a [`Patience`] when it is dropped.
pub(super) struct End<'a> {
    patience: &'a Patience,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.patience.lock().has_ended = true;
        self.patience.ended.notify_all();
    }
}

impl Patience {
    /// The card begins to work.
    pub(super) fn begin(&self) {
        self.lock().quiet_since = Some(Instant::now());
    }

    /// It has finished; nothing is said from here on.
    pub(super) fn pause(&self) {
        self.lock().quiet_since = None;
    }

    /// Gives what ends [`Patience::run`] when it goes, also where a card panics.
    pub(super) fn end_when_dropped(&self) -> End<'_> {
        End { patience: self }
    }

    /// Asks for time whenever it is needed, until it is ended.
    pub(super) fn run(&self, terminal: &Terminal) {
        let mut state = self.lock();
        while !state.has_ended {
            if state.quiet_since.is_some_and(|since| since.elapsed() >= QUIET) {
                // A host that does not take it has given up.
                let _ = terminal.say(&[MORE_TIME]);
                state.quiet_since = Some(Instant::now());
            }
            let waited = self.ended.wait_timeout(state, TICK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
