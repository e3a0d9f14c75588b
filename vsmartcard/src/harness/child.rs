//! A child process that speaks in lines and ends when its standard input closes.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a child may take to end by itself once its input is closed.
const END_WITHIN: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(1);

/// A child with its lines; dropped, it is ended.
#[derive(Debug)]
pub struct Spoken {
    child: Child,
    lines: Receiver<io::Result<String>>,
}

impl Spoken {
    /// Starts a command with both its standard input and output here.
    ///
    /// # Errors
    /// As of the system.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let (send, lines) = channel();
        thread::spawn(move || {
            // Lines nobody waits for any more are read all the same: the child shall not block.
            BufReader::new(output).lines().for_each(|line| drop(send.send(line)));
        });
        Ok(Self { child, lines })
    }

    /// Says a line to it.
    ///
    /// # Errors
    /// [`io::ErrorKind::BrokenPipe`] when it listens no more.
    pub fn say(&mut self, line: &str) -> io::Result<()> {
        let input = self.child.stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        writeln!(input, "{line}")
    }

    /// Waits for its next line.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`]; [`io::ErrorKind::UnexpectedEof`] when it has ended.
    pub fn hear(&mut self, within: Duration) -> io::Result<String> {
        self.lines.recv_timeout(within).map_err(|error| match error {
            RecvTimeoutError::Timeout => io::Error::from(io::ErrorKind::TimedOut),
            RecvTimeoutError::Disconnected => io::ErrorKind::UnexpectedEof.into(),
        })?
    }

    /// Gives its process's id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it with SIGKILL and waits for its end.
    ///
    /// # Errors
    /// As of the system.
    pub fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    /// Closes its input and waits for its end; whether it ended by itself, without an error.
    ///
    /// One that goes on for five seconds is ended with SIGKILL.
    ///
    /// # Errors
    /// As of the system.
    pub fn end(&mut self) -> io::Result<bool> {
        drop(self.child.stdin.take());
        let deadline = Instant::now() + END_WITHIN;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status.success());
            }
            thread::sleep(POLL);
        }
        self.kill()?;
        Ok(false)
    }
}

impl Drop for Spoken {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Spoken {
        Spoken::start(Command::new("sh").args(["-c", script])).unwrap()
    }

    #[test]
    fn a_child_hears_and_is_heard() {
        let mut child = sh("read word; echo heard $word");
        child.say("this").unwrap();
        assert_eq!(child.hear(END_WITHIN).unwrap(), "heard this");
        let after = child.hear(END_WITHIN).unwrap_err();
        assert_eq!(after.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_silent_child_is_not_waited_for_longer_than_said() {
        let waited = sh("read word").hear(Duration::from_millis(20)).unwrap_err();
        assert_eq!(waited.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn a_child_ends_when_its_input_closes_and_with_an_error_if_it_has_one() {
        assert!(sh("read word; exit 0").end().unwrap());
        assert!(!sh("read word; exit 3").end().unwrap());
    }
}
