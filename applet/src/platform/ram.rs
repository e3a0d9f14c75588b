//! A platform in RAM, whose faults are its purpose.
//!
//! It repeats to the byte: its random numbers come from a seed. Its power can be cut at any write,
//! its writes and its random source can fail, and its whole content is an [`Image`] that can be
//! kept, changed and put back. It is there for tests and for the emulator; its random numbers are
//! no secret.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use saifu_wire::CardId;
use saifu_wire::certificate::Assurance;
use saifu_wire::test_root::{SCP03_KEY_VERSION, SCP03_MASTER};

use super::{
    MAX_OBJECT_BYTES, Manufacture, Memory, MemoryFailed, ObjectName, Platform, RandomFailed,
    SLOT_BYTES, Sealed, Slot,
};
use crate::crypto::Secret;
use crate::secure;

/// All that a card stores, as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The slots of the secure area.
    pub slots: [[u8; SLOT_BYTES]; 2],
    /// What is outside: for everybody to read, change, and put back.
    pub outside: BTreeMap<ObjectName, Vec<u8>>,
}

/// When power fails, and what is left of the write it fails in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The write that is cut: 1 is the next one. Removing is a write.
    pub at_write: u64,
    /// What is left of it.
    pub leaves: Leaves,
    /// Whether objects stay that were written and not yet synced.
    pub keeps_unsynced: bool,
}

/// What a cut write leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// What was there before.
    Nothing,
    /// Zeros; of an object, an empty one.
    Erased,
    /// The first so many bytes of the new, and of the old what they did not cover.
    Beginning(usize),
    /// The new, but for one byte in the middle.
    Garbage,
    /// The new: power fails just after it.
    Everything,
}

/// How a random source does badly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RandomFault {
    /// It says that it fails.
    Fails,
    /// Every byte is this one.
    Sticks(u8),
    /// Every draw is the one before it, as far as it goes.
    Repeats,
}

/// A card's machine in RAM.
#[derive(Clone, Debug)]
pub struct RamPlatform {
    manufacture: Manufacture,
    image: Image,
    unsynced: BTreeSet<ObjectName>,
    seed: u8,
    draws: u64,
    random_fault: Option<RandomFault>,
    writes: u64,
    cut: Option<Cut>,
    refuses: Option<(u64, MemoryFailed)>,
    spoils: Option<u64>,
    powered: bool,
}

impl RamPlatform {
    /// Makes a blank card of class test; cards of two seeds differ in everything.
    #[must_use]
    pub fn new(seed: u8) -> Self {
        let card = CardId([seed; 16]);
        let master = Secret::new(SCP03_MASTER);
        Self::with(
            Manufacture::diversified(card, Assurance::Test, SCP03_KEY_VERSION, &master),
            seed,
        )
    }

    /// Makes a blank card of what a manufacturer put into it.
    #[must_use]
    pub fn with(manufacture: Manufacture, seed: u8) -> Self {
        let image = Image { slots: [[0; SLOT_BYTES]; 2], outside: BTreeMap::new() };
        let mut platform = Self {
            manufacture,
            image,
            unsynced: BTreeSet::new(),
            seed,
            draws: 0,
            random_fault: None,
            writes: 0,
            cut: None,
            refuses: None,
            spoils: None,
            powered: true,
        };
        // It has power and no fault yet, so this does not fail.
        let _ = secure::manufacture(&mut platform);
        platform.writes = 0;
        platform
    }

    /// Gives the content memory another size, in bytes as they are sealed.
    #[must_use]
    pub const fn with_content_bytes(mut self, content_bytes: u64) -> Self {
        self.manufacture.content_bytes = content_bytes;
        self
    }

    /// Lends everything stored.
    #[must_use]
    pub const fn image(&self) -> &Image {
        &self.image
    }

    /// Lends everything stored, to be changed behind the card's back.
    pub const fn image_mut(&mut self) -> &mut Image {
        &mut self.image
    }

