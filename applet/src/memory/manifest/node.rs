//! The nodes of the tree, and how they stay in order and well filled.
//!
//! A node that grows beyond its limit is split in halves. One that shrinks below three eighths of
//! it is joined with a neighbour, and split again if that is too much. Only what has no neighbour
//! may be smaller.

use alloc::sync::Arc;
use alloc::vec::Vec;

use saifu_wire::Wire;
use saifu_wire::codec::List;

use super::{Entry, Key, NodeObject, Object, StoredNode, Superseded, node_name, record_name};
use crate::memory::StoreError;
use crate::platform::ObjectName;

/// The most records of a leaf.
pub(super) const MAX_ENTRIES: u8 = 16;

/// The fewest records of a leaf that has a neighbour.
pub(super) const MIN_ENTRIES: usize = MAX_ENTRIES as usize * 3 / 8;

/// The most children of an inner node.
pub(super) const MAX_CHILDREN: u8 = 16;

/// The fewest children of an inner node that has a neighbour.
pub(super) const MIN_CHILDREN: usize = MAX_CHILDREN as usize * 3 / 8;

/// What a node holds.
#[derive(Clone, Debug)]
pub(in crate::memory) enum Items {
    /// A leaf's records.
    Entries(Vec<Entry>),
    /// An inner node's children, all of the same height.
    Children(Vec<Arc<Node>>),
}

/// A node of the tree.
#[derive(Clone, Debug)]
pub(in crate::memory) struct Node {
    /// Where it is stored; none while it is changed and not yet written, and for the top.
    object: Option<NodeObject>,
    /// The levels below it.
    height: u8,
    items: Items,
    /// The records below it.
    records: usize,
    /// The last of their keys.
    last: Option<Key>,
}

impl Default for Node {
    fn default() -> Self {
        Self::changed(0, Items::Entries(Vec::new()))
    }
}

impl Node {
    /// Takes a node over as it was read; `None` unless its records are in order.
    pub(in crate::memory) fn stored(object: Option<NodeObject>, items: Items) -> Option<Self> {
        let height = match &items {
            Items::Entries(entries) => entries.is_sorted_by(|a, b| a.key < b.key).then_some(0)?,
            Items::Children(children) => height_over(children)?,
        };
        Some(Self { object, ..Self::changed(height, items) })
    }

    /// Makes a new top over the one before, or its halves.
    pub(super) fn over(lower: Arc<Self>, upper: Option<Arc<Self>>) -> Self {
        let height = lower.height.saturating_add(1);
        let children = core::iter::once(lower).chain(upper).collect();
        Self::changed(height, Items::Children(children))
    }

    fn changed(height: u8, items: Items) -> Self {
        let mut node = Self { object: None, height, items, records: 0, last: None };
        node.sum_up();
        node
    }

    /// Counts the records below.
    pub(super) const fn records(&self) -> usize {
        self.records
    }

    /// Gives the levels below.
    pub(super) const fn height(&self) -> u8 {
        self.height
    }

    /// Lends what it holds.
    #[cfg(test)]
    pub(super) const fn items(&self) -> &Items {
        &self.items
    }

    /// Finds the object that holds a record.
    pub(super) fn find(&self, key: &Key) -> Option<&Object> {
        match &self.items {
            Items::Entries(entries) => {
                let at = position(entries, key).ok()?;
                entries.get(at).map(|entry| &entry.object)
            }
            Items::Children(children) => children.get(child_of(children, key))?.find(key),
        }
    }

    /// Gives the first key of which `in_front` does not hold; it must hold of a beginning.
    pub(super) fn first_behind(&self, in_front: &impl Fn(&Key) -> bool) -> Option<Key> {
        match &self.items {
            Items::Entries(entries) => {
                let at = entries.partition_point(|entry| in_front(&entry.key));
                entries.get(at).map(|entry| entry.key)
            }
            Items::Children(children) => {
                children.get(wholly(children, in_front))?.first_behind(in_front)
            }
        }
    }

