//! The manifest: which sealed object holds which record, as two trees.
//!
//! ```text
//! root            format, last number, the tops of both trees
//!   └ inner node  numbers and tags of 6 to 16 nodes one level lower
//!       └ leaf    6 to 16 entries: key, number, version, tag of a record
//! ```
//! Both are B-trees: entries are in the order of their keys and all leaves are equally deep. A
//! change copies the nodes from the leaves it touches up to the top; all others are shared between
//! a manifest and its next version, in RAM as outside. So neither a copy of a manifest nor a
//! change's cost grows with the number of records, but for a tree's height, its logarithm.
//!
//! One tree has the few records that most changes touch together: the card's, the centers', money
//! and outbox; it stays low, and such a change copies one path in it. The other has what grows
//! with the licences; it has its full height from the first record on, so that a change takes
//! as many objects on a card with few licences as on one with many.

mod node;
mod stored;
mod tree;

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use saifu_wire::{Wire, layout};

use super::{Key, MAX_RECORDS, StoreError};
use crate::platform::{Form, ObjectName};
use crate::secure::TAG_BYTES;
use node::{MIN_CHILDREN, MIN_ENTRIES};
use tree::Tree;

pub(super) use node::{Items, Node};
pub(super) use stored::{Root, StoredNode};

/// The least levels of inner nodes over the licences: what 10,000 of them take.
const LICENCES_HEIGHT: u8 = 4;

/// The most levels of inner nodes: the highest tree is that of a full card with the smallest
/// nodes, and its top has two at least.
const MAX_HEIGHT: u8 = 5;
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
#[derive(Clone, Debug)]
pub(super) struct Manifest {
    root_number: u64,
    last_number: u64,
    /// What most changes touch.
    common: Tree,
    /// What grows with the licences.
    licences: Tree,
    superseded: Superseded,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            root_number: 0,
            last_number: 0,
            common: Tree::new(0),
            licences: Tree::new(LICENCES_HEIGHT),
            superseded: Superseded::default(),
        }
    }
}

impl Manifest {
    /// Makes a manifest of what was read, the tops of both trees; `None` when it cannot have
    /// become so.
    pub(super) fn new(
        root_number: u64,
        last_number: u64,
        common: Node,
        licences: Node,
    ) -> Option<Self> {
        let common = Tree::stored(common, 0)?;
        let licences = Tree::stored(licences, LICENCES_HEIGHT)?;
        let superseded = Superseded::default();
        let manifest = Self { root_number, last_number, common, licences, superseded };
        (manifest.len() <= MAX_RECORDS).then_some(manifest)
    }

    /// Finds the object that holds a record.
    pub(super) fn find(&self, key: &Key) -> Option<&Object> {
        self.tree(key).find(key)
    }

    /// Names the records of one kind within a range, in order.
    pub(super) fn keys(&self, range: RangeInclusive<Key>) -> impl Iterator<Item = Key> + '_ {
        let (start, end) = range.into_inner();
        let tree = self.tree(&start);
        let first = tree.first_behind(|key| *key < start);
        let after = |last: &Key| tree.first_behind(|key| key <= last);
        core::iter::successors(first, move |last| after(last)).take_while(move |key| *key <= end)
    }

    /// Counts the records of one kind within a range, without looking at each.
    pub(super) fn count(&self, range: &RangeInclusive<Key>) -> usize {
        let tree = self.tree(range.start());
        let up_to_end = tree.count_in_front(|key| key <= range.end());
        up_to_end.saturating_sub(tree.count_in_front(|key| key < range.start()))
    }

    /// Counts the records.
    pub(super) fn len(&self) -> usize {
        self.common.len().saturating_add(self.licences.len())
    }

    /// Names every object: root, nodes, records.
    pub(super) fn names(&self) -> BTreeSet<ObjectName> {
        let mut names = Vec::new();
        self.common.name_all(&mut names);
        self.licences.name_all(&mut names);
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
        let (tree, superseded) = self.tree_mut(&key);
        tree.insert(Entry { key, object }, superseded);
    }

    /// Says that there is no such record any more.
    pub(super) fn remove(&mut self, key: &Key) {
        let (tree, superseded) = self.tree_mut(key);
        tree.remove(key, superseded);
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
        let mut write = |node: &[u8]| {
            let number = last_number.checked_add(1).ok_or(StoreError::Full)?;
            *last_number = number;
            Ok(NodeObject { number, tag: write(number, node)? })
        };
        self.common.write_nodes(&mut write)?;
        self.licences.write_nodes(&mut write)
    }

    /// Encodes the root; every node must be written.
    pub(super) fn root(&self) -> Vec<u8> {
        let (common, licences) = (self.common.to_stored(), self.licences.to_stored());
        Root { last_number: self.last_number, common, licences }.to_bytes()
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

    fn tree(&self, key: &Key) -> &Tree {
        if grows_with_licences(key) { &self.licences } else { &self.common }
    }

    fn tree_mut(&mut self, key: &Key) -> (&mut Tree, &mut Superseded) {
        let licences = grows_with_licences(key);
        (if licences { &mut self.licences } else { &mut self.common }, &mut self.superseded)
    }
}

/// Says in which tree a record is, by its kind.
const fn grows_with_licences(key: &Key) -> bool {
    match key {
        Key::Licence(..)
        | Key::ContentKey(..)
        | Key::DoubleKey(..)
        | Key::Content(..)
        | Key::Settled(..) => true,
        Key::Card
        | Key::Pin
        | Key::Spending
        | Key::Closing
        | Key::SecretKey(_)
        | Key::Center(_)
        | Key::CenterKey(..)
        | Key::Account(_)
        | Key::Purse(..)
        | Key::Hold(..)
        | Key::Outbox(..) => false,
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
