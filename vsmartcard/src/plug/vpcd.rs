//! The card's side of the vpcd protocol: puts a card into a reader and keeps it there, whichever
//! of the two listens.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::line::{Line, MAX_PAYLOAD};
use super::{GET_ATR, InSlot, POWER_OFF, POWER_ON, RESET, Reply, Stop, VpcdListener};
use crate::atr::Atr;

/// The first pause before another attempt to connect; it doubles up to [`LONGEST_PAUSE`].
pub const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause before another attempt.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(1);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a reader may take to take an answer; it then counts as gone.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// What is said instead of an answer that no reader can take (ISO/IEC 7816-4, 6F00: no
/// precise diagnosis).
const NO_DIAGNOSIS: [u8; 2] = [0x6F, 0x00];

/// How long a card stays out that its reader has not seen come: pcscd looks every 400 ms whether
/// one is there.
const UNTIL_MISSED: Duration = Duration::from_secs(1);

/// How often it is looked whether a reader has connected.
const ACCEPT_POLL: Duration = Duration::from_millis(2);

/// A place where vpcd listens, or a reader connects, and what a card says there when it gets
/// power.
#[derive(Debug)]
pub struct VpcdPlug {
    way: Way,
    atr: Atr,
    stop: Stop,
}

/// How card and reader meet.
#[derive(Debug)]
enum Way {
    /// The reader listens, as vpcd does.
    Connect(String),
    /// The card does: vpcd's reversed mode, or a reader of one's own.
    Listen(VpcdListener),
}

/// What happens to a plug.
#[derive(Debug)]
pub enum Event {
    /// The card is in the reader.
    Connected(SocketAddr),
    /// There is no reader; told once until there is one again.
    Unreachable(io::Error),
    /// The reader went away, with an error or with none.
    Lost(Option<io::Error>),
}

impl VpcdPlug {
    /// A plug for the vpcd at `address`, such as `localhost:35963`.
    #[must_use]
    pub fn new(address: impl Into<String>, atr: Atr) -> Self {
        Self { way: Way::Connect(address.into()), atr, stop: Stop::default() }
    }

    /// A plug to which readers connect, one after the other.
    #[must_use]
    pub fn listening(listener: VpcdListener, atr: Atr) -> Self {
        Self { way: Way::Listen(listener), atr, stop: Stop::default() }
    }

    /// Has it ended by `stop`, which may end others, too.
    #[must_use]
    pub fn stopped_by(self, stop: Stop) -> Self {
        Self { stop, ..self }
    }

