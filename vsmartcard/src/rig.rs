//! Several readers in one process, and cards that come and go in them while it runs.
//!
//! A [`Rig`] has its readers from the beginning; each has a card in it or none. Putting a card in
//! takes its folder up, which locks it: no card is in two readers. Taking it out lets the command
//! in hand end first, as a hand at a real reader does not: whoever wants that kills the process.
//!
//! [`control`] does the same from another process, over a socket.

#[cfg(unix)]
pub mod control;
#[cfg(target_os = "linux")]
mod line;
mod reader;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::atr::Atr;
use crate::faults::Faults;
#[cfg(target_os = "linux")]
use crate::plug::ReaderEvent;
use crate::plug::{Event, InSlot};
use reader::{Reader, TellOne};

/// The most readers of one rig.
pub const MAX_READERS: usize = 64;

/// How long a card that is put in is waited for, until its reader knows of it.
pub const IN_WITHIN: Duration = Duration::from_secs(5);

/// How long a card's command in hand is waited for when it is taken out or reset.
pub const OUT_WITHIN: Duration = Duration::from_secs(5);

/// How long a swap leaves a vpcd without a card: pcscd looks each 400 ms, and takes one that is
/// back before for the one it knows.
const EMPTY_FOR: Duration = Duration::from_millis(500);

/// Why a card could not be taken up.
pub type NoCard = Box<dyn std::error::Error + Send + Sync>;

/// Takes up the card in a folder for the reader of this number, with that reader's faults.
pub type Open =
    dyn Fn((usize, &Faults), &Path) -> Result<Box<dyn InSlot + Send>, NoCard> + Send + Sync;

/// Is told what happens to a reader, by its number.
pub type Tell = dyn Fn(usize, Told) + Send + Sync;

/// Where the other side of a reader is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A vpcd that listens at this address.
    Vpcd(String),
    /// Whoever connects to this address as a reader, while a card is there.
    Listen(String),
    /// A serial line, to which this path is a link, for pcscd's driver libccid; on Linux.
    CcidPty(PathBuf),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vpcd(address) | Self::Listen(address) => f.write_str(address),
            Self::CcidPty(path) => path.display().fmt(f),
        }
    }
}

/// What happens to a reader.
#[derive(Debug)]
pub enum Told {
    /// To the plug at a vpcd.
    Plug(Event),
    /// To a reader of its own.
    #[cfg(target_os = "linux")]
    Reader(ReaderEvent),
    /// Its card died of a fault that was asked for.
    Died,
}

/// Readers, by their numbers from 0.
pub struct Rig {
    readers: Vec<Reader>,
    open: Box<Open>,
    tell: Arc<Tell>,
}

/// What a reader has in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReaderStatus {
    /// Its number, from 0.
    pub reader: usize,
    /// Where its other side is.
    pub place: String,
    /// The folder of its card.
    pub card: Option<PathBuf>,
    /// Whether the other side has the card now.
    pub connected: bool,
    /// The faults to come, as they are typed.
    pub faults: Vec<String>,
    /// How many took place.
    pub injected: u64,
}

/// Why a rig does not do what is asked.
#[derive(Debug, thiserror::Error)]
pub enum RigError {
    /// No such reader.
    #[error("there is no reader {reader}: there are {readers}, numbered from 0")]
    NoReader {
        /// What was asked for.
        reader: usize,
        /// How many there are.
        readers: usize,
    },
    /// There is a card already.
    #[error("the card in {} is in reader {reader}; remove it first, or swap", card.display())]
    Occupied {
        /// The reader.
        reader: usize,
        /// The card's folder.
        card: PathBuf,
    },
    /// There is no card.
    #[error("reader {0} is empty; insert a card first")]
    Empty(usize),
    /// The card cannot be taken up.
    #[error("{0}")]
    Card(NoCard),
    /// It is at work.
    #[error("the card in reader {0} is still busy with a command after {OUT_WITHIN:?}; try again")]
    Busy(usize),
    /// The system refuses what serves a card: a thread, a port, a line.
    #[error("{0}")]
    System(#[from] std::io::Error),
}

impl Rig {
    /// Readers at these places, all empty. The first [`MAX_READERS`] count.
    ///
    /// # Errors
    /// [`RigError::System`]: a reader of its own cannot be made.
    pub fn new(
        places: Vec<Place>,
        atr: &Atr,
        open: Box<Open>,
        tell: Arc<Tell>,
    ) -> Result<Self, RigError> {
        let places = places.into_iter().take(MAX_READERS).enumerate();
        let readers =
            places.map(|(number, place)| Ok(Reader::new(place, atr.clone(), told(&tell, number))?));
        Ok(Self { readers: readers.collect::<Result<_, RigError>>()?, open, tell })
    }

