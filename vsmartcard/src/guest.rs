//! Hosts applets written for `apdu-app` (`apdu_app::App`), unchanged, beside native ones.
//!
//! Such an applet gets whole commands and gives whole answers; what lies between them and the
//! reader is done here:
//!
//! - **Chaining**: parts are acknowledged with 9000 and joined, at most 65,535 bytes (6A84); a
//!   part of another command ends the chain (6883), and neither has any effect.
//! - **Lengths**: short and extended; an answer longer than Le comes with 61xx, GET RESPONSE
//!   fetches the rest. Without Le that is as much as a short answer carries, 256 bytes: cards
//!   answer so, and Yubico's and GnuPG's programs count on it. Le is the most that is wanted,
//!   so that nothing is answered 6Cxx here; what the applet says passes.
//! - **Channels**: the applet has one session, so it is selected on one channel at a time, of
//!   whatever number; a SELECT on a second one is 6985, as a JavaCard says of an applet that is
//!   not multiselectable. The class byte that it sees is that of the basic channel.
//! - **Sessions**: being left, reset, or without power is `deselect` to it, once. Some applets do
//!   nothing then, for real power would take their RAM: [`Guest::made_by`] makes them anew.
//! - **Panics**: a command in which it panics is answered 6F00, and so is every other until the
//!   next reset or power-up, for nobody knows what state it is in. The panic's message goes to
//!   the process's panic hook, which writes it to standard error.

mod link;

use std::panic::{AssertUnwindSafe, catch_unwind};

use apdu_app::{App, CommandView, Interface};
use saifu_wire::Status;
use saifu_wire::apdu::{Class, Command};
use saifu_wire::applet::Applet;
use zeroize::Zeroize;

use link::{Link, Whole};

/// The most data of an answer, in bytes: what a frame of a reader carries.
const REPLY_BYTES: usize = saifu_wire::apdu::MAX_RESPONSE_DATA;
/// The bits of P2 with which a SELECT asks for no data.
const NO_DATA: u8 = 0x0C;
/// ISO/IEC 7816-4: no precise diagnosis.
const NO_DIAGNOSIS: u16 = 0x6F00;
const OK: u16 = 0x9000;

/// An `apdu-app` applet as a native one.
pub struct Guest<A> {
    /// None while nobody could make it.
    app: Option<A>,
    make: Option<Make<A>>,
    aid: Vec<u8>,
    link: Link,
    reply: Box<heapless::Vec<u8, REPLY_BYTES>>,
    selected_on: Option<u8>,
    /// Whether it was called since it was made.
    used: bool,
    /// Whether it panicked since the last reset.
    broken: bool,
}

type Make<A> = Box<dyn FnMut() -> A + Send>;

/// What the applet said: a status word, with data in the reply where that is 9000.
type Said = Result<(), u16>;

impl<A: App> Guest<A> {
    /// Takes an applet in; a reset ends its session, and what else it does then is its own.
    pub fn new(app: A) -> Self {
        Self::of(app, None)
    }

    /// Takes in the applet that `make` makes, and after each reset or loss of power that follows
    /// its use another: on hardware, nothing of such an applet outlives that but what it stores.
    /// The one before is dropped first.
    pub fn made_by(mut make: impl FnMut() -> A + Send + 'static) -> Self {
        Self::of(make(), Some(Box::new(make)))
    }

    fn of(app: A, make: Option<Make<A>>) -> Self {
        let aid = app.aid().as_bytes().to_vec();
        let (link, reply) = (Link::default(), Box::new(heapless::Vec::new()));
        let (selected_on, used, broken) = (None, false, false);
        Self { app: Some(app), make, aid, link, reply, selected_on, used, broken }
    }

