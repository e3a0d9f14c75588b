//! One reader, and the visit of a card in it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::ReaderStatus;
use crate::atr::Atr;
use crate::plug::{Event, InSlot, Reply, Stop, VpcdPlug};

const POLL: Duration = Duration::from_millis(1);

/// A place for a card.
pub(super) struct Reader {
    place: String,
    atr: Atr,
    inside: Mutex<Option<Visit>>,
}

impl Reader {
    pub(super) fn new(place: String, atr: Atr) -> Self {
        Self { place, atr, inside: Mutex::new(None) }
    }

    /// What is in it, for as long as the guard lives: readers are used by one hand at a time.
    pub(super) fn lock(&self) -> MutexGuard<'_, Option<Visit>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn status(&self, reader: usize) -> ReaderStatus {
        let inside = self.lock();
        let visit = inside.as_ref();
        ReaderStatus {
            reader,
            place: self.place.clone(),
            card: visit.map(|visit| visit.folder.clone()),
            connected: visit.is_some_and(|visit| visit.connected.load(Ordering::Acquire)),
        }
    }

    /// Tells its card to come out, and does not wait for it.
    pub(super) fn stop(&self) {
        if let Some(visit) = self.lock().as_ref() {
            visit.stop.stop();
        }
    }
}

/// A card that both the plug and a hand at the rig reach, one at a time.
#[derive(Clone)]
struct Held(Arc<Mutex<Box<dyn InSlot + Send>>>);

impl Held {
    fn lock(&self) -> MutexGuard<'_, Box<dyn InSlot + Send>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_lock(&self) -> Option<MutexGuard<'_, Box<dyn InSlot + Send>>> {
        match self.0.try_lock() {
            Ok(card) => Some(card),
            Err(TryLockError::Poisoned(card)) => Some(card.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl InSlot for Held {
    fn power_off(&mut self) {
        self.lock().power_off();
    }

    fn power_on(&mut self) {
        self.lock().power_on();
    }

    fn reset(&mut self) {
        self.lock().reset();
    }

    fn transmit(&mut self, command: &[u8]) -> Reply {
        self.lock().transmit(command)
    }

    fn atr(&mut self, usual: &Atr) -> Reply {
        self.lock().atr(usual)
    }
}

/// A card in a reader, from its insertion to its removal.
pub(super) struct Visit {
    pub(super) folder: PathBuf,
    card: Held,
    connected: Arc<AtomicBool>,
    stop: Stop,
    thread: JoinHandle<()>,
}

impl Visit {
    /// Has a thread serve `card` in `reader`.
    ///
    /// # Errors
    /// As of the system, which may refuse a thread.
    pub(super) fn begin(
        reader: &Reader,
        folder: &Path,
        card: Box<dyn InSlot + Send>,
        tell: Box<dyn Fn(Event) + Send>,
    ) -> std::io::Result<Self> {
        let plug = VpcdPlug::new(reader.place.as_str(), reader.atr.clone());
        let (card, stop) = (Held(Arc::new(Mutex::new(card))), plug.stop());
        let connected = Arc::new(AtomicBool::new(false));
        let (mut held, noted) = (card.clone(), Arc::clone(&connected));
        let thread = thread::Builder::new().name("card".into()).spawn(move || {
            plug.run(&mut held, &mut |event| {
                noted.store(matches!(event, Event::Connected(_)), Ordering::Release);
                tell(event);
            });
        })?;
        Ok(Self { folder: folder.to_owned(), card, connected, stop, thread })
    }

    /// Ends the visit once the command in hand is answered; whether it ended in time.
    pub(super) fn end(&self, within: Duration) -> bool {
        self.stop.stop();
        wait(within, || self.thread.is_finished().then_some(())).is_some()
    }

    /// Resets the card between two commands; whether it came to that in time.
    pub(super) fn reset(&self, within: Duration) -> bool {
        wait(within, || self.card.try_lock().map(|mut card| card.reset())).is_some()
    }
}

fn wait<T>(within: Duration, mut done: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + within;
    loop {
        if let Some(done) = done() {
            return Some(done);
        }
        if Instant::now() >= deadline {
            return None;
        }
        thread::sleep(POLL);
    }
}
