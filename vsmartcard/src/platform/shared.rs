//! Another hand on a card's machine.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use saifu_applet::crypto::RandomFailed;
use saifu_applet::platform::{
    Manufacture, MemoryFailed, ObjectName, Platform, SLOT_BYTES, Sealed, Slot,
};

/// Shares a platform between the card that runs on it and whoever plays with its faults.
#[derive(Debug)]
pub struct Shared<P> {
    manufacture: Manufacture,
    platform: Arc<Mutex<P>>,
}

impl<P> Clone for Shared<P> {
    fn clone(&self) -> Self {
        Self { manufacture: self.manufacture.clone(), platform: Arc::clone(&self.platform) }
    }
}

impl<P: Platform> Shared<P> {
    /// Takes a platform over; clones of what this gives are the same machine.
    pub fn new(platform: P) -> Self {
        let manufacture = platform.manufacture().clone();
        Self { manufacture, platform: Arc::new(Mutex::new(platform)) }
    }

    /// Takes hold of the platform; the card waits meanwhile.
    ///
    /// What a thread that panicked has left of it is what a power cut would have left.
    pub fn lock(&self) -> MutexGuard<'_, P> {
        self.platform.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P: Platform> Platform for Shared<P> {
    fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        self.lock().random(out)
    }

    fn manufacture(&self) -> &Manufacture {
        &self.manufacture
    }

    fn read_slot(&self, slot: Slot) -> Result<[u8; SLOT_BYTES], MemoryFailed> {
        self.lock().read_slot(slot)
    }

    fn write_slot(&mut self, slot: Slot, bytes: &[u8; SLOT_BYTES]) -> Result<(), MemoryFailed> {
        self.lock().write_slot(slot, bytes)
    }

    fn read_object(&self, name: ObjectName) -> Result<Option<Vec<u8>>, MemoryFailed> {
        self.lock().read_object(name)
    }

    fn write_object(&mut self, sealed: &Sealed) -> Result<(), MemoryFailed> {
        self.lock().write_object(sealed)
    }

    fn remove_object(&mut self, name: ObjectName) -> Result<(), MemoryFailed> {
        self.lock().remove_object(name)
    }

    fn remove_work(&mut self, id: u64) -> Result<(), MemoryFailed> {
        self.lock().remove_work(id)
    }

    fn list_works(&self) -> Result<Vec<u64>, MemoryFailed> {
        self.lock().list_works()
    }

    fn list_objects(&self) -> Result<Vec<ObjectName>, MemoryFailed> {
        self.lock().list_objects()
    }

    fn sync_objects(&mut self) -> Result<(), MemoryFailed> {
        self.lock().sync_objects()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{Cut, Leaves, RamPlatform};
    use saifu_applet::memory::Store;
    use saifu_wire::answer::MemoryState;

    #[test]
    fn power_can_be_cut_while_a_card_runs() {
        let shared = Shared::new(RamPlatform::new(1));
        let mut store = Store::recover(shared.clone());
        let cut = Cut { at_write: 1, leaves: Leaves::Garbage, keeps_unsynced: true };
        shared.lock().cut_power(cut);
        assert!(store.initialise().is_err());
        assert!(!shared.lock().has_power());
        shared.lock().restore_power();
        store.power_up();
        assert_eq!(store.memory(), MemoryState::Blank);
        assert_eq!(store.initialise(), Ok(()));
    }
}
