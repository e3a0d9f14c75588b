//! A card in a replay: in its runtime on a machine in RAM, whose power fails where it shall,
//! and whose outside memory the host copies and exchanges.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use saifu_applet::platform::{ObjectName, SLOT_BYTES, Slot};
use saifu_vsmartcard::platform::{Image, Leaves, RamPlatform};
use saifu_wire::CenterId;
use saifu_wire::answer::{
    Balances, LICENCES_PER_LIST, LicenceState, Licences, Outbox, OutboxEntry, PurseState,
};
use saifu_wire::codec::Wire;
use saifu_wire::ins::Ins;
use saifu_wire::request::LicenceRef;

use super::stage::NO_LICENCE;
use super::trap::Trap;
use crate::fixture::{PIN, TestCard};

type Outside = BTreeMap<ObjectName, Vec<u8>>;

/// Where power fails in the command to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fails {
    /// In the write of the secure area that commits, which leaves this.
    AtCommit(Leaves),
    /// At the write after it; if there is none, before the answer arrives.
    AfterCommit,
}

/// What is to happen at the next write of the secure area, and what it would have written.
#[derive(Debug, Default)]
pub(super) struct Spring {
    pub(super) set: Option<Fails>,
    pub(super) cut: Option<(Slot, [u8; SLOT_BYTES])>,
}

/// What a terminal sees of a card at one center after a power-up now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    pub(super) counter: u64,
    pub(super) purses: Vec<PurseState>,
    pub(super) licences: Vec<LicenceState>,
    pub(super) outbox: Vec<OutboxEntry>,
}

/// A card of a replay.
pub(super) struct ReplayCard {
    pub(super) card: TestCard,
    /// The order whose stream the terminal opened last.
    pub(super) opened: Option<u8>,
    center: CenterId,
    spring: Arc<Mutex<Spring>>,
    /// The image that a cut left uncommitted.
    torn: Option<Outside>,
    /// The copy that the host keeps.
    saved: Option<Outside>,
    /// The outside memory as it was last committed.
    committed: Outside,
    seen: Option<(Image, Result<View, u16>)>,
}

impl ReplayCard {
    /// The card of a machine, with power and its applet selected, on a way with random numbers
    /// of its own.
    pub(super) fn on(machine: RamPlatform, center: CenterId, way: [u8; 32]) -> Self {
        let spring = Arc::new(Mutex::new(Spring::default()));
        let set = Arc::clone(&spring);
        let mut card = TestCard::through(machine, |machine| Trap::new(machine, set, way));
        card.select();
        let committed = card.image().outside;
        let (opened, torn, saved, seen) = (None, None, None, None);
        Self { card, opened, center, spring, torn, saved, committed, seen }
    }

    /// Sends a command in which power is to fail; whether it did.
    ///
    /// # Errors
    /// The status word with which the card refuses before it writes.
    pub(super) fn send_and_fail(
        &mut self,
        fails: Fails,
        ins: Ins,
        data: &[u8],
    ) -> Result<bool, u16> {
        self.spring().set = Some(fails);
        let answer = self.card.send(ins, 0, 0, data);
        if self.spring().set.take().is_some() {
            return answer.map(|_| false);
        }
        if let Fails::AtCommit(_) = fails {
            assert!(answer.is_err(), "{} answers what it has not committed", ins.name());
            assert!(!self.card.has_power(), "{} is not cut", ins.name());
            self.torn = self.as_if_committed();
        }
        self.lose_power();
        Ok(true)
    }

    /// Takes power away and gives it back.
    fn lose_power(&mut self) {
        self.card.lose_power();
        self.card.power_cycle();
    }

    fn spring(&self) -> MutexGuard<'_, Spring> {
        self.spring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The outside memory as the commit that was cut would have left it.
    fn as_if_committed(&self) -> Option<Outside> {
        let (slot, bytes) = self.spring().cut.take()?;
        let mut machine = self.card.machine();
        let [a, b] = &mut machine.image_mut().slots;
        *(if slot == Slot::A { a } else { b }) = bytes;
        machine.restore_power();
        let mut card = TestCard::on(machine);
        card.select();
        Some(card.image().outside)
    }

    /// Notes that a command has committed.
    pub(super) fn has_committed(&mut self) {
        self.torn = None;
        self.committed = self.card.image().outside;
    }

    /// Copies an image of the outside memory, if there is one and no copy yet.
    pub(super) fn copy_outside(&mut self, torn: bool) -> bool {
        let image = if torn { self.torn.clone() } else { Some(self.card.image().outside) };
        let copies = self.saved.is_none() && image.is_some();
        if copies {
            self.saved = image;
        }
        copies
    }

    /// Exchanges copy and outside memory, and powers up; whether there was a copy.
    pub(super) fn put_back(&mut self) -> bool {
        let Some(saved) = &mut self.saved else { return false };
        self.card.tamper(|image| std::mem::swap(&mut image.outside, saved));
        self.lose_power();
        true
    }

    /// Whether what lies outside is what was committed last, to the byte.
    pub(super) fn lies_over_its_own(&self) -> bool {
        self.card.image().outside == self.committed
    }

    /// What a terminal would see after a power-up now; the status word if it may not.
    pub(super) fn look(&mut self) -> Result<View, u16> {
        let image = self.card.image();
        if let Some((_, view)) = self.seen.as_ref().filter(|(seen, _)| *seen == image) {
            return view.clone();
        }
        let view = look(&mut self.copy(), self.center);
        self.seen = Some((image, view.clone()));
        view
    }

    /// A copy of the card after a power-up now, to try things on.
    pub(super) fn copy(&self) -> TestCard {
        let mut copy = TestCard::on(self.card.machine());
        copy.select();
        copy
    }
}

/// Everything there is to see of a card at a center.
///
/// # Errors
/// The status word of the first command that is refused.
pub(super) fn look(card: &mut TestCard, center: CenterId) -> Result<View, u16> {
    card.verify(PIN)?;
    let outbox = Outbox::from_bytes(&card.send(Ins::ListOutbox, 0, 0, &[])?).expect("an outbox").0;
    let balances = card.send(Ins::GetBalance, 0, 0, &center.0)?;
    let balances = Balances::from_bytes(&balances).expect("balances");
    let first = LicenceRef { center, number: 0 };
    let licences = card.send(Ins::GetLicence, 1, 0, &first.to_bytes())?;
    let licences = Licences::from_bytes(&licences).expect("licences").0;
    assert!(licences.len() < usize::from(LICENCES_PER_LIST), "one list is enough here");
    let told = |entry: &OutboxEntry| entry.center == center && entry.licence != NO_LICENCE;
    Ok(View {
        counter: balances.counter,
        purses: balances.purses.0,
        licences,
        outbox: outbox.into_iter().filter(told).collect(),
    })
}
