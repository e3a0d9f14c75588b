//! Frames over TCP.
//!
//! vpcd sends length and payload apart and without TCP_NODELAY, so its payload waits until
//! the length is acknowledged: 44 ms, unless this side acknowledges at once. That is a
//! property of the socket which the kernel takes back at will, so it is set before each read.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// The most bytes of a frame's payload.
pub(super) const MAX_PAYLOAD: usize = u16::MAX as usize;

/// The length before a payload.
const HEADER_BYTES: usize = 2;

/// A connection that carries frames.
#[derive(Debug)]
pub(super) struct Line {
    stream: TcpStream,
    frame: Vec<u8>,
}

impl Line {
    /// Takes a connection over.
    pub(super) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, frame: Vec::new() })
    }

    /// Waits for a frame; `None` when the other side closed after a whole one.
    ///
    /// # Errors
    /// As of the socket; [`io::ErrorKind::UnexpectedEof`] when the other side closed within
    /// a frame; [`io::ErrorKind::TimedOut`] when it is not whole at the deadline.
    pub(super) fn receive(&mut self, deadline: Option<Instant>) -> io::Result<Option<&[u8]>> {
        let mut source = Eager { stream: &self.stream, deadline };
        let mut length = [0; 2];
        match source.read_first(&mut length)? {
            0 => return Ok(None),
            read => source.read_exact(&mut length[read..])?,
        }
        self.frame.resize(usize::from(u16::from_be_bytes(length)), 0);
        source.read_exact(&mut self.frame)?;
        Ok(Some(&self.frame))
    }

    /// Sends a frame in one write.
    ///
    /// # Errors
    /// As of the socket; [`io::ErrorKind::InvalidInput`], and nothing is sent, when the
    /// payload is longer than [`MAX_PAYLOAD`].
    pub(super) fn send(&mut self, payload: &[u8], within: Option<Duration>) -> io::Result<()> {
        self.send_part(payload, HEADER_BYTES + MAX_PAYLOAD, within)
    }

    /// Sends the first so many bytes of a frame, and no more of it.
    ///
    /// # Errors
    /// As [`Line::send`].
    pub(super) fn send_part(
        &mut self,
        payload: &[u8],
        bytes: usize,
        within: Option<Duration>,
    ) -> io::Result<()> {
        let length = u16::try_from(payload.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.frame.clear();
        self.frame.extend_from_slice(&length.to_be_bytes());
        self.frame.extend_from_slice(payload);
        self.frame.truncate(bytes);
        self.stream.set_write_timeout(within)?;
        (&self.stream).write_all(&self.frame).map_err(late)
    }

    /// Sends bytes that are no frame.
    ///
    /// # Errors
    /// As of the socket.
    pub(super) fn send_stray(&self, bytes: &[u8], within: Option<Duration>) -> io::Result<()> {
        self.stream.set_write_timeout(within)?;
        (&self.stream).write_all(bytes).map_err(late)
    }

    /// Whether bytes wait to be read that nobody asked for.
    pub(super) fn has_stray_bytes(&self) -> io::Result<bool> {
        self.stream.set_nonblocking(true)?;
        let peeked = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false)?;
        match peeked {
            Ok(bytes) => Ok(bytes > 0),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Reads from a connection and acknowledges at once.
struct Eager<'a> {
    stream: &'a TcpStream,
    deadline: Option<Instant>,
}

impl Eager<'_> {
    /// Reads what is there of what begins a frame; 0 bytes mean that none will come.
    fn read_first(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.read(out) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

impl Read for Eager<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some(deadline) = self.deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.stream.set_read_timeout(Some(left))?;
        }
        acknowledge_at_once(self.stream)?;
        self.stream.read(out).map_err(late)
    }
}

#[cfg(target_os = "linux")]
fn acknowledge_at_once(stream: &TcpStream) -> io::Result<()> {
    std::os::linux::net::TcpStreamExt::set_quickack(stream, true)
}

#[cfg(not(target_os = "linux"))]
fn acknowledge_at_once(_: &TcpStream) -> io::Result<()> {
    Ok(())
}

/// A socket says of a deadline that it would block.
fn late(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => error,
    }
}
