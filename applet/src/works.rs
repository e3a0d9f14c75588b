//! Works in the content memory (14): stored segment by segment, read back, forgotten.
//!
//! ```text
//! begin      one commit: the record, not complete, which reserves all the room it will need;
//!            whatever else that commit must hold joins it, so that a refusal begins nothing
//! append     segments, in order; no commit
//! finish     one commit: the record, complete; every segment is durable with it
//! ```
//! A work is read only when it is complete. Storing it anew replaces it, under another id, so that
//! segments of two storings never mix; whoever was storing or reading the one before finds out
//! with its next command.

use alloc::vec::Vec;

use saifu_wire::apdu::MAX_RESPONSE_DATA;
use saifu_wire::request::{LicenceRef, SegmentRange};
use saifu_wire::stream::{Header, Segment};
use saifu_wire::{Digest, Status};

use crate::memory::content::{Place, form_of, segment_bytes, work_bytes};
use crate::memory::records::ContentRecord;
use crate::memory::{Change, Key, MAX_CONTENTS, Store, StoreError};
use crate::platform::Platform;
use crate::refusal::Refusal;

/// A work whose record is in the content memory.
#[derive(Debug)]
pub struct Work {
    licence: LicenceRef,
    doubly: bool,
    record: ContentRecord,
    /// The root of the memory in which the record was last found to be this.
    root: Digest,
}

impl Work {
    /// Finds the complete work of a licence, as plaintext or as it came; `None` when there is none.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub fn find<P: Platform>(
        store: &Store<P>,
        licence: &LicenceRef,
        doubly: bool,
    ) -> Result<Option<Self>, StoreError> {
        let record: Option<ContentRecord> = store.get(&key(licence, doubly))?;
        let complete = record.filter(|record| record.complete);
        let licence = licence.clone();
        Ok(complete.map(|record| Self { licence, doubly, record, root: store.root() }))
    }

    /// Lends the stream's header.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.record.header
    }

    /// Says whether it is still what is stored; nothing is read while nothing was committed.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub fn is_current<P: Platform>(&mut self, store: &Store<P>) -> Result<bool, StoreError> {
        if self.root != store.root() {
            let record: Option<ContentRecord> = store.get(&key(&self.licence, self.doubly))?;
            if record.as_ref() != Some(&self.record) {
                return Ok(false);
            }
            self.root = store.root();
        }
        Ok(true)
    }

    /// Reads segments onto the end of `out`.
    ///
    /// # Errors
    /// 6A80 for no segment, or more than one answer holds; 6B00 for one that is not there; 6581
    /// for one that is damaged. What was appended to `out` is then nobody's business.
    pub fn read<P: Platform>(
        &self,
        store: &Store<P>,
        range: &SegmentRange,
        out: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        let segments = self.segments(range)?;
        let bytes = |segment: &Segment| segment_bytes(segment, self.doubly);
        let total: usize = segments.iter().map(bytes).sum();
        if segments.is_empty() || total > MAX_RESPONSE_DATA {
            return Err(Status::WrongData.into());
        }
        // At its full size from the start, so that growing leaves no copy of plaintext behind.
        out.reserve(total);
        for segment in segments {
            let place = Place { id: self.record.id, index: segment.index };
            let stored = store.read_segment(form_of(self.doubly), place)?;
            if stored.len() != bytes(&segment) {
                return Err(StoreError::Memory.into());
            }
            out.extend_from_slice(stored.expose());
        }
        Ok(())
    }

    /// The segments of a range, all of which must be there.
    fn segments(&self, range: &SegmentRange) -> Result<Vec<Segment>, Status> {
        let SegmentRange { first, count } = *range;
        let end = first.checked_add(u64::from(count)).ok_or(Status::WrongOffset)?;
        let segments = (first..end).map(|index| self.record.header.segment(index));
        segments.collect::<Option<_>>().ok_or(Status::WrongOffset)
    }

    /// What stores the record as it is to be from now on.
    fn change(&self) -> Change {
        let mut change = Change::new();
        change.put(key(&self.licence, self.doubly), &self.record);
        change
    }
}

/// A work that can be stored. Nothing has changed until [`Begun::change`] is committed.
#[derive(Debug)]
pub struct Begun {
    work: Work,
    /// What it replaces.
    before: Removed,
}

impl Begun {
    /// Finds out whether the work of a licence can be stored, in the place of what is stored of it
    /// in this form; a complete one is replaced only where `pin` says that it may be erased.
    ///
    /// # Errors
    /// What `pin` says; 6A84 when there is no room for all of it, or for no more works; 6581.
    pub fn new<P: Platform>(
        store: &Store<P>,
        licence: &LicenceRef,
        doubly: bool,
        header: &Header,
        pin: Result<(), Status>,
    ) -> Result<Self, Refusal> {
        let before: Option<ContentRecord> = store.get(&key(licence, doubly))?;
        if before.as_ref().is_some_and(|before| before.complete) {
            pin?;
        }
        check_room(store, before.as_ref(), header, doubly)?;
        let id = store.next_content_id()?;
        let record = ContentRecord { id, header: header.clone(), complete: false };
        let root = store.root();
        let work = Work { licence: licence.clone(), doubly, record, root };
        Ok(Self { work, before: Removed(before.into_iter().map(|before| before.id).collect()) })
    }

