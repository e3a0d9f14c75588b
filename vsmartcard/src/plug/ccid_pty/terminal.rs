//! The reader's end of a pseudo-terminal, raw: bytes pass as they are.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

/// The most bytes taken at once.
const CHUNK_BYTES: usize = 4_096;

/// How long a host may take to take what is said.
const TAKE_WITHIN: Duration = Duration::from_secs(2);

/// A line of one's own; its other end has a name.
#[derive(Debug)]
pub(super) struct Terminal {
    line: OwnedFd,
    name: PathBuf,
}

/// What came of listening.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// The host said this.
    Bytes(Vec<u8>),
    /// It said nothing.
    Nothing,
    /// Nobody has the other end open.
    Closed,
}

impl Terminal {
    /// Makes one.
    ///
    /// # Errors
    /// As of the system.
    pub(super) fn open() -> io::Result<Self> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let line = openpt(flags)?;
        grantpt(&line)?;
        unlockpt(&line)?;
        let name = PathBuf::from(OsString::from_vec(ptsname(&line, Vec::new())?.into_bytes()));
        let mut mode = tcgetattr(&line)?;
        mode.make_raw();
        tcsetattr(&line, OptionalActions::Now, &mode)?;
        rustix::io::ioctl_fionbio(&line, true)?;
        Ok(Self { line, name })
    }

    /// The other end's name.
    pub(super) fn name(&self) -> &Path {
        &self.name
    }

    /// Waits for bytes, at most this long.
    ///
    /// # Errors
    /// As of the system.
    pub(super) fn hear(&self, at_most: Duration) -> io::Result<Heard> {
        if !self.wait(PollFlags::IN, at_most)? {
            return Ok(Heard::Nothing);
        }
        let mut chunk = vec![0; CHUNK_BYTES];
        match rustix::io::read(&self.line, &mut chunk[..]) {
            Ok(0) | Err(Errno::IO) => Ok(Heard::Closed),
            Ok(bytes) => {
                chunk.truncate(bytes);
                Ok(Heard::Bytes(chunk))
            }
            Err(Errno::AGAIN | Errno::INTR) => Ok(Heard::Nothing),
            Err(error) => Err(error.into()),
        }
    }

    /// Says bytes to the host.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] when it does not take them; as of the system.
    pub(super) fn say(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match rustix::io::write(&self.line, bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(Errno::AGAIN) if self.wait(PollFlags::OUT, TAKE_WITHIN)? => {}
                Err(Errno::AGAIN) => return Err(io::ErrorKind::TimedOut.into()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Whether the line is ready for something, or closed, within a time.
    fn wait(&self, what: PollFlags, at_most: Duration) -> io::Result<bool> {
        let at_most = Timespec::try_from(at_most).map_err(|_| io::ErrorKind::InvalidInput)?;
        match poll(&mut [PollFd::new(&self.line, what)], Some(&at_most)) {
            Ok(ready) => Ok(ready > 0),
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::OpenOptions;
    use std::io::{Read, Write};

    const SOON: Duration = Duration::from_secs(5);

    #[test]
    fn every_byte_passes_as_it_is_in_both_directions() {
        let terminal = Terminal::open().unwrap();
        let mut host = OpenOptions::new().read(true).write(true).open(terminal.name()).unwrap();
        let all: Vec<u8> = (0..=255).collect();
        host.write_all(&all).unwrap();
        assert_eq!(terminal.hear(SOON).unwrap(), Heard::Bytes(all.clone()));
        terminal.say(&all).unwrap();
        let mut heard = vec![0; 256];
        host.read_exact(&mut heard).unwrap();
        assert_eq!(heard, all);
        assert_eq!(terminal.hear(Duration::ZERO).unwrap(), Heard::Nothing, "no echo");
    }

    #[test]
    fn a_host_that_closes_is_noticed_and_the_next_one_heard() {
        let terminal = Terminal::open().unwrap();
        assert_eq!(terminal.hear(Duration::ZERO).unwrap(), Heard::Nothing);
        let open = || OpenOptions::new().read(true).write(true).open(terminal.name()).unwrap();
        drop(open());
        assert_eq!(terminal.hear(SOON).unwrap(), Heard::Closed);
        open().write_all(&[1]).unwrap();
        assert_eq!(terminal.hear(SOON).unwrap(), Heard::Bytes(vec![1]));
    }
}