    /// Counts the records of which `in_front` holds; it must hold of a beginning.
    pub(super) fn count_in_front(&self, in_front: &impl Fn(&Key) -> bool) -> usize {
        match &self.items {
            Items::Entries(entries) => entries.partition_point(|entry| in_front(&entry.key)),
            Items::Children(children) => {
                let (wholly, partly) = children.split_at(wholly(children, in_front));
                let partly = partly.first().map_or(0, |child| child.count_in_front(in_front));
                wholly.iter().map(|child| child.records).fold(partly, usize::saturating_add)
            }
        }
    }

    /// Names all objects below it, and its own.
    pub(super) fn name_all(&self, names: &mut Vec<ObjectName>) {
        names.extend(self.object.as_ref().map(node_name));
        match &self.items {
            Items::Entries(entries) => names.extend(entries.iter().map(record_name)),
            Items::Children(children) => children.iter().for_each(|child| child.name_all(names)),
        }
    }

    /// Says that it is no longer as it was written.
    pub(super) fn change(&mut self, superseded: &mut Superseded) {
        if let Some(object) = self.object.take() {
            superseded.node(&object);
        }
    }

    /// Puts an entry in its place; gives the upper half if the node had to be split.
    pub(super) fn insert(
        &mut self,
        entry: Entry,
        superseded: &mut Superseded,
    ) -> Option<Arc<Self>> {
        self.change(superseded);
        match &mut self.items {
            Items::Entries(entries) => insert_entry(entries, entry, superseded),
            Items::Children(children) => {
                // What is beyond the last child goes into the last child.
                let at = child_of(children, &entry.key).min(children.len().saturating_sub(1));
                let upper = Arc::make_mut(children.get_mut(at)?).insert(entry, superseded);
                if let Some(upper) = upper {
                    children.insert(at.saturating_add(1), upper);
                }
            }
        }
        let upper = self.split();
        self.sum_up();
        upper
    }

    /// Removes the entry of a key that is there.
    pub(super) fn remove(&mut self, key: &Key, superseded: &mut Superseded) {
        self.change(superseded);
        match &mut self.items {
            Items::Entries(entries) => {
                if let Ok(at) = position(entries, key) {
                    superseded.record(&entries.remove(at));
                }
            }
            Items::Children(children) => {
                let at = child_of(children, key);
                if let Some(child) = children.get_mut(at) {
                    Arc::make_mut(child).remove(key, superseded);
                    fill(children, at, superseded);
                }
            }
        }
        self.sum_up();
    }

    /// Gives the only child, if there is no other.
    pub(super) fn only_child(&self) -> Option<Arc<Self>> {
        match &self.items {
            Items::Children(children) if children.len() == 1 => children.first().cloned(),
            _ => None,
        }
    }

    /// Has everything below it written that is changed.
    pub(super) fn write_children(
        &mut self,
        write: &mut impl FnMut(&[u8]) -> Result<NodeObject, StoreError>,
    ) -> Result<(), StoreError> {
        let Items::Children(children) = &mut self.items else { return Ok(()) };
        for child in children.iter_mut().filter(|child| child.object.is_none()) {
            let child = Arc::make_mut(child);
            child.write_children(write)?;
            child.object = Some(write(&child.to_stored().to_bytes())?);
        }
        Ok(())
    }

    /// Gives what is stored of it; its children must be written.
    pub(super) fn to_stored(&self) -> StoredNode {
        match &self.items {
            Items::Entries(entries) => StoredNode::Leaf(List(entries.clone())),
            Items::Children(children) => {
                let objects = children.iter().filter_map(|child| child.object);
                StoredNode::Inner(self.height, List(objects.collect()))
            }
        }
    }

