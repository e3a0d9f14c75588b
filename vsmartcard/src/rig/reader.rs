//! One reader, and the visit of a card in it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{Place, ReaderStatus, Told};
use crate::atr::Atr;
use crate::faults::Faults;
use crate::plug::{Event, InSlot, Reply, Stop, VpcdListener, VpcdPlug};

#[cfg(target_os = "linux")]
use super::line::Line;

const POLL: Duration = Duration::from_millis(1);

/// Is told of one reader.
pub(super) type TellOne = Box<dyn Fn(Told) + Send>;

/// A place for a card.
pub(super) struct Reader {
    place: Place,
    atr: Atr,
    pub(super) faults: Faults,
    inside: Mutex<Option<Visit>>,
    /// The reader itself, where the place is one of its own.
    #[cfg(target_os = "linux")]
    line: Option<Line>,
}

impl Reader {
    /// A reader without a card; one of its own is there from now on.
    #[cfg(target_os = "linux")]
    pub(super) fn new(place: Place, atr: Atr, tell: TellOne) -> std::io::Result<Self> {
        let line = match &place {
            Place::Vpcd(_) | Place::Listen(_) => None,
            Place::CcidPty(path) => Some(Line::open(path, &atr, tell)?),
        };
        Ok(Self { place, atr, faults: Faults::default(), inside: Mutex::new(None), line })
    }

    /// A reader without a card.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn new(place: Place, atr: Atr, _: TellOne) -> std::io::Result<Self> {
        Ok(Self { place, atr, faults: Faults::default(), inside: Mutex::new(None) })
    }

    /// What is in it, for as long as the guard lives: readers are used by one hand at a time.
    pub(super) fn lock(&self) -> MutexGuard<'_, Option<Visit>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether its other side looks for cards only now and then.
    pub(super) const fn is_at_vpcd(&self) -> bool {
        matches!(self.place, Place::Vpcd(_))
    }

    pub(super) fn status(&self, reader: usize) -> ReaderStatus {
        let inside = self.lock();
        let visit = inside.as_ref();
        ReaderStatus {
            reader,
            place: self.place.to_string(),
            card: visit.map(|visit| visit.folder.clone()),
            connected: visit.is_some_and(Visit::is_connected),
            faults: self.faults.list().iter().map(|due| due.fault.to_string()).collect(),
            injected: self.faults.injections(),
        }
    }

    /// Tells its card to come out, and does not wait for it.
    pub(super) fn stop(&self) {
        if let Some(visit) = self.lock().as_ref() {
            visit.out();
        }
    }

    /// Takes its card out and lets go of it, and takes the reader itself away where it is one of
    /// its own; whether both went in time.
    pub(super) fn end(&self, within: Duration) -> bool {
        let mut inside = self.lock();
        let is_out = inside.as_ref().is_none_or(|visit| visit.end(within));
        if is_out {
            drop(inside.take());
        }
        #[cfg(target_os = "linux")]
        let is_out = self.line.as_ref().is_none_or(|line| line.end(within)) && is_out;
        is_out
    }

    /// Has `card` served here.
    ///
    /// # Errors
    /// As of the system, which may refuse a thread.
    pub(super) fn begin(
        &self,
        folder: &Path,
        card: Box<dyn InSlot + Send>,
        tell: TellOne,
    ) -> std::io::Result<Visit> {
        let card = Held::of(card);
        let serving = match &self.place {
            Place::Listen(address) => {
                let plug = VpcdPlug::listening(listen(address)?, self.atr.clone());
                Serving::thread(plug, card.clone(), tell)?
            }
            Place::Vpcd(address) => {
                let plug = VpcdPlug::new(address.as_str(), self.atr.clone());
                Serving::thread(plug, card.clone(), tell)?
            }
            #[cfg(target_os = "linux")]
            Place::CcidPty(_) => {
                let line = self.line.as_ref().ok_or(std::io::ErrorKind::NotConnected)?;
                Serving::Line(line.insert(card.clone()))
            }
            #[cfg(not(target_os = "linux"))]
            Place::CcidPty(_) => return Err(std::io::ErrorKind::Unsupported.into()),
        };
        Ok(Visit { folder: folder.to_owned(), card, serving })
    }
}

fn listen(address: &str) -> std::io::Result<VpcdListener> {
    VpcdListener::bind(address).map_err(|error| {
        let why = format!("cannot listen at {address}: {error}; choose another port");
        std::io::Error::new(error.kind(), why)
    })
}

/// A card that both the plug and a hand at the rig reach, one at a time.
#[derive(Clone)]
pub(super) struct Held(Arc<Mutex<Box<dyn InSlot + Send>>>);

impl Held {
    fn of(card: Box<dyn InSlot + Send>) -> Self {
        Self(Arc::new(Mutex::new(card)))
    }

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
    serving: Serving,
}

/// Who serves it.
enum Serving {
    /// A plug of its own.
    Thread { stop: Stop, thread: JoinHandle<()>, connected: Arc<AtomicBool> },
    /// The reader that was there before.
    #[cfg(target_os = "linux")]
    Line(super::line::Inserted),
}

impl Serving {
    fn thread(plug: VpcdPlug, mut card: Held, tell: TellOne) -> std::io::Result<Self> {
        let stop = plug.stop();
        let connected = Arc::new(AtomicBool::new(false));
        let is_in = Arc::clone(&connected);
        let thread = thread::Builder::new().name("card".into()).spawn(move || {
            plug.run(&mut card, &mut |event| {
                is_in.store(matches!(event, Event::Connected(_)), Ordering::Release);
                tell(Told::Plug(event));
            });
            drop(card);
            is_in.store(false, Ordering::Release);
            if !plug.stop().is_stopped() {
                tell(Told::Died);
            }
        })?;
        Ok(Self::Thread { stop, thread, connected })
    }
}

impl Visit {
    /// Whether the other side has the card now; one whose program panicked it has not.
    fn is_connected(&self) -> bool {
        match &self.serving {
            Serving::Thread { thread, connected, .. } => {
                connected.load(Ordering::Acquire) && !thread.is_finished()
            }
            #[cfg(target_os = "linux")]
            Serving::Line(inserted) => inserted.is_in(),
        }
    }

    /// Begins to end it.
    fn out(&self) {
        match &self.serving {
            Serving::Thread { stop, .. } => stop.stop(),
            #[cfg(target_os = "linux")]
            Serving::Line(inserted) => inserted.remove(),
        }
    }

    /// Ends the visit once the command in hand is answered; whether it ended in time.
    pub(super) fn end(&self, within: Duration) -> bool {
        self.out();
        let is_out = || match &self.serving {
            Serving::Thread { thread, .. } => thread.is_finished(),
            #[cfg(target_os = "linux")]
            Serving::Line(inserted) => inserted.is_out(),
        };
        wait(within, || is_out().then_some(())).is_some()
    }

    /// Resets the card between two commands; whether it came to that in time.
    pub(super) fn reset(&self, within: Duration) -> bool {
        wait(within, || self.card.try_lock().map(|mut card| card.reset())).is_some()
    }
}

/// Whoever forgets a card without waiting for it leaves nothing behind but its command in hand.
impl Drop for Visit {
    fn drop(&mut self) {
        self.out();
    }
}

pub(super) fn wait<T>(within: Duration, mut done: impl FnMut() -> Option<T>) -> Option<T> {
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
