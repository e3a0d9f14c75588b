//! The content memory (14): segments of stored works, each one sealed object.
//!
//! ```text
//! number  = id (36 bits) ‖ index (28 bits)          version = id
//! id      = the epoch in which the work was begun   never given twice
//! ```
//! A work's [`ContentRecord`] has its id; its segments are not in the manifest one by one, so
//! that storing one costs no commit. What freshness they need they get from the id: under one id
//! each index is only ever the same bytes, and an older storing of the same work had another id.
//! A segment that is missing, damaged or another's spoils one read and nothing else, a record one
//! work. Segments whose id no record has are swept away at power-up, once all records can be read.

use alloc::collections::BTreeSet;

use saifu_wire::stream::{Header, Segment};

use super::records::{ContentRecord, LicenceRecord};
use super::store::Store;
use super::{Key, StoreError};
use crate::crypto::{SecretVec, seal};
use crate::platform::{Form, INDEX_BITS, MAX_OBJECT_BYTES, ObjectName, Platform};

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

/// Gives the form of a work's segments: as plaintext, or as they came from the center.
#[must_use]
pub const fn form_of(doubly: bool) -> Form {
    if doubly { Form::DoubleContent } else { Form::Content }
}

/// Gives the bytes of a segment before it is sealed: of its plaintext, or as it came.
#[must_use]
pub fn segment_bytes(segment: &Segment, doubly: bool) -> usize {
    if doubly { segment.sealed_bytes() } else { segment.plain_bytes as usize }
}

/// Gives the bytes that a work takes, all of its segments sealed.
#[must_use]
pub fn work_bytes(header: &Header, doubly: bool) -> u64 {
    let sealed = |index| {
        let bytes = header.segment(index).map_or(0, |segment| segment_bytes(&segment, doubly));
        seal::sealed_bytes(bytes) as u64
    };
    let last = header.segment_count().saturating_sub(1);
    sealed(0).saturating_mul(last).saturating_add(sealed(last))
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

    /// Gives the bytes that all stored works take, complete or not; of one whose record cannot be
    /// read, the bytes of its plaintext, which its licence tells.
    ///
    /// # Errors
    /// [`StoreError::Memory`], when the memory is not good.
    pub fn content_used_bytes(&self) -> Result<u64, StoreError> {
        self.manifest()?;
        let each = self.keys(Key::contents()).map(|key| self.content_bytes(&key));
        Ok(each.fold(0, u64::saturating_add))
    }

    fn content_bytes(&self, key: &Key) -> u64 {
        let Key::Content(center, number, doubly) = *key else { return 0 };
        if let Ok(Some(ContentRecord { header, .. })) = self.get(key) {
            return work_bytes(&header, doubly);
        }
        let licence: Result<Option<LicenceRecord>, _> = self.get(&Key::Licence(center, number));
        licence.ok().flatten().map_or(0, |licence| licence.state.total_bytes)
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

    /// Removes the segments of a work whose record is gone; what cannot be removed now is at the
    /// next power-up.
    pub fn remove_work(&mut self, id: u64) {
        let _ = self.platform.remove_work(id);
    }

    /// Removes the segments of works that have no record; of none, where a record cannot be read.
    pub(super) fn sweep_works(&mut self) {
        let Some(live) = self.content_ids() else { return };
        let there = self.platform.list_works().unwrap_or_default();
        for id in there.into_iter().filter(|id| !live.contains(id)) {
            self.remove_work(id);
        }
    }

    /// Gives the ids of all stored works; `None` when one of their records cannot be read.
    fn content_ids(&self) -> Option<BTreeSet<u64>> {
        let ids = self.keys(Key::contents()).map(|key| {
            let record: Option<ContentRecord> = self.get(&key).ok()?;
            record.map(|record| record.id)
        });
        ids.collect()
    }
}

#[cfg(test)]
mod tests;
