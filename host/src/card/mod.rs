//! A session with a card, its states as types.
//!
//! ```text
//! Card ── select ──> Selected ── verify ──> Authorised ── debit ──> Verified
//! connected          applet selected        PIN good,     or hold   PIN good for reading;
//!                    public commands        one payment left        pay again: verify again
//! ```
//!
//! Each state borrows the one before, so what a state may do ends with it. A command's
//! data are to be had only behind the status word 9000.

mod administration;
mod authenticate;
mod contents;
mod error;
mod holds;
mod link;
mod pin;
mod selected;
#[cfg(test)]
mod tests;
mod verified;

pub use administration::{IssuerOrder, NotAnOrder};
pub use contents::{Form, MAX_CONTENTS};
pub use error::{CardError, CardRefusal};
pub use pin::{NotAPin, Pin};
pub use selected::Selected;
pub use verified::{Authorised, Verified};

use crate::transport::Transport;
use link::{Answer, Link};
use saifu_wire::answer::{self, DataObject};
use saifu_wire::applet::{AID, INTERFACE_VERSION};
use saifu_wire::ins::Ins;

/// A connected card; nothing is selected yet.
pub struct Card {
    link: Link,
}

impl Card {
    /// Takes the card at the other end of `transport`.
    pub fn new(transport: Box<dyn Transport>) -> Self {
        Self { link: Link::new(transport) }
    }

    /// The same card over a reader that passes short APDUs only, which it may not say.
    pub fn short(mut self) -> Self {
        self.link.keep_short();
        self
    }

    /// What the user calls the way to it.
    pub fn name(&self) -> &str {
        self.link.name()
    }

    /// Selects the applet (§6.1), which ends whatever session there was.
    ///
    /// Fails with 6A82 where the card has no such applet, with 6285 where it is terminated.
    pub fn select(&mut self) -> Result<Selected<'_>, CardError> {
        let mut fci = self.select_applet()?;
        if self.link.try_extended()? {
            fci = self.select_applet()?;
        }
        let about = answer::Selected::from_fci(&fci)
            .map_err(|why| CardError::Malformed { command: Ins::Select, why })?;
        if about.version != INTERFACE_VERSION {
            return Err(CardError::Version(about.version));
        }
        Ok(Selected::new(&mut self.link, about))
    }

    fn select_applet(&mut self) -> Result<Vec<u8>, CardError> {
        self.link.call(Ins::Select, [0x04, 0x00], &AID, Answer::Short)
    }

    /// Whether the applet is still selected: a card that was reset, or changed for another,
    /// has forgotten that, and no reader need have told.
    pub fn is_selected(&mut self) -> bool {
        let id = [0xDF, DataObject::CardId as u8];
        self.link.call(Ins::GetData, id, &[], Answer::Short).is_ok()
    }

    /// Connects anew, after an error or a pause; whoever is there may be another card.
    pub fn reconnect(&mut self) -> Result<(), CardError> {
        Ok(self.link.reconnect()?)
    }
}
