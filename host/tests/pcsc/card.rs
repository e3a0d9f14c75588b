//! A real card in any reader, which stops where a test says.

use saifu_vsmartcard::plug::{InSlot, Reply};
use saifu_vsmartcard::{NewCard, VirtualCard};
use saifu_wire::ins::Ins;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

/// A card that is back as soon as it can be.
const PULLED: Reply = Reply::Pulled(Duration::ZERO);

/// A sale reaches any of its commands within this.
const REACHED_WITHIN: Duration = Duration::from_secs(30);

/// Where a card stops, while its reader waits for the answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    ins: Ins,
    /// How many such commands are still to come, that one included.
    left: usize,
    /// Whether it has carried that one out, or only got it.
    is_done: bool,
}

impl At {
    pub(crate) fn got(ins: Ins) -> Self {
        Self { ins, left: 1, is_done: false }
    }

    pub(crate) fn did(ins: Ins) -> Self {
        Self { ins, left: 1, is_done: true }
    }

    /// Not at the first such command, but at the second, third and so on.
    pub(crate) fn number(self, number: usize) -> Self {
        Self { left: number, ..self }
    }
}

/// Runs a test for each of some moments, all at the same time.
pub(crate) fn at_each(moments: &[At], test: impl Fn(At) + Sync) {
    thread::scope(|scope| {
        for at in moments {
            scope.spawn(|| test(*at));
        }
    });
}

/// What becomes of the command at which a card stopped.
enum Fate {
    Answered,
    /// The card forgets what it held, and then answers.
    WithoutPower,
    /// The card is pulled before it answers, and put back a moment later unless its thread was
    /// told to end.
    Pulled,
}

/// A card that can be put into any reader; clones are the same one.
#[derive(Clone)]
pub(crate) struct TestCard {
    card: Arc<Mutex<VirtualCard>>,
    stop: Arc<Mutex<Option<Stop>>>,
}

struct Stop {
    at: At,
    reached: Sender<()>,
    fate: Receiver<Fate>,
}

/// A card that is about to stop; dropped, it goes on.
pub(crate) struct Stopping {
    reached: Receiver<()>,
    fate: Sender<Fate>,
}

impl Stopping {
    /// Waits until the card has stopped.
    #[track_caller]
    pub(crate) fn wait(&self) {
        self.reached.recv_timeout(REACHED_WITHIN).expect("the card gets that command");
    }

    pub(crate) fn answer(self) {
        self.fate.send(Fate::Answered).unwrap();
    }

    /// Lets the card answer, without power for a moment before, which no reader notices.
    pub(crate) fn cut_power(self) {
        self.fate.send(Fate::WithoutPower).unwrap();
    }

    pub(crate) fn pull(self) {
        self.fate.send(Fate::Pulled).unwrap();
    }
}

impl TestCard {
    /// Makes a card in `folder`.
    pub(crate) fn new(folder: &Path) -> Self {
        Self::of(VirtualCard::create(folder, &NewCard::default()).unwrap())
    }

    pub(crate) fn of(card: VirtualCard) -> Self {
        Self { card: Arc::new(Mutex::new(card)), stop: Arc::default() }
    }

    /// Has the card stop, once.
    pub(crate) fn stop(&self, at: At) -> Stopping {
        let ((tell, reached), (fate, told)) = (channel(), channel());
        *self.stop.lock().unwrap() = Some(Stop { at, reached: tell, fate: told });
        Stopping { reached, fate }
    }

    /// Each of two cards takes the other's place, wherever they are.
    pub(crate) fn change_places(&self, other: &Self) {
        std::mem::swap(&mut *self.card(), &mut *other.card());
    }

    fn card(&self) -> MutexGuard<'_, VirtualCard> {
        self.card.lock().unwrap()
    }

    /// Stops if that is where to; whether the card was pulled there.
    fn pass(&self, command: &[u8], is_done: bool) -> bool {
        let Some(stop) = self.reached(command, is_done) else { return false };
        // A test that has ended holds nobody up.
        let _ = stop.reached.send(());
        match stop.fate.recv() {
            Ok(Fate::Pulled) => return true,
            Ok(Fate::WithoutPower) => self.card().power_up(),
            Ok(Fate::Answered) | Err(_) => {}
        }
        false
    }

    fn reached(&self, command: &[u8], is_done: bool) -> Option<Stop> {
        let mut slot = self.stop.lock().unwrap();
        let at = &mut slot.as_mut()?.at;
        if at.is_done != is_done || command.get(1) != Some(&at.ins.code()) {
            return None;
        }
        at.left -= 1;
        if at.left == 0 { slot.take() } else { None }
    }
}

impl InSlot for TestCard {
    fn power_off(&mut self) {
        self.card().power_down();
    }

    fn power_on(&mut self) {
        self.card().power_up();
    }

    fn reset(&mut self) {
        self.card().reset();
    }

    fn transmit(&mut self, command: &[u8]) -> Reply {
        if self.pass(command, false) {
            return PULLED;
        }
        let answer = self.card().transmit(command);
        if self.pass(command, true) { PULLED } else { Reply::Answer(answer) }
    }
}
