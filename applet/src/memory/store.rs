//! The store as commands see it.

use alloc::collections::{BTreeMap, BTreeSet};
use core::ops::RangeInclusive;

use saifu_wire::answer::{Health, LifeCycle, MemoryState};
use saifu_wire::{CardId, Digest};

use super::manifest::{Manifest, Object};
use super::recover::{self, Found};
use super::seals::Seals;
use super::{Key, Record, StoreError};
use crate::crypto::hash::sha256;
use crate::crypto::{RandomFailed, SecretVec};
use crate::platform::tested::Tested;
use crate::platform::{Manufacture, ObjectName, Platform};
use crate::secure::{Area, MasterKey, Seal, State, seal::tag_of};

/// Holds a card's platform, what its secure area says, and the manifest of what is outside.
#[derive(Debug)]
pub struct Store<P> {
    pub(super) platform: Tested<P>,
    pub(super) area: Option<Area>,
    /// There while there is a master key.
    pub(super) seals: Option<Seals>,
    pub(super) found: Found,
    shut: bool,
}

impl<P: Platform> Store<P> {
    /// Takes up what is stored, as a card does when it gets power (§2.4).
    ///
    /// A commit that power cut short is either whole or gone. Nothing else is repaired, and what
    /// is not good is not touched.
    #[must_use]
    pub fn recover(platform: P) -> Self {
        let mut store = Self::shut(platform);
        store.power_up();
        store
    }

    /// Looks at nothing that is stored: what a card does whose self-test failed.
    #[must_use]
    pub fn shut(platform: P) -> Self {
        let (platform, found) = (Tested::new(platform), Found::Damaged);
        Self { platform, area: None, seals: None, found, shut: true }
    }

    /// Forgets what it knows, until the next power-up, as if made by [`Store::shut`].
    pub fn close(&mut self) {
        self.area = None;
        self.seals = None;
        self.found = Found::Damaged;
        self.shut = true;
    }

    /// Forgets what it knows and takes up what is stored, as [`Store::recover`] does.
    pub fn power_up(&mut self) {
        self.shut = false;
        self.platform.power_up();
        self.area = Area::recover(&mut self.platform);
        let master = self.state().map(|state| &state.master).filter(|master| master.is_there());
        self.seals = master.map(|master| Seals::derive(master, self.card()));
        self.found = recover::find(&self.platform, self.area.as_ref(), self.seals.as_ref());
        self.sweep();
    }

    /// Gives the platform back: what a card is when it loses power.
    #[must_use]
    pub fn into_platform(self) -> P {
        self.platform.into_inner()
    }

    /// Lends the platform.
    #[must_use]
    pub const fn platform(&self) -> &P {
        self.platform.inner()
    }

    /// Lends the platform to whoever plays with its power and its faults.
    pub const fn platform_mut(&mut self) -> &mut P {
        self.platform.inner_mut()
    }

    /// Says whether the card may compute, and draw.
    #[must_use]
    pub const fn health(&self) -> Health {
        if self.shut {
            Health::SelfTestFailed
        } else if self.platform.random_failed() {
            Health::RandomFailed
        } else {
            Health::Good
        }
    }

