//! Holding the programs of a stage at their barriers.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// A place where programs say which barrier they have reached; all are let on but the one
/// that is waited for.
pub(super) struct Barriers {
    socket: PathBuf,
    state: Arc<Mutex<State>>,
    reached: Receiver<Reached>,
}

/// A program that stands at a barrier; dropped, it is let on.
pub(super) struct Reached {
    /// The barrier.
    pub(super) point: String,
    program: UnixStream,
}

struct State {
    /// The barriers that were reached since it was last asked, and by which process.
    seen: Vec<(u32, String)>,
    /// How many are let on before one is held; none where none is.
    hold_after: Option<usize>,
    held: Sender<Reached>,
}

impl Barriers {
    /// Listens in `folder`.
    pub(super) fn listen(folder: &Path) -> io::Result<Self> {
        let socket = folder.join("barriers");
        let listener = UnixListener::bind(&socket)?;
        let (held, reached) = channel();
        let state = Arc::new(Mutex::new(State { seen: Vec::new(), hold_after: None, held }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for program in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&shared);
                // A program that is killed ends its connection, and that its thread.
                thread::spawn(move || hear(program, &state));
            }
        });
        Ok(Self { socket, state, reached })
    }

    /// Where it listens.
    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Forgets what was reached so far and holds the program that reaches the barrier after
    /// the next `count`; without a count none is held.
    pub(super) fn hold_after(&self, count: Option<usize>) {
        let mut state = lock(&self.state);
        state.seen.clear();
        state.hold_after = count;
    }

    /// What was reached since, by which process.
    pub(super) fn seen(&self) -> Vec<(u32, String)> {
        lock(&self.state).seen.clone()
    }

    /// The program that is held, once it is.
    pub(super) fn held(&self, within: Duration) -> Option<Reached> {
        self.reached.recv_timeout(within).ok()
    }
}

impl Drop for Reached {
    fn drop(&mut self) {
        // It may have been killed.
        let _ = self.program.write_all(b"\n");
    }
}

fn hear(program: UnixStream, state: &Mutex<State>) {
    let Ok(lines) = program.try_clone().map(BufReader::new) else { return };
    for line in lines.lines().map_while(Result::ok) {
        let Some((pid, point)) = line.split_once(' ') else { return };
        let (Ok(pid), Ok(program)) = (pid.parse(), program.try_clone()) else { return };
        let reached = Reached { point: point.to_owned(), program };
        let mut state = lock(state);
        state.seen.push((pid, reached.point.clone()));
        let left = state.hold_after;
        state.hold_after = left.and_then(|left| left.checked_sub(1));
        if left == Some(0) {
            // Nobody waits where the test has ended; it is let on then.
            let _ = state.held.send(reached);
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(program: &mut BufReader<UnixStream>, line: &str) {
        program.get_mut().write_all(line.as_bytes()).unwrap();
    }

    #[test]
    fn one_is_held_and_the_others_are_let_on() {
        let folder = tempfile::tempdir().unwrap();
        let barriers = Barriers::listen(folder.path()).unwrap();
        barriers.hold_after(Some(1));
        let mut program = BufReader::new(UnixStream::connect(barriers.socket()).unwrap());
        let mut heard = String::new();
        say(&mut program, "7 one\n");
        assert_eq!(program.read_line(&mut heard).unwrap(), 1);
        say(&mut program, "7 two\n");
        let held = barriers.held(Duration::from_secs(10)).unwrap();
        assert_eq!(held.point, "two");
        drop(held);
        assert_eq!(program.read_line(&mut heard).unwrap(), 1);
        let seen = barriers.seen();
        assert_eq!(seen, [(7, "one".to_owned()), (7, "two".to_owned())]);
    }
}
