//! Outside memories of earlier put in the place of the right one.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use saifu_applet::platform::ObjectName;
use saifu_vsmartcard::platform::{Image, RamPlatform};
use saifu_wire::answer::{LifeCycle, MemoryState};

use super::record::Outside;
use super::seen::{Seen, View};
use crate::fixture::TestCard;

/// Puts memories back, each pair of a right one and another once.
#[derive(Default)]
pub(super) struct PutBack {
    played: HashSet<(u64, u64)>,
}

/// A card as it is now, without power, and what it says.
pub(super) struct Right<'a> {
    pub(super) machine: &'a RamPlatform,
    pub(super) seen: &'a Seen,
    pub(super) view: &'a View,
}

impl PutBack {
    /// How many memories were put back.
    pub(super) fn count(&self) -> usize {
        self.played.len()
    }

    /// Puts a whole memory of earlier back, then each of its objects into the right one.
    pub(super) fn play(&mut self, right: &Right<'_>, earlier: &Outside) -> Result<(), String> {
        self.play_one(right, earlier.clone())?;
        for (name, bytes) in splices(&right.machine.image().outside, earlier) {
            let mut spliced = right.machine.image().outside.clone();
            spliced.insert(name, bytes);
            self.play_one(right, spliced).map_err(|what| format!("{name:?}: {what}"))?;
        }
        Ok(())
    }

    fn play_one(&mut self, right: &Right<'_>, outside: Outside) -> Result<(), String> {
        let pair = (fingerprint(right.machine.image()), fingerprint(&outside));
        if !self.played.insert(pair) {
            return Ok(());
        }
        right.is_not_fooled_by(&outside)?;
        let seen = Seen::read(&mut TestCard::on(right.machine.clone()), right.view);
        seen.differs(right.seen).map_or(Ok(()), |what| Err(format!("not revived: {what}")))
    }
}

impl Right<'_> {
    /// The card takes this for its own only if it is: it answers as ever, or 6581.
    fn is_not_fooled_by(&self, outside: &Outside) -> Result<(), String> {
        let mut machine = self.machine.clone();
        machine.image_mut().outside.clone_from(outside);
        let tampered = machine.image().clone();
        let mut card = TestCard::on(machine);
        let seen = Seen::read(&mut card, self.view);
        let is_good = seen.status().is_some_and(|status| status.memory == MemoryState::Good);
        if self.needs_memory() && !is_good {
            return match seen.not_locked(self.seen) {
                Some(what) => Err(format!("locked, but {what}")),
                None if self.is_within(outside) => Err("locked with the right memory".into()),
                None if card.image() != tampered => Err("locked, but it writes".into()),
                None => Ok(()),
            };
        }
        let wrong = seen.wrong(self.seen);
        let refused = self.is_within(outside).then(|| seen.differs(self.seen)).flatten();
        wrong.or(refused).map_or(Ok(()), |what| Err(format!("taken for its own: {what}")))
    }

    /// Whether everything that the card has outside is in this memory, as it is.
    fn is_within(&self, outside: &Outside) -> bool {
        let objects = &self.machine.image().outside;
        objects.iter().all(|(name, bytes)| outside.get(name) == Some(bytes))
    }

    fn needs_memory(&self) -> bool {
        let status = self.seen.status();
        let ends = [LifeCycle::Creation, LifeCycle::Terminated];
        status.is_some_and(|status| !ends.contains(&status.life_cycle))
    }
}

/// Objects of an earlier memory for places in the right one: for its own name, where that has
/// something else now, and the newest of each for the newest name of its memory.
fn splices(right: &Outside, earlier: &Outside) -> Vec<(ObjectName, Vec<u8>)> {
    let differs = |(name, bytes): &(&ObjectName, &Vec<u8>)| right.get(name) != Some(*bytes);
    let stale: Vec<_> = earlier.iter().filter(differs).collect();
    let same_name = stale.iter().filter(|(name, _)| right.contains_key(name));
    let mut splices: Vec<_> = same_name.map(|(name, bytes)| (**name, (*bytes).clone())).collect();
    for (name, bytes) in &stale {
        let newest = right.keys().filter(|other| other.memory == name.memory).max();
        let is_newest = !stale.iter().any(|(other, _)| other.memory == name.memory && other > name);
        if let Some(place) = newest.filter(|place| is_newest && right[place] != **bytes) {
            splices.push((*place, (*bytes).clone()));
        }
    }
    splices
}

/// A short name for what is stored.
pub(super) fn fingerprint(stored: &(impl Stored + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    stored.hash_into(&mut hasher);
    hasher.finish()
}

/// What has a fingerprint.
pub(super) trait Stored {
    fn hash_into(&self, hasher: &mut DefaultHasher);
}

impl Stored for Outside {
    fn hash_into(&self, hasher: &mut DefaultHasher) {
        self.hash(hasher);
    }
}

impl Stored for Image {
    fn hash_into(&self, hasher: &mut DefaultHasher) {
        (&self.slots, &self.outside).hash(hasher);
    }
}
