//! The thread that talks to PC/SC.

use super::super::TransportError;
use super::features::passes_extended;
use super::reader::{self, Patience};
use pcsc::{Card, Disposition, Error, MAX_BUFFER_SIZE_EXTENDED, Transaction};
use saifu_wire::ins::Ins;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// How long a thread may take to let the card go before it is left behind.
const LET_GO: Duration = Duration::from_secs(1);

/// pcscd looks each 400 ms whether a card is there.
const NOTICED: Duration = Duration::from_millis(450);

/// Most answers come within this; for so long a core is kept awake, since to wake one up
/// takes as long as such an answer.
const SOON: Duration = Duration::from_micros(300);

/// What the service may take over what is waited for.
const SERVICE: Duration = Duration::from_secs(1);

/// The most bytes of a short answer, status word included.
const SHORT_ANSWER_BYTES: usize = 258;

/// Whoever waits for a card is told for what after this.
const A_WHILE: Duration = Duration::from_secs(1);

/// A thread with a card; dropped, it lets the card go.
pub(super) struct Worker {
    commands: Option<Sender<Zeroizing<Vec<u8>>>>,
    said: Receiver<Said>,
}

/// What is known of a connected card.
pub(super) struct Connected {
    /// The reader's name.
    pub(super) name: String,
    /// Whether the reader passes extended APDUs, if it says so.
    pub(super) passes_extended: Option<bool>,
}

enum Said {
    /// What it waits for, as the error that it is if it lasts.
    Waiting(TransportError),
    Connected(Connected),
    Answer(Result<Vec<u8>, TransportError>),
}

impl Worker {
    /// Starts a thread that connects to a card, and waits until it has: for as long as
    /// `patience` says, and a little longer. Calls `tell` with what it waits for if that takes
    /// a while.
    pub(super) fn start(
        wanted: Option<String>,
        patience: Patience,
        tell: &mut dyn FnMut(&TransportError),
    ) -> Result<(Self, Connected), TransportError> {
        let (commands, orders) = channel();
        let (say, said) = channel();
        let serve = move || {
            if let Err(error) = serve(wanted.as_deref(), patience, &orders, &say) {
                // Whoever waits no more has been told that it was silent.
                let _ = say.send(Said::Answer(Err(error)));
            }
        };
        let spawned = thread::Builder::new().name("card".into()).spawn(serve);
        spawned.map_err(|why| TransportError::NoService(why.to_string()))?;
        let worker = Self { commands: Some(commands), said };
        let connected = worker.connected(patience, tell)?;
        Ok((worker, connected))
    }

    fn connected(
        &self,
        patience: Patience,
        tell: &mut dyn FnMut(&TransportError),
    ) -> Result<Connected, TransportError> {
        let begun = Instant::now();
        let (tells, ends) = (begun + A_WHILE, begun + patience.longest() + SERVICE);
        let mut waits = TransportError::NoService("it is silent".into());
        let mut told = false;
        loop {
            let until = if told { ends } else { tells.min(ends) };
            match self.said.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Said::Connected(connected)) => return Ok(connected),
                Ok(Said::Waiting(error)) => waits = error,
                Ok(Said::Answer(Err(error))) => return Err(error),
                Ok(Said::Answer(Ok(_))) | Err(RecvTimeoutError::Disconnected) => {
                    return Err(ended());
                }
                Err(RecvTimeoutError::Timeout) if Instant::now() >= ends => return Err(waits),
                Err(RecvTimeoutError::Timeout) => {
                    told = true;
                    tell(&waits);
                }
            }
        }
    }

    /// Has a command sent and waits for its answer.
    pub(super) fn transmit(
        &self,
        command: &[u8],
        within: Duration,
        name: &str,
    ) -> Result<Vec<u8>, TransportError> {
        let commands = self.commands.as_ref().ok_or_else(ended)?;
        commands.send(Zeroizing::new(command.to_vec())).map_err(|_| ended())?;
        let begun = Instant::now();
        while begun.elapsed() < SOON {
            if let Ok(Said::Answer(answer)) = self.said.try_recv() {
                return answer;
            }
            thread::yield_now();
        }
        match self.said.recv_timeout(within) {
            Ok(Said::Answer(answer)) => answer,
            Ok(_) | Err(RecvTimeoutError::Disconnected) => Err(ended()),
            Err(RecvTimeoutError::Timeout) => {
                Err(TransportError::Silent { name: name.to_owned(), seconds: within.as_secs() })
            }
        }
    }
}

