//! The manifest: which sealed object holds which record, as a root over pages.
//!
//! Pages are in the order of their keys, and so are the entries of a page. A page has at most 64
//! entries; two neighbours together have more than 32, so that pages are never many. Pages are
//! shared between a manifest and its next version, and copied when they change.

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use saifu_wire::codec::List;
use saifu_wire::layout;

use super::{Key, MAX_RECORDS};
use crate::platform::{Form, ObjectName};
use crate::secure::TAG_BYTES;

const MAX_ENTRIES: u8 = 64;
const HALF_PAGE: usize = 32;
const MAX_PAGES: u8 = 255;

/// Any two neighbours hold at least 33 records, so a full card fits the root's list.
const _: () = assert!(2 * MAX_RECORDS / (HALF_PAGE + 1) < MAX_PAGES as usize);

layout! {
    /// Names one sealed object, and tells it from all others of that name.
    #[derive(Copy)]
    pub(super) struct Object {
        /// Its number in its memory.
        number: u64,
        /// The epoch of the commit that wrote it.
        version: u64,
        /// Its tag.
        tag: [u8; TAG_BYTES],
    }
}

layout! {
    /// Where a record is.
    pub(super) struct Entry {
        /// The record's name.
        key: Key,
        /// The object that holds it.
        object: Object,
    }
}

/// The entries of a page.
pub(super) type Entries = List<Entry, MAX_ENTRIES>;

layout! {
    /// What the root says.
    pub(super) struct Root {
        /// The number the last object got.
        last_number: u64,
        /// The pages, in order.
        pages: List<Object, MAX_PAGES>,
    }
}

/// A page; `object` is none while it is changed and not yet written.
#[derive(Clone, Debug)]
pub(super) struct Page {
    object: Option<Object>,
    entries: Vec<Entry>,
}

impl Page {
    /// Takes a page over as it was read.
    pub(super) fn stored(object: Object, entries: Entries) -> Self {
        Self { object: Some(object), entries: entries.0 }
    }

    fn changed(entries: Vec<Entry>) -> Self {
        Self { object: None, entries }
    }

    fn last(&self) -> Option<&Key> {
        self.entries.last().map(|entry| &entry.key)
    }

    fn position(&self, key: &Key) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.key.cmp(key))
    }
}

/// The manifest, with the names of what its changes have made superfluous.
#[derive(Clone, Debug, Default)]
pub(super) struct Manifest {
    root_number: u64,
    last_number: u64,
    pages: Vec<Arc<Page>>,
    superseded: Vec<ObjectName>,
}

impl Manifest {
    /// Makes a manifest of what was read; `None` unless its keys are in order.
    pub(super) fn new(root_number: u64, last_number: u64, pages: Vec<Arc<Page>>) -> Option<Self> {
        let manifest = Self { root_number, last_number, pages, superseded: Vec::new() };
        let ordered = manifest.entries().is_sorted_by(|a, b| a.key < b.key);
        let whole = manifest.pages.iter().all(|page| !page.entries.is_empty());
        (ordered && whole).then_some(manifest)
    }

    /// Finds the object that holds a record.
    pub(super) fn find(&self, key: &Key) -> Option<&Object> {
        let page = self.pages.get(self.page_of(key))?;
        let entry = page.entries.get(page.position(key).ok()?)?;
        Some(&entry.object)
    }

