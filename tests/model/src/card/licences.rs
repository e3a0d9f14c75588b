//! LOAD LICENCE, DELETE LICENCE, OPEN STREAM and DECRYPT.

use super::{Answer, Desk, Effect};
use crate::mutant::Mutant;
use crate::state::{Image, Licence, Stream};

impl Desk<'_> {
    pub(super) fn load_licence(&self, order: u8) -> Option<Effect> {
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

    pub(super) fn delete_licence(&self, order: u8) -> Option<Effect> {
        let may_go = match self.licence(order) {
            Licence::Absent | Licence::Used => false,
            Licence::Held => self.is(Mutant::DeleteWhileHeld),
            Licence::Loaded | Licence::Paid | Licence::Released | Licence::Refunded => true,
        };
        let waits = self.image.outbox.iter().any(|token| token.order == order);
        let deletes = self.protocol.config.deletes && may_go && !waits;
        deletes.then(|| Effect::committing(self.becomes(order, Licence::Used)))
    }

    /// Opens the session's stream. One use is counted now; a held licence's with its first byte.
    pub(super) fn open_stream(&self, order: u8) -> Option<Effect> {
        let licence = self.licence(order);
        let limited = self.protocol.config.uses > 0;
        let stream = Stream { order, counted: true, served: !limited };
        match licence {
            _ if !self.is_valid() || !self.has_use(order) => None,
            Licence::Held => {
                let stream = Stream { counted: !limited, ..stream };
                Some(Effect::answering(Answer::Nothing).opening(stream))
            }
            Licence::Paid | Licence::Released if limited => {
                let image = self.with_use_counted(*self.image, order);
                Some(Effect::committing(image).opening(stream))
            }
            Licence::Paid | Licence::Released => {
                Some(Effect::answering(Answer::Nothing).opening(stream))
            }
            Licence::Absent | Licence::Loaded | Licence::Refunded | Licence::Used => None,
        }
    }

    /// Answers plaintext of the stream that is open, if its licence still lets it. Whether it is
    /// valid now was judged when the stream was opened (§6.18): a session's stream goes on.
    pub(super) fn decrypt(&self) -> Option<Effect> {
        let stream = self.state.cards[usize::from(self.card)].stream?;
        let effect = match self.licence(stream.order) {
            Licence::Held => self.release(stream.order)?,
            Licence::Paid | Licence::Released => Effect::answering(Answer::Nothing),
            _ if self.is(Mutant::StreamOutlivesLicence) => Effect::answering(Answer::Nothing),
            Licence::Absent | Licence::Loaded | Licence::Refunded | Licence::Used => return None,
        };
        let served = Stream { counted: true, served: true, ..stream };
        let effect = effect.with(Answer::Plaintext(stream.order)).opening(served);
        if stream.counted {
            return Some(effect);
        }
        let forgets = self.is(Mutant::UseCountedByFirstDecryptOnly) && effect.image.is_none();
        let image = self.with_use_counted(effect.image.unwrap_or(*self.image), stream.order);
        let may = forgets || self.has_use(stream.order);
        let image = if forgets { None } else { Some(image) };
        may.then_some(Effect { image, ..effect })
    }

    fn has_use(&self, order: u8) -> bool {
        let limit = self.protocol.config.uses;
        limit == 0 || self.image.uses[usize::from(order)] < limit
    }

    fn with_use_counted(&self, mut image: Image, order: u8) -> Image {
        image.uses[usize::from(order)] += 1;
        image
    }
}
