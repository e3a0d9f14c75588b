//! The commit: several records change together, or none of them.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use saifu_wire::answer::LifeCycle;

use super::manifest::{Manifest, Object};
use super::recover::Found;
use super::seals::Seals;
use super::store::{Store, root_hash};
use super::{Key, MAX_RECORD_BYTES, MAX_RECORDS, Record, StoreError};
use crate::crypto::SecretVec;
use crate::platform::{Form, MAX_OBJECT_BYTES, MemoryFailed, ObjectName, Platform};
use crate::secure::{Area, MAX_PIN_TRIES, Sealed, State};

/// Collects what one commit changes; nothing happens before [`Store::commit`].
#[derive(Debug, Default)]
pub struct Change {
    records: BTreeMap<Key, Option<SecretVec>>,
    area: AreaChange,
    misnamed: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct AreaChange {
    activate: bool,
    deactivate: bool,
    refill_pin_tries: bool,
    unblock_sequence: Option<u64>,
}

impl Change {
    /// Makes a change of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stores a record under its name, in the place of the one before.
    pub fn put<R: Record>(&mut self, key: Key, record: &R) {
        self.misnamed |= !R::is_named(&key);
        // At its full size from the start, so that growing leaves no copy of a secret behind.
        let mut bytes = Vec::with_capacity(MAX_RECORD_BYTES);
        record.write(&mut bytes);
        self.records.insert(key, Some(SecretVec::new(bytes)));
    }

    /// Removes a record; that there is none is no error.
    pub fn remove(&mut self, key: Key) {
        self.records.insert(key, None);
    }

    /// Adds all that another change says, which prevails where both speak of one thing.
    pub fn join(&mut self, other: Self) {
        self.records.extend(other.records);
        self.area = self.area.join(other.area);
        self.misnamed |= other.misnamed;
    }

    /// Ends personalisation: the card is in use (§14.7).
    pub const fn activate(&mut self) {
        self.area.activate = true;
    }

    /// Begins to close the card (§6.34).
    pub const fn deactivate(&mut self) {
        self.area.deactivate = true;
    }

    /// Gives all PIN tries back (§6.8).
    pub const fn refill_pin_tries(&mut self) {
        self.area.refill_pin_tries = true;
    }

    /// Notes that the unblock order of this sequence is carried out (§12.1).
    pub const fn use_unblock_order(&mut self, sequence: u64) {
        self.area.unblock_sequence = Some(sequence);
    }
}

impl AreaChange {
    fn join(self, other: Self) -> Self {
        Self {
            activate: self.activate || other.activate,
            deactivate: self.deactivate || other.deactivate,
            refill_pin_tries: self.refill_pin_tries || other.refill_pin_tries,
            unblock_sequence: other.unblock_sequence.or(self.unblock_sequence),
        }
    }

    fn apply(self, state: &mut State) {
        if self.activate {
            state.life_cycle = LifeCycle::Activated;
        }
        if self.deactivate {
            state.life_cycle = LifeCycle::Deactivated;
        }
        if self.refill_pin_tries {
            state.pin_tries = MAX_PIN_TRIES;
        }
        if let Some(sequence) = self.unblock_sequence {
            state.unblock_sequence = sequence;
        }
    }
}

impl<P: Platform> Store<P> {
    /// Carries a change out, as a whole and durably before it returns, or not at all.
    ///
    /// # Errors
    /// [`StoreError::Memory`], when the memory is not good, cannot be written, or a record has the
    /// name of another type; [`StoreError::Full`], when there is no room or a record is too long;
    /// [`StoreError::Random`]. What was committed before stands. Only where the secure area itself
    /// could not be written, it is the next power-up that says which of the two states holds, and
    /// until then the memory counts as damaged.
    pub fn commit(&mut self, change: Change) -> Result<(), StoreError> {
        if change.misnamed {
            return Err(StoreError::Memory);
        }
        let manifest = self.manifest()?.clone();
        let Change { records, area, .. } = change;
        if records.is_empty() {
            return self.change_area(|next| area.apply(next));
        }
        self.replace(manifest, &records, |next| area.apply(next))
    }