impl Drop for Worker {
    /// Waits until the card was reset and let go; a process that ends sooner leaves that to
    /// the service, which does not reset it.
    fn drop(&mut self) {
        drop(self.commands.take());
        while let Ok(Said::Answer(_)) = self.said.recv_timeout(LET_GO) {}
    }
}

fn serve(
    wanted: Option<&str>,
    patience: Patience,
    orders: &Receiver<Zeroizing<Vec<u8>>>,
    say: &Sender<Said>,
) -> Result<(), TransportError> {
    // Whoever waits no more is not told.
    let waits = |error| drop(say.send(Said::Waiting(error)));
    let (name, mut card) = reader::connect(wanted, patience, &waits)?;
    // Each of these waits without an end while another program has a transaction.
    waits(TransportError::Busy { name: name.clone() });
    let passes_extended = passes_extended(&card);
    let transaction = card.transaction().map_err(|error| lost(&name, error))?;
    let connected = Connected { name: name.clone(), passes_extended };
    if say.send(Said::Connected(connected)).is_err() {
        return Ok(());
    }
    let lost_it = answer_all(&transaction, &name, orders, say) || !is_there(&transaction);
    drop(transaction);
    if lost_it {
        let_go(card);
    }
    Ok(())
}

/// Passes commands on until there are no more, or one is not answered; whether that is so.
fn answer_all(
    transaction: &Transaction<'_>,
    name: &str,
    orders: &Receiver<Zeroizing<Vec<u8>>>,
    say: &Sender<Said>,
) -> bool {
    let mut buffer = Zeroizing::new(vec![0; MAX_BUFFER_SIZE_EXTENDED]);
    while let Ok(command) = orders.recv() {
        let answer = match transaction.transmit(&command, &mut buffer) {
            Ok([]) => Err(broken(name, "it was pulled, or its program has ended")),
            Ok(answer) => Ok(answer.to_vec()),
            Err(error) => Err(lost(name, error)),
        };
        let lost_it = answer.is_err();
        if say.send(Said::Answer(answer)).is_err() || lost_it {
            return lost_it;
        }
    }
    false
}

/// Whether the card still answers: it may have been pulled since its last command, or changed
/// for another. GET RESPONSE changes nothing on any card.
fn is_there(transaction: &Transaction<'_>) -> bool {
    let get_response = [0x00, Ins::GetResponse.code(), 0x00, 0x00, 0x00];
    let mut buffer = [0; SHORT_ANSWER_BYTES];
    transaction.transmit(&get_response, &mut buffer).is_ok_and(|answer| !answer.is_empty())
}

/// Lets a card go that may have been pulled: resets it only if it is still there.
///
/// To a pcscd that is told to reset a card it has not missed yet, no card is there any more,
/// not even that one when it comes back, until it has seen the reader empty.
fn let_go(card: Card) {
    thread::sleep(NOTICED);
    let is_there = card.status2_owned().is_ok();
    let disposition = if is_there { Disposition::ResetCard } else { Disposition::LeaveCard };
    // One that cannot be let go is gone.
    let _ = card.disconnect(disposition);
}

fn ended() -> TransportError {
    TransportError::NoService("its thread has ended".into())
}

fn broken(name: &str, reason: &str) -> TransportError {
    TransportError::Broken { name: name.to_owned(), reason: reason.to_owned() }
}

/// What an error on the way to a connected card means.
pub(super) fn lost(name: &str, error: Error) -> TransportError {
    match error {
        Error::SharingViolation => TransportError::Busy { name: name.to_owned() },
        Error::NoSmartcard | Error::RemovedCard => broken(name, "it was pulled"),
        Error::ResetCard => broken(name, "another program has reset it"),
        Error::NoService | Error::ServiceStopped | Error::CommError => {
            broken(name, "the PC/SC service has ended")
        }
        error => broken(name, &error.to_string()),
    }
}
