//! Points where a test may end a program: before and after each thing that lasts.
//!
//! A program calls [`reach`] at each of them. Where the environment names no socket in
//! [`VARIABLE`], as everywhere but in such a test, that does nothing. Else the program says
//! in a line which point it has reached, and waits until it hears a line or the end of the
//! connection:
//!
//! ```text
//! program to test   <program's process id> <point>\n
//! test to program   \n
//! ```
//!
//! So whoever listens can end any process from outside while all of them stand still.

/// The variable of the environment that names a Unix socket.
pub const VARIABLE: &str = "SAIFU_BARRIERS";

/// Says that the program has reached `point`, a line of text, and waits to be let on.
///
/// Whoever does not listen, or listens no more, does not hold it up.
pub fn reach(point: &str) {
    #[cfg(unix)]
    unix::reach(point);
    #[cfg(not(unix))]
    let _ = point;
}

#[cfg(unix)]
mod unix {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::net::UnixStream;
    use std::sync::{Mutex, OnceLock, PoisonError};

    static TEST: OnceLock<Option<Mutex<BufReader<UnixStream>>>> = OnceLock::new();

    pub(super) fn reach(point: &str) {
        let Some(test) = TEST.get_or_init(listener) else { return };
        let mut test = test.lock().unwrap_or_else(PoisonError::into_inner);
        // A test that has gone holds nobody up.
        let _ = tell(&mut test, point);
    }

    fn listener() -> Option<Mutex<BufReader<UnixStream>>> {
        let path = std::env::var_os(super::VARIABLE)?;
        Some(Mutex::new(BufReader::new(UnixStream::connect(path).ok()?)))
    }

    pub(super) fn tell(test: &mut BufReader<UnixStream>, point: &str) -> std::io::Result<()> {
        let line = format!("{} {point}\n", std::process::id());
        test.get_mut().write_all(line.as_bytes())?;
        test.read_line(&mut String::new()).map(drop)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::sync::mpsc::{TryRecvError, channel};
    use std::thread;
    use std::time::Duration;

    #[test]
    fn a_program_waits_until_it_is_let_on_or_nobody_listens() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let mut program = BufReader::new(UnixStream::connect(&path).unwrap());
        let mut test = BufReader::new(listener.accept().unwrap().0);
        let (passed, passes) = channel();
        let waiting = thread::spawn(move || {
            for point in ["one", "two", "three"] {
                let _ = super::unix::tell(&mut program, point);
                passed.send(point).unwrap();
            }
        });
        let mut line = String::new();
        test.read_line(&mut line).unwrap();
        assert_eq!(line, format!("{} one\n", std::process::id()));
        thread::sleep(Duration::from_millis(20));
        assert_eq!(passes.try_recv(), Err(TryRecvError::Empty));
        test.get_mut().write_all(b"\n").unwrap();
        assert_eq!(passes.recv(), Ok("one"));
        drop((test, listener));
        waiting.join().unwrap();
        assert_eq!(passes.iter().collect::<Vec<_>>(), ["two", "three"]);
    }

    #[test]
    fn without_a_listener_nothing_waits() {
        super::reach("anywhere");
    }
}
