//! Tokens of operators: who may ask under `/v1/admin/`.

use std::fmt;

use saifu_wire::codes;

use crate::refusal::Result;

/// Where operators' tokens are kept. As with all of a [`Store`](super::Store).
pub trait OperatorStore {
    /// Keeps a token, unless so many as `most` are kept that are not revoked.
    fn add_operator(&self, row: OperatorRow, most: u32) -> Result<()>;

    /// A token, revoked or not.
    fn operator(&self, id: [u8; 8]) -> Result<Option<OperatorRow>>;

    /// At most `limit` tokens, those that are not revoked before all others, newest first.
    fn operators(&self, limit: u32) -> Result<Vec<OperatorRow>>;

    /// Revokes a token at `now`, the first time, and returns it if there is such a token.
    fn revoke_operator(&self, id: [u8; 8], now: u64) -> Result<Option<OperatorRow>>;

    /// Notes that a token was used at `now`.
    fn note_operator(&self, id: [u8; 8], now: u64) -> Result<()>;

    /// Begins and ends a transaction that may write, and writes nothing.
    fn probe(&self) -> Result<()>;
}

codes! {
    /// What an operator's token is for.
    pub enum Role {
        /// Everything.
        Owner = 1,
        /// One shop.
        Shop = 2,
        /// Vouchers, credits and payments.
        Funding = 3,
        /// Reading everything, changing nothing.
        Auditor = 4,
        /// The figures of `/metrics`.
        Metrics = 5,
    }
}

impl Role {
    /// Its name, as commands and the interface have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Shop => "shop",
            Self::Funding => "funding",
            Self::Auditor => "auditor",
            Self::Metrics => "metrics",
        }
    }

    /// The role of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorRow {
    /// What names it.
    pub id: [u8; 8],
    /// What it is for.
    pub role: Role,
    /// The shop that it is bound to; empty for none.
    pub shop: String,
    /// What proves its secret.
    pub proof: SecretProof,
    /// When it was made.
    pub made: u64,
    /// The second from which it is worth nothing; 0 for never.
    pub expires: u64,
    /// When it was revoked.
    pub revoked: Option<u64>,
    /// When it was last seen, to some minutes.
    pub last_used: Option<u64>,
}

/// An argon2id hash, version 0x13 with one lane, and how it was made; it prints neither hash nor
/// salt.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretProof {
    /// The salt.
    pub salt: [u8; 16],
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// The hash.
    pub hash: [u8; 32],
}

impl fmt::Debug for SecretProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory_kib, passes, .. } = self;
        let mut shown = f.debug_struct("SecretProof");
        shown.field("memory_kib", memory_kib).field("passes", passes).finish_non_exhaustive()
    }
}
