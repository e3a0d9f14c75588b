//! A machine whose random numbers are tested as they are drawn.

use alloc::vec::Vec;

use super::{
    Manufacture, MemoryFailed, ObjectName, Platform, RandomFailed, SLOT_BYTES, Sealed, Slot,
};
use crate::crypto::health::HealthTest;

/// Stands between the card and its machine: the one place through which the card draws.
#[derive(Clone, Debug)]
pub struct Tested<P> {
    inner: P,
    random: HealthTest,
}

impl<P> Tested<P> {
    /// Takes a machine whose random source nothing is known of yet.
    pub fn new(inner: P) -> Self {
        Self { inner, random: HealthTest::default() }
    }

    /// Gives the machine back.
    #[must_use]
    pub fn into_inner(self) -> P {
        self.inner
    }

    /// Lends the machine.
    #[must_use]
    pub const fn inner(&self) -> &P {
        &self.inner
    }

    /// Lends the machine to whoever plays with its power and its faults.
    pub const fn inner_mut(&mut self) -> &mut P {
        &mut self.inner
    }

    /// Forgets how the random source did, as a power-up does.
    pub fn power_up(&mut self) {
        self.random = HealthTest::default();
    }

    /// Says whether the random source failed since power-up.
    #[must_use]
    pub const fn random_failed(&self) -> bool {
        self.random.has_failed()
    }
}

impl<P: Platform> Platform for Tested<P> {
    fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        let Self { inner, random } = self;
        random.draw(&mut |out: &mut [u8]| inner.random(out), out)
    }

    fn manufacture(&self) -> &Manufacture {
        self.inner.manufacture()
    }

    fn read_slot(&self, slot: Slot) -> Result<[u8; SLOT_BYTES], MemoryFailed> {
        self.inner.read_slot(slot)
    }

    fn write_slot(&mut self, slot: Slot, bytes: &[u8; SLOT_BYTES]) -> Result<(), MemoryFailed> {
        self.inner.write_slot(slot, bytes)
    }

    fn read_object(&self, name: ObjectName) -> Result<Option<Vec<u8>>, MemoryFailed> {
        self.inner.read_object(name)
    }

    fn write_object(&mut self, sealed: &Sealed) -> Result<(), MemoryFailed> {
        self.inner.write_object(sealed)
    }

    fn remove_object(&mut self, name: ObjectName) -> Result<(), MemoryFailed> {
        self.inner.remove_object(name)
    }

    fn remove_work(&mut self, id: u64) -> Result<(), MemoryFailed> {
        self.inner.remove_work(id)
    }

    fn list_works(&self) -> Result<Vec<u64>, MemoryFailed> {
        self.inner.list_works()
    }

    fn list_objects(&self) -> Result<Vec<ObjectName>, MemoryFailed> {
        self.inner.list_objects()
    }

    fn sync_objects(&mut self) -> Result<(), MemoryFailed> {
        self.inner.sync_objects()
    }
}
