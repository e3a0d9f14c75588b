//! A rig in another process: a Unix socket on which one line asks and one line answers, in JSON.
//!
//! ```text
//! {"insert":{"reader":0,"card":"/folder"}}    {"swap":{"reader":0,"card":"/folder"}}
//! {"remove":{"reader":0}}   {"reset":{"reader":0}}   "status"
//! {"fault":{"reader":0,"clear":false,"add":["drop@3"]}}
//!
//! {"done":[{"reader":0,"place":"localhost:35963","card":"/folder","connected":true,
//!           "faults":["drop@3"],"injected":0}]}
//! {"refused":"reader 0 is empty; insert a card first"}
//! ```
//! The socket is its owner's alone. Whoever asks may ask again on the same connection.

use std::fs::{self, Permissions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{IN_WITHIN, ReaderStatus, Rig, RigError};
use crate::faults::{Fault, MAX_FAULTS, TooManyFaults};

/// The most bytes of a line.
const MAX_LINE_BYTES: u64 = 64 * 1024;

/// The most callers at once; a further one's connection is closed.
const MAX_CALLERS: usize = 16;

/// How long a caller may say nothing, or take nothing.
const IDLE: Duration = Duration::from_secs(60);

/// How long the system is left alone that had nothing to spare for a caller.
const REFUSED_PAUSE: Duration = Duration::from_millis(100);

/// How long an answer is waited for: a swap waits for one card to come out and for the next to
/// be seen, and maybe for another hand at the same reader before that.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// What is asked of a rig.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// Put a card into an empty reader, and wait until the reader has it.
    Insert {
        /// The reader.
        reader: usize,
        /// The card's folder, from the root.
        card: PathBuf,
    },
    /// Take its card out.
    Remove {
        /// The reader.
        reader: usize,
    },
    /// Take its card out, and put another in.
    Swap {
        /// The reader.
        reader: usize,
        /// The other card's folder, from the root.
        card: PathBuf,
    },
    /// Reset its card.
    Reset {
        /// The reader.
        reader: usize,
    },
    /// Let something go wrong with its card, and with those that come after it.
    Fault {
        /// The reader.
        reader: usize,
        /// Whether all that is still to come is taken back first.
        clear: bool,
        /// What shall, in its text form; all of it or nothing.
        add: Vec<String>,
    },
    /// Nothing: only tell.
    Status,
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It is done, and the readers are now so.
    Done(Vec<ReaderStatus>),
    /// It is not, and why.
    Refused(String),
}

/// Listens for callers for as long as it lives; the socket goes with it.
#[derive(Debug)]
pub struct Control {
    socket: PathBuf,
    has_ended: Arc<AtomicBool>,
}

impl Control {
    /// Has callers at `socket` reach `rig`. What an ended process left there is replaced.
    ///
    /// # Errors
    /// [`io::ErrorKind::AddrInUse`]: another process listens there, or it is no socket; as of the
    /// system.
    pub fn listen(rig: Arc<Rig>, socket: &Path) -> io::Result<Self> {
        clear(socket)?;
        let listener = UnixListener::bind(socket)?;
        let control = Self { socket: socket.to_owned(), has_ended: Arc::default() };
        fs::set_permissions(socket, Permissions::from_mode(0o600))?;
        let ended = Arc::clone(&control.has_ended);
        let accept = move || accept(&rig, &listener, &ended);
        thread::Builder::new().name("control".into()).spawn(accept)?;
        Ok(control)
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.has_ended.store(true, Ordering::Release);
        // Who waits for callers looks up at the next one.
        let _ = UnixStream::connect(&self.socket);
        // Whoever finds it left behind replaces it.
        let _ = fs::remove_file(&self.socket);
    }
}

/// Removes a socket at which nobody listens.
fn clear(socket: &Path) -> io::Result<()> {
    let Ok(found) = fs::symlink_metadata(socket) else { return Ok(()) };
    if !found.file_type().is_socket() || UnixStream::connect(socket).is_ok() {
        return Err(io::ErrorKind::AddrInUse.into());
    }
    fs::remove_file(socket)
}