    /// Puts the card in `folder` into an empty reader. It is tried on until the reader's other
    /// side takes it.
    ///
    /// # Errors
    /// [`RigError`]; the reader is then as it was.
    pub fn insert(&self, number: usize, folder: &Path) -> Result<(), RigError> {
        let reader = self.reader(number)?;
        let mut inside = reader.lock();
        if let Some(visit) = inside.as_ref() {
            return Err(RigError::Occupied { reader: number, card: visit.folder.clone() });
        }
        let card = self.taken_up(number, folder)?;
        *inside = Some(reader.begin(folder, card, told(&self.tell, number))?);
        Ok(())
    }

    /// Takes a reader's card out, and gives its folder.
    ///
    /// # Errors
    /// [`RigError::NoReader`], [`RigError::Empty`]; [`RigError::Busy`]: it comes out when it has
    /// answered, and the reader is empty when it is removed again.
    pub fn remove(&self, number: usize) -> Result<PathBuf, RigError> {
        let mut inside = self.reader(number)?.lock();
        let visit = inside.as_ref().ok_or(RigError::Empty(number))?;
        visit.end(OUT_WITHIN).then_some(()).ok_or(RigError::Busy(number))?;
        inside.take().map(|visit| visit.folder.clone()).ok_or(RigError::Empty(number))
    }

    /// Takes a reader's card out, and puts another in once a host could see that it is out; an
    /// empty reader just gets it.
    ///
    /// # Errors
    /// [`RigError`]. Where another card cannot be taken up the reader keeps the one it had; where
    /// the same one cannot be taken up again it is empty.
    pub fn swap(&self, number: usize, folder: &Path) -> Result<(), RigError> {
        let reader = self.reader(number)?;
        let mut inside = reader.lock();
        let same = inside.as_ref().is_some_and(|visit| is_same(&visit.folder, folder));
        // A card that goes out and comes in again is locked by itself: it ends first.
        let next = if same { None } else { Some(self.taken_up(number, folder)?) };
        if let Some(visit) = inside.as_ref() {
            visit.end(OUT_WITHIN).then_some(()).ok_or(RigError::Busy(number))?;
        }
        if inside.take().is_some() && reader.is_at_vpcd() {
            thread::sleep(EMPTY_FOR);
        }
        let card = next.map_or_else(|| self.taken_up(number, folder), Ok)?;
        *inside = Some(reader.begin(folder, card, told(&self.tell, number))?);
        Ok(())
    }

    /// Resets a reader's card between two commands: its sessions end, nothing else is lost.
    ///
    /// # Errors
    /// [`RigError::NoReader`], [`RigError::Empty`], [`RigError::Busy`].
    pub fn reset(&self, number: usize) -> Result<(), RigError> {
        let inside = self.reader(number)?.lock();
        let visit = inside.as_ref().ok_or(RigError::Empty(number))?;
        visit.reset(OUT_WITHIN).then_some(()).ok_or(RigError::Busy(number))
    }

    /// The faults of a reader, whichever card is in it.
    ///
    /// # Errors
    /// [`RigError::NoReader`].
    pub fn faults(&self, number: usize) -> Result<Faults, RigError> {
        Ok(self.reader(number)?.faults.clone())
    }

    /// Waits until a reader's other side has its card; whether it does.
    ///
    /// # Errors
    /// [`RigError::NoReader`].
    pub fn wait_until_connected(&self, number: usize, within: Duration) -> Result<bool, RigError> {
        let deadline = Instant::now() + within;
        loop {
            if self.reader(number)?.status(number).connected {
                return Ok(true);
            }
            if Instant::now() >= deadline {
                return Ok(false);
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// What each reader has in it.
    #[must_use]
    pub fn status(&self) -> Vec<ReaderStatus> {
        self.readers.iter().enumerate().map(|(number, reader)| reader.status(number)).collect()
    }

    /// Takes all cards out, and the readers away for good; whether none was busy. One that was is
    /// left to the process's end.
    #[must_use]
    pub fn end(&self) -> bool {
        // All are told before the first is waited for.
        self.readers.iter().for_each(Reader::stop);
        let busy = self.readers.iter().filter(|reader| !reader.end(OUT_WITHIN)).count();
        busy == 0
    }

    fn reader(&self, reader: usize) -> Result<&Reader, RigError> {
        let readers = self.readers.len();
        self.readers.get(reader).ok_or(RigError::NoReader { reader, readers })
    }

    fn taken_up(&self, number: usize, folder: &Path) -> Result<Box<dyn InSlot + Send>, RigError> {
        let faults = self.faults(number)?;
        (self.open)((number, &faults), folder).map_err(RigError::Card)
    }
}

/// Whether two paths lead to one folder.
fn is_same(one: &Path, other: &Path) -> bool {
    let found = (one.canonicalize(), other.canonicalize());
    one == other || matches!(found, (Ok(one), Ok(other)) if one == other)
}

fn told(tell: &Arc<Tell>, number: usize) -> TellOne {
    let tell = Arc::clone(tell);
    Box::new(move |told| tell(number, told))
}

#[cfg(test)]
mod tests;
