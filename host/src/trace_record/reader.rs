//! The card in a reader of this machine, as something that can be put into another reader.

use crate::transport::{TransportError, connect_alone};
use pcsc::{Card, Disposition, Error, MAX_BUFFER_SIZE_EXTENDED, Protocols, ShareMode};
use saifu_vsmartcard::atr::Atr;
use saifu_vsmartcard::plug::{InSlot, Reply};
use std::time::Duration;
use zeroize::Zeroizing;

/// A card that did not answer is out of the reader for so long, so that its program hears of it.
const OUT: Duration = Duration::from_millis(500);

/// A card in a reader, which nobody else can use meanwhile; dropped, it is reset.
pub struct ReaderCard {
    card: Card,
    name: String,
    buffer: Zeroizing<Vec<u8>>,
}

impl ReaderCard {
    /// Connects to the card in the reader whose name has `wanted` in it, or else to the only card
    /// there is, alone; waits `within` for it.
    ///
    /// # Errors
    /// [`TransportError`].
    pub fn connect(wanted: Option<&str>, within: Duration) -> Result<Self, TransportError> {
        let (name, card) = connect_alone(wanted, within)?;
        Ok(Self { card, name, buffer: Zeroizing::new(vec![0; MAX_BUFFER_SIZE_EXTENDED]) })
    }

    /// The reader's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Connects anew; a card that is gone shows it at the next command.
    fn again(&mut self, how: Disposition) {
        let _ = self.card.reconnect(ShareMode::Exclusive, Protocols::ANY, how);
    }
}

impl InSlot for ReaderCard {
    /// The power stays: what follows is a power-up, which takes it before.
    fn power_off(&mut self) {}

    fn power_on(&mut self) {
        self.again(Disposition::UnpowerCard);
    }

    fn reset(&mut self) {
        self.again(Disposition::ResetCard);
    }

    fn transmit(&mut self, command: &[u8]) -> Reply {
        match self.card.transmit(command, &mut self.buffer) {
            Ok(answer) if answer.len() >= 2 => Reply::Answer(answer.to_vec()),
            Err(Error::NoSmartcard | Error::RemovedCard | Error::ReaderUnavailable) => Reply::Gone,
            Ok(_) | Err(_) => {
                self.again(Disposition::ResetCard);
                Reply::Pulled(OUT)
            }
        }
    }

    fn atr(&mut self, usual: &Atr) -> Reply {
        let atr = self.card.status2_owned().map(|status| status.atr().to_vec());
        Reply::Answer(atr.unwrap_or_else(|_| usual.as_bytes().to_vec()))
    }
}