fn accept(rig: &Arc<Rig>, listener: &UnixListener, has_ended: &AtomicBool) {
    let callers = Arc::new(AtomicUsize::new(0));
    for caller in listener.incoming() {
        if has_ended.load(Ordering::Acquire) {
            return;
        }
        let Ok(caller) = caller else {
            thread::sleep(REFUSED_PAUSE);
            continue;
        };
        if callers.fetch_add(1, Ordering::AcqRel) >= MAX_CALLERS {
            callers.fetch_sub(1, Ordering::AcqRel);
            continue;
        }
        let (rig, counted) = (Arc::clone(rig), Arc::clone(&callers));
        let served = thread::Builder::new().name("caller".into()).spawn(move || {
            // One that breaks off has heard what it wanted to.
            let _ = serve(&rig, &caller);
            counted.fetch_sub(1, Ordering::AcqRel);
        });
        if served.is_err() {
            callers.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

fn serve(rig: &Rig, caller: &UnixStream) -> io::Result<()> {
    caller.set_read_timeout(Some(IDLE))?;
    caller.set_write_timeout(Some(IDLE))?;
    let mut lines = BufReader::new(caller);
    while let Some(line) = line(&mut lines)? {
        let answer = match serde_json::from_str(&line) {
            Ok(request) => carry_out(rig, &request),
            Err(error) => Answer::Refused(format!("not understood: {error}")),
        };
        writeln!(&mut &*caller, "{}", serde_json::to_string(&answer)?)?;
    }
    Ok(())
}

/// A whole line; `None` at the end, and where one is too long.
fn line(lines: &mut BufReader<&UnixStream>) -> io::Result<Option<String>> {
    let mut line = String::new();
    lines.by_ref().take(MAX_LINE_BYTES).read_line(&mut line)?;
    Ok(line.ends_with('\n').then_some(line))
}

fn carry_out(rig: &Rig, request: &Request) -> Answer {
    let done = match request {
        Request::Insert { reader, card } => {
            rig.insert(*reader, card).and_then(|()| settle(rig, *reader))
        }
        Request::Swap { reader, card } => {
            rig.swap(*reader, card).and_then(|()| settle(rig, *reader))
        }
        Request::Remove { reader } => rig.remove(*reader).map(drop),
        Request::Reset { reader } => rig.reset(*reader),
        Request::Fault { reader, clear, add } => return fault(rig, *reader, *clear, add),
        Request::Status => Ok(()),
    };
    match done {
        Ok(()) => Answer::Done(rig.status()),
        Err(error) => Answer::Refused(error.to_string()),
    }
}

/// Adds faults to a reader's, after all others are taken back where that is asked for.
fn fault(rig: &Rig, reader: usize, clear: bool, add: &[String]) -> Answer {
    let added = add.iter().map(|text| text.parse()).collect::<Result<Vec<Fault>, _>>();
    let faults = match (rig.faults(reader), &added) {
        (Ok(faults), Ok(_)) => faults,
        (Err(error), _) => return Answer::Refused(error.to_string()),
        (_, Err(error)) => return Answer::Refused(error.to_string()),
    };
    let kept = if clear { 0 } else { faults.list().len() };
    if kept + add.len() > MAX_FAULTS {
        return Answer::Refused(TooManyFaults.to_string());
    }
    if clear {
        faults.clear();
    }
    for fault in added.unwrap_or_default() {
        if let Err(error) = faults.add(fault) {
            return Answer::Refused(error.to_string());
        }
    }
    Answer::Done(rig.status())
}

/// Waits until the reader has the card that was put in; one that it never gets is tried on.
fn settle(rig: &Rig, reader: usize) -> Result<(), RigError> {
    rig.wait_until_connected(reader, IN_WITHIN).map(drop)
}

/// Asks the rig whose process listens at `socket`.
///
/// # Errors
/// As of the system: nobody listens there, or it does not answer in time;
/// [`io::ErrorKind::ConnectionAborted`]: the process ended, or closed the connection, before it
/// had answered: what was asked may be done.
pub fn ask(socket: &Path, request: &Request) -> io::Result<Answer> {
    ask_within(socket, request, ANSWER_WITHIN)
}

fn ask_within(socket: &Path, request: &Request, within: Duration) -> io::Result<Answer> {
    let mut rig = UnixStream::connect(socket)?;
    rig.set_read_timeout(Some(within))?;
    rig.set_write_timeout(Some(within))?;
    writeln!(rig, "{}", serde_json::to_string(request)?)?;
    let mut answer = String::new();
    BufReader::new(rig).read_line(&mut answer).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => {
            io::Error::new(io::ErrorKind::TimedOut, format!("no answer within {within:?}"))
        }
        _ => error,
    })?;
    if !answer.ends_with('\n') {
        let why = "it closes the connection before it has answered: it ended, too many ask at once, \
            or too much; what was asked may be done";
        return Err(io::Error::new(io::ErrorKind::ConnectionAborted, why));
    }
    Ok(serde_json::from_str(&answer)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rig_that_says_nothing_is_not_waited_for_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("control");
        let _silent = UnixListener::bind(&socket).unwrap();
        let within = Duration::from_millis(20);
        let error = ask_within(&socket, &Request::Status, within).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(error.to_string(), "no answer within 20ms");
    }

    #[test]
    fn a_rig_that_hangs_up_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("control");
        let busy = UnixListener::bind(&socket).unwrap();
        let hangs_up =
            thread::spawn(move || drop(line(&mut BufReader::new(&busy.accept().unwrap().0))));
        let error = ask_within(&socket, &Request::Status, IDLE).unwrap_err();
        assert!(error.to_string().contains("too many ask at once"), "{error}");
        hangs_up.join().unwrap();
    }
}
