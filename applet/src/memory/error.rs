//! Why a store does not do what it is asked.

use core::fmt;

use saifu_wire::Status;

use crate::crypto::{CryptoError, RandomFailed};
use crate::platform::MemoryFailed;

/// Says why nothing was read or changed; each reason is a status word (§5.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The memory failed, or is not the one last committed.
    Memory,
    /// There is no room.
    Full,
    /// The random source failed.
    Random,
}

impl StoreError {
    /// Gives the status word.
    #[must_use]
    pub const fn status(self) -> Status {
        match self {
            Self::Memory => Status::MemoryFailure,
            Self::Full => Status::NotEnoughMemory,
            Self::Random => Status::ExecutionError,
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.status().meaning())
    }
}

impl core::error::Error for StoreError {}

impl From<StoreError> for Status {
    fn from(error: StoreError) -> Self {
        error.status()
    }
}

impl From<MemoryFailed> for StoreError {
    fn from(error: MemoryFailed) -> Self {
        match error {
            MemoryFailed::Error => Self::Memory,
            MemoryFailed::Full => Self::Full,
        }
    }
}

impl From<RandomFailed> for StoreError {
    fn from(_: RandomFailed) -> Self {
        Self::Random
    }
}

impl From<CryptoError> for StoreError {
    fn from(error: CryptoError) -> Self {
        match error {
            CryptoError::RandomFailed => Self::Random,
            CryptoError::Refused | CryptoError::Fault => Self::Memory,
        }
    }
}
