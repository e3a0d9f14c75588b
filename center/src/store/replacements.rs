//! Cards that take the place of others.

use saifu_wire::AccountId;

use super::{FundingRow, Make, NewFunding, OrderRow, Signature};
use crate::refusal::Result;

/// Where replacements are kept. As with all of a [`Store`](super::Store).
pub trait ReplacementStore {
    /// Replaces a card: notes it at both, and freezes the old one. One that is replaced already
    /// stays so: that replacement is returned.
    fn replace_card(&self, replacement: Replacement) -> Result<Replacement>;

    /// The replacement of a card, if it was replaced.
    fn replacement_of(&self, old: AccountId) -> Result<Option<Replacement>>;

    /// The replacements in which a card took the place of another.
    fn replaced_by(&self, new: AccountId) -> Result<Vec<Replacement>>;

    /// Adds the fundings that bring an old card's value to the new one, once: `make` gets what
    /// the ledger says of each purse. Again adds nothing.
    fn fund_replacement(
        &self,
        old: AccountId,
        now: u64,
        make: Make<Vec<PurseSum>, Vec<NewFunding>>,
    ) -> Result<Vec<FundingRow>>;

    /// Pays what a closed card had in a purse out to its holder, once: `make` gets what the ledger
    /// says is on the card, and signs. Again gives what is there.
    fn pay_out_purse(
        &self,
        account: AccountId,
        purse: u32,
        now: u64,
        make: Make<i64, Signature>,
    ) -> Result<CardPayout>;

    /// At most `limit` orders that paid for what an account's card has licences of, each once and
    /// with its place, after the `after`th.
    fn bought(&self, account: AccountId, after: u64, limit: u32) -> Result<Vec<(u64, OrderRow)>>;
}

/// A card that takes the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The account of the card that is replaced.
    pub old: AccountId,
    /// The account of the card that takes its place.
    pub new: AccountId,
    /// Why.
    pub reason: String,
    /// When it was replaced.
    pub made: u64,
    /// The second from which its value is credited to the new card.
    pub due: u64,
    /// Whether works for a number of uses are licensed once more.
    pub with_limited: bool,
    /// When the value was made ready for the new card, if it was.
    pub funded: Option<u64>,
}

/// What the ledger says of a purse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurseSum {
    /// The purse.
    pub purse: u32,
    /// What the card has or may have taken: credits on their way included.
    pub spendable: i64,
}

/// What the holder of a closed card was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardPayout {
    /// The purse.
    pub purse: u32,
    /// The amount.
    pub amount: u64,
    /// The entry of the ledger.
    pub entry: u64,
}
