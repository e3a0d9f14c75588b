//! What needs no PIN around a price on hold (§6.26, §6.27), a purse past its date (§6.33) and
//! the time (§6.32).

use super::link::Answer;
use super::selected::malformed;
use super::{CardError, Selected};
use saifu_wire::Wire;
use saifu_wire::ins::Ins;
use saifu_wire::request::{LicenceRef, PayRequest, PurseRef};
use saifu_wire::signed::{Event, Signed, Token};

impl Selected<'_> {
    /// The event of a price that is on hold already (§6.26); any other is refused for want of
    /// the PIN.
    pub fn held(&mut self, payment: &PayRequest) -> Result<Signed<Event>, CardError> {
        self.signed(Ins::Hold, &payment.to_bytes())
    }

    /// Makes a payment of what is on hold (§6.27), or finds it made.
    ///
    /// Returns the token, or none where it was made and acknowledged before.
    pub fn release(&mut self, licence: &LicenceRef) -> Result<Option<Signed<Token>>, CardError> {
        let token = self.call(Ins::Release, [0, 0], &licence.to_bytes(), Answer::Long)?;
        let token = (!token.is_empty()).then(|| Signed::parse(&token)).transpose();
        token.map_err(malformed(Ins::Release))
    }

    /// Writes off what a purse past its date holds (§6.33): the card's evidence of it.
    pub fn expire(&mut self, purse: &PurseRef) -> Result<Signed<Event>, CardError> {
        self.signed(Ins::Expire, &purse.to_bytes())
    }

    /// Tells the card the time of a center, for this session (§6.32): the signed order.
    pub fn set_time(&mut self, order: &[u8]) -> Result<(), CardError> {
        self.call(Ins::SetTime, [0, 0], order, Answer::None).map(drop)
    }
}

#[cfg(test)]
mod tests;
