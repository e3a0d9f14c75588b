//! Command chaining: several commands whose data fields make one (§5.3).

use alloc::vec::Vec;
use saifu_wire::Status;
use saifu_wire::apdu::{Command, MAX_COMMAND_DATA};
use zeroize::Zeroizing;

/// The data of a chain's commands so far; wiped when dropped.
#[derive(Debug)]
pub(super) struct Chain {
    /// CLA without the chaining bit, INS, P1, P2: the same for each command of a chain.
    header: [u8; 4],
    data: Zeroizing<Vec<u8>>,
}

/// Bit 5 of the class byte: more commands of the chain follow.
pub(super) const CHAINING_BIT: u8 = 0x10;

impl Chain {
    /// A chain that `command` begins.
    pub(super) fn begin(command: &Command<'_>) -> Self {
        Self { header: header(command), data: Zeroizing::new(Vec::new()) }
    }

    /// Whether `command` belongs to this chain.
    pub(super) fn continues_with(&self, command: &Command<'_>) -> bool {
        self.header == header(command)
    }

    /// Adds one command's data.
    ///
    /// # Errors
    /// 6A84 when there would be more than a command may carry.
    pub(super) fn add(&mut self, part: &[u8]) -> Result<(), Status> {
        let total = self.data.len().saturating_add(part.len());
        if total > MAX_COMMAND_DATA {
            return Err(Status::NotEnoughMemory);
        }
        if total > self.data.capacity() {
            self.grow(total);
        }
        self.data.extend_from_slice(part);
        Ok(())
    }

    /// The whole data field.
    pub(super) fn into_data(self) -> Zeroizing<Vec<u8>> {
        self.data
    }

    /// Moves to a larger buffer and wipes the old one, which a vector would not.
    fn grow(&mut self, least: usize) {
        let room = least.max(self.data.capacity().saturating_mul(2)).min(MAX_COMMAND_DATA);
        let mut larger = Zeroizing::new(Vec::with_capacity(room));
        larger.extend_from_slice(&self.data);
        self.data = larger;
    }
}

fn header(command: &Command<'_>) -> [u8; 4] {
    [command.cla & !CHAINING_BIT, command.ins, command.p1, command.p2]
}
