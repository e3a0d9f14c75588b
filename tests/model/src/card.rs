//! The card's rules: what each command makes of the image in force, or that it is refused.

use crate::action::Command;
use crate::mutant::Mutant;
use crate::protocol::Protocol;
use crate::state::{
    Challenge, Ended, Expiry, How, Image, Licence, Load, State, TOKENS_OF_A_LICENCE, Token,
};

/// What a command that is not refused does.
pub(crate) struct Effect {
    /// The image to commit, if anything changes.
    pub(crate) image: Option<Image>,
    pub(crate) answer: Answer,
    /// The token that the commit makes.
    pub(crate) debited: Option<Token>,
    pub(crate) overdraft: bool,
    pub(crate) other_kind: bool,
}

/// What a card says that someone can use.
#[derive(Clone, Copy)]
pub(crate) enum Answer {
    Nothing,
    Token(Token),
    /// The event Credited or Refunded of this load.
    Credited(u8),
    /// The event Voided of this load.
    Voided(u8),
    Challenge(usize, Challenge),
    Expired(usize, Expiry),
    /// Plaintext of this order's work.
    Plaintext(u8),
}

/// A card, and what it is asked.
struct Desk<'a> {
    protocol: &'a Protocol,
    state: &'a State,
    card: u8,
    image: &'a Image,
}

/// Executes a command on the image in force; none is a refusal, which changes nothing.
pub(crate) fn execute(
    protocol: &Protocol,
    state: &State,
    card: u8,
    image: &Image,
    command: Command,
) -> Option<Effect> {
    let desk = Desk { protocol, state, card, image };
    match command {
        Command::LoadLicence(order) => desk.load_licence(order),
        Command::DeleteLicence(order) => desk.delete_licence(order),
        Command::Debit(order, purse) => desk.debit(order, usize::from(purse)),
        Command::Hold(order) => desk.hold(order),
        Command::Release(order) => desk.release(order),
        Command::Cancel(order) => desk.cancel(order),
        Command::Decrypt(order) => desk.decrypt(order),
        Command::GetToken(token) => desk.get_token(token),
        Command::Acknowledge(token) => desk.acknowledge(token),
        Command::Challenge(load) => desk.challenge(load),
        Command::Credit(load) => desk.credit(load),
        Command::Void(load) => desk.void(load),
        Command::StrayVoid(purse) => desk.stray_void(usize::from(purse)),
        Command::Expire(purse) => desk.expire(usize::from(purse)),
        Command::SetTime => desk.set_time(),
    }
}

impl Effect {
    fn committing(image: Image) -> Self {
        Self { image: Some(image), ..Self::answering(Answer::Nothing) }
    }

    fn answering(answer: Answer) -> Self {
        Self { image: None, answer, debited: None, overdraft: false, other_kind: false }
    }

    fn with(self, answer: Answer) -> Self {
        Self { answer, ..self }
    }
}