    /// Has the applet carry out a command; a panic ends there.
    fn run(&mut self, whole: &Whole<'_>, selects: bool) -> Said {
        let app = self.app.as_mut().filter(|_| !self.broken).ok_or(NO_DIAGNOSIS)?;
        self.used = true;
        let bytes = whole.to_bytes();
        let view = CommandView::try_from(&bytes[..])
            .map_err(|_| u16::from_be_bytes(Status::WrongLength.to_be_bytes()))?;
        let reply = self.reply.as_mut_view();
        let done = catch_unwind(AssertUnwindSafe(|| match selects {
            true => app.select(Interface::Contact, view, reply),
            false => app.call(Interface::Contact, view, reply),
        }));
        self.broken = done.is_err();
        done.unwrap_or(Err(NO_DIAGNOSIS.into())).map_err(u16::from)
    }

    /// Says what the applet said, as much of it as is wanted; the rest is kept.
    fn say(&mut self, said: Said, wanted: Option<usize>, answer: &mut Vec<u8>) {
        match said {
            Ok(()) => self.link.answer(&self.reply, wanted, answer),
            Err(word) => answer.extend_from_slice(&word.to_be_bytes()),
        }
        self.forget_reply();
    }

    fn forget_reply(&mut self) {
        self.reply.as_mut_slice().zeroize();
        self.reply.clear();
    }

    /// Ends its session, whatever ended it.
    fn leave(&mut self) {
        self.link.end();
        let was_selected = self.selected_on.take().is_some();
        if let Some(app) = self.app.as_mut().filter(|_| was_selected && !self.broken) {
            self.broken = catch_unwind(AssertUnwindSafe(|| app.deselect())).is_err();
        }
    }

    /// Makes the applet anew, if that is how it was taken in.
    fn make_anew(&mut self) {
        let Some(make) = self.make.as_mut().filter(|_| self.used) else { return };
        let before = self.app.take();
        // One that panicked may panic again when it is dropped.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(before)));
        self.app = catch_unwind(AssertUnwindSafe(make)).ok();
        self.used = self.app.is_none();
    }

    fn carry_out(&mut self, apdu: &[u8], answer: &mut Vec<u8>) -> Result<(), Status> {
        let (class, command) = self.parse(apdu)?;
        if self.link.continues(&class, &command) {
            return self.link.go_on(&command, answer);
        }
        self.link.discard_rest();
        let Some(whole) = self.link.join(&class, &command)? else {
            answer.extend_from_slice(&OK.to_be_bytes());
            return Ok(());
        };
        let said = self.run(&whole, false);
        self.say(said, command.le, answer);
        Ok(())
    }

    fn parse<'a>(&mut self, apdu: &'a [u8]) -> Result<(Class, Command<'a>), Status> {
        let parsed = Command::parse(apdu).map_err(|_| Status::WrongLength).and_then(|command| {
            let class = Class::parse(command.cla).ok_or(Status::ClassNotSupported)?;
            Ok((class, command))
        });
        parsed.inspect_err(|_| self.link.end())
    }
}

impl<A: App> Applet for Guest<A> {
    fn aid(&self) -> &[u8] {
        &self.aid
    }

    fn power_up(&mut self) {
        self.reset();
    }

    fn reset(&mut self) {
        self.leave();
        self.make_anew();
        self.broken = false;
    }

    fn admit(&self, _: &Command<'_>, elsewhere: bool) -> Result<(), Status> {
        if elsewhere { Err(Status::ConditionsNotSatisfied) } else { Ok(()) }
    }

    fn select(&mut self, channel: u8, apdu: &[u8], answer: &mut Vec<u8>) {
        self.leave();
        self.selected_on = Some(channel);
        match self.parse(apdu) {
            Ok((class, command)) => {
                let said = self.run(&Whole::of(&class, &command), true);
                if command.p2 & NO_DATA == NO_DATA {
                    self.forget_reply();
                }
                self.say(said, command.le, answer);
            }
            Err(status) => answer.extend_from_slice(&status.to_be_bytes()),
        }
    }

    fn deselect(&mut self, channel: u8) {
        if self.selected_on == Some(channel) {
            self.leave();
        }
    }

    fn interrupt(&mut self, _: u8) {
        self.link.end();
    }

    fn transmit(&mut self, _: u8, apdu: &[u8], answer: &mut Vec<u8>) {
        if let Err(status) = self.carry_out(apdu, answer) {
            answer.clear();
            answer.extend_from_slice(&status.to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests;
