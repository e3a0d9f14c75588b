//! Waiting where vpcd would: a virtual card connects, and no pcscd is needed.
//!
//! PIN and plaintext cross the connection as they are, so it never leaves this machine.

use crate::transport::{Transport, TransportError};
use saifu_vsmartcard::plug::{ReaderError, VpcdListener, VpcdReader};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// A card says its ATR within this, or what connected is no card.
const ATR_WITHIN: Duration = Duration::from_secs(2);

/// How often those that connected are looked at, at most.
const POLL: Duration = Duration::from_millis(1);

/// The most connections that are asked for their ATR at the same time; more have to wait.
const MAX_ASKED: usize = 16;

/// Why nothing listens for a card.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotListening {
    /// Port 0 stands for any, which no card could find.
    #[error("port 0 in {0} is no port where a card can connect")]
    AnyPort(String),
    /// Another machine may reach the address.
    #[error(
        "{0} is not an address of this machine alone: PIN and content would cross the network \
         unprotected"
    )]
    NotLoopback(String),
    /// The address cannot be listened at, or no card came.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

/// The way to a virtual card that connects to an address.
#[derive(Debug)]
pub struct Listening {
    listener: VpcdListener,
    card: Option<VpcdReader>,
    name: String,
    within: Duration,
}

impl Listening {
    /// Listens at `address`, a loopback address with a port, and waits `within` for a card to
    /// connect, and later for each of its answers.
    ///
    /// # Errors
    /// [`NotListening`]; in it [`TransportError::NoReader`] where nothing can listen there,
    /// and [`TransportError::NoCard`].
    pub fn at(address: &str, within: Duration) -> Result<Self, NotListening> {
        let no_place = |why: io::Error| TransportError::NoReader {
            wanted: format!("place to listen at {address} ({why})"),
            there: Vec::new(),
        };
        let places: Vec<_> = address.to_socket_addrs().map_err(no_place)?.collect();
        check(&places, address)?;
        let listener = VpcdListener::bind(&places[..]).map_err(no_place)?;
        let name = format!("the virtual reader at {address}");
        let mut this = Self { listener, card: None, name, within };
        this.reconnect()?;
        Ok(this)
    }

    fn lost(&self, error: &ReaderError) -> TransportError {
        let name = self.name.clone();
        match error {
            ReaderError::Late => TransportError::Silent { name, seconds: self.within.as_secs() },
            ReaderError::Length(bytes) => TransportError::CommandLength(*bytes),
            error => TransportError::Broken { name, reason: error.to_string() },
        }
    }

    /// The first of those that connect until `deadline` which is a card.
    fn first_card(&self, deadline: Instant) -> Option<VpcdReader> {
        let (found, cards) = channel();
        let asked = Arc::new(());
        while Instant::now() < deadline {
            if Arc::strong_count(&asked) > MAX_ASKED {
                thread::sleep(POLL);
            } else if let Ok(connected) = self.listener.accept(POLL) {
                ask(connected, deadline, found.clone(), Arc::clone(&asked));
            }
            if let Ok(card) = cards.try_recv() {
                return Some(card);
            }
        }
        None
    }
}

/// Only addresses that no other machine reaches will do.
fn check(places: &[SocketAddr], address: &str) -> Result<(), NotListening> {
    if places.iter().any(|place| !place.ip().to_canonical().is_loopback()) {
        return Err(NotListening::NotLoopback(address.to_owned()));
    }
    if places.iter().any(|place| place.port() == 0) {
        return Err(NotListening::AnyPort(address.to_owned()));
    }
    Ok(())
}

/// Gives power to what connected, on a thread that ends by `deadline` and lets go of `asked`
/// then; finds a card in it if it says an ATR.
fn ask(mut card: VpcdReader, deadline: Instant, found: Sender<VpcdReader>, asked: Arc<()>) {
    thread::spawn(move || {
        let within = ATR_WITHIN.min(deadline.saturating_duration_since(Instant::now()));
        if card.power_on(within).and_then(|()| card.atr(within)).is_ok() {
            // Another one may have been found first: dropped, this one is let go.
            let _ = found.send(card);
        }
        drop(asked);
    });
}

impl Transport for Listening {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        let lost = || TransportError::NoCard { name: self.name.clone() };
        let card = self.card.as_mut().ok_or_else(lost)?;
        let answer = card.transmit(command, self.within);
        answer.map_err(|error| {
            self.card = None;
            self.lost(&error)
        })
    }

    fn reconnect(&mut self) -> Result<(), TransportError> {
        // A card that is still there is given power anew, as any other.
        self.card = None;
        self.card = self.first_card(Instant::now() + self.within);
        match self.card {
            Some(_) => Ok(()),
            None => Err(TransportError::NoCard { name: self.name.clone() }),
        }
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn passes_extended(&self) -> Option<bool> {
        None
    }
}