    /// Counts the writes so far, removals included.
    #[must_use]
    pub const fn writes(&self) -> u64 {
        self.writes
    }

    /// Cuts power at a write to come; then nothing works until [`RamPlatform::restore_power`].
    pub const fn cut_power(&mut self, cut: Cut) {
        self.cut = Some(Cut { at_write: self.writes.saturating_add(cut.at_write), ..cut });
    }

    /// Says whether there is power.
    #[must_use]
    pub const fn has_power(&self) -> bool {
        self.powered
    }

    /// Gives power back; a cut that did not take place is off.
    pub const fn restore_power(&mut self) {
        self.powered = true;
        self.cut = None;
    }

    /// Lets every write fail from this one on (1 is the next), and change nothing.
    pub const fn refuse_writes(&mut self, from_write: u64, why: MemoryFailed) {
        self.refuses = Some((self.writes.saturating_add(from_write), why));
    }

    /// Lets writes work again.
    pub const fn accept_writes(&mut self) {
        self.refuses = None;
    }

    /// Stores a write to come (1 is the next) wrongly, and says nothing.
    pub const fn spoil_write(&mut self, at_write: u64) {
        self.spoils = Some(self.writes.saturating_add(at_write));
    }

    /// Lets the random source fail, or work again.
    pub const fn fail_random(&mut self, fails: bool) {
        self.random_fault = if fails { Some(RandomFault::Fails) } else { None };
    }

    /// Lets the random source do badly, or well again.
    pub const fn spoil_random(&mut self, fault: Option<RandomFault>) {
        self.random_fault = fault;
    }

    fn powered(&self) -> Result<(), MemoryFailed> {
        if self.powered { Ok(()) } else { Err(MemoryFailed::Error) }
    }

    /// Counts a write; gives what it leaves if that is not what it should.
    fn begin_write(&mut self) -> Result<Option<Leaves>, MemoryFailed> {
        self.powered()?;
        self.writes = self.writes.saturating_add(1);
        if let Some((from, why)) = self.refuses
            && self.writes >= from
        {
            return Err(why);
        }
        let spoilt = (self.spoils == Some(self.writes)).then_some(Leaves::Garbage);
        Ok(self.due().map(|cut| cut.leaves).or(spoilt))
    }

    /// Ends a write; power goes if it was to.
    fn end_write(&mut self) -> Result<(), MemoryFailed> {
        let Some(cut) = self.due() else { return Ok(()) };
        self.powered = false;
        if !cut.keeps_unsynced {
            for name in core::mem::take(&mut self.unsynced) {
                self.image.outside.remove(&name);
            }
        }
        Err(MemoryFailed::Error)
    }

    fn due(&self) -> Option<Cut> {
        self.cut.filter(|cut| cut.at_write <= self.writes)
    }

    /// Names all segments of works.
    fn segments(&self) -> impl Iterator<Item = ObjectName> + '_ {
        self.image.outside.keys().copied().filter(|name| name.memory == Memory::Content)
    }

    fn slot_mut(&mut self, slot: Slot) -> &mut [u8; SLOT_BYTES] {
        let [a, b] = &mut self.image.slots;
        match slot {
            Slot::A => a,
            Slot::B => b,
        }
    }
}

impl Leaves {
    /// What is stored after a cut write of `new` over `old`.
    #[must_use]
    pub fn of(self, old: &[u8], new: &[u8]) -> Vec<u8> {
        let mut left = new.to_vec();
        match self {
            Self::Nothing => old.to_vec(),
            Self::Erased => Vec::new(),
            Self::Beginning(count) => {
                let (new, _) = new.split_at(count.min(new.len()));
                [new, old.get(new.len()..).unwrap_or_default()].concat()
            }
            Self::Garbage => {
                let middle = left.len() / 2;
                left.get_mut(middle).into_iter().for_each(|byte| *byte ^= 0x55);
                left
            }
            Self::Everything => left,
        }
    }
}

