//! The thread that talks to PC/SC.

use super::super::TransportError;
use super::features::passes_extended;
use super::reader::{self, Patience, Wanted};
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
const SERVICE: Duration = Duration::from_millis(300);

/// The most bytes of a short answer, status word included.
const SHORT_ANSWER_BYTES: usize = 258;

/// Whoever waits for a card is told for what after this.
const A_WHILE: Duration = Duration::from_secs(1);

/// What it means that a card says nothing at all: a virtual one does not tell a pull from the end
/// of its program.
const GONE: &str = "it was pulled, or its program has ended";

/// What it means that the service breaks off: pcsclite takes that for a refusal, and a policy that
/// refuses a user breaks off, too.
const CLOSED: &str = "has ended, or its policy (polkit) does not let this user have cards";

/// A thread with a card; dropped, it lets the card go.
pub(super) struct Worker {
    commands: Option<Sender<Zeroizing<Vec<u8>>>>,
    said: Receiver<Said>,
    /// Whether it did not answer in time: then it does not let the card go in time either.
    hangs: bool,
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
        wanted: Wanted,
        patience: Patience,
        tell: &mut dyn FnMut(&TransportError),
    ) -> Result<(Self, Connected), TransportError> {
        let (commands, orders) = channel();
        let (say, said) = channel();
        let serve = move || {
            if let Err(error) = serve(&wanted, patience, &orders, &say) {
                // Whoever waits no more has been told that it was silent.
                let _ = say.send(Said::Answer(Err(error)));
            }
        };
        let spawned = thread::Builder::new().name("card".into()).spawn(serve);
        spawned.map_err(|why| TransportError::NoService(why.to_string()))?;
        let mut worker = Self { commands: Some(commands), said, hangs: false };
        let connected = worker.connected(patience, tell)?;
        Ok((worker, connected))
    }

    fn connected(
        &mut self,
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
                Err(RecvTimeoutError::Timeout) if Instant::now() >= ends => {
                    self.hangs = true;
                    return Err(waits);
                }
                Err(RecvTimeoutError::Timeout) => {
                    told = true;
                    tell(&waits);
                }
            }
        }
    }

    /// Has a command sent and waits for its answer.
    pub(super) fn transmit(
        &mut self,
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
                self.hangs = true;
                Err(TransportError::Silent { name: name.to_owned(), seconds: within.as_secs() })
            }
        }
    }
}

impl Drop for Worker {
    /// Waits until the card was reset and let go, unless it is known not to come to that.
    /// Where a process ends sooner, the service resets a card that it held in a transaction.
    fn drop(&mut self) {
        drop(self.commands.take());
        let within = if self.hangs { Duration::ZERO } else { LET_GO };
        while let Ok(Said::Answer(_)) = self.said.recv_timeout(within) {}
    }
}

fn serve(
    wanted: &Wanted,
    patience: Patience,
    orders: &Receiver<Zeroizing<Vec<u8>>>,
    say: &Sender<Said>,
) -> Result<(), TransportError> {
    let waits = |error| drop(say.send(Said::Waiting(error)));
    let begun = Instant::now();
    loop {
        let (name, mut card) = reader::connect(wanted, patience, begun, &waits)?;
        // Each of these waits without an end while another program has a transaction.
        waits(TransportError::Busy { name: name.clone() });
        let held = hold(&mut card, &name, orders, say);
        if !matches!(held, Ok(LetGo::Unsure)) {
            leave(card);
        }
        match held {
            Err(Error::ResetCard | Error::UnpoweredCard) if begun.elapsed() < patience.card => {
                thread::sleep(reader::pause(begun));
            }
            held => return held.map(drop).map_err(|error| lost(&name, error)),
        }
    }
}

/// How a card was let go.
enum LetGo {
    /// It was reset, or is gone.
    Reset,
    /// It may not have been reset: dropping it does that, or tries to.
    Unsure,
}

/// Has the card for itself until there are no more commands.
fn hold(
    card: &mut Card,
    name: &str,
    orders: &Receiver<Zeroizing<Vec<u8>>>,
    say: &Sender<Said>,
) -> Result<LetGo, Error> {
    let passes_extended = passes_extended(card);
    let transaction = card.transaction()?;
    let connected = Connected { name: name.to_owned(), passes_extended };
    let nobody_waits = say.send(Said::Connected(connected)).is_err();
    let lost_it = !nobody_waits && answer_all(&transaction, name, orders, say);
    let lost_it = lost_it || !is_there(&transaction);
    Ok(let_go(transaction, lost_it))
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
            Ok([]) => Err(broken(name, GONE)),
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

/// Resets a card and lets it go in one step: whoever waits for it finds no verified PIN. One
/// that may have been pulled is reset only if it is still there.
///
/// To a pcscd that is told to reset a card it has not missed yet, no card is there any more,
/// not even that one when it comes back, until it has seen the reader empty.
fn let_go(transaction: Transaction<'_>, lost_it: bool) -> LetGo {
    if lost_it {
        thread::sleep(NOTICED);
        if transaction.status2_owned().is_err() {
            return LetGo::Reset;
        }
    }
    transaction.end(Disposition::ResetCard).map_or(LetGo::Unsure, |()| LetGo::Reset)
}

/// Disconnects from a card and leaves it as it is.
fn leave(card: Card) {
    // One that cannot be let go is gone.
    let _ = card.disconnect(Disposition::LeaveCard);
}

fn ended() -> TransportError {
    TransportError::NoService("its thread has ended".into())
}

fn broken(name: &str, reason: &str) -> TransportError {
    TransportError::Broken { name: name.to_owned(), reason: reason.to_owned() }
}

/// What an error of the service means, before there is a card.
pub(super) fn no_service(error: Error) -> TransportError {
    TransportError::NoService(match error {
        Error::SecurityViolation => format!("it {CLOSED}"),
        error => error.to_string(),
    })
}

/// What an error on the way to a connected card means.
pub(super) fn lost(name: &str, error: Error) -> TransportError {
    match error {
        Error::SharingViolation => TransportError::Busy { name: name.to_owned() },
        Error::NoSmartcard | Error::RemovedCard => broken(name, "it was pulled"),
        Error::NotTransacted => broken(name, GONE),
        Error::ProtoMismatch => broken(
            name,
            "another program has set it to another protocol: take the card out and put it back",
        ),
        Error::ResetCard => broken(name, "another program has reset it"),
        Error::NoService | Error::ServiceStopped | Error::CommError => {
            broken(name, "the PC/SC service has ended")
        }
        Error::SecurityViolation => broken(name, &format!("the PC/SC service {CLOSED}")),
        error => broken(name, &error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_breaks_off_is_told_to_have_ended_or_to_refuse() {
        let told = [
            no_service(Error::SecurityViolation).to_string(),
            lost("A", Error::SecurityViolation).to_string(),
        ];
        for text in told {
            assert!(text.contains("has ended") && text.contains("polkit"), "{text}");
        }
        let other = no_service(Error::NoService).to_string();
        assert!(!other.contains("polkit"), "{other}");
        assert!(lost("A", Error::SecurityViolation).is_lost(), "it is worth another attempt");
    }
}
