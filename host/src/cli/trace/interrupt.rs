//! Ctrl-C while traces run: the run ends before its next line, and what there is is told.

#[cfg(unix)]
use crate::cli::ExitCode;
use crate::cli::Failure;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

/// Whether somebody wants the end.
#[derive(Clone, Default)]
pub(super) struct Interrupt {
    is_set: Arc<AtomicBool>,
    signal: Arc<AtomicU8>,
}

impl Interrupt {
    /// For who asks whether the run is to end.
    pub(super) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_set)
    }

    /// The number of the signal that came.
    pub(super) fn signal(&self) -> Option<u8> {
        Some(self.signal.load(Ordering::Relaxed)).filter(|signal| *signal != 0)
    }

    /// Waits for Ctrl-C and its like, in the background. The second ends the process.
    #[cfg(unix)]
    pub(super) fn watch() -> Result<Self, Failure> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        Self::of(&[SIGHUP, SIGINT, SIGTERM])
    }

    /// As [`Interrupt::watch`], but of Ctrl-C alone, which a terminal also tells the programs
    /// that this one has started: they end first.
    #[cfg(all(feature = "embedded", unix))]
    pub(super) fn watch_terminal() -> Result<Self, Failure> {
        Self::of(&[signal_hook::consts::SIGINT])
    }

    #[cfg(unix)]
    fn of(signals: &[i32]) -> Result<Self, Failure> {
        let signals = signal_hook::iterator::Signals::new(signals);
        let mut signals = signals.map_err(|why| Failure::new(ExitCode::Failed, why, ""))?;
        let found = Self::default();
        let told = found.clone();
        std::thread::spawn(move || {
            for signal in signals.forever() {
                if told.is_set.swap(true, Ordering::Relaxed) {
                    std::process::exit(128 + signal);
                }
                told.signal.store(u8::try_from(signal).unwrap_or_default(), Ordering::Relaxed);
            }
        });
        Ok(found)
    }

    /// Nothing can be waited for.
    #[cfg(not(unix))]
    pub(super) fn watch() -> Result<Self, Failure> {
        Ok(Self::default())
    }
}