    /// What begins the storing, to be committed next.
    #[must_use]
    pub fn change(&self) -> Change {
        self.work.change()
    }

    /// Goes on once that is committed: what it replaces is removed.
    pub fn committed<P: Platform>(mut self, store: &mut Store<P>) -> Storing {
        self.work.root = store.root();
        self.before.clear(store);
        Storing { work: self.work, next: 0 }
    }
}

/// A work that is being stored; it is forgotten with its session, and then not complete for ever.
#[derive(Debug)]
pub struct Storing {
    work: Work,
    /// The index of the next segment.
    next: u64,
}

impl Storing {
    /// Says whether it still goes on: not, if another session began anew, or the work was deleted.
    ///
    /// # Errors
    /// As [`Store::get`].
    pub fn is_current<P: Platform>(&mut self, store: &Store<P>) -> Result<bool, StoreError> {
        self.work.is_current(store)
    }

    /// Lends the stream's header.
    #[must_use]
    pub const fn header(&self) -> &Header {
        self.work.header()
    }

    /// Gives the index of the segment that comes next.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// Says whether all segments are there.
    #[must_use]
    pub fn has_all(&self) -> bool {
        self.next == self.header().segment_count()
    }

    /// Seals the next segments.
    ///
    /// # Errors
    /// Those of [`Store::write_segment`]; the same segments may then come again.
    pub fn append<P: Platform>(
        &mut self,
        store: &mut Store<P>,
        segments: &[(Segment, &[u8])],
    ) -> Result<(), StoreError> {
        for (segment, bytes) in segments {
            let place = Place { id: self.work.record.id, index: segment.index };
            store.write_segment(form_of(self.work.doubly), place, bytes)?;
        }
        self.next = self.next.saturating_add(segments.len() as u64);
        Ok(())
    }

    /// Makes the work complete: it can be read from now on.
    ///
    /// # Errors
    /// 6985 unless all segments are there; those of the commit.
    pub fn finish<P: Platform>(mut self, store: &mut Store<P>) -> Result<(), Refusal> {
        if !self.has_all() {
            return Err(Status::ConditionsNotSatisfied.into());
        }
        self.work.record.complete = true;
        Ok(store.commit(self.work.change())?)
    }
}

/// Works whose records a change removes: their segments go after its commit.
#[derive(Debug)]
#[must_use = "the segments stay until the next power-up unless they are cleared"]
pub struct Removed(Vec<u64>);

impl Removed {
    /// Removes the segments; only after the commit, for until then they are the works'.
    pub fn clear<P: Platform>(self, store: &mut Store<P>) {
        for id in self.0 {
            store.remove_work(id);
        }
    }
}

/// Has a change remove the stored work of a licence, in one form. Where its record cannot be read,
/// its segments are not known, and stay until the memory is swept.
pub fn remove<P: Platform>(
    store: &Store<P>,
    licence: &LicenceRef,
    doubly: bool,
    change: &mut Change,
) -> Removed {
    let record: Result<Option<ContentRecord>, _> = store.get(&key(licence, doubly));
    change.remove(key(licence, doubly));
    Removed(record.ok().flatten().into_iter().map(|record| record.id).collect())
}

/// Has a change remove all that opens or holds a licence's work: both forms of the work, and both
/// of its key.
pub fn forget<P: Platform>(store: &Store<P>, licence: &LicenceRef, change: &mut Change) -> Removed {
    let Removed(mut ids) = remove(store, licence, false, change);
    ids.extend(remove(store, licence, true, change).0);
    change.remove(Key::ContentKey(licence.center, licence.number));
    change.remove(Key::DoubleKey(licence.center, licence.number));
    Removed(ids)
}

/// The name of a licence's stored work.
const fn key(licence: &LicenceRef, doubly: bool) -> Key {
    Key::Content(licence.center, licence.number, doubly)
}

/// Whether there is room for a work in the place of the one before.
fn check_room<P: Platform>(
    store: &Store<P>,
    before: Option<&ContentRecord>,
    header: &Header,
    doubly: bool,
) -> Result<(), StoreError> {
    if before.is_none() && store.count(&Key::contents()) >= usize::from(MAX_CONTENTS) {
        return Err(StoreError::Full);
    }
    let given_back = before.map_or(0, |before| work_bytes(&before.header, doubly));
    let others = store.content_used_bytes()?.saturating_sub(given_back);
    let needed = others.saturating_add(work_bytes(header, doubly));
    if needed <= store.manufacture().content_bytes { Ok(()) } else { Err(StoreError::Full) }
}
