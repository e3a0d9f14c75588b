//! The content memory (14): segments of stored works, each one sealed object.
//!
//! ```text
//! number  = id (36 bits) ‖ index (28 bits)          version = id
//! id      = the epoch in which the work was begun   never given twice
//! ```
//! A work's [`ContentRecord`] has its id; its segments are not in the manifest one by one, so
//! that storing one costs no commit. What freshness they need they get from the id: under one id
//! each index is only ever the same bytes, and an older storing of the same work had another id.
//! A segment that is missing, damaged or another's spoils one read and nothing else. Segments
//! whose id no record has are swept away at power-up.

use alloc::collections::BTreeSet;

use super::records::ContentRecord;
use super::store::Store;
use super::{Key, StoreError};
use crate::crypto::SecretVec;
use crate::platform::{Form, MAX_OBJECT_BYTES, Memory, ObjectName, Platform};

/// The bits of a number that are the index of a segment: 2^36 bytes in segments of 256.
const INDEX_BITS: u32 = 28;

/// Names a segment: the work's id, and the segment's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The id of the work.
    pub id: u64,
    /// The index of the segment.
    pub index: u64,
}

impl Place {
    fn number(self) -> Result<u64, StoreError> {
        if self.index >> INDEX_BITS != 0 || self.id >> (u64::BITS - INDEX_BITS) != 0 {
            return Err(StoreError::Full);
        }
        Ok(self.id << INDEX_BITS | self.index)
    }
}

impl<P: Platform> Store<P> {
    /// Gives the id for a work whose record is committed next.
    ///
    /// # Errors
    /// [`StoreError::Memory`], when the memory is not good.
    pub fn next_content_id(&self) -> Result<u64, StoreError> {
        self.manifest()?;
        let state = self.state().ok_or(StoreError::Memory)?;
        state.epoch.checked_add(1).ok_or(StoreError::Memory)
    }

    /// Seals a segment into the content memory, in the form of its work.
    ///
    /// It is durable with the next commit.
    ///
    /// # Errors
    /// [`StoreError::Memory`], [`StoreError::Full`], [`StoreError::Random`].
    pub fn write_segment(
        &mut self,
        form: Form,
        place: Place,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        self.manifest()?;
        let seal = self.seals.as_ref().ok_or(StoreError::Memory)?.of(form);
        let mut random = |out: &mut [u8]| self.platform.random(out);
        let sealed = seal.seal(&mut random, place.number()?, place.id, bytes)?;
        if sealed.bytes().len() > MAX_OBJECT_BYTES {
            return Err(StoreError::Full);
        }
        Ok(self.platform.write_object(&sealed)?)
    }

    /// Reads a segment.
    ///
    /// # Errors
    /// [`StoreError::Memory`], when it is not there or not the one that was stored.
    pub fn read_segment(&self, form: Form, place: Place) -> Result<SecretVec, StoreError> {
        self.manifest()?;
        let number = place.number()?;
        let name = ObjectName { memory: form.memory(), number };
        let sealed = self.platform.read_object(name)?.ok_or(StoreError::Memory)?;
        Ok(self.seals()?.of(form).open(number, place.id, &sealed)?)
    }

    /// Removes the first `count` segments of a work whose record is gone; what cannot be removed
    /// now is at the next power-up.
    pub fn remove_segments(&mut self, id: u64, count: u64) {
        for index in 0..count {
            let Ok(number) = (Place { id, index }).number() else { return };
            let _ = self.platform.remove_object(ObjectName { memory: Memory::Content, number });
        }
    }

    /// Gives the ids of all stored works; `None` when one of their records cannot be read.
    pub(super) fn content_ids(&self) -> Option<BTreeSet<u64>> {
        let ids = self.keys(Key::contents()).map(|key| {
            let record: Option<ContentRecord> = self.get(&key).ok()?;
            record.map(|record| record.id)
        });
        ids.collect()
    }
}

/// Gives the id of the work that an object of the content memory belongs to.
pub(super) const fn id_of(number: u64) -> u64 {
    number >> INDEX_BITS
}

#[cfg(test)]
mod tests;
