//! A card in this very process.

use super::{Transport, TransportError};

/// A card that is called instead of connected.
pub trait VirtualCard {
    /// The card gets power, or is reset: it forgets whatever a session held.
    fn power_up(&mut self);

    /// A command APDU arrives; returns data and status word.
    fn transmit(&mut self, command: &[u8]) -> Vec<u8>;
}

/// The transport to a [`VirtualCard`].
#[derive(Debug)]
pub struct InProcess<C> {
    card: C,
    name: String,
}

impl<C: VirtualCard> InProcess<C> {
    /// Gives `card` power and connects to it; `name` is what the user sees.
    pub fn new(mut card: C, name: impl Into<String>) -> Self {
        card.power_up();
        Self { card, name: name.into() }
    }
}

impl<C: VirtualCard> Transport for InProcess<C> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        Ok(self.card.transmit(command))
    }

    fn reconnect(&mut self) -> Result<(), TransportError> {
        self.card.power_up();
        Ok(())
    }

    fn name(&self) -> &str {
        &self.name
    }
}
