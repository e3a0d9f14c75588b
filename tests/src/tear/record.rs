//! What a card writes, write by write.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use saifu_applet::crypto::RandomFailed;
use saifu_applet::platform::{
    Manufacture, MemoryFailed, ObjectName, Platform, SLOT_BYTES, Sealed, Slot,
};
use saifu_vsmartcard::platform::{RamPlatform, Shared};

/// All objects outside the secure area.
pub(super) type Outside = BTreeMap<ObjectName, Vec<u8>>;

/// What a write writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A slot of the secure area.
    Slot,
    /// An object of so many bytes.
    Object(usize),
    /// The removal of an object or of a work.
    Removal,
}

/// A write, and the outside memory after it.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) kind: Kind,
    pub(super) outside: Outside,
}

/// The writes of a card, in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Record(Option<Arc<Mutex<Vec<Written>>>>);

impl Record {
    /// A record that is kept.
    pub(super) fn kept() -> Self {
        Self(Some(Arc::default()))
    }

    /// Takes what was recorded.
    pub(super) fn take(&self) -> Vec<Written> {
        let lock = |list: &Arc<Mutex<Vec<Written>>>| {
            std::mem::take(&mut *list.lock().unwrap_or_else(PoisonError::into_inner))
        };
        self.0.as_ref().map(lock).unwrap_or_default()
    }
}

/// A machine whose writes are recorded.
pub(super) struct Recorded {
    machine: Shared<RamPlatform>,
    record: Record,
}

impl Recorded {
    pub(super) fn new(machine: Shared<RamPlatform>, record: Record) -> Self {
        Self { machine, record }
    }

    fn note(&self, kind: Kind) {
        if let Some(list) = &self.record.0 {
            let outside = self.machine.lock().image().outside.clone();
            list.lock().unwrap_or_else(PoisonError::into_inner).push(Written { kind, outside });
        }
    }
}

impl Platform for Recorded {
    fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        self.machine.random(out)
    }

    fn manufacture(&self) -> &Manufacture {
        self.machine.manufacture()
    }

    fn read_slot(&self, slot: Slot) -> Result<[u8; SLOT_BYTES], MemoryFailed> {
        self.machine.read_slot(slot)
    }

    fn write_slot(&mut self, slot: Slot, bytes: &[u8; SLOT_BYTES]) -> Result<(), MemoryFailed> {
        let written = self.machine.write_slot(slot, bytes);
        self.note(Kind::Slot);
        written
    }

    fn read_object(&self, name: ObjectName) -> Result<Option<Vec<u8>>, MemoryFailed> {
        self.machine.read_object(name)
    }

    fn write_object(&mut self, sealed: &Sealed) -> Result<(), MemoryFailed> {
        let written = self.machine.write_object(sealed);
        self.note(Kind::Object(sealed.bytes().len()));
        written
    }

    fn remove_object(&mut self, name: ObjectName) -> Result<(), MemoryFailed> {
        let removed = self.machine.remove_object(name);
        self.note(Kind::Removal);
        removed
    }

    fn remove_work(&mut self, id: u64) -> Result<(), MemoryFailed> {
        let removed = self.machine.remove_work(id);
        self.note(Kind::Removal);
        removed
    }

    fn list_objects(&self) -> Result<Vec<ObjectName>, MemoryFailed> {
        self.machine.list_objects()
    }

    fn list_works(&self) -> Result<Vec<u64>, MemoryFailed> {
        self.machine.list_works()
    }

    fn sync_objects(&mut self) -> Result<(), MemoryFailed> {
        self.machine.sync_objects()
    }
}
