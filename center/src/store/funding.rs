//! Fundings: the one queue of value that waits to be loaded into a purse.

use std::fmt;

use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, Digest, codes};

use crate::crypto::sha256;
use crate::ledger::Side;
use crate::refusal::Result;

/// Where fundings are kept. As with all of a [`Store`](super::Store).
pub trait FundingStore {
    /// Adds a funding; one of the same source and reference that is there already stays as it is.
    /// Either way the one that is there is returned: compare it where another account, purse or
    /// amount must be told from the same one asked for again.
    fn add_funding(&self, funding: NewFunding, now: u64) -> Result<FundingRow>;

    /// As [`add_funding`](Self::add_funding), with a word on it, kept with the first.
    fn add_noted_funding(&self, funding: NewFunding, note: String, now: u64) -> Result<FundingRow>;

    /// At most `limit` fundings of a source with their notes, newest first.
    fn fundings_from(&self, source: FundingSource, limit: u32)
    -> Result<Vec<(FundingRow, String)>>;

    /// A funding.
    fn funding(&self, id: FundingId) -> Result<Option<FundingRow>>;

    /// The funding of a source and reference.
    fn funding_of(&self, source: FundingSource, reference: &str) -> Result<Option<FundingRow>>;

    /// The fundings of an account, oldest first, at most `limit`: of one `state`, or of all.
    fn fundings(
        &self,
        account: AccountId,
        state: Option<FundingState>,
        limit: u32,
    ) -> Result<Vec<FundingRow>>;
}

/// Names a funding: it follows from source and reference, so that whoever asks for the same
/// funding again means the same one, also after a backup was put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FundingId(pub [u8; 16]);

impl FundingId {
    /// The funding of this source and reference: the first half of SHA-256 over
    /// `"saifu funding" ‖ source ‖ reference`.
    pub fn of(source: FundingSource, reference: &str) -> Self {
        let hash = sha256(&[b"saifu funding", &[source as u8], reference.as_bytes()]);
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        Self(id)
    }

    /// What an instruction names as its cause: SHA-256 of the id.
    pub fn cause(self) -> Digest {
        Digest(sha256(&[&self.0]))
    }
}

impl fmt::Display for FundingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

codes! {
    /// Where the value of a load comes from.
    pub enum FundingSource {
        /// What each new account's purse gets.
        Initial = 1,
        /// A voucher's code.
        Voucher = 2,
        /// A payment to a provider.
        Payment = 3,
        /// An operator gave it.
        Operator = 4,
        /// A work is given back.
        Refund = 5,
        /// The value of a card that this one replaces.
        Replacement = 6,
    }
}

impl FundingSource {
    /// Its name as it travels.
    pub fn name(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Voucher => "voucher",
            Self::Payment => "payment",
            Self::Operator => "operator",
            Self::Refund => "refund",
            Self::Replacement => "replacement",
        }
    }

    /// Whether it makes value that was not in the books before.
    pub fn mints(self) -> bool {
        !matches!(self, Self::Refund | Self::Replacement)
    }
}

codes! {
    /// Where a funding stands.
    pub enum FundingState {
        /// It waits for a load.
        Ready = 1,
        /// A load of it is open.
        Loading = 2,
        /// The card has it.
        Loaded = 3,
        /// The card gave it up, and it went back to where it came from.
        Returned = 4,
    }
}

/// A funding to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFunding {
    /// The account.
    pub account: AccountId,
    /// The purse that it is for.
    pub purse: u32,
    /// That purse's kind.
    pub kind: Kind,
    /// That purse's unit.
    pub unit: Unit,
    /// The amount in minor units, above 0.
    pub amount: u64,
    /// Where it comes from.
    pub source: FundingSource,
    /// What it is at its source: there is one funding of each source and reference.
    pub reference: String,
    /// It is not loaded before this second; 0 for at once.
    pub available_from: u64,
    /// Which account of the books gives the value, when its credit is given out.
    pub from: Side,
    /// The token that a refund gives back; zero for none.
    pub refunded_token: Digest,
    /// The number of the licence that a refund takes back; 0 for none.
    pub refunded_licence: u64,
    /// What proves it, where the credit is not enough: a signed instruction, or the provider's
    /// message as it came; empty for none.
    pub evidence: Vec<u8>,
}

impl NewFunding {
    /// Its id.
    pub fn id(&self) -> FundingId {
        FundingId::of(self.source, &self.reference)
    }
}

/// A funding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundingRow {
    /// Its id.
    pub id: FundingId,
    /// What it was made with.
    pub what: NewFunding,
    /// When it was made.
    pub made: u64,
    /// Where it stands.
    pub state: FundingState,
}