impl Platform for RamPlatform {
    fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        match self.random_fault {
            _ if !self.powered => return Err(RandomFailed),
            None => self.draws = self.draws.saturating_add(1),
            Some(RandomFault::Fails) => return Err(RandomFailed),
            Some(RandomFault::Sticks(value)) => {
                out.fill(value);
                return Ok(());
            }
            Some(RandomFault::Repeats) => {}
        }
        let mut seed = [self.seed; 32];
        let (draw, _) = seed.split_at_mut(8);
        draw.copy_from_slice(&self.draws.to_be_bytes());
        ChaCha20Rng::from_seed(seed).fill_bytes(out);
        Ok(())
    }

    fn manufacture(&self) -> &Manufacture {
        &self.manufacture
    }

    fn read_slot(&self, slot: Slot) -> Result<[u8; SLOT_BYTES], MemoryFailed> {
        self.powered()?;
        let [a, b] = &self.image.slots;
        Ok(match slot {
            Slot::A => *a,
            Slot::B => *b,
        })
    }

    fn write_slot(&mut self, slot: Slot, bytes: &[u8; SLOT_BYTES]) -> Result<(), MemoryFailed> {
        let leaves = self.begin_write()?;
        let stored = self.slot_mut(slot);
        let mut left = leaves.unwrap_or(Leaves::Everything).of(stored, bytes);
        left.resize(SLOT_BYTES, 0);
        stored.copy_from_slice(&left);
        self.end_write()
    }

    fn read_object(&self, name: ObjectName) -> Result<Option<Vec<u8>>, MemoryFailed> {
        self.powered()?;
        match self.image.outside.get(&name) {
            Some(object) if object.len() > MAX_OBJECT_BYTES => Err(MemoryFailed::Error),
            object => Ok(object.cloned()),
        }
    }

    fn write_object(&mut self, sealed: &Sealed) -> Result<(), MemoryFailed> {
        let leaves = self.begin_write()?;
        let old = self.image.outside.get(&sealed.name());
        let left = match leaves {
            Some(Leaves::Nothing) => old.cloned(),
            Some(leaves) => Some(leaves.of(old.map_or(&[], Vec::as_slice), sealed.bytes())),
            None => Some(sealed.bytes().to_vec()),
        };
        if let Some(left) = left {
            self.image.outside.insert(sealed.name(), left);
            self.unsynced.insert(sealed.name());
        }
        self.end_write()
    }

    fn remove_object(&mut self, name: ObjectName) -> Result<(), MemoryFailed> {
        let leaves = self.begin_write()?;
        if leaves != Some(Leaves::Nothing) {
            self.image.outside.remove(&name);
        }
        self.end_write()
    }

    /// Where it is cut, as many segments as the cut says are gone.
    fn remove_work(&mut self, id: u64) -> Result<(), MemoryFailed> {
        let gone = match self.begin_write()? {
            Some(Leaves::Nothing) => 0,
            Some(Leaves::Beginning(count)) => count,
            _ => usize::MAX,
        };
        for name in self.segments().filter(|name| name.work() == id).take(gone).collect::<Vec<_>>()
        {
            self.image.outside.remove(&name);
        }
        self.end_write()
    }

    fn list_objects(&self) -> Result<Vec<ObjectName>, MemoryFailed> {
        self.powered()?;
        let names = self.image.outside.keys().copied();
        Ok(names.filter(|name| name.memory != Memory::Content).collect())
    }

    fn list_works(&self) -> Result<Vec<u64>, MemoryFailed> {
        self.powered()?;
        let works: BTreeSet<u64> = self.segments().map(ObjectName::work).collect();
        Ok(works.into_iter().collect())
    }

    fn sync_objects(&mut self) -> Result<(), MemoryFailed> {
        self.powered()?;
        self.unsynced.clear();
        Ok(())
    }
}
