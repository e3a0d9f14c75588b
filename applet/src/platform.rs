//! Everything impure that the card needs, as one trait.
//!
//! ```text
//! secure area (17)                         outside (13 to 16)
//! what the manufacturer put there          objects by name, each sealed
//! slot A, slot B: 128 bytes each
//! ```
//! A write may be cut at any byte when power fails: what was written then is the old bytes, the
//! new ones, a beginning of the new ones, or something else. What a cut never does is to touch
//! another slot or object than the one being written. The applet is built on no more than that.

use alloc::vec::Vec;
use core::fmt;

use saifu_wire::CardId;
use saifu_wire::certificate::Assurance;

use crate::crypto::Secret;
use crate::crypto::scp03::{KeyUsage, StaticKeys, diversify};

pub use crate::crypto::RandomFailed;
pub use crate::secure::{Form, Memory, Sealed};

#[cfg(any(test, feature = "ram"))]
pub mod ram;
pub mod tested;

/// The bytes of one slot of the secure area.
pub const SLOT_BYTES: usize = 128;

/// The most bytes of one object outside the secure area: the largest segment, tag included,
/// sealed.
pub const MAX_OBJECT_BYTES: usize = 16_640;

/// The content memory of a card whose manufacturer says nothing of it, in bytes as they are sealed.
pub const DEFAULT_CONTENT_BYTES: u64 = 4 << 30;

/// The bits of a number in the content memory that are the segment's index: 2^36 bytes in segments
/// of 256. Those above them are the id of its work.
pub const INDEX_BITS: u32 = 28;

/// Lists what a machine must offer to be a card.
///
/// The objects of the content memory are the segments of works: of each work the first is written
/// first, no other is longer, and all of them go together.
pub trait Platform {
    /// Fills the whole buffer with random bytes fit for keys.
    ///
    /// # Errors
    /// [`RandomFailed`] when there are none; what the buffer then holds is never used.
    fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFailed>;

    /// Gives what the manufacturer put into the secure area; it never changes.
    fn manufacture(&self) -> &Manufacture;

    /// Reads a whole slot of the secure area.
    ///
    /// # Errors
    /// [`MemoryFailed::Error`] when it cannot be read.
    fn read_slot(&self, slot: Slot) -> Result<[u8; SLOT_BYTES], MemoryFailed>;

    /// Writes a whole slot, first byte first, and returns once it is durable.
    ///
    /// # Errors
    /// [`MemoryFailed`]; the slot's content is then undefined.
    fn write_slot(&mut self, slot: Slot, bytes: &[u8; SLOT_BYTES]) -> Result<(), MemoryFailed>;

    /// Reads a whole object; `None` when there is none of this name.
    ///
    /// # Errors
    /// [`MemoryFailed::Error`] when it cannot be read or is longer than [`MAX_OBJECT_BYTES`].
    fn read_object(&self, name: ObjectName) -> Result<Option<Vec<u8>>, MemoryFailed>;

    /// Writes an object under its name; what had this name before is gone. With the first segment
    /// of a work, whatever segments there were of this work may be gone, too.
    ///
    /// # Errors
    /// [`MemoryFailed`]; the object's content is then undefined.
    fn write_object(&mut self, sealed: &Sealed) -> Result<(), MemoryFailed>;

    /// Removes an object of another memory than the content memory; that there is none is no error.
    ///
    /// # Errors
    /// [`MemoryFailed::Error`] when it may still be there.
    fn remove_object(&mut self, name: ObjectName) -> Result<(), MemoryFailed>;

    /// Removes all segments of the work with this id; that there are none is no error.
    ///
    /// # Errors
    /// [`MemoryFailed::Error`] when some may still be there.
    fn remove_work(&mut self, id: u64) -> Result<(), MemoryFailed>;

    /// Names every object but segments of works, in no order.
    ///
    /// # Errors
    /// [`MemoryFailed::Error`] when they cannot be listed.
    fn list_objects(&self) -> Result<Vec<ObjectName>, MemoryFailed>;

    /// Gives the id of every work that has segments, each once, in no order.
    ///
    /// # Errors
    /// [`MemoryFailed::Error`] when they cannot be listed.
    fn list_works(&self) -> Result<Vec<u64>, MemoryFailed>;

    /// Returns once every object written so far is durable.
    ///
    /// # Errors
    /// [`MemoryFailed`] when one may not be.
    fn sync_objects(&mut self) -> Result<(), MemoryFailed>;
}

/// Holds what a card has before anything is stored (§14.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manufacture {
    /// The card's id.
    pub card: CardId,
    /// The assurance class of the secure area.
    pub assurance: Assurance,
    /// The version of the SCP03 keys.
    pub key_version: u8,
    /// The SCP03 keys that open sessions, Key-ENC and Key-MAC.
    pub keys: StaticKeys,
    /// The SCP03 key for keys inside commands, Key-DEK.
    pub dek: Secret<16>,
    /// The size of its content memory, in bytes as they are sealed.
    pub content_bytes: u64,
}

impl Manufacture {
    /// Makes what a manufacturer puts into a card whose SCP03 keys are derived from a master key.
    #[must_use]
    pub fn diversified(
        card: CardId,
        assurance: Assurance,
        key_version: u8,
        master: &Secret<16>,
    ) -> Self {
        Self {
            card,
            assurance,
            key_version,
            keys: StaticKeys::diversified(master, &card.0, key_version),
            dek: diversify(master, &card.0, key_version, KeyUsage::KeyEncryption),
            content_bytes: DEFAULT_CONTENT_BYTES,
        }
    }
}

/// Names one of the two slots of the secure area, which are written in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// The first.
    A,
    /// The second.
    B,
}

impl Slot {
    /// Gives the other slot.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// Names an object outside the secure area: the memory it is in, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName {
    /// The memory.
    pub memory: Memory,
    /// The number; it says nothing of what the object holds.
    pub number: u64,
}

impl ObjectName {
    /// Gives the id of the work whose segment an object of the content memory is.
    #[must_use]
    pub const fn work(self) -> u64 {
        self.number >> INDEX_BITS
    }

    /// Gives the index of the segment that an object of the content memory is.
    #[must_use]
    pub const fn index(self) -> u64 {
        self.number & ((1 << INDEX_BITS) - 1)
    }
}

/// Says that a memory did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryFailed {
    /// It could not be read or written.
    Error,
    /// There is no room.
    Full,
}

impl fmt::Display for MemoryFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "the memory failed",
            Self::Full => "the memory is full",
        })
    }
}

impl core::error::Error for MemoryFailed {}
