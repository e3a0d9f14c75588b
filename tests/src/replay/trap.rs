//! A machine whose power fails at the commit of a command, if it is to.
//!
//! A command commits with one write of the secure area (§2.4). Cut in it, the new image lies
//! outside, written and not committed.
//!
//! Each way has random numbers of its own, though all begin on copies of one machine: what is
//! secret on one is never an open number on another.

use std::sync::{Arc, Mutex, PoisonError};

use saifu_applet::crypto::RandomFailed;
use saifu_applet::platform::{
    Manufacture, MemoryFailed, ObjectName, Platform, SLOT_BYTES, Sealed, Slot,
};
use saifu_vsmartcard::platform::{Cut, Leaves, RamPlatform, Shared};

use super::card::{Fails, Spring};

/// The machine, and what is to spring at its next commit.
pub(super) struct Trap {
    machine: Shared<RamPlatform>,
    spring: Arc<Mutex<Spring>>,
    /// What the machine's random numbers are mixed with.
    way: [u8; 32],
}

impl Trap {
    /// Lies over a machine.
    pub(super) fn new(
        machine: Shared<RamPlatform>,
        spring: Arc<Mutex<Spring>>,
        way: [u8; 32],
    ) -> Self {
        Self { machine, spring, way }
    }

    /// Cuts the machine's power at its next write.
    fn cut(&self, leaves: Leaves) {
        self.machine.lock().cut_power(Cut { at_write: 1, leaves, keeps_unsynced: true });
    }
}

impl Platform for Trap {
    fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        self.machine.random(out)?;
        out.iter_mut().zip(self.way.iter().cycle()).for_each(|(byte, mixed)| *byte ^= mixed);
        Ok(())
    }

    fn manufacture(&self) -> &Manufacture {
        self.machine.manufacture()
    }

    fn read_slot(&self, slot: Slot) -> Result<[u8; SLOT_BYTES], MemoryFailed> {
        self.machine.read_slot(slot)
    }

    fn write_slot(&mut self, slot: Slot, bytes: &[u8; SLOT_BYTES]) -> Result<(), MemoryFailed> {
        let mut spring = self.spring.lock().unwrap_or_else(PoisonError::into_inner);
        match spring.set.take() {
            Some(Fails::AtCommit(leaves)) => {
                spring.cut = Some((slot, *bytes));
                self.cut(leaves);
                self.machine.write_slot(slot, bytes)
            }
            Some(Fails::AfterCommit) => {
                self.machine.write_slot(slot, bytes)?;
                self.cut(Leaves::Nothing);
                Ok(())
            }
            None => self.machine.write_slot(slot, bytes),
        }
    }

    fn read_object(&self, name: ObjectName) -> Result<Option<Vec<u8>>, MemoryFailed> {
        self.machine.read_object(name)
    }

    fn write_object(&mut self, sealed: &Sealed) -> Result<(), MemoryFailed> {
        self.machine.write_object(sealed)
    }

    fn remove_object(&mut self, name: ObjectName) -> Result<(), MemoryFailed> {
        self.machine.remove_object(name)
    }

    fn remove_work(&mut self, id: u64) -> Result<(), MemoryFailed> {
        self.machine.remove_work(id)
    }

    fn list_works(&self) -> Result<Vec<u64>, MemoryFailed> {
        self.machine.list_works()
    }

    fn list_objects(&self) -> Result<Vec<ObjectName>, MemoryFailed> {
        self.machine.list_objects()
    }

    fn sync_objects(&mut self) -> Result<(), MemoryFailed> {
        self.machine.sync_objects()
    }
}
