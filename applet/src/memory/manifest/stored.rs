//! The stored form of root and nodes; the same manifest is always the same bytes.
//!
//! ```text
//! root = format (1) ‖ last number (8) ‖ top, a node
//! node = 00 ‖ list<entry, 16>  |  height (1) ‖ list<number (8) ‖ tag (16), 32>
//! ```

use alloc::vec::Vec;

use saifu_wire::codec::{List, Reader};
use saifu_wire::{Malformed, Wire};

use super::node::{MAX_CHILDREN, MAX_ENTRIES};
use super::{Entry, MAX_HEIGHT, NodeObject};

/// The format of the whole manifest; one of another is damaged.
const FORMAT: u8 = 2;

/// A leaf's height.
const LEAF: u8 = 0;

/// What is stored of the root.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::memory) struct Root {
    /// The number the last object got.
    pub(in crate::memory) last_number: u64,
    /// The tree's top.
    pub(in crate::memory) top: StoredNode,
}

impl Wire for Root {
    fn write(&self, out: &mut Vec<u8>) {
        FORMAT.write(out);
        self.last_number.write(out);
        self.top.write(out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        if u8::read(reader)? != FORMAT {
            return Err(Malformed::Value);
        }
        Ok(Self { last_number: Wire::read(reader)?, top: Wire::read(reader)? })
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
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        match u8::read(reader)? {
            LEAF => List::read(reader).map(Self::Leaf),
            height if height <= MAX_HEIGHT => Ok(Self::Inner(height, List::read(reader)?)),
            _ => Err(Malformed::Value),
        }
    }
}
