//! DEBIT, HOLD, RELEASE, CANCEL, and the outbox.

use super::{Answer, Desk, Effect};
use crate::mutant::Mutant;
use crate::state::{Image, Licence};
use crate::token::{TOKENS_OF_A_LICENCE, Token};

impl Desk<'_> {
    pub(super) fn debit(&self, order: u8, purse: usize) -> Option<Effect> {
        let other_kind = purse != self.kind(order);
        let overdraft = self.image.purses[purse].balance < 1;
        let ready = self.licence(order) == Licence::Loaded
            && !self.is_decrypt_first(order)
            && self.is_valid()
            && !self.has_ended(purse)
            && (!other_kind || self.is(Mutant::AnyKind))
            && (!overdraft || self.is(Mutant::Overdraft));
        if !ready {
            return None;
        }
        let token = self.next_token(order)?;
        let mut image = self.becomes(order, Licence::Paid);
        if !self.has_place() {
            let oldest = image.outbox.iter().next();
            image.outbox =
                image.outbox.without(oldest.filter(|_| self.is(Mutant::OutboxOverwritten))?);
        }
        image.purses[purse].balance -= 1;
        image.outbox = image.outbox.with(token);
        let effect = Effect::committing(image).with(Answer::Token(token));
        Some(Effect { debited: Some(token), overdraft, other_kind, ..effect })
    }

    pub(super) fn hold(&self, order: u8) -> Option<Effect> {
        let purse = self.kind(order);
        let ready = self.licence(order) == Licence::Loaded
            && self.is_decrypt_first(order)
            && self.state.holds_left > 0
            && self.is_valid()
            && !self.has_ended(purse)
            && self.image.purses[purse].balance >= 1
            && (self.has_place() || self.is(Mutant::HoldWithoutPlace));
        let mut image = self.becomes(order, Licence::Held);
        image.purses[purse].balance -= 1;
        ready.then(|| Effect::committing(image))
    }

    pub(super) fn release(&self, order: u8) -> Option<Effect> {
        let ready = match self.licence(order) {
            Licence::Held => self.is_valid() || !self.is(Mutant::HoldLockedByDate),
            Licence::Released => self.is(Mutant::ReleaseCountedTwice),
            _ => false,
        };
        if !ready {
            return None;
        }
        let token = self.next_token(order)?;
        let mut image = self.becomes(order, Licence::Released);
        if image.outbox.len() >= self.protocol.config.outbox_places {
            let drops = self.is(Mutant::HoldWithoutPlace);
            return drops.then(|| Effect::committing(image));
        }
        image.outbox = image.outbox.with(token);
        let effect = Effect::committing(image).with(Answer::Token(token));
        Some(Effect { debited: Some(token), ..effect })
    }

    pub(super) fn cancel(&self, order: u8) -> Option<Effect> {
        let ready = match self.licence(order) {
            Licence::Held => self.is_valid() || !self.is(Mutant::HoldLockedByDate),
            Licence::Released => self.is(Mutant::CancelAfterRelease),
            _ => false,
        };
        let mut image = self.becomes(order, Licence::Loaded);
        image.purses[self.kind(order)].balance += 1;
        ready.then(|| Effect::committing(image))
    }

    pub(super) fn get_token(&self, token: Token) -> Option<Effect> {
        self.image.outbox.has(token).then(|| Effect::answering(Answer::Token(token)))
    }

    pub(super) fn acknowledge(&self, token: Token) -> Option<Effect> {
        let receipt = self.state.host.receipts.has(token);
        let leaves = receipt || self.is(Mutant::UnsignedAcknowledgement);
        let outbox = self.image.outbox.without(token);
        let image = Image { outbox, ..*self.image };
        (leaves && self.image.outbox.has(token)).then(|| Effect::committing(image))
    }

    /// Whether the outbox has a place that no hold has reserved.
    pub(super) fn has_place(&self) -> bool {
        let reserves = !self.is(Mutant::HoldWithoutPlace);
        let reserved = if reserves { self.image.held().count() as u8 } else { 0 };
        self.image.outbox.len() + reserved < self.protocol.config.outbox_places
    }

    /// The token that this card would make next for the order.
    pub(super) fn next_token(&self, order: u8) -> Option<Token> {
        let token = |nth| Token { card: self.card, order, nth };
        (0..TOKENS_OF_A_LICENCE).map(token).find(|token| !self.state.seen.made.has(*token))
    }
}
