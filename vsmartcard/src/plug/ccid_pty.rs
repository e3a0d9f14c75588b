//! A reader at a serial line that is a pseudo-terminal: pcscd's own CCID driver, libccid,
//! drives it by its `libccidtwin.so`, as it drives Gemalto's GemPC Twin.
//!
//! ```text
//! host to reader   03 06 ‖ CCID message ‖ LRC
//! reader to host   the same frame again, then its own, of the same form
//!                  03 15 16 instead of both: the frame was wrong, and nothing came of it
//!                  50 02 or 50 03 before its frame: a card went or came
//!                  80 before a frame: the card still works, wait on
//! ```
//!
//! The reader is at [`Level::Tpdu`]: the host speaks T=1 with the card. It outlives its host:
//! when that closes the line, the card loses its power, and the next one may open it. A frame
//! whose end does not come within a second is dropped.

mod frame;
mod link;
mod patience;
mod terminal;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use frame::Frames;
use link::Link;
use patience::Patience;
use terminal::{Heard, Terminal};

use super::{InSlot, Stop};
use crate::atr::Atr;
use crate::ccid::{Away, Engine, EngineError, Level, MIN_MESSAGE_BYTES};

/// How long at most until a plug sees that it was stopped, or the card inserted or removed.
const POLL: Duration = Duration::from_millis(50);
/// How long to leave a line alone that nobody has opened.
const CLOSED_POLL: Duration = Duration::from_millis(20);
/// A card that was pulled or taken out is out for this long at least: pcscd looks each 400 ms, and
/// what it has not seen leaves its slot dead.
const PULLED_FOR: Duration = Duration::from_millis(1_000);

/// A place where libccid finds a reader, and what the card in it says when it gets power.
#[derive(Debug)]
pub struct CcidPtyPlug {
    path: PathBuf,
    atr: Atr,
    stop: Stop,
    presence: Presence,
}

/// Puts a card into its reader and takes it out while the plug runs; clones do the same.
#[derive(Debug, Clone)]
pub struct Presence {
    is_inserted: Arc<AtomicBool>,
    /// What has become of that.
    is_in: Arc<AtomicBool>,
}

impl Default for Presence {
    /// Begins with the card in the reader.
    fn default() -> Self {
        Self { is_inserted: Arc::new(AtomicBool::new(true)), is_in: Arc::default() }
    }
}

impl Presence {
    /// Puts the card in; within 50 ms, but not within a second of the last removal.
    pub fn insert(&self) {
        self.is_inserted.store(true, Ordering::Relaxed);
    }

    /// Takes the card out after the command in hand; within 50 ms.
    pub fn remove(&self) {
        self.is_inserted.store(false, Ordering::Relaxed);
    }

    /// Whether it shall be in.
    #[must_use]
    pub fn is_inserted(&self) -> bool {
        self.is_inserted.load(Ordering::Relaxed)
    }

    /// Whether it is in, as a host finds it; never where no reader runs.
    #[must_use]
    pub fn is_in(&self) -> bool {
        self.is_in.load(Ordering::Acquire)
    }
}

/// Tells that no card is in a reader any more when it is dropped, also where a card panics.
struct Emptied<'a>(&'a Presence);

impl Drop for Emptied<'_> {
    fn drop(&mut self) {
        self.0.is_in.store(false, Ordering::Release);
    }
}

/// What happens to a reader.
#[derive(Debug)]
pub enum ReaderEvent {
    /// A driver can open it, by the link's path.
    Ready(PathBuf),
    /// A driver has spoken to it, the first time since it was opened.
    Host,
    /// The driver closed it.
    HostGone,
}

/// Why there is no such reader.
#[derive(Debug, thiserror::Error)]
pub enum PtyError {
    /// The ATR.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Something else is where the link shall be.
    #[error("{} is there and is no reader's link: name another path, or move it away", .0.display())]
    Taken(PathBuf),
    /// The system.
    #[error("no reader at {}: {error}", .path.display())]
    System {
        /// Where it shall be.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl CcidPtyPlug {
    /// A plug that makes `path` a link to the line while it runs.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, atr: Atr) -> Self {
        Self { path: path.into(), atr, stop: Stop::default(), presence: Presence::default() }
    }

    /// Gives what ends [`CcidPtyPlug::run`].
    #[must_use]
    pub fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Gives what puts the card in and takes it out.
    #[must_use]
    pub fn presence(&self) -> Presence {
        self.presence.clone()
    }

