//! Machines that write in a wrong order: what the campaign must see.

use saifu_applet::crypto::RandomFailed;
use saifu_applet::platform::{
    Manufacture, Memory, MemoryFailed, ObjectName, Platform, SLOT_BYTES, Sealed, Slot,
};
use saifu_vsmartcard::platform::{RamPlatform, Shared};

use super::record::Recorded;

/// What a machine does wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plant {
    /// Objects are written once a slot is: the commit point comes first.
    SlotFirst,
    /// The old root is removed before the commit point.
    RemovesFirst,
    /// A new object of the manifest takes the place of the old root.
    InPlace,
    /// Nothing is ever synced.
    NeverSyncs,
    /// A slot that is written reaches the memory with the next one: a cache behind it.
    SlotLate,
    /// The current slot is erased before the other one is written.
    ErasesSlot,
}

/// A card's machine, its writes recorded, and perhaps with a fault between it and the card.
pub(super) struct Planted {
    inner: Recorded,
    machine: Shared<RamPlatform>,
    plant: Option<Plant>,
    /// The root that the last commit left; known while objects of another one are written.
    old_root: Option<ObjectName>,
    /// Objects that wait for a slot to be written.
    objects: Vec<Sealed>,
    /// A slot that waits for the next.
    slot: Option<(Slot, [u8; SLOT_BYTES])>,
}

impl Planted {
    pub(super) fn new(inner: Recorded, machine: Shared<RamPlatform>, plant: Option<Plant>) -> Self {
        Self { inner, machine, plant, old_root: None, objects: Vec::new(), slot: None }
    }

    fn is(&self, plant: Plant) -> bool {
        self.plant == Some(plant)
    }

    /// The object of the manifest with the highest number: what a commit writes last.
    fn newest(&self) -> Option<ObjectName> {
        let names = self.inner.list_objects().ok()?;
        names.into_iter().filter(|name| name.memory == Memory::Manifest).max()
    }

    /// Puts the old root where a new object is about to be written.
    fn give_place(&mut self, name: ObjectName) {
        let Some(old) = self.old_root.filter(|old| old.memory == name.memory) else { return };
        let mut machine = self.machine.lock();
        let outside = &mut machine.image_mut().outside;
        if let Some(bytes) = outside.remove(&old) {
            outside.insert(name, bytes);
        }
    }

    fn write_late(&mut self, slot: Slot, bytes: &[u8; SLOT_BYTES]) -> Result<(), MemoryFailed> {
        match self.slot.replace((slot, *bytes)) {
            Some((slot, bytes)) => self.inner.write_slot(slot, &bytes),
            None => Ok(()),
        }
    }
}

impl Platform for Planted {
    fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        self.inner.random(out)
    }

    fn manufacture(&self) -> &Manufacture {
        self.inner.manufacture()
    }

    fn read_slot(&self, slot: Slot) -> Result<[u8; SLOT_BYTES], MemoryFailed> {
        match self.slot {
            Some((waiting, bytes)) if waiting == slot => Ok(bytes),
            _ => self.inner.read_slot(slot),
        }
    }

    fn write_slot(&mut self, slot: Slot, bytes: &[u8; SLOT_BYTES]) -> Result<(), MemoryFailed> {
        match self.plant {
            Some(Plant::SlotLate) => return self.write_late(slot, bytes),
            Some(Plant::ErasesSlot) => self.inner.write_slot(slot.other(), &[0; SLOT_BYTES])?,
            _ => {}
        }
        self.inner.write_slot(slot, bytes)?;
        self.old_root = None;
        let waiting = std::mem::take(&mut self.objects);
        waiting.iter().try_for_each(|object| self.inner.write_object(object))
    }

    fn read_object(&self, name: ObjectName) -> Result<Option<Vec<u8>>, MemoryFailed> {
        let waiting = self.objects.iter().find(|object| object.name() == name);
        waiting.map_or_else(
            || self.inner.read_object(name),
            |object| Ok(Some(object.bytes().to_vec())),
        )
    }

    fn write_object(&mut self, sealed: &Sealed) -> Result<(), MemoryFailed> {
        if self.is(Plant::SlotFirst) {
            self.objects.push(sealed.clone());
            return Ok(());
        }
        self.old_root = self.old_root.or_else(|| self.newest());
        if self.is(Plant::InPlace) {
            self.give_place(sealed.name());
        }
        self.inner.write_object(sealed)
    }

    fn remove_object(&mut self, name: ObjectName) -> Result<(), MemoryFailed> {
        self.inner.remove_object(name)
    }

    fn remove_work(&mut self, id: u64) -> Result<(), MemoryFailed> {
        self.inner.remove_work(id)
    }

    fn list_objects(&self) -> Result<Vec<ObjectName>, MemoryFailed> {
        self.inner.list_objects()
    }

    fn list_works(&self) -> Result<Vec<u64>, MemoryFailed> {
        self.inner.list_works()
    }

    fn sync_objects(&mut self) -> Result<(), MemoryFailed> {
        if self.is(Plant::NeverSyncs) {
            return Ok(());
        }
        if let Some(old) = self.old_root.filter(|_| self.is(Plant::RemovesFirst)) {
            self.inner.remove_object(old)?;
        }
        self.inner.sync_objects()
    }
}
