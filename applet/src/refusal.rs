//! Why a command is refused, and the status word that says so (§5.4).

use saifu_wire::status::TRIES_LEFT;
use saifu_wire::{Malformed, Status};

use crate::crypto::{CryptoError, RandomFailed};
use crate::memory::StoreError;

/// Says why a command is refused; nothing has changed then, and nothing is answered but this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// One of the status words of the list.
    Status(Status),
    /// 63Cx: the PIN is wrong or not yet given, and so many tries are left.
    TriesLeft(u8),
}

impl Refusal {
    /// The two bytes SW1 and SW2.
    #[must_use]
    pub fn to_be_bytes(self) -> [u8; 2] {
        match self {
            Self::Status(status) => status.to_be_bytes(),
            Self::TriesLeft(tries) => (TRIES_LEFT | u16::from(tries.min(0x0F))).to_be_bytes(),
        }
    }
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

/// Whatever is wrong with data, the answer is the same.
impl From<Malformed> for Refusal {
    fn from(_: Malformed) -> Self {
        Self::Status(Status::WrongData)
    }
}

impl From<CryptoError> for Refusal {
    fn from(error: CryptoError) -> Self {
        Self::Status(match error {
            CryptoError::Refused => Status::WrongData,
            CryptoError::RandomFailed | CryptoError::Fault => Status::ExecutionError,
        })
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Status(error.status())
    }
}

impl From<RandomFailed> for Refusal {
    fn from(_: RandomFailed) -> Self {
        Self::Status(Status::ExecutionError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_a_documented_status_word() {
        let word = |refusal: Refusal| u16::from_be_bytes(refusal.to_be_bytes());
        assert_eq!(word(Refusal::TriesLeft(2)), 0x63C2);
        assert_eq!(word(Refusal::TriesLeft(200)), 0x63CF);
        assert_eq!(word(Refusal::from(Malformed::Short)), 0x6A80);
        assert_eq!(word(Refusal::from(CryptoError::Refused)), 0x6A80);
        assert_eq!(word(Refusal::from(CryptoError::Fault)), 0x6400);
        assert_eq!(word(Refusal::from(RandomFailed)), 0x6400);
    }
}
