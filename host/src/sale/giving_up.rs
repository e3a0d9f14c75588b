//! Giving a sale up: only what is not paid, and with what is on hold back in its purse.

use super::steps::is_paid;
use super::{Customer, Next, Observer, Sale, SaleError};
use crate::session::Session;
use saifu_wire::answer::LicenceStatus;

/// Why a sale ended that its user ended.
const GIVEN_UP: &str = "given up by the user";

impl Sale {
    /// Gives up a sale whose licence the card was never given, so that nothing can be paid;
    /// asks nobody. Returns whether it was given up.
    pub fn give_up_unloaded(&mut self, observer: &mut dyn Observer) -> Result<bool, SaleError> {
        if self.record().loaded {
            return Ok(false);
        }
        self.abandon(GIVEN_UP, observer).map(|()| true)
    }

    /// Gives up a sale that is not paid, once the card has said that it is not, and has given
    /// back what is on hold; a sale that is paid goes on. Returns whether it was given up.
    pub fn give_up(
        &mut self,
        session: &mut Session<'_>,
        customer: &mut dyn Customer,
        observer: &mut dyn Observer,
    ) -> Result<bool, SaleError> {
        self.same_parties(session)?;
        let paid = match self.record().next() {
            Next::Debit => self.recover_debit(session, observer)?,
            Next::Hold => self.take_back(session, customer, observer)?,
            _ if self.record().is_on_hold() => self.take_back(session, customer, observer)?,
            _ => self.record().opened.is_some() || self.record().debited,
        };
        if !paid {
            self.abandon(GIVEN_UP, observer)?;
        }
        Ok(!paid)
    }

    /// Takes back what is on hold, if the card has not paid it. Returns whether it has.
    fn take_back(
        &mut self,
        session: &mut Session<'_>,
        customer: &mut dyn Customer,
        observer: &mut dyn Observer,
    ) -> Result<bool, SaleError> {
        let state = self.state(session)?;
        if let Some(state) = state.as_ref().filter(|state| is_paid(state)) {
            self.released(session, state, observer)?;
            return Ok(true);
        }
        let is_held = state.is_some_and(|state| state.status == LicenceStatus::Held);
        if is_held || self.record().is_on_hold() {
            // The card gives the same event again where the answer was lost.
            self.cancel(session, &customer.pin()?, observer)?;
        }
        Ok(false)
    }
}
