//! How a plug that waits is told to end.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Ends a plug from another thread; clones end the same one.
///
/// A command that the card is carrying out is finished and answered first.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    shared: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Debug, Default)]
struct State {
    stopped: bool,
    watched: Option<TcpStream>,
}

impl Stop {
    /// Tells the plug to end; for good.
    pub fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        if let Some(stream) = &state.watched {
            // Whoever reads from it sees its end; what it still has to say can be said.
            let _ = stream.shutdown(Shutdown::Read);
        }
        self.shared.1.notify_all();
    }

    /// Tells the plug to end, and closes its connection even where the card does not answer.
    pub(crate) fn cut(&self) {
        self.stop();
        if let Some(stream) = &self.lock().watched {
            // One that is closed already is what is wanted.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Whether the plug was told to end.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    /// Waits this long, or until the plug is told to end.
    pub(super) fn pause(&self, at_most: Duration) {
        let going = |state: &mut State| !state.stopped;
        drop(self.shared.1.wait_timeout_while(self.lock(), at_most, going));
    }

    /// From now on, stopping ends reading from `stream`, too.
    pub(super) fn watch(&self, stream: &TcpStream) -> io::Result<()> {
        let mut state = self.lock();
        if state.stopped {
            stream.shutdown(Shutdown::Read)?;
        }
        state.watched = Some(stream.try_clone()?);
        Ok(())
    }

    /// Lets go of the stream that was watched, so that it can close.
    pub(super) fn unwatch(&self) {
        self.lock().watched = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
