//! GET CREDIT CHALLENGE, CREDIT, VOID and EXPIRE.

use super::{Answer, Desk, Effect};
use crate::mutant::Mutant;
use crate::state::{Challenge, Ended, Expiry, How, Image, Licence, Load};

impl Desk<'_> {
    pub(super) fn challenge(&self, nonce: u8) -> Option<Effect> {
        let load = self.load(nonce);
        let purse = &self.image.purses[usize::from(load.purse)];
        let last = purse.ended.filter(|_| !self.is(Mutant::EventForgotten));
        let challenge = Challenge { nonce, sequence: purse.sequence, last };
        let answer = Answer::Challenge(usize::from(load.purse), challenge);
        (load.card == self.card).then(|| Effect::answering(answer))
    }

    pub(super) fn credit(&self, number: u8) -> Option<Effect> {
        let load = self.load(number);
        let kind = usize::from(load.purse);
        let its_own = load.card == self.card || self.is(Mutant::CreditForAnyCard);
        if load.sequence == 0 || !its_own {
            return None;
        }
        let purse = self.image.purses[kind];
        let ended = Ended { how: How::Credited, load: Some(number) };
        let any = self.is(Mutant::CreditWithoutSequence);
        if purse.ended == Some(ended) && !any {
            let again = Effect::answering(Answer::Credited(number));
            return (!self.is(Mutant::EventForgotten)).then_some(again);
        }
        let next = load.sequence == purse.sequence + 1 || any;
        let open = !self.has_ended(kind) || self.is(Mutant::CreditAfterExpiry);
        let fits = purse.balance < self.protocol.config.cap;
        let mut image = self.refunded(&load)?;
        image.purses[kind].balance += 1;
        image.purses[kind].sequence += 1;
        image.purses[kind].ended = Some(ended);
        let effect = Effect::committing(image).with(Answer::Credited(number));
        (next && open && fits).then_some(effect)
    }

    pub(super) fn void(&self, number: u8) -> Option<Effect> {
        let load = self.load(number);
        let kind = usize::from(load.purse);
        let purse = self.image.purses[kind];
        let ended = Ended { how: How::Voided, load: Some(number) };
        if load.card != self.card || load.sequence == 0 {
            return None;
        }
        if purse.ended == Some(ended) {
            let again = Effect::answering(Answer::Voided(number));
            return (!self.is(Mutant::EventForgotten)).then_some(again);
        }
        let above = purse.balance >= self.protocol.config.cap;
        let refused = above && self.is(Mutant::VoidRefusedAboveCap);
        let next = load.sequence == purse.sequence + 1;
        let effect = self.voided(kind, ended).with(Answer::Voided(number));
        (next && !refused).then_some(effect)
    }

    /// A VOID without credit; in one purse, once in a row, is enough to see what it does.
    pub(super) fn stray_void(&self, kind: usize) -> Option<Effect> {
        let ended = Ended { how: How::Voided, load: None };
        let first = self.image.purses[kind].ended != Some(ended);
        let takes = kind == 0 && first && self.is(Mutant::VoidWithoutCredit);
        takes.then(|| self.voided(kind, ended))
    }

    pub(super) fn expire(&self, kind: usize) -> Option<Effect> {
        let mut held = self.image.held().map(|order| self.kind(order as u8));
        if !self.has_ended(kind) || held.any(|held| held == kind) {
            return None;
        }
        let purse = self.image.purses[kind];
        if let Some(expiry) = purse.expiry.filter(|_| purse.balance == 0) {
            return Some(Effect::answering(Answer::Expired(kind, expiry)));
        }
        let nth = purse.expiry.map_or(0, |expiry| expiry.nth) + 1;
        let expiry = Expiry { nth, amount: purse.balance.unsigned_abs() };
        let mut image = *self.image;
        image.purses[kind].balance = 0;
        image.purses[kind].expiry = Some(expiry);
        Some(Effect::committing(image).with(Answer::Expired(kind, expiry)))
    }

    /// The image in which the licence that a refund names opens nothing any more.
    pub(super) fn refunded(&self, load: &Load) -> Option<Image> {
        let Some(token) = load.refund_of else { return Some(*self.image) };
        match self.licence(token.order) {
            _ if self.is(Mutant::RefundKeepsLicence) => Some(*self.image),
            Licence::Paid | Licence::Released => Some(self.becomes(token.order, Licence::Refunded)),
            Licence::Absent | Licence::Used => Some(self.becomes(token.order, Licence::Used)),
            Licence::Loaded | Licence::Held | Licence::Refunded => None,
        }
    }

    pub(super) fn voided(&self, kind: usize, ended: Ended) -> Effect {
        let mut image = *self.image;
        image.purses[kind].sequence += 1;
        image.purses[kind].ended = Some(ended);
        Effect::committing(image)
    }

    pub(super) fn load(&self, load: u8) -> Load {
        self.state.center.loads[usize::from(load)]
    }
}
