//! The card in a PC/SC reader.
//!
//! Nothing in PC/SC has a deadline: a card that is silent holds up whoever asks it, and whoever
//! connects to its reader. So all of it is done on a thread of its own ([`worker`]), which is
//! left behind when it does not answer in time.
//!
//! The card is shared with other programs, but held in a transaction from SELECT to the end:
//! no other program's command comes between two of ours. When it is let go it is reset, so
//! that nobody finds a verified PIN.

mod features;
mod reader;
mod worker;

use super::{Transport, TransportError};
use reader::{Patience, Wanted};
use std::time::Duration;
use std::time::Instant;
use worker::{Connected, Worker};

/// How often it is looked whether a card that was pulled is gone.
const POLL: Duration = Duration::from_millis(10);

/// The way to a card in a PC/SC reader.
pub struct Pcsc {
    wanted: Option<String>,
    within: Duration,
    connected: Connected,
    worker: Option<Worker>,
    /// Whether the last thread was left behind with a command that was not answered.
    hangs: bool,
}

impl Pcsc {
    /// Connects to the card in the reader whose name has `wanted` in it, or else to the only
    /// card there is; waits `within` for it to be there, and later for each of its answers.
    ///
    /// # Errors
    /// [`TransportError`]: without a PC/SC service or a reader at once, without a card when
    /// the time is over.
    pub fn connect(wanted: Option<String>, within: Duration) -> Result<Self, TransportError> {
        Self::connect_telling(wanted, within, &mut |_| ())
    }

    /// As [`Pcsc::connect`]; where that takes a while, calls `tell` once with what is waited
    /// for.
    ///
    /// # Errors
    /// As [`Pcsc::connect`].
    pub fn connect_telling(
        wanted: Option<String>,
        within: Duration,
        tell: &mut dyn FnMut(&TransportError),
    ) -> Result<Self, TransportError> {
        let patience = Patience { reader: Duration::ZERO, card: within };
        let first = Wanted { named: wanted.clone(), before: None };
        let (worker, connected) = Worker::start(first, patience, tell)?;
        Ok(Self { wanted, within, connected, worker: Some(worker), hangs: false })
    }

    /// A card that is silent is kept by the command that waits for it: our own.
    fn by_whom(&self, error: TransportError) -> TransportError {
        match error {
            TransportError::Busy { name } if self.hangs => {
                TransportError::Silent { name, seconds: self.within.as_secs() }
            }
            error => error,
        }
    }

    fn broken(&self, reason: &str) -> TransportError {
        TransportError::Broken { name: self.connected.name.clone(), reason: reason.into() }
    }
}

/// Connects to a card as [`Pcsc::connect`] does, but on this thread and so that nobody else can
/// use it meanwhile, with fresh power; gives the reader's name, too.
///
/// # Errors
/// As [`Pcsc::connect`]; [`TransportError::Busy`] where another program has it.
pub(crate) fn connect_alone(
    wanted: Option<&str>,
    within: Duration,
) -> Result<(String, pcsc::Card), TransportError> {
    use pcsc::{Disposition, Error, Protocols, ShareMode};
    let wanted = Wanted { named: wanted.map(str::to_owned), before: None };
    let begun = Instant::now();
    loop {
        let patience =
            Patience { reader: Duration::ZERO, card: within.saturating_sub(begun.elapsed()) };
        let (name, mut card) = reader::connect(&wanted, patience, Instant::now(), &|_| ())?;
        match card.reconnect(ShareMode::Exclusive, Protocols::ANY, Disposition::UnpowerCard) {
            Ok(()) => return Ok((name, card)),
            // It was pulled, and pcscd has only now seen that: another may come.
            Err(Error::RemovedCard | Error::NoSmartcard) if begun.elapsed() < within => {
                // One that was pulled must not be reset.
                let _ = card.disconnect(Disposition::LeaveCard);
                std::thread::sleep(POLL);
            }
            Err(error) => return Err(worker::lost(&name, error)),
        }
    }
}

impl Transport for Pcsc {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        let Some(worker) = &mut self.worker else {
            return Err(self.broken("it was lost before"));
        };
        let answer = worker.transmit(command, self.within, &self.connected.name);
        if let Err(error) = &answer {
            self.hangs = matches!(error, TransportError::Silent { .. });
            self.worker = None;
        }
        answer
    }

    fn reconnect(&mut self) -> Result<(), TransportError> {
        self.worker = None;
        let before = Some(self.connected.name.clone());
        let wanted = Wanted { named: self.wanted.clone(), before };
        let patience = Patience { reader: self.within, card: self.within };
        let started = Worker::start(wanted, patience, &mut |_| ());
        let (worker, connected) = started.map_err(|error| self.by_whom(error))?;
        (self.worker, self.connected, self.hangs) = (Some(worker), connected, false);
        Ok(())
    }

    fn name(&self) -> &str {
        &self.connected.name
    }

    fn passes_extended(&self) -> Option<bool> {
        self.connected.passes_extended
    }
}