    /// Serves a card until the plug is stopped, or the card is gone for good, through as many
    /// hosts as come. It has no power afterwards, and the link is gone.
    ///
    /// # Errors
    /// [`PtyError`], before the first event.
    pub fn run(
        &self,
        card: &mut dyn InSlot,
        tell: &mut dyn FnMut(ReaderEvent),
    ) -> Result<(), PtyError> {
        let engine = Engine::new(Level::Tpdu, self.atr.clone())?
            .with_max_message(MIN_MESSAGE_BYTES)
            .with_escapes(escape);
        let system = |error| PtyError::System { path: self.path.clone(), error };
        let terminal = Terminal::open().map_err(system)?;
        let link = self.make_link(&terminal)?;
        let _emptied = Emptied(&self.presence);
        tell(ReaderEvent::Ready(link.path().to_owned()));
        let patience = Patience::default();
        let frames = Frames::new(engine.max_message_bytes());
        let (terminal, patience) = (&terminal, &patience);
        let (pulled_until, is_gone) = (None, false);
        let mut reader = Reader { terminal, patience, engine, frames, pulled_until, is_gone };
        let served = thread::scope(|scope| {
            scope.spawn(|| patience.run(terminal));
            let _end = patience.end_when_dropped();
            reader.serve(self, card, tell)
        });
        reader.engine.deactivate(card);
        served.map_err(system)
    }

    fn make_link(&self, terminal: &Terminal) -> Result<Link, PtyError> {
        Link::make(terminal.name(), &self.path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => PtyError::Taken(self.path.clone()),
            _ => PtyError::System { path: self.path.clone(), error },
        })
    }

    /// Where the link is while the plug runs.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// GemPC Twin's own commands: its name, and when it tells of cards that come and go.
fn escape(command: &[u8]) -> Option<Vec<u8>> {
    const FIRMWARE: &[u8] = b"Saifu GemPCTwin-V1.00";
    match command {
        [0x02] => Some(FIRMWARE.to_vec()),
        // With the answers to commands: the one way that this reader has.
        [0x01, 0x01, 0x01] => Some(Vec::new()),
        _ => None,
    }
}

struct Reader<'a> {
    terminal: &'a Terminal,
    patience: &'a Patience,
    engine: Engine,
    frames: Frames,
    /// When a card that was pulled is back.
    pulled_until: Option<Instant>,
    /// Whether it does not come back.
    is_gone: bool,
}

impl Reader<'_> {
    fn serve(
        &mut self,
        plug: &CcidPtyPlug,
        card: &mut dyn InSlot,
        tell: &mut dyn FnMut(ReaderEvent),
    ) -> io::Result<()> {
        let mut is_open = false;
        while !(plug.stop.is_stopped() || self.is_gone) {
            self.heed(&plug.presence, card);
            match self.terminal.hear(POLL)? {
                Heard::Bytes(bytes) => {
                    if !std::mem::replace(&mut is_open, true) {
                        tell(ReaderEvent::Host);
                    }
                    self.take(&bytes, card);
                }
                Heard::Nothing => self.drop_late(),
                Heard::Closed => {
                    if std::mem::take(&mut is_open) {
                        self.part(card);
                        tell(ReaderEvent::HostGone);
                    }
                    plug.stop.pause(CLOSED_POLL);
                }
            }
        }
        Ok(())
    }

    /// Puts the card in or takes it out, as it shall be; one that was pulled comes back.
    fn heed(&mut self, presence: &Presence, card: &mut dyn InSlot) {
        let pulled = self.pulled_until.is_some_and(|until| Instant::now() < until);
        if presence.is_inserted() && !pulled {
            self.engine.insert();
        } else if self.engine.has_card() {
            self.engine.remove(card);
            self.pulled_until = Instant::now().checked_add(PULLED_FOR);
        }
        presence.is_in.store(self.engine.has_card(), Ordering::Release);
    }

    fn take(&mut self, bytes: &[u8], card: &mut dyn InSlot) {
        self.frames.push(bytes);
        while let Some(frame) = self.frames.next() {
            match frame {
                Ok(message) => self.answer(&message, card),
                Err(frame::Wrong) => self.say(&frame::NAK),
            }
        }
    }

    /// The frame again, news of the slot, and the answer: all in one write.
    fn answer(&mut self, message: &[u8], card: &mut dyn InSlot) {
        self.patience.begin();
        let answer = self.engine.answer(message, card);
        self.patience.pause();
        match self.engine.pulled() {
            Some(Away::For(time)) => {
                self.pulled_until = Instant::now().checked_add(time.max(PULLED_FOR))
            }
            Some(Away::ForGood) => self.is_gone = true,
            None => {}
        }
        let mut bytes = frame::seal(message);
        bytes.extend(self.engine.notification().into_iter().flatten());
        bytes.extend(answer.into_iter().flat_map(|answer| frame::seal(&answer)));
        self.say(&bytes);
    }

    /// What a host does not take, it has given up: it asks anew when it comes back.
    fn say(&self, bytes: &[u8]) {
        let _ = self.terminal.say(bytes);
    }

    fn drop_late(&mut self) {
        if self.frames.drop_late() {
            self.say(&frame::NAK);
        }
    }

    /// Another host will know nothing of what this one did.
    fn part(&mut self, card: &mut dyn InSlot) {
        self.frames.clear();
        self.engine.deactivate(card);
        self.engine.greet();
    }
}

#[cfg(test)]
mod tests;