    fn len(&self) -> usize {
        match &self.items {
            Items::Entries(entries) => entries.len(),
            Items::Children(children) => children.len(),
        }
    }

    fn is_too_small(&self) -> bool {
        self.len() < if self.height == 0 { MIN_ENTRIES } else { MIN_CHILDREN }
    }

    fn split(&mut self) -> Option<Arc<Self>> {
        let half = self.len() / 2;
        let upper = match &mut self.items {
            Items::Entries(entries) if entries.len() > MAX_ENTRIES.into() => {
                Items::Entries(entries.split_off(half))
            }
            Items::Children(children) if children.len() > MAX_CHILDREN.into() => {
                Items::Children(children.split_off(half))
            }
            _ => return None,
        };
        Some(Arc::new(Self::changed(self.height, upper)))
    }

    /// Takes over what the next node of the same height holds.
    fn join(&mut self, next: Self) {
        match (&mut self.items, next.items) {
            (Items::Entries(entries), Items::Entries(more)) => entries.extend(more),
            (Items::Children(children), Items::Children(more)) => children.extend(more),
            // All children of a node have one height.
            (Items::Entries(_), Items::Children(_)) | (Items::Children(_), Items::Entries(_)) => {}
        }
    }

    fn sum_up(&mut self) {
        (self.records, self.last) = match &self.items {
            Items::Entries(entries) => (entries.len(), entries.last().map(|entry| entry.key)),
            Items::Children(children) => {
                let records = children.iter().map(|child| child.records);
                (records.sum(), children.last().and_then(|child| child.last))
            }
        };
    }

    fn first(&self) -> Option<&Key> {
        match &self.items {
            Items::Entries(entries) => entries.first().map(|entry| &entry.key),
            Items::Children(children) => children.first()?.first(),
        }
    }
}

/// Gives the height of a node over these; `None` unless they are of one height, not empty, and
/// in order.
fn height_over(children: &[Arc<Node>]) -> Option<u8> {
    let height = children.first()?.height;
    let alike = children.iter().all(|child| child.height == height && child.records > 0);
    let ordered = children.is_sorted_by(|a, b| a.last.as_ref() < b.first());
    (alike && ordered).then(|| height.checked_add(1))?
}

fn position(entries: &[Entry], key: &Key) -> Result<usize, usize> {
    entries.binary_search_by(|entry| entry.key.cmp(key))
}

/// The position of the child that holds a key if any does.
fn child_of(children: &[Arc<Node>], key: &Key) -> usize {
    wholly(children, &|last| last < key)
}

/// How many children lie in front as a whole.
fn wholly(children: &[Arc<Node>], in_front: &impl Fn(&Key) -> bool) -> usize {
    children.partition_point(|child| child.last.as_ref().is_some_and(in_front))
}

fn insert_entry(entries: &mut Vec<Entry>, entry: Entry, superseded: &mut Superseded) {
    match position(entries, &entry.key) {
        Ok(found) => {
            if let Some(slot) = entries.get_mut(found) {
                superseded.record(slot);
                *slot = entry;
            }
        }
        Err(free) => entries.insert(free, entry),
    }
}

/// Joins a child that is too small with a neighbour; splits them again if that is too much.
fn fill(children: &mut Vec<Arc<Node>>, at: usize, superseded: &mut Superseded) {
    let small = children.get(at).is_some_and(|child| child.is_too_small());
    if !small || children.len() < 2 {
        return;
    }
    let upper_at = at.saturating_add(1).min(children.len().saturating_sub(1));
    let mut upper = Arc::unwrap_or_clone(children.remove(upper_at));
    upper.change(superseded);
    let Some(lower) = children.get_mut(upper_at.saturating_sub(1)) else { return };
    let lower = Arc::make_mut(lower);
    lower.change(superseded);
    lower.join(upper);
    let rest = lower.split();
    lower.sum_up();
    if let Some(rest) = rest {
        children.insert(upper_at, rest);
    }
}
