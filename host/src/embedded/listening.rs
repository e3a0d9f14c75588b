//! Waiting where vpcd would: a virtual card connects, and no pcscd is needed.

use crate::transport::{Transport, TransportError};
use saifu_vsmartcard::plug::{ReaderError, VpcdListener, VpcdReader};
use std::time::Duration;

/// The way to a virtual card that connects to an address.
#[derive(Debug)]
pub struct Listening {
    listener: VpcdListener,
    card: Option<VpcdReader>,
    name: String,
    within: Duration,
}

impl Listening {
    /// Listens at `address` and waits `within` for a card to connect, and later for each of
    /// its answers.
    ///
    /// # Errors
    /// [`TransportError::NoReader`] where nothing can listen there; [`TransportError::NoCard`].
    pub fn at(address: &str, within: Duration) -> Result<Self, TransportError> {
        let no_place = |why| TransportError::NoReader {
            wanted: format!("place to listen at {address} ({why})"),
            there: Vec::new(),
        };
        let listener = VpcdListener::bind(address).map_err(no_place)?;
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
        let lost = |_| TransportError::NoCard { name: self.name.clone() };
        // A card that is still there is given power anew, as any other.
        self.card = None;
        let mut card = self.listener.accept(self.within).map_err(lost)?;
        card.power_on(self.within).map_err(|error| self.lost(&error))?;
        self.card = Some(card);
        Ok(())
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn passes_extended(&self) -> Option<bool> {
        None
    }
}
