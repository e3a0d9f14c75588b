//! A reader of one's own at a serial line, which is there whether a card is in it or not.

use std::io;
use std::path::Path;
use std::rc::Rc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::Told;
use super::reader::{Held, TellOne, wait};
use crate::atr::Atr;
use crate::plug::{CcidPtyPlug, InSlot, Presence, ReaderEvent, Reply, Stop};

/// How long a reader may take to be there.
const READY_WITHIN: Duration = Duration::from_secs(10);

/// A reader; dropped, it is gone.
pub(super) struct Line {
    slot: Slot,
    presence: Presence,
    stop: Stop,
    thread: JoinHandle<()>,
}

/// A card in it.
pub(super) struct Inserted {
    slot: Slot,
    presence: Presence,
}

impl Line {
    /// Makes `path` the link to a reader without a card.
    ///
    /// # Errors
    /// As of the system; whatever the plug says of the path.
    pub(super) fn open(path: &Path, atr: &Atr, tell: TellOne) -> io::Result<Self> {
        let plug = CcidPtyPlug::new(path, atr.clone());
        let (slot, presence, stop) = (Slot::default(), plug.presence(), plug.stop());
        presence.remove();
        let (ready, is_ready) = channel();
        let (place, held) = (slot.clone(), presence.clone());
        let thread = thread::Builder::new().name("reader".into()).spawn(move || {
            let tell = Rc::new(tell);
            let mut served = Served { slot: place, presence: held, tell: Rc::clone(&tell) };
            let ended = plug.run(&mut served, &mut |event| {
                if matches!(event, ReaderEvent::Ready(_)) {
                    let _ = ready.send(Ok(()));
                }
                tell(Told::Reader(event));
            });
            if let Err(error) = ended {
                drop(ready.send(Err(io::Error::other(error))));
            }
        })?;
        match is_ready.recv_timeout(READY_WITHIN) {
            Ok(ready) => ready.map(|()| Self { slot, presence, stop, thread }),
            Err(RecvTimeoutError::Timeout) => Err(io::ErrorKind::TimedOut.into()),
            Err(RecvTimeoutError::Disconnected) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Puts a card in.
    pub(super) fn insert(&self, card: Held) -> Inserted {
        *self.slot.lock() = Some(card);
        self.presence.insert();
        Inserted { slot: self.slot.clone(), presence: self.presence.clone() }
    }

    /// Takes the reader away for good; whether it and its link are gone in time.
    pub(super) fn end(&self, within: Duration) -> bool {
        self.stop.stop();
        wait(within, || self.thread.is_finished().then_some(())).is_some()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

impl Inserted {
    /// Takes it out after the command in hand.
    pub(super) fn remove(&self) {
        self.presence.remove();
    }

    /// Whether a host finds it in the reader.
    pub(super) fn is_in(&self) -> bool {
        self.presence.is_in()
    }

    /// Whether it is out, so that a host finds no card before the next is in, and let go of.
    pub(super) fn is_out(&self) -> bool {
        if self.is_in() {
            return false;
        }
        let mut slot = match self.slot.0.try_lock() {
            Ok(slot) => slot,
            Err(TryLockError::Poisoned(slot)) => slot.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        if let Some(mut card) = slot.take() {
            card.power_off();
        }
        true
    }
}

/// A place for a card, which may be empty.
#[derive(Clone, Default)]
struct Slot(Arc<Mutex<Option<Held>>>);

impl Slot {
    fn lock(&self) -> MutexGuard<'_, Option<Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the reader meets: the place, and what is in it.
struct Served {
    slot: Slot,
    presence: Presence,
    tell: Rc<TellOne>,
}

impl Served {
    /// What the card says. Where there is none nobody says anything; one that is gone for good
    /// is out, and the reader stays for the next.
    fn hear(&self, ask: impl FnOnce(&mut Held) -> Reply) -> Reply {
        let reply = self.slot.lock().as_mut().map_or(Reply::Silence, ask);
        if reply != Reply::Gone {
            return reply;
        }
        self.presence.remove();
        (self.tell)(Told::Died);
        Reply::Pulled(Duration::ZERO)
    }
}

impl InSlot for Served {
    fn power_off(&mut self) {
        self.slot.lock().iter_mut().for_each(InSlot::power_off);
    }

    fn power_on(&mut self) {
        self.slot.lock().iter_mut().for_each(InSlot::power_on);
    }

    fn reset(&mut self) {
        self.slot.lock().iter_mut().for_each(InSlot::reset);
    }

    fn transmit(&mut self, command: &[u8]) -> Reply {
        self.hear(|card| card.transmit(command))
    }

    fn atr(&mut self, usual: &Atr) -> Reply {
        self.hear(|card| card.atr(usual))
    }
}
