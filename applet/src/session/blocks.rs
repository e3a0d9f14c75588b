//! The blocks of STORE DATA that have come so far (§14.6).

use alloc::vec::Vec;

use crate::crypto::SecretVec;

/// Joined blocks; wiped when dropped, for the PIN is in them.
#[derive(Debug, Default)]
pub struct Blocks {
    /// What the blocks hold.
    pub bytes: SecretVec,
    /// The number of the next block.
    pub next: u8,
}

impl Blocks {
    /// Joins one more block.
    pub fn append(&mut self, block: &[u8]) {
        let mut joined = Vec::with_capacity(self.bytes.len().saturating_add(block.len()));
        joined.extend_from_slice(self.bytes.expose());
        joined.extend_from_slice(block);
        self.bytes = SecretVec::new(joined);
        self.next = self.next.wrapping_add(1);
    }
}