    /// Gives what ends [`VpcdPlug::run`].
    #[must_use]
    pub fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Serves a card until the plug is stopped or the card is [`Reply::Gone`], through as many
    /// connections as it takes.
    ///
    /// A reader that takes power away before it has given any or asked for anything has not seen
    /// the card come, and pcscd may have lost it for good: where a card is reset that was pulled
    /// and is back, there is none any more until the reader was seen empty. So the card goes out
    /// for a second, but not twice in a row: there may be readers that begin like this.
    ///
    /// Each connection is a power-up. Every command is answered, whatever its length; an
    /// [`Reply::Answer`] that is empty or does not fit a frame is answered 6F00 instead.
    pub fn run(&self, card: &mut dyn InSlot, tell: &mut dyn FnMut(Event)) {
        let mut pause = FIRST_PAUSE;
        let mut missing = false;
        let mut went_out = false;
        while !self.stop.is_stopped() {
            match self.meet() {
                Ok(None) => return,
                Ok(Some((stream, reader))) => {
                    missing = false;
                    tell(Event::Connected(reader));
                    let begun = Visit { is_seen: went_out, ..Visit::default() };
                    let visit = self.visit(stream, card, tell, begun);
                    went_out = visit.went_out;
                    if visit.is_gone {
                        return;
                    }
                    self.stop.pause(visit.away);
                    if visit.spoke {
                        pause = FIRST_PAUSE;
                    }
                }
                Err(error) if !missing => {
                    missing = true;
                    tell(Event::Unreachable(error));
                }
                Err(_) => {}
            }
            self.stop.pause(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Meets a reader; `None` when the plug was stopped meanwhile.
    fn meet(&self) -> io::Result<Option<(TcpStream, SocketAddr)>> {
        let listener = match &self.way {
            Way::Connect(address) => return connect(address).map(Some),
            Way::Listen(listener) => listener,
        };
        while !self.stop.is_stopped() {
            if let Some(met) = listener.try_accept()? {
                return Ok(Some(met));
            }
            self.stop.pause(ACCEPT_POLL);
        }
        Ok(None)
    }

    /// Serves one connection until it ends, and leaves the card without power.
    fn visit(
        &self,
        stream: TcpStream,
        card: &mut dyn InSlot,
        tell: &mut dyn FnMut(Event),
        mut visit: Visit,
    ) -> Visit {
        card.power_on();
        let unwatched = Unwatched(&self.stop);
        let watched = self.stop.watch(&stream);
        let line = watched.and_then(|()| Line::new(stream));
        let ended = line.and_then(|mut line| self.serve(&mut line, card, &mut visit));
        drop(unwatched);
        card.power_off();
        if !self.stop.is_stopped() {
            tell(Event::Lost(ended.err()));
        }
        visit
    }

    fn serve(&self, line: &mut Line, card: &mut dyn InSlot, visit: &mut Visit) -> io::Result<()> {
        while let Some(frame) = line.receive(None)? {
            visit.spoke = true;
            // What was sent before the reader saw the end is still read on some systems.
            if self.stop.is_stopped() {
                break;
            }
            let reply = match *frame {
                [POWER_OFF] if !visit.is_seen => {
                    visit.go_out();
                    break;
                }
                [POWER_OFF] => {
                    card.power_off();
                    continue;
                }
                [POWER_ON] => {
                    visit.is_seen = true;
                    card.power_on();
                    continue;
                }
                [RESET] => {
                    visit.is_seen = true;
                    card.reset();
                    continue;
                }
                [GET_ATR] => card.atr(&self.atr),
                _ => {
                    visit.is_seen = true;
                    card.transmit(frame)
                }
            };
            say(line, &reply)?;
            if reply.ends_connection() {
                visit.end_with(&reply);
                break;
            }
        }
        Ok(())
    }
}

/// Lets go of the connection when it is dropped, also where a card panics: else the reader would
/// wait for its answer.
struct Unwatched<'a>(&'a Stop);

impl Drop for Unwatched<'_> {
    fn drop(&mut self) {
        self.0.unwatch();
    }
}

/// What came of one connection.
#[derive(Debug, Default)]
struct Visit {
    /// Whether the reader said anything at all.
    spoke: bool,
    /// Whether the reader knows of the card: it gave it power, or had something done.
    is_seen: bool,
    /// Whether the card went out so that the reader sees it come.
    went_out: bool,
    /// How long the card stays out of the reader.
    away: Duration,
    /// Whether it does not come back.
    is_gone: bool,
}

impl Visit {
    fn go_out(&mut self) {
        self.went_out = true;
        self.away = UNTIL_MISSED;
    }

    fn end_with(&mut self, reply: &Reply) {
        self.is_gone = *reply == Reply::Gone;
        if let Reply::Pulled(away) = reply {
            self.away = *away;
        }
    }
}

/// Puts onto the line what a card says.
fn say(line: &mut Line, reply: &Reply) -> io::Result<()> {
    let within = Some(SEND_TIMEOUT);
    match reply {
        Reply::Answer(answer) => line.send(sendable(answer), within),
        Reply::Exactly(answer) => line.send(answer, within),
        Reply::Twice(answer) => {
            line.send(answer, within)?;
            line.send(answer, within)
        }
        Reply::Stray { answer, after } => {
            line.send(answer, within)?;
            line.send_stray(after, within)
        }
        Reply::Cut { answer, sent_bytes } => line.send_part(answer, *sent_bytes, within),
        Reply::Silence | Reply::Pulled(_) | Reply::Gone => Ok(()),
    }
}

fn sendable(answer: &[u8]) -> &[u8] {
    if (2..=MAX_PAYLOAD).contains(&answer.len()) { answer } else { &NO_DIAGNOSIS }
}

/// Connects to the first of an address's meanings that answers.
fn connect(address: &str) -> io::Result<(TcpStream, SocketAddr)> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for candidate in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&candidate, CONNECT_TIMEOUT) {
            Ok(stream) => return Ok((stream, candidate)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests;