    /// Names the records within a range, in order.
    pub(super) fn keys(&self, range: RangeInclusive<Key>) -> impl Iterator<Item = Key> + '_ {
        let (start, end) = range.into_inner();
        let pages = self.pages.iter().skip(self.page_of(&start));
        let keys = pages.flat_map(|page| &page.entries).map(|entry| entry.key);
        keys.skip_while(move |key| *key < start).take_while(move |key| *key <= end)
    }

    /// Counts the records.
    pub(super) fn len(&self) -> usize {
        self.pages.iter().map(|page| page.entries.len()).sum()
    }

    /// Names every object: root, pages, records.
    pub(super) fn names(&self) -> BTreeSet<ObjectName> {
        let records = self.entries().map(|entry| name(entry.key.form(), &entry.object));
        let pages = self.pages.iter().filter_map(|page| page.object.as_ref());
        let mut names: BTreeSet<_> =
            records.chain(pages.map(|page| name(Form::Page, page))).collect();
        names.insert(ObjectName { memory: Form::Root.memory(), number: self.root_number });
        names
    }

    /// Takes a number that nothing current has; `None` once they are used up.
    pub(super) fn take_number(&mut self) -> Option<u64> {
        self.last_number = self.last_number.checked_add(1)?;
        Some(self.last_number)
    }

    /// Says that a record is in this object now.
    pub(super) fn insert(&mut self, key: Key, object: Object) {
        if self.pages.is_empty() {
            self.pages.push(Arc::new(Page::changed(Vec::new())));
        }
        // What is beyond the last page goes into the last page.
        let at = self.page_of(&key).min(self.pages.len().saturating_sub(1));
        let Some(page) = self.change(at) else { return };
        let entry = Entry { key, object };
        let old = match page.position(&key) {
            Ok(found) => page.entries.get_mut(found).map(|slot| core::mem::replace(slot, entry)),
            Err(free) => {
                page.entries.insert(free, entry);
                None
            }
        };
        self.supersede(old);
        self.split(at);
    }

    /// Says that there is no such record any more.
    pub(super) fn remove(&mut self, key: &Key) {
        let at = self.page_of(key);
        let found = self.pages.get(at).and_then(|page| page.position(key).ok());
        let Some(found) = found else { return };
        let Some(page) = self.change(at) else { return };
        let old = page.entries.remove(found);
        self.supersede(Some(old));
        self.merge(at);
    }

    /// Lends the entries of the pages that are not written yet, each with the page's position.
    pub(super) fn unwritten(&self) -> Vec<(usize, Entries)> {
        let pages = self.pages.iter().enumerate().filter(|(_, page)| page.object.is_none());
        pages.map(|(at, page)| (at, List(page.entries.clone()))).collect()
    }

    /// Says where a page was written.
    pub(super) fn page_written(&mut self, at: usize, object: Object) {
        if let Some(page) = self.pages.get_mut(at) {
            Arc::make_mut(page).object = Some(object);
        }
    }

    /// Gives the content of the root; every page must be written.
    pub(super) fn root(&self) -> Root {
        let pages = self.pages.iter().filter_map(|page| page.object).collect();
        Root { last_number: self.last_number, pages: List(pages) }
    }

    /// Says where the root was written; the one before is superseded.
    pub(super) fn root_written(&mut self, number: u64) {
        let number = core::mem::replace(&mut self.root_number, number);
        self.superseded.push(ObjectName { memory: Form::Root.memory(), number });
    }

    /// Takes the names of what the changes have made superfluous.
    pub(super) fn take_superseded(&mut self) -> Vec<ObjectName> {
        core::mem::take(&mut self.superseded)
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.pages.iter().flat_map(|page| &page.entries)
    }

    /// The position of the page that holds a key if any does.
    fn page_of(&self, key: &Key) -> usize {
        self.pages.partition_point(|page| page.last() < Some(key))
    }

    fn change(&mut self, at: usize) -> Option<&mut Page> {
        let page = Arc::make_mut(self.pages.get_mut(at)?);
        let written = page.object.take();
        self.superseded.extend(written.map(|object| name(Form::Page, &object)));
        Some(page)
    }

    fn supersede(&mut self, old: Option<Entry>) {
        self.superseded.extend(old.map(|entry| name(entry.key.form(), &entry.object)));
    }

    fn split(&mut self, at: usize) {
        let full = self.pages.get_mut(at).filter(|page| page.entries.len() > MAX_ENTRIES.into());
        let Some(page) = full.map(Arc::make_mut) else { return };
        let upper = page.entries.split_off(HALF_PAGE);
        self.pages.insert(at.saturating_add(1), Arc::new(Page::changed(upper)));
    }

    /// Joins the page with its neighbours as long as two together are half a page.
    fn merge(&mut self, at: usize) {
        let before = at.checked_sub(1);
        if self.joins(at) {
            self.join(at);
            self.merge(at);
        } else if let Some(before) = before.filter(|before| self.joins(*before)) {
            self.join(before);
            self.merge(before);
        } else if self.pages.get(at).is_some_and(|page| page.entries.is_empty()) {
            self.pages.remove(at);
        }
    }

    /// Whether the page and the one after it are to be one; an empty page joins any.
    fn joins(&self, at: usize) -> bool {
        let sizes = |at: usize| self.pages.get(at).map(|page| page.entries.len());
        let after = at.checked_add(1).and_then(sizes);
        sizes(at).zip(after).is_some_and(|(page, after)| {
            page == 0 || after == 0 || page.saturating_add(after) <= HALF_PAGE
        })
    }

    fn join(&mut self, at: usize) {
        let after = at.saturating_add(1);
        if self.change(after).is_none() {
            return;
        }
        let entries = self.pages.remove(after).entries.clone();
        if let Some(page) = self.change(at) {
            page.entries.extend(entries);
        }
    }
}

fn name(form: Form, object: &Object) -> ObjectName {
    ObjectName { memory: form.memory(), number: object.number }
}

#[cfg(test)]
mod tests;
