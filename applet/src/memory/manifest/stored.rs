//! The stored form of root and nodes; the same manifest is always the same bytes.
//!
//! ```text
//! root = format (1) ‖ last number (8) ‖ two tops, a node each
//! node = 00 ‖ list<entry, 16>  |  height (1) ‖ list<number (8) ‖ tag (16), 16> ‖ zeros
//! ```
//! Zeros fill an inner node of fewer than eight children up to eight: so many one has at least on
//! a card with many licences, and what a commit writes, and how long it takes, is not to tell a
//! card with few of them.

use alloc::vec::Vec;

use saifu_wire::codec::{List, Reader};
use saifu_wire::{Malformed, Wire};

use super::node::{MAX_CHILDREN, MAX_ENTRIES};
use super::{Entry, MAX_HEIGHT, NodeObject};
use crate::secure::TAG_BYTES;

/// The format of the whole manifest; one of another is damaged.
const FORMAT: u8 = 2;

/// The children for which an inner node has room at least.
const LEAST_PLACES: usize = 8;

/// The bytes of a place for a child.
const PLACE_BYTES: usize = 8 + TAG_BYTES;

/// A leaf's height.
const LEAF: u8 = 0;

/// What is stored of the root.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::memory) struct Root {
    /// The number the last object got.
    pub(in crate::memory) last_number: u64,
    /// The top of the tree of what most changes touch.
    pub(in crate::memory) common: StoredNode,
    /// The top of the tree of what grows with the licences.
    pub(in crate::memory) licences: StoredNode,
}

impl Wire for Root {
    fn write(&self, out: &mut Vec<u8>) {
        FORMAT.write(out);
        self.last_number.write(out);
        self.common.write(out);
        self.licences.write(out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        if u8::read(reader)? != FORMAT {
            return Err(Malformed::Value);
        }
        let last_number = Wire::read(reader)?;
        Ok(Self { last_number, common: Wire::read(reader)?, licences: Wire::read(reader)? })
    }
}

/// What is stored of a node.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::memory) enum StoredNode {
    /// A leaf.
    Leaf(List<Entry, MAX_ENTRIES>),
    /// An inner node: its height, and where its children are.
    Inner(u8, List<NodeObject, MAX_CHILDREN>),
}

impl StoredNode {
    /// Gives the levels below it, as it says itself.
    pub(in crate::memory) const fn height(&self) -> u8 {
        match self {
            Self::Leaf(_) => LEAF,
            Self::Inner(height, _) => *height,
        }
    }
}

impl Wire for StoredNode {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Leaf(entries) => {
                LEAF.write(out);
                entries.write(out);
            }
            Self::Inner(height, children) => {
                height.write(out);
                children.write(out);
                let filled = out.len().saturating_add(free_bytes(children.0.len()));
                out.resize(filled, 0);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        match u8::read(reader)? {
            LEAF => List::read(reader).map(Self::Leaf),
            height if height <= MAX_HEIGHT => {
                let children = List::read(reader)?;
                let free = reader.take(free_bytes(children.0.len()))?;
                let is_filled = free.iter().all(|byte| *byte == 0);
                if is_filled { Ok(Self::Inner(height, children)) } else { Err(Malformed::Value) }
            }
            _ => Err(Malformed::Value),
        }
    }
}

/// The zeros that follow so many children.
const fn free_bytes(children: usize) -> usize {
    LEAST_PLACES.saturating_sub(children).saturating_mul(PLACE_BYTES)
}
