//! The reader's side of the vpcd protocol: drives any virtual card that connects.
//!
//! It listens where vpcd would, so that a program talks to a card without pcscd. Every wait
//! has a deadline. After any error but [`ReaderError::Length`] the card counts as pulled: an
//! answer that comes late would be taken for that of the next command.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::thread;
use std::time::{Duration, Instant};

use super::line::{Line, MAX_PAYLOAD};
use super::{GET_ATR, POWER_OFF, POWER_ON, RESET};

/// The fewest bytes of a command APDU: CLA, INS, P1, P2.
pub const MIN_COMMAND: usize = 4;

const ACCEPT_POLL: Duration = Duration::from_millis(1);

/// A place where cards can connect.
#[derive(Debug)]
pub struct VpcdListener {
    listener: TcpListener,
}

/// A card that connected.
#[derive(Debug)]
pub struct VpcdReader {
    line: Option<Line>,
}

/// Why a card cannot be talked to.
#[derive(Debug, thiserror::Error)]
pub enum ReaderError {
    /// The command's length; it was not sent and the card is as it was.
    #[error("a command APDU has 4 to 65,535 bytes, this one {0}")]
    Length(usize),
    /// The card did not answer in time.
    #[error("the card did not answer in time")]
    Late,
    /// The card's program closed the connection.
    #[error("the card was pulled")]
    Pulled,
    /// Something came that is no answer: too short for a status word, or not asked for.
    #[error("the card sent something that is not an answer")]
    NotAnAnswer,
    /// The system.
    #[error("the connection to the card broke: {0}")]
    System(io::Error),
}

impl From<io::Error> for ReaderError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::TimedOut => Self::Late,
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => Self::Pulled,
            _ => Self::System(error),
        }
    }
}

impl VpcdListener {
    /// Listens at an address; port 0 takes any free one.
    ///
    /// # Errors
    /// As of the socket.
    pub fn bind(address: impl ToSocketAddrs) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener })
    }

    /// Tells where it listens.
    ///
    /// # Errors
    /// As of the socket.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Waits for a card to connect.
    ///
    /// # Errors
    /// [`ReaderError::Late`]; [`ReaderError::System`].
    pub fn accept(&self, within: Duration) -> Result<VpcdReader, ReaderError> {
        let deadline = Instant::now() + within;
        loop {
            match self.try_accept() {
                Ok(Some((stream, _))) => return Ok(VpcdReader::over(stream)?),
                Err(error) => return Err(ReaderError::System(error)),
                Ok(None) if Instant::now() >= deadline => return Err(ReaderError::Late),
                Ok(None) => thread::sleep(ACCEPT_POLL),
            }
        }
    }

    /// Takes whoever has connected, if somebody has.
    pub(super) fn try_accept(&self) -> io::Result<Option<(TcpStream, SocketAddr)>> {
        match self.listener.accept() {
            Ok((stream, from)) => {
                stream.set_nonblocking(false)?;
                Ok(Some((stream, from)))
            }
            Err(error) => match error.kind() {
                // One that has gone again, or none.
                io::ErrorKind::ConnectionAborted | io::ErrorKind::WouldBlock => Ok(None),
                _ => Err(error),
            },
        }
    }
}

impl VpcdReader {
    /// Connects to a card that listens ([`VpcdPlug::listening`](super::VpcdPlug::listening)).
    ///
    /// # Errors
    /// [`ReaderError::Late`]; [`ReaderError::System`]: there is no card.
    pub fn connect(address: SocketAddr, within: Duration) -> Result<Self, ReaderError> {
        Ok(Self::over(TcpStream::connect_timeout(&address, within)?)?)
    }

    fn over(stream: TcpStream) -> io::Result<Self> {
        Ok(Self { line: Some(Line::new(stream)?) })
    }

    /// Gives the card power; the protocol has no answer to that.
    ///
    /// # Errors
    /// [`ReaderError`].
    pub fn power_on(&mut self, within: Duration) -> Result<(), ReaderError> {
        self.control(POWER_ON, within)
    }

    /// Takes the card's power away.
    ///
    /// # Errors
    /// [`ReaderError`].
    pub fn power_off(&mut self, within: Duration) -> Result<(), ReaderError> {
        self.control(POWER_OFF, within)
    }

    /// Resets the card.
    ///
    /// # Errors
    /// [`ReaderError`].
    pub fn reset(&mut self, within: Duration) -> Result<(), ReaderError> {
        self.control(RESET, within)
    }

    /// Asks for the answer to reset; the bytes are not judged.
    ///
    /// # Errors
    /// [`ReaderError`].
    pub fn atr(&mut self, within: Duration) -> Result<Vec<u8>, ReaderError> {
        self.exchange(&[GET_ATR], within)
    }

    /// Sends a command APDU and gives data and status word of the answer.
    ///
    /// # Errors
    /// [`ReaderError`].
    pub fn transmit(&mut self, command: &[u8], within: Duration) -> Result<Vec<u8>, ReaderError> {
        check_length(command)?;
        self.exchange(command, within)
    }

    /// Sends a command APDU and gives what is framed as an answer, be it too short for one.
    pub(super) fn transmit_as_is(
        &mut self,
        command: &[u8],
        within: Duration,
    ) -> Result<Vec<u8>, ReaderError> {
        check_length(command)?;
        self.exchange_as_is(command, within)
    }

    fn control(&mut self, control: u8, within: Duration) -> Result<(), ReaderError> {
        let mut line = self.line.take().ok_or(ReaderError::Pulled)?;
        line.send(&[control], Some(within))?;
        self.line = Some(line);
        Ok(())
    }

    fn exchange(&mut self, payload: &[u8], within: Duration) -> Result<Vec<u8>, ReaderError> {
        let answer = self.exchange_as_is(payload, within)?;
        if answer.len() < 2 {
            self.line = None;
            return Err(ReaderError::NotAnAnswer);
        }
        Ok(answer)
    }

    fn exchange_as_is(&mut self, payload: &[u8], within: Duration) -> Result<Vec<u8>, ReaderError> {
        let deadline = Instant::now() + within;
        let mut line = self.line.take().ok_or(ReaderError::Pulled)?;
        if line.has_stray_bytes()? {
            return Err(ReaderError::NotAnAnswer);
        }
        line.send(payload, Some(within))?;
        let answer = line.receive(Some(deadline))?.ok_or(ReaderError::Pulled)?.to_vec();
        self.line = Some(line);
        Ok(answer)
    }
}

fn check_length(command: &[u8]) -> Result<(), ReaderError> {
    let fits = (MIN_COMMAND..=MAX_PAYLOAD).contains(&command.len());
    if fits { Ok(()) } else { Err(ReaderError::Length(command.len())) }
}

#[cfg(test)]
mod tests;
