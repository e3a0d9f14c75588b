//! The card's rules: what each command makes of the image in force, or that it is refused.

mod licences;
mod loads;
mod payments;

use crate::action::Command;
use crate::mutant::Mutant;
use crate::protocol::Protocol;
use crate::state::{Challenge, Expiry, Image, Licence, State, Stream};
use crate::token::Token;

/// What a command that is not refused does.
pub(crate) struct Effect {
    /// The image to commit, if anything changes.
    pub(crate) image: Option<Image>,
    pub(crate) answer: Answer,
    /// The token that the commit makes.
    pub(crate) debited: Option<Token>,
    /// The session's stream afterwards, if that changes.
    pub(crate) stream: Option<Stream>,
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
        Command::OpenStream(order) => desk.open_stream(order),
        Command::Decrypt => desk.decrypt(),
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
        Self {
            image: None,
            answer,
            debited: None,
            stream: None,
            overdraft: false,
            other_kind: false,
        }
    }

    fn opening(self, stream: Stream) -> Self {
        Self { stream: Some(stream), ..self }
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

    fn set_time(&self) -> Option<Effect> {
        let image = Image { late: true, ..*self.image };
        (self.state.late && !self.image.late).then(|| Effect::committing(image))
    }
}
