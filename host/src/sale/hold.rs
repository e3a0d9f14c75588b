//! A sale that is decrypted first: the price on hold, then the work, then the payment.
//!
//! The card pays what is on hold before the first byte of the work leaves it. Until then the
//! hold can be given back, and the card says which of both has happened.

use super::steps::is_paid;
use super::{Customer, Entry, Next, Observer, Sale, SaleError, Step, Word};
use crate::card::Pin;
use crate::session::Session;
use crate::trust::{Held, check_hold, identity};
use saifu_center_api::{HexBytes, OrderState};
use saifu_wire::answer::{LicenceState, LicenceStatus};
use saifu_wire::signed::{Event, EventKind, Signed};

impl Sale {
    /// Puts the price on hold; only for an order that is still open.
    pub fn hold(
        &mut self,
        session: &mut Session<'_>,
        pin: &Pin,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        self.expect(Next::Hold, session)?;
        self.check_open(session, observer)?;
        self.tell_time(session)?;
        let (event, _) = session.selected.verify(pin)?.hold(&self.payment()?)?;
        self.held(session, &event, observer)
    }

    /// Finds out whether the card has put the price on hold already, or even paid it, and if
    /// so writes that down; asks no PIN.
    pub fn recover_hold(
        &mut self,
        session: &mut Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<bool, SaleError> {
        self.expect(Next::Hold, session)?;
        match self.state(session)? {
            Some(state) if state.status == LicenceStatus::Held => {
                let event = session.selected.held(&self.payment()?)?;
                self.held(session, &event, observer)?;
                Ok(true)
            }
            Some(state) if is_paid(&state) => {
                self.released(session, &state, observer)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Whether the price is still on hold, or paid by now, before the work is fetched. One
    /// that is back in its purse is to be held anew; one whose order cannot be settled any
    /// more is given back, and the sale is over.
    pub(super) fn hold_stands(
        &mut self,
        session: &mut Session<'_>,
        customer: &mut dyn Customer,
        observer: &mut dyn Observer,
    ) -> Result<bool, SaleError> {
        match self.state(session)? {
            Some(state) if is_paid(&state) => Ok(true),
            Some(state) if state.status == LicenceStatus::Held => {
                let order = self.licence()?.message().order;
                let state = session.client.order_state(order)?.state;
                if state == OrderState::Open {
                    return Ok(true);
                }
                let closed = SaleError::Closed(state);
                self.cancel(session, &customer.pin()?, observer)?;
                self.abandon(&closed.to_string(), observer)?;
                Err(closed)
            }
            _ => {
                self.append(Entry::Cancelled { signed: None })?;
                Ok(false)
            }
        }
    }

    /// Pays what is on hold (ST11), after the work has come; the first byte that left the
    /// card has done so already.
    pub fn release(
        &mut self,
        session: &mut Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        self.expect(Next::Release, session)?;
        let token = session.selected.release(&self.name()?)?;
        let token = self.checked(session, token)?;
        self.append(Entry::Released { token })?;
        self.tell_payment(observer);
        Ok(())
    }

    /// Keeps the token of a hold that the card has paid although the work has not come whole.
    pub(super) fn recover_release(
        &mut self,
        session: &mut Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        match self.state(session)?.filter(is_paid) {
            Some(state) => self.released(session, &state, observer),
            None => Ok(()),
        }
    }

    /// Has the card give back what is on hold, which its user allows with the PIN.
    pub(super) fn cancel(
        &mut self,
        session: &mut Session<'_>,
        pin: &Pin,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        let name = self.name()?;
        let event = session.selected.verify(pin)?.cancel(&name)?;
        let message = event.message();
        let (amount, balance) = (message.amount, message.balance);
        self.check(session, &event, EventKind::Cancelled)?;
        self.outgoing().keep(session.center.id, Word::Event, &event.to_bytes())?;
        if self.record().is_on_hold() {
            self.append(Entry::Cancelled { signed: Some(HexBytes(event.to_bytes())) })?;
        }
        self.send(session)?;
        observer.step(&Step::Cancelled { amount, balance });
        Ok(())
    }

    /// The licence as it stands on the card.
    pub(super) fn state(
        &self,
        session: &mut Session<'_>,
    ) -> Result<Option<LicenceState>, SaleError> {
        Ok(session.selected.licence(&self.name()?)?)
    }

    pub(super) fn released(
        &mut self,
        session: &mut Session<'_>,
        state: &LicenceState,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        let token = self.token_of(session, state)?;
        let token = self.checked(session, token)?;
        self.append(Entry::Released { token })?;
        self.tell_payment(observer);
        Ok(())
    }

    fn held(
        &mut self,
        session: &Session<'_>,
        event: &Signed<Event>,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        self.check(session, event, EventKind::Held)?;
        self.outgoing().keep(session.center.id, Word::Event, &event.to_bytes())?;
        self.append(Entry::Held { signed: HexBytes(event.to_bytes()) })?;
        self.send(session)?;
        let Event { amount, balance, .. } = *event.message();
        observer.step(&Step::Held { amount, balance });
        Ok(())
    }

    /// Tells the center what the card has signed; what it does not take now waits, and stops no
    /// sale.
    fn send(&self, session: &Session<'_>) -> Result<(), SaleError> {
        self.outgoing().send(session.client, session.center.id)?;
        Ok(())
    }

    fn check(
        &self,
        session: &Session<'_>,
        event: &Signed<Event>,
        kind: EventKind,
    ) -> Result<(), SaleError> {
        let choice = self.record().approved.clone().flatten().ok_or(SaleError::OutOfOrder)?;
        let licence = self.licence()?;
        let held = Held {
            kind,
            center: licence.message().center,
            licence: identity(&licence),
            account: self.account()?,
            purse: choice.purse,
            amount: choice.amount,
        };
        Ok(check_hold(event, &session.card, &held)?)
    }
}
