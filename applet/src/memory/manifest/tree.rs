//! A tree of nodes with its top.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::node::Node;
use super::{Entry, Key, NodeObject, Object, StoredNode, Superseded};
use crate::memory::StoreError;
use crate::platform::ObjectName;

/// A B-tree that is never lower than its least height, unless it is empty.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    /// Part of the root, so it has no object of its own.
    top: Arc<Node>,
    least_height: u8,
}

impl Tree {
    /// Makes an empty tree.
    pub(super) fn new(least_height: u8) -> Self {
        Self { top: Arc::default(), least_height }
    }

    /// Makes a tree of what was read; `None` when it is too low.
    pub(super) fn stored(top: Node, least_height: u8) -> Option<Self> {
        let high_enough = top.records() == 0 || top.height() >= least_height;
        high_enough.then(|| Self { top: Arc::new(top), least_height })
    }

    /// Finds the object that holds a record.
    pub(super) fn find(&self, key: &Key) -> Option<&Object> {
        self.top.find(key)
    }

    /// Gives the first key of which `in_front` does not hold; it must hold of a beginning.
    pub(super) fn first_behind(&self, in_front: impl Fn(&Key) -> bool) -> Option<Key> {
        self.top.first_behind(&in_front)
    }

    /// Counts the records of which `in_front` holds; it must hold of a beginning.
    pub(super) fn count_in_front(&self, in_front: impl Fn(&Key) -> bool) -> usize {
        self.top.count_in_front(&in_front)
    }

    /// Counts the records.
    pub(super) fn len(&self) -> usize {
        self.top.records()
    }

    /// Names all objects below the top.
    pub(super) fn name_all(&self, names: &mut Vec<ObjectName>) {
        self.top.name_all(names);
    }

    /// Puts an entry in its place.
    pub(super) fn insert(&mut self, entry: Entry, superseded: &mut Superseded) {
        while self.top.height() < self.least_height {
            let lower = core::mem::take(&mut self.top);
            self.top = Arc::new(Node::over(lower, None));
        }
        let upper = Arc::make_mut(&mut self.top).insert(entry, superseded);
        if upper.is_some() {
            let lower = core::mem::take(&mut self.top);
            self.top = Arc::new(Node::over(lower, upper));
        }
    }

    /// Removes the entry of a key, if there is one.
    pub(super) fn remove(&mut self, key: &Key, superseded: &mut Superseded) {
        if self.find(key).is_none() {
            return;
        }
        Arc::make_mut(&mut self.top).remove(key, superseded);
        if self.len() == 0 {
            self.top = Arc::default();
        }
        while self.top.height() > self.least_height
            && let Some(only) = self.top.only_child()
        {
            self.top = only;
            Arc::make_mut(&mut self.top).change(superseded);
        }
    }

    /// Has everything below the top written that is changed.
    pub(super) fn write_nodes(
        &mut self,
        write: &mut impl FnMut(&[u8]) -> Result<NodeObject, StoreError>,
    ) -> Result<(), StoreError> {
        Arc::make_mut(&mut self.top).write_children(write)
    }

    /// Gives what is stored of the top; all below it must be written.
    pub(super) fn to_stored(&self) -> StoredNode {
        self.top.to_stored()
    }

    /// Lends the top.
    #[cfg(test)]
    pub(super) const fn top(&self) -> &Arc<Node> {
        &self.top
    }
}
