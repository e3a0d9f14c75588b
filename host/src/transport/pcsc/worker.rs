//! The thread that talks to PC/SC.

use super::super::TransportError;
use super::features::passes_extended;
use super::reader::{self, Patience};
use pcsc::{Context, Error, MAX_BUFFER_SIZE_EXTENDED, Scope};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a thread may take to let the card go before it is left behind.
const LET_GO: Duration = Duration::from_secs(1);

/// What a call that only asks the service may take.
const SERVICE: Duration = Duration::from_secs(5);

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
    Connected(Connected),
    Answer(Result<Vec<u8>, TransportError>),
}

impl Worker {
    /// Starts a thread that connects to a card and waits until it has: for as long as
    /// `patience` or `within` says, and a little longer.
    pub(super) fn start(
        wanted: Option<String>,
        patience: Patience,
        within: Duration,
    ) -> Result<(Self, Connected), TransportError> {
        let (commands, orders) = channel();
        let (say, said) = channel();
        let named = wanted.clone();
        let serve = move || {
            if let Err(error) = serve(wanted.as_deref(), patience, &orders, &say) {
                // Whoever waits no more has been told that it was silent.
                let _ = say.send(Said::Answer(Err(error)));
            }
        };
        let spawned = thread::Builder::new().name("card".into()).spawn(serve);
        spawned.map_err(|why| TransportError::NoService(why.to_string()))?;
        let worker = Self { commands: Some(commands), said };
        match worker.said.recv_timeout(patience.longest().max(within) + SERVICE) {
            Ok(Said::Connected(connected)) => Ok((worker, connected)),
            Ok(Said::Answer(Err(error))) => Err(error),
            Ok(Said::Answer(Ok(_))) | Err(RecvTimeoutError::Disconnected) => Err(ended()),
            Err(RecvTimeoutError::Timeout) => {
                let name = named.unwrap_or_else(|| "the reader".into());
                Err(TransportError::Silent { name, seconds: within.as_secs() })
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
        match self.said.recv_timeout(within) {
            Ok(Said::Answer(answer)) => answer,
            Ok(Said::Connected(_)) | Err(RecvTimeoutError::Disconnected) => Err(ended()),
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
    let (name, mut card) = reader::connect(&establish, wanted, patience)?;
    let failed = |error| lost(&name, error);
    let passes_extended = passes_extended(&card);
    let transaction = card.transaction().map_err(failed)?;
    let connected = Connected { name: name.clone(), passes_extended };
    if say.send(Said::Connected(connected)).is_err() {
        return Ok(());
    }
    let mut buffer = Zeroizing::new(vec![0; MAX_BUFFER_SIZE_EXTENDED]);
    while let Ok(command) = orders.recv() {
        let answer = match transaction.transmit(&command, &mut buffer) {
            Ok([]) => Err(broken(&name, "it was pulled, or its program has ended")),
            Ok(answer) => Ok(answer.to_vec()),
            Err(error) => Err(failed(error)),
        };
        let done = answer.is_err();
        if say.send(Said::Answer(answer)).is_err() || done {
            break;
        }
    }
    Ok(())
}

fn establish() -> Result<Context, Error> {
    Context::establish(Scope::User)
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