impl Desk<'_> {
    fn is(&self, mutant: Mutant) -> bool {
        self.protocol.is(mutant)
    }

    fn licence(&self, order: u8) -> Licence {
        self.image.licences[usize::from(order)]
    }

    /// The image with this licence in this state.
    fn becomes(&self, order: u8, licence: Licence) -> Image {
        let mut image = *self.image;
        image.licences[usize::from(order)] = licence;
        image
    }

    fn kind(&self, order: u8) -> usize {
        self.protocol.config.orders[usize::from(order)].kind
    }

    fn is_decrypt_first(&self, order: u8) -> bool {
        self.protocol.config.orders[usize::from(order)].decrypt_first
    }

    fn is_valid(&self) -> bool {
        !(self.protocol.config.licences_end && self.image.late)
    }

    fn has_ended(&self, purse: usize) -> bool {
        self.protocol.config.purse_ended(purse, self.image.late)
    }

    fn load_licence(&self, order: u8) -> Option<Effect> {
        if !self.state.center.orders[usize::from(order)].licensed[usize::from(self.card)] {
            return None;
        }
        let begins = match self.licence(order) {
            Licence::Absent => true,
            Licence::Used => self.is(Mutant::DeletedNumberReopens),
            Licence::Loaded | Licence::Held => false,
            Licence::Paid | Licence::Released | Licence::Refunded => self.is(Mutant::ImportResets),
        };
        let effect = Effect::committing(self.becomes(order, Licence::Loaded));
        let opens = self.is(Mutant::PlaintextOnImport);
        let answer = if opens { Answer::Plaintext(order) } else { Answer::Nothing };
        begins.then(|| effect.with(answer))
    }

    fn delete_licence(&self, order: u8) -> Option<Effect> {
        let may_go = match self.licence(order) {
            Licence::Absent | Licence::Used => false,
            Licence::Held => self.is(Mutant::DeleteWhileHeld),
            Licence::Loaded | Licence::Paid | Licence::Released | Licence::Refunded => true,
        };
        let waits = self.image.outbox.iter().any(|token| token.order == order);
        let deletes = self.protocol.config.deletes && may_go && !waits;
        deletes.then(|| Effect::committing(self.becomes(order, Licence::Used)))
    }

    fn debit(&self, order: u8, purse: usize) -> Option<Effect> {
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

    /// Whether the outbox has a place that no hold has reserved.
    fn has_place(&self) -> bool {
        let reserves = !self.is(Mutant::HoldWithoutPlace);
        let reserved = if reserves { self.image.held().count() as u8 } else { 0 };
        self.image.outbox.len() + reserved < self.protocol.config.outbox_places
    }

    /// The token that this card would make next for the order.
    fn next_token(&self, order: u8) -> Option<Token> {
        let token = |nth| Token { card: self.card, order, nth };
        (0..TOKENS_OF_A_LICENCE).map(token).find(|token| !self.state.seen.made.has(*token))
    }

    fn hold(&self, order: u8) -> Option<Effect> {
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

    fn release(&self, order: u8) -> Option<Effect> {
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

    fn cancel(&self, order: u8) -> Option<Effect> {
        let ready = match self.licence(order) {
            Licence::Held => self.is_valid() || !self.is(Mutant::HoldLockedByDate),
            Licence::Released => self.is(Mutant::CancelAfterRelease),
            _ => false,
        };
        let mut image = self.becomes(order, Licence::Loaded);
        image.purses[self.kind(order)].balance += 1;
        ready.then(|| Effect::committing(image))
    }

    fn decrypt(&self, order: u8) -> Option<Effect> {
        let plaintext = Answer::Plaintext(order);
        match self.licence(order) {
            _ if !self.is_valid() => None,
            Licence::Held => Some(self.release(order)?.with(plaintext)),
            Licence::Paid | Licence::Released => Some(Effect::answering(plaintext)),
            Licence::Absent | Licence::Loaded | Licence::Refunded | Licence::Used => None,
        }
    }

    fn get_token(&self, token: Token) -> Option<Effect> {
        self.image.outbox.has(token).then(|| Effect::answering(Answer::Token(token)))
    }

    fn acknowledge(&self, token: Token) -> Option<Effect> {
        let receipt = self.state.host.receipts.has(token);
        let leaves = receipt || self.is(Mutant::UnsignedAcknowledgement);
        let outbox = self.image.outbox.without(token);
        let image = Image { outbox, ..*self.image };
        (leaves && self.image.outbox.has(token)).then(|| Effect::committing(image))
    }

    fn load(&self, load: u8) -> Load {
        self.state.center.loads[usize::from(load)]
    }

    fn challenge(&self, nonce: u8) -> Option<Effect> {
        let load = self.load(nonce);
        let purse = &self.image.purses[usize::from(load.purse)];
        let last = purse.ended.filter(|_| !self.is(Mutant::EventForgotten));
        let challenge = Challenge { nonce, sequence: purse.sequence, last };
        let answer = Answer::Challenge(usize::from(load.purse), challenge);
        (load.card == self.card).then(|| Effect::answering(answer))
    }

    fn credit(&self, number: u8) -> Option<Effect> {
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

    /// The image in which the licence that a refund names opens nothing any more.
    fn refunded(&self, load: &Load) -> Option<Image> {
        let Some(token) = load.refund_of else { return Some(*self.image) };
        match self.licence(token.order) {
            _ if self.is(Mutant::RefundKeepsLicence) => Some(*self.image),
            Licence::Paid | Licence::Released => Some(self.becomes(token.order, Licence::Refunded)),
            Licence::Absent | Licence::Used => Some(self.becomes(token.order, Licence::Used)),
            Licence::Loaded | Licence::Held | Licence::Refunded => None,
        }
    }

    fn void(&self, number: u8) -> Option<Effect> {
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
    fn stray_void(&self, kind: usize) -> Option<Effect> {
        let ended = Ended { how: How::Voided, load: None };
        let first = self.image.purses[kind].ended != Some(ended);
        let takes = kind == 0 && first && self.is(Mutant::VoidWithoutCredit);
        takes.then(|| self.voided(kind, ended))
    }

    fn voided(&self, kind: usize, ended: Ended) -> Effect {
        let mut image = *self.image;
        image.purses[kind].sequence += 1;
        image.purses[kind].ended = Some(ended);
        Effect::committing(image)
    }

    fn expire(&self, kind: usize) -> Option<Effect> {
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

    fn set_time(&self) -> Option<Effect> {
        let image = Image { late: true, ..*self.image };
        (self.state.late && !self.image.late).then(|| Effect::committing(image))
    }
}
