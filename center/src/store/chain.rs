//! Links of the cards' chains, and the evidence of what broke one.

use saifu_wire::{AccountId, Digest, codes};

use crate::refusal::Result;

/// Where evidence against cards is kept. As with all of a [`Store`](super::Store).
pub trait EvidenceStore {
    /// Keeps evidence; with `freeze`, the card can order and load no more.
    fn keep_evidence(&self, evidence: Evidence, freeze: bool, now: u64) -> Result<()>;

    /// The first `limit` pieces of evidence, forks before all others.
    fn evidence(&self, limit: u32) -> Result<Vec<EvidenceRow>>;

    /// The highest number that a link of an account has; 0 where it has none.
    fn last_link(&self, account: AccountId) -> Result<u64>;
}

/// A link of a card's chain, as the center got it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The account.
    pub account: AccountId,
    /// Its number at this card and center.
    pub counter: u64,
    /// Its identity.
    pub identity: Digest,
    /// The identity of the link before it.
    pub previous: Digest,
    /// The purse it moved value of.
    pub purse: u32,
    /// That purse's balance afterwards, in the card's words.
    pub balance: u64,
    /// The whole of it, signature included.
    pub signed: Vec<u8>,
}

/// What names a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkName {
    /// The account.
    pub account: AccountId,
    /// Its number at this card and center.
    pub counter: u64,
    /// Its identity.
    pub identity: Digest,
}

impl Link {
    /// What names it.
    pub fn name(&self) -> LinkName {
        LinkName { account: self.account, counter: self.counter, identity: self.identity }
    }
}

/// What the store knows of the chain around a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChainFacts {
    /// The identity of the link that is booked under the same number.
    pub same: Option<Digest>,
    /// The identity of the link before.
    pub before: Option<Digest>,
    /// What the link after says of the link before it.
    pub after_previous: Option<Digest>,
    /// Number and identity of the chain's last link, where the card was closed.
    pub last: Option<(u64, Digest)>,
}

/// What was decided of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    /// It is booked now.
    Booked,
    /// It was booked before.
    Known,
    /// It breaks the chain, thus: kept as evidence, the card frozen.
    Fork(String),
}

codes! {
    /// What a piece of evidence shows.
    pub enum EvidenceKind {
        /// Two links with one number, or a link that does not follow the one before.
        Fork = 1,
        /// A genuine token or event that contradicts what the center signed.
        Contradiction = 2,
        /// A token that was booked, of a card that has spent more than it was given.
        Overspent = 3,
    }
}

impl EvidenceKind {
    /// Its name, as commands and the interface have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fork => "fork",
            Self::Contradiction => "contradiction",
            Self::Overspent => "overspent",
        }
    }
}

/// A signed thing that is kept because it proves something.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// What it shows.
    pub kind: EvidenceKind,
    /// The account.
    pub account: AccountId,
    /// The identity of the signed thing.
    pub identity: Digest,
    /// What is wrong, in words.
    pub detail: String,
    /// The signed thing.
    pub signed: Vec<u8>,
}

/// A piece of evidence, as the owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceRow {
    /// What it shows.
    pub kind: EvidenceKind,
    /// The account.
    pub account: AccountId,
    /// The number of the signed thing in its card's chain; none if it cannot be read.
    pub counter: Option<u64>,
    /// What is wrong, in words.
    pub detail: String,
    /// When it was found.
    pub found: u64,
}