    /// Writes records and manifest, and makes them the current ones together with a change of the
    /// secure area.
    pub(super) fn replace(
        &mut self,
        manifest: Manifest,
        records: &BTreeMap<Key, Option<SecretVec>>,
        change: impl FnOnce(&mut State),
    ) -> Result<(), StoreError> {
        let epoch = self.state().ok_or(StoreError::Memory)?.epoch;
        let version = epoch.checked_add(1).ok_or(StoreError::Memory)?;
        let seals = self.seals.as_ref().ok_or(StoreError::Memory)?;
        let written = Vec::new();
        let writer = Writer { platform: &mut self.platform, seals, version, written };
        let mut draft = Draft { writer, manifest };
        let root = match draft.write_all(records) {
            Ok(root) => root,
            Err(error) => return Err(draft.writer.abandon(error)),
        };
        let mut manifest = draft.manifest;
        self.change_area(|next| {
            next.root_number = root.name().number;
            next.root_hash = root_hash(root.bytes());
            change(next);
        })?;
        for name in manifest.take_superseded() {
            // What cannot be removed now is at the next power-up.
            let _ = self.platform.remove_object(name);
        }
        self.found = Found::Good(manifest);
        Ok(())
    }

    /// Changes the secure area; where that fails half way, the next power-up says how it ended.
    pub(super) fn change_area(
        &mut self,
        change: impl FnOnce(&mut State),
    ) -> Result<(), StoreError> {
        let area = self.area.as_mut().ok_or(StoreError::Memory)?;
        let changed = area.change(&mut self.platform, change);
        self.settle(changed)
    }

    /// Turns the outcome of a write to the secure area into the store's own.
    pub(super) fn settle<T>(&mut self, outcome: Result<T, MemoryFailed>) -> Result<T, StoreError> {
        if self.area.as_ref().is_some_and(Area::is_unsure) {
            self.found = Found::Damaged;
        }
        Ok(outcome?)
    }
}

/// A manifest in the making.
struct Draft<'a, P> {
    writer: Writer<'a, P>,
    manifest: Manifest,
}

impl<P: Platform> Draft<'_, P> {
    /// Writes everything but the commit point; gives the new root.
    fn write_all(
        &mut self,
        records: &BTreeMap<Key, Option<SecretVec>>,
    ) -> Result<Sealed, StoreError> {
        for (key, record) in records {
            match record {
                Some(record) => self.write_record(*key, record)?,
                None => self.manifest.remove(key),
            }
        }
        if self.manifest.len() > MAX_RECORDS {
            return Err(StoreError::Full);
        }
        let Self { writer, manifest } = self;
        manifest.write_nodes(|number, node| Ok(writer.write(Form::Page, number, node)?.tag()))?;
        let root = self.write_root()?;
        self.writer.platform.sync_objects()?;
        Ok(root)
    }

    fn write_record(&mut self, key: Key, record: &SecretVec) -> Result<(), StoreError> {
        if record.len() > MAX_RECORD_BYTES {
            return Err(StoreError::Full);
        }
        let number = self.manifest.take_number().ok_or(StoreError::Full)?;
        let sealed = self.writer.write(key.form(), number, record.expose())?;
        let version = self.writer.version;
        self.manifest.insert(key, Object { number, version, tag: sealed.tag() });
        Ok(())
    }

    fn write_root(&mut self) -> Result<Sealed, StoreError> {
        let number = self.manifest.take_number().ok_or(StoreError::Full)?;
        let root = self.writer.write(Form::Root, number, &self.manifest.root())?;
        self.manifest.root_written(number);
        Ok(root)
    }
}

/// Writes objects that nothing current names, and keeps their names.
struct Writer<'a, P> {
    platform: &'a mut P,
    seals: &'a Seals,
    version: u64,
    written: Vec<ObjectName>,
}

impl<P: Platform> Writer<'_, P> {
    /// Seals and writes an object, and reads it back.
    fn write(&mut self, form: Form, number: u64, plaintext: &[u8]) -> Result<Sealed, StoreError> {
        let version = match form {
            Form::Root | Form::Page => number,
            _ => self.version,
        };
        let mut random = |out: &mut [u8]| self.platform.random(out);
        let sealed = self.seals.of(form).seal(&mut random, number, version, plaintext)?;
        if sealed.bytes().len() > MAX_OBJECT_BYTES {
            return Err(StoreError::Full);
        }
        self.written.push(sealed.name());
        self.platform.write_object(&sealed)?;
        let there = self.platform.read_object(sealed.name())?;
        if there.as_deref() != Some(sealed.bytes()) {
            return Err(StoreError::Memory);
        }
        Ok(sealed)
    }

    /// Removes what was written in vain, to give its room back.
    fn abandon(self, error: StoreError) -> StoreError {
        for name in self.written {
            let _ = self.platform.remove_object(name);
        }
        error
    }
}
