//! A command in a situation: what is played.

use std::sync::Arc;

use saifu_vsmartcard::platform::RamPlatform;

use super::seen::{Answer, Sums, View};
use super::world::World;
use crate::fixture::{PIN, TestCard};

/// What is done with a card; the last answer.
pub(super) type Act = Arc<dyn Fn(&mut TestCard) -> Answer + Send + Sync>;

/// A command, the card it is sent to, and what must become of it.
#[derive(Clone)]
pub struct Case {
    pub(super) name: String,
    pub(super) machine: RamPlatform,
    pub(super) view: View,
    /// What goes before the command, with the applet selected; power is not cut in it.
    pub(super) ready: Act,
    pub(super) act: Act,
    /// The value in the card before and after.
    pub(super) value: [Sums; 2],
    /// The answer: data, or this status word.
    pub(super) answer: Option<u16>,
    /// The answer to the same command again.
    pub(super) again: Option<u16>,
    /// Whether the answer is drawn anew each time.
    pub(super) drawn: bool,
    /// Whether the command takes several commits, after each of which the card may stay as it
    /// is then.
    pub(super) stepwise: bool,
    /// Whether nothing of what the command changes can be read.
    pub(super) unseen: bool,
}

impl Case {
    /// A command that is answered with data, again, too, and moves no value out of the card
    /// or into it.
    pub(super) fn new(
        name: &str,
        world: &World,
        act: impl Fn(&mut TestCard) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.to_owned(),
            machine: world.card.machine(),
            view: world.view.clone(),
            ready: Arc::new(|_| Ok(Vec::new())),
            act: Arc::new(act),
            value: [world.value.clone(), world.value.clone()],
            answer: None,
            again: None,
            drawn: false,
            stepwise: false,
            unseen: false,
        }
    }

    /// The PIN is verified before the command.
    pub(super) fn verified(self) -> Self {
        self.after(|card| card.verify(PIN))
    }

    /// This goes before the command, in the same session.
    pub(super) fn after(
        mut self,
        ready: impl Fn(&mut TestCard) -> Answer + Send + Sync + 'static,
    ) -> Self {
        self.ready = Arc::new(ready);
        self
    }

    /// The command changes the value in the card.
    pub(super) fn moves(mut self, change: impl FnOnce(&mut Sums)) -> Self {
        change(&mut self.value[1]);
        self
    }

    /// The command is answered with this status word.
    pub(super) fn answers(mut self, word: u16) -> Self {
        self.answer = Some(word);
        self
    }

    /// The same command again is answered with this status word.
    pub(super) fn again(mut self, word: u16) -> Self {
        self.again = Some(word);
        self
    }

    /// The answer is another each time.
    pub(super) fn drawn(mut self) -> Self {
        self.drawn = true;
        self
    }

    /// The command takes several commits: a PIN try is spent by itself, and a work is begun
    /// before it is complete.
    pub(super) fn stepwise(mut self) -> Self {
        self.stepwise = true;
        self
    }

    /// No command tells whether this one was done.
    pub(super) fn unseen(mut self) -> Self {
        self.unseen = true;
        self
    }
}