    /// Fills the whole buffer with random bytes.
    ///
    /// # Errors
    /// [`RandomFailed`], when the source fails, or failed since power-up.
    pub fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        self.platform.random(out)
    }

    /// Lends what the manufacturer put into the card.
    #[must_use]
    pub fn manufacture(&self) -> &Manufacture {
        self.platform.manufacture()
    }

    /// Gives the card's id.
    #[must_use]
    pub fn card(&self) -> CardId {
        self.manufacture().card
    }

    /// Gives the life cycle; that of a card in use where the secure area itself is damaged.
    #[must_use]
    pub fn life_cycle(&self) -> LifeCycle {
        self.state().map_or(LifeCycle::Activated, |state| state.life_cycle)
    }

    /// Says how the memory was found at power-up; missing once the card is terminated.
    #[must_use]
    pub const fn memory(&self) -> MemoryState {
        match self.found {
            Found::Blank => MemoryState::Blank,
            Found::Good(_) => MemoryState::Good,
            Found::Missing => MemoryState::Missing,
            Found::Damaged => MemoryState::Damaged,
        }
    }

    /// Gives the PIN tries left; none where the secure area itself is damaged.
    #[must_use]
    pub fn pin_tries(&self) -> u8 {
        self.state().map_or(0, |state| state.pin_tries)
    }

    /// Gives the hash of what was committed last: every commit changes it, and nothing else does.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.state().map_or(Digest::ZERO, |state| state.root_hash)
    }

    /// Gives the sequence of the last unblock order that was carried out (§12.1).
    ///
    /// # Errors
    /// [`StoreError::Memory`], where the secure area itself is damaged.
    pub fn unblock_sequence(&self) -> Result<u64, StoreError> {
        self.state().map(|state| state.unblock_sequence).ok_or(StoreError::Memory)
    }

    /// Takes the next SCP03 sequence number, which was never taken before (§14.2).
    ///
    /// # Errors
    /// [`StoreError::Memory`], when it cannot be stored or there are no more.
    pub fn next_scp03_sequence(&mut self) -> Result<u32, StoreError> {
        let area = self.area.as_mut().ok_or(StoreError::Memory)?;
        let sequence = area.next_scp03_sequence(&mut self.platform);
        self.settle(sequence)
    }

    /// Draws `Km` and makes an empty memory (§14.3); the card is then being personalised.
    ///
    /// # Errors
    /// [`StoreError::Memory`] unless the memory is blank; else as [`Store::commit`].
    pub fn initialise(&mut self) -> Result<(), StoreError> {
        if self.memory() != MemoryState::Blank {
            return Err(StoreError::Memory);
        }
        let master = MasterKey::draw(&mut |out: &mut [u8]| self.platform.random(out))?;
        self.seals = Some(Seals::derive(&master, self.card()));
        self.replace(Manifest::default(), &BTreeMap::new(), |next| {
            next.life_cycle = LifeCycle::Initialisation;
            next.master = master;
        })?;
        self.sweep();
        Ok(())
    }

    /// Ends the card's life: `Km` is gone, and with it everything it sealed (§6.34).
    ///
    /// # Errors
    /// [`StoreError::Memory`]; the next power-up finds the card as it was, or terminated.
    pub fn terminate(&mut self) -> Result<(), StoreError> {
        let area = self.area.as_mut().ok_or(StoreError::Memory)?;
        let ended = area.terminate(&mut self.platform);
        if area.state().life_cycle == LifeCycle::Terminated {
            self.seals = None;
            self.found = Found::Missing;
            self.sweep();
        }
        self.settle(ended)
    }

    /// Reads a record; `None` when there is none of this name.
    ///
    /// # Errors
    /// [`StoreError::Memory`], when the memory is not good, or the record is not the one last
    /// committed, or is not of the type `R`.
    pub fn get<R: Record>(&self, key: &Key) -> Result<Option<R>, StoreError> {
        let manifest = self.manifest()?;
        if !R::is_named(key) {
            return Err(StoreError::Memory);
        }
        let Some(object) = manifest.find(key) else { return Ok(None) };
        let seal = self.seals()?.of(key.form());
        let plaintext = open(&self.platform, seal, object)?;
        R::from_bytes(plaintext.expose()).map(Some).map_err(|_| StoreError::Memory)
    }

    /// Names the records within a range, in order; none unless the memory is good.
    pub fn keys(&self, range: RangeInclusive<Key>) -> impl Iterator<Item = Key> + '_ {
        self.manifest().into_iter().flat_map(move |manifest| manifest.keys(range.clone()))
    }

    /// Counts the records within a range, without looking at each; none unless the memory is good.
    #[must_use]
    pub fn count(&self, range: &RangeInclusive<Key>) -> usize {
        self.manifest().map_or(0, |manifest| manifest.count(range))
    }

    pub(super) fn seals(&self) -> Result<&Seals, StoreError> {
        self.seals.as_ref().ok_or(StoreError::Memory)
    }

    pub(super) fn manifest(&self) -> Result<&Manifest, StoreError> {
        match &self.found {
            Found::Good(manifest) => Ok(manifest),
            _ => Err(StoreError::Memory),
        }
    }

    pub(super) fn state(&self) -> Option<&State> {
        self.area.as_ref().map(Area::state)
    }

    /// Removes what nobody names; what cannot be removed now is at the next power-up.
    pub(super) fn sweep(&mut self) {
        let live = match &self.found {
            Found::Good(manifest) => manifest.names(),
            Found::Missing if self.life_cycle() == LifeCycle::Terminated => BTreeSet::new(),
            _ => return,
        };
        let there = self.platform.list_objects().unwrap_or_default();
        for name in there.iter().filter(|name| !live.contains(name)) {
            let _ = self.platform.remove_object(*name);
        }
        self.sweep_works();
    }
}

/// Reads and opens an object, which must be exactly the one named.
pub(super) fn open<P: Platform>(
    platform: &P,
    seal: &Seal,
    object: &Object,
) -> Result<SecretVec, StoreError> {
    let name = ObjectName { memory: seal.form().memory(), number: object.number };
    let sealed = platform.read_object(name)?.ok_or(StoreError::Memory)?;
    if tag_of(&sealed) != Some(object.tag) {
        return Err(StoreError::Memory);
    }
    Ok(seal.open(object.number, object.version, &sealed)?)
}

/// Hashes a sealed root as the secure area remembers it.
pub(super) fn root_hash(sealed: &[u8]) -> Digest {
    Digest(sha256(&[sealed]))
}
