//! The card: its stored state, and a link and a session for each logical channel.

use alloc::boxed::Box;
use alloc::vec::Vec;
use saifu_wire::Status;
use saifu_wire::answer::LifeCycle;
use saifu_wire::apdu;
use saifu_wire::applet::{AID, Applet};
use saifu_wire::ins::Ins;
use zeroize::Zeroize;

use crate::access::{self, Facts};
use crate::command::{Command, Context};
use crate::crypto::SecretVec;
use crate::crypto::self_test::{self, SelfTestFailed};
use crate::link::{Link, Received, Request};
use crate::memory::Store;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::session::{Session, Voided};

/// The number of logical channels, the basic one included.
pub const CHANNELS: usize = 20;

/// Tries out all that a card computes with, when it gets power.
pub type SelfTest = dyn FnMut() -> Result<(), SelfTestFailed> + Send;

/// A card on the machine `P`.
pub struct Card<P: Platform> {
    self_test: Box<SelfTest>,
    store: Store<P>,
    channels: [Channel; CHANNELS],
}

/// What is volatile, and its own for each channel.
#[derive(Default)]
struct Channel {
    link: Link,
    session: Session,
}

impl Channel {
    /// Forgets what a command, on whatever channel, has made void: with the card's end, everything
    /// but that the applet is selected.
    fn lose(&mut self, voided: Voided, life_cycle: LifeCycle) {
        self.session.lose(voided);
        if voided == Voided::Everything && life_cycle == LifeCycle::Terminated {
            let selected = self.session.is_selected();
            *self = Self::default();
            self.session = if selected { Session::selected() } else { Session::default() };
        }
    }
}

impl<P: Platform> Card<P> {
    /// Puts the card together; it has power then.
    pub fn new(platform: P) -> Self {
        Self::with_self_test(platform, self_test::run)
    }

    /// Puts a card together that tests itself in another way: for those who give and take power
    /// very often, and those who want to see the test fail.
    pub fn with_self_test(
        platform: P,
        self_test: impl FnMut() -> Result<(), SelfTestFailed> + Send + 'static,
    ) -> Self {
        let store = Store::shut(platform);
        let mut card = Self { self_test: Box::new(self_test), store, channels: Default::default() };
        card.power_up();
        card
    }

    /// Gives the platform back: what a card is when it loses power.
    #[must_use]
    pub fn into_platform(self) -> P {
        self.store.into_platform()
    }

    /// Lends everything that is stored, to be looked at.
    #[must_use]
    pub const fn store(&self) -> &Store<P> {
        &self.store
    }

    /// Lends the platform to whoever plays with its power and its faults.
    pub const fn platform_mut(&mut self) -> &mut P {
        self.store.platform_mut()
    }

    /// Carries an APDU out, as far as its answer's status word.
    fn process(&mut self, channel: u8, apdu: &[u8], answer: &mut Vec<u8>) -> Result<(), Refusal> {
        let Self { store, channels, .. } = self;
        let Channel { link, session } =
            channels.get_mut(usize::from(channel)).ok_or(Status::ChannelNotSupported)?;
        let request = match link.receive(channel, apdu, answer)? {
            Received::Whole(request) => request,
            Received::Part(order) => {
                let (health, life_cycle) = (store.health(), store.life_cycle());
                let gate = access::check_state(order, health, life_cycle, session.is_selected());
                return Ok(gate.inspect_err(|_| *link = Link::default())?);
            }
            Received::Answered => return Ok(()),
        };
        access::check(request.order, &facts(&request, store, session))?;
        let plain = unwrap(&request, session)?;
        let data = plain.as_ref().map_or(request.data.bytes(), SecretVec::expose);
        let command = Command::parse(request.order, request.header, data)?;
        let end = command.act(&mut Context { store, session, answer })?;
        if plain.is_some() {
            session.channel.wrap(answer)?;
        }
        link.reply(&request, end, answer);
        if let Some(voided) = Voided::by(request.order) {
            let life_cycle = store.life_cycle();
            channels.iter_mut().for_each(|channel| channel.lose(voided, life_cycle));
        }
        Ok(())
    }

    fn answer(&mut self, channel: u8, apdu: &[u8], answer: &mut Vec<u8>) {
        if let Err(refusal) = self.process(channel, apdu, answer) {
            // Whatever was prepared before the refusal is nobody's business.
            answer.zeroize();
            answer.extend_from_slice(&refusal.to_be_bytes());
        }
    }

    fn end_session(&mut self, channel: u8) {
        if let Some(channel) = self.channels.get_mut(usize::from(channel)) {
            *channel = Channel::default();
        }
    }

    /// Wipes a begun chain and the rest of an answer.
    fn end_link(&mut self, channel: u8) {
        if let Some(Channel { link, .. }) = self.channels.get_mut(usize::from(channel)) {
            *link = Link::default();
        }
    }
}

fn facts<P: Platform>(request: &Request<'_>, store: &Store<P>, session: &Session) -> Facts {
    let opens_channel = request.order.ins() == Ins::ExternalAuthenticate;
    Facts {
        health: store.health(),
        life_cycle: store.life_cycle(),
        memory: store.memory(),
        pin_tries: store.pin_tries(),
        selected: session.is_selected(),
        verified: session.is_verified(),
        authorised: session.is_authorised(),
        secure: request.secure && (session.channel.is_open() || opens_channel),
    }
}

/// Takes secure messaging off; `None` where there is none to be taken off.
fn unwrap(request: &Request<'_>, session: &mut Session) -> Result<Option<SecretVec>, Status> {
    // Its MAC is what opens the channel.
    if !request.secure || request.order.ins() == Ins::ExternalAuthenticate {
        return Ok(None);
    }
    session.channel.unwrap(request.header, request.data.bytes()).map(Some)
}

impl<P: Platform> Applet for Card<P> {
    fn aid(&self) -> &[u8] {
        &AID
    }

    fn power_up(&mut self) {
        self.reset();
        match (self.self_test)() {
            Ok(()) => self.store.power_up(),
            Err(_) => self.store.close(),
        }
    }

    fn reset(&mut self) {
        self.channels = Default::default();
    }

    fn admit(&self, select: &apdu::Command<'_>, _: bool) -> Result<(), Status> {
        if select.p2 != 0x00 {
            return Err(Status::WrongP1P2);
        }
        select.le.map(drop).ok_or(Status::WrongLength)
    }

    fn select(&mut self, channel: u8, apdu: &[u8], answer: &mut Vec<u8>) {
        self.end_link(channel);
        self.answer(channel, apdu, answer);
    }

    fn deselect(&mut self, channel: u8) {
        self.end_session(channel);
    }

    fn interrupt(&mut self, channel: u8) {
        self.end_link(channel);
    }

    fn transmit(&mut self, channel: u8, apdu: &[u8], answer: &mut Vec<u8>) {
        self.answer(channel, apdu, answer);
    }
}

#[cfg(test)]
mod health_tests;
#[cfg(test)]
mod tests;
