//! The manifest: which sealed object holds which record, as a tree.
//!
//! ```text
//! root            format, last number, the tree's top
//!   └ inner node  numbers and tags of 12 to 32 nodes one level lower
//!       └ leaf    6 to 16 entries: key, number, version, tag of a record
//! ```
//! It is a B-tree: entries are in the order of their keys and all leaves are equally deep. A change
//! copies the nodes from the leaves it touches up to the top; all others are shared between a
//! manifest and its next version, in RAM as outside. So neither a copy of a manifest nor a
//! change's cost grows with the number of records, but for the tree's height, its logarithm.

mod node;
mod stored;

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use saifu_wire::{Wire, layout};

use super::{Key, MAX_RECORDS, StoreError};
use crate::platform::{Form, ObjectName};
use crate::secure::TAG_BYTES;
use node::{MIN_CHILDREN, MIN_ENTRIES};

pub(super) use node::{Items, Node};
pub(super) use stored::{Root, StoredNode};

/// The most levels of inner nodes: the highest tree is that of a full card with the smallest
/// nodes, and its top has two at least.
const MAX_HEIGHT: u8 = 4;
const _: () = {
    let second_lowest = 2 * MIN_ENTRIES * MIN_CHILDREN.pow(MAX_HEIGHT as u32);
    assert!(second_lowest > MAX_RECORDS);
};

layout! {
    /// Names the sealed object of a record, and tells it from all others of that name.
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
    /// Names the sealed object of a node; its version is its number.
    #[derive(Copy)]
    pub(super) struct NodeObject {
        /// Its number.
        number: u64,
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

/// The names of what changes have made superfluous.
#[derive(Clone, Debug, Default)]
struct Superseded(Vec<ObjectName>);

impl Superseded {
    fn record(&mut self, entry: &Entry) {
        self.0.push(record_name(entry));
    }

    fn node(&mut self, object: &NodeObject) {
        self.0.push(node_name(object));
    }
}

/// The manifest, with the names of what its changes have made superfluous.
#[derive(Clone, Debug, Default)]
pub(super) struct Manifest {
    root_number: u64,
    last_number: u64,
    /// Part of the root, so it has no object of its own.
    top: Arc<Node>,
    superseded: Superseded,
}

impl Manifest {
    /// Makes a manifest of what was read; `None` when it is larger than one can become.
    pub(super) fn new(root_number: u64, last_number: u64, top: Node) -> Option<Self> {
        let top = Arc::new(top);
        let manifest = Self { root_number, last_number, top, superseded: Superseded::default() };
        (manifest.len() <= MAX_RECORDS).then_some(manifest)
    }

    /// Finds the object that holds a record.
    pub(super) fn find(&self, key: &Key) -> Option<&Object> {
        self.top.find(key)
    }

    /// Names the records within a range, in order.
    pub(super) fn keys(&self, range: RangeInclusive<Key>) -> impl Iterator<Item = Key> + '_ {
        let (start, end) = range.into_inner();
        let first = self.top.first_behind(&|key| *key < start);
        let after = |last: &Key| self.top.first_behind(&|key| key <= last);
        core::iter::successors(first, move |last| after(last)).take_while(move |key| *key <= end)
    }

    /// Counts the records within a range, without looking at each.
    pub(super) fn count(&self, range: &RangeInclusive<Key>) -> usize {
        let up_to_end = self.top.count_in_front(&|key| key <= range.end());
        let before_start = self.top.count_in_front(&|key| key < range.start());
        up_to_end.saturating_sub(before_start)
    }

    /// Counts the records.
    pub(super) fn len(&self) -> usize {
        self.top.records()
    }

    /// Names every object: root, nodes, records.
    pub(super) fn names(&self) -> BTreeSet<ObjectName> {
        let mut names = Vec::new();
        self.top.name_all(&mut names);
        names.push(root_name(self.root_number));
        names.into_iter().collect()
    }

    /// Takes a number that nothing current has; `None` once they are used up.
    pub(super) fn take_number(&mut self) -> Option<u64> {
        self.last_number = self.last_number.checked_add(1)?;
        Some(self.last_number)
    }

    /// Says that a record is in this object now.
    pub(super) fn insert(&mut self, key: Key, object: Object) {
        let entry = Entry { key, object };
        let upper = Arc::make_mut(&mut self.top).insert(entry, &mut self.superseded);
        if let Some(upper) = upper {
            let lower = core::mem::take(&mut self.top);
            self.top = Arc::new(Node::over(lower, upper));
        }
    }

    /// Says that there is no such record any more.
    pub(super) fn remove(&mut self, key: &Key) {
        if self.find(key).is_none() {
            return;
        }
        Arc::make_mut(&mut self.top).remove(key, &mut self.superseded);
        while let Some(only) = self.top.only_child() {
            self.top = only;
            Arc::make_mut(&mut self.top).change(&mut self.superseded);
        }
    }

    /// Has the changed nodes written, each after those below it; `write` is given a node's number
    /// and content, and gives its tag.
    ///
    /// # Errors
    /// [`StoreError::Full`], when the numbers are used up; what `write` says.
    pub(super) fn write_nodes(
        &mut self,
        mut write: impl FnMut(u64, &[u8]) -> Result<[u8; TAG_BYTES], StoreError>,
    ) -> Result<(), StoreError> {
        let last_number = &mut self.last_number;
        Arc::make_mut(&mut self.top).write_children(&mut |node| {
            let number = last_number.checked_add(1).ok_or(StoreError::Full)?;
            *last_number = number;
            Ok(NodeObject { number, tag: write(number, node)? })
        })
    }

    /// Encodes the root; every node must be written.
    pub(super) fn root(&self) -> Vec<u8> {
        Root { last_number: self.last_number, top: self.top.to_stored() }.to_bytes()
    }

    /// Says where the root was written; the one before is superseded.
    pub(super) fn root_written(&mut self, number: u64) {
        let number = core::mem::replace(&mut self.root_number, number);
        self.superseded.0.push(root_name(number));
    }

    /// Takes the names of what the changes have made superfluous.
    pub(super) fn take_superseded(&mut self) -> Vec<ObjectName> {
        core::mem::take(&mut self.superseded.0)
    }
}

fn root_name(number: u64) -> ObjectName {
    ObjectName { memory: Form::Root.memory(), number }
}

fn node_name(object: &NodeObject) -> ObjectName {
    ObjectName { memory: Form::Page.memory(), number: object.number }
}

fn record_name(entry: &Entry) -> ObjectName {
    ObjectName { memory: entry.key.form().memory(), number: entry.object.number }
}

#[cfg(test)]
mod tests;
