//! What a card does only once the PIN is verified: read balances, prepare a load, pay.

use super::link::Answer;
use super::selected::malformed;
use super::{CardError, Selected};
use saifu_wire::answer::{Balances, Outbox};
use saifu_wire::ins::Ins;
use saifu_wire::request::{ChallengeRequest, LicenceRef, PayRequest};
use saifu_wire::signed::{Challenge, Event, Signed, Token};
use saifu_wire::{CenterId, Wire};
use std::ops::{Deref, DerefMut};

/// A card whose PIN was verified in this session.
pub struct Verified<'a>(Selected<'a>);

/// A card whose PIN was just verified: one payment is authorised.
pub struct Authorised<'a>(Verified<'a>);

impl<'a> Authorised<'a> {
    pub(super) fn new(selected: Selected<'a>) -> Self {
        Self(Verified(selected))
    }

    /// Pays (§6.14), which uses the authorisation up.
    ///
    /// Returns the token, or none where it was made and acknowledged before. Again, for a
    /// licence that is paid, it is the same token, and nothing is debited.
    pub fn debit(
        mut self,
        payment: &PayRequest,
    ) -> Result<(Option<Signed<Token>>, Verified<'a>), CardError> {
        let token = self.call(Ins::Debit, [0, 0], &payment.to_bytes(), Answer::Long)?;
        let token = (!token.is_empty()).then(|| Signed::parse(&token)).transpose();
        Ok((token.map_err(malformed(Ins::Debit))?, self.0))
    }

    /// Puts a price on hold (§6.26), which uses the authorisation up.
    ///
    /// Again, for a licence that is held, it is the same event, and nothing more is held.
    pub fn hold(
        mut self,
        payment: &PayRequest,
    ) -> Result<(Signed<Event>, Verified<'a>), CardError> {
        let event = self.signed(Ins::Hold, &payment.to_bytes())?;
        Ok((event, self.0))
    }

    /// Gives a load up (§6.31), which uses the authorisation up: the signed credit, the card's
    /// event. 6985 where the credit was applied.
    ///
    /// Again, for a credit that was voided last, it is the same event.
    pub fn void(mut self, credit: &[u8]) -> Result<Signed<Event>, CardError> {
        self.signed(Ins::Void, credit)
    }
}

impl Verified<'_> {
    /// The purses of the account at a center (§6.25).
    pub fn balances(&mut self, center: CenterId) -> Result<Balances, CardError> {
        self.read(Ins::GetBalance, [0, 0], &center.to_bytes())
    }

    /// Gives a held price back to its purse (§6.28): 6985 where it is released already.
    pub fn cancel(&mut self, licence: &LicenceRef) -> Result<Signed<Event>, CardError> {
        self.signed(Ins::Cancel, &licence.to_bytes())
    }

    /// The card's word on where a purse stands (§6.29).
    pub fn credit_challenge(
        &mut self,
        request: &ChallengeRequest,
    ) -> Result<Signed<Challenge>, CardError> {
        self.signed(Ins::GetCreditChallenge, &request.to_bytes())
    }

    /// The tokens not yet acknowledged (§6.16).
    pub fn outbox(&mut self) -> Result<Outbox, CardError> {
        self.read(Ins::ListOutbox, [0, 0], &[])
    }
}

impl<'a> Deref for Verified<'a> {
    type Target = Selected<'a>;
    fn deref(&self) -> &Selected<'a> {
        &self.0
    }
}

impl<'a> DerefMut for Verified<'a> {
    fn deref_mut(&mut self) -> &mut Selected<'a> {
        &mut self.0
    }
}

impl<'a> Deref for Authorised<'a> {
    type Target = Verified<'a>;
    fn deref(&self) -> &Verified<'a> {
        &self.0
    }
}

impl<'a> DerefMut for Authorised<'a> {
    fn deref_mut(&mut self) -> &mut Verified<'a> {
        &mut self.0
    }
}
