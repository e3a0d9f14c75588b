//! What becomes of cards: their events, their end, and what is decided about them.

use saifu_wire::{AccountId, CardId, Digest, LoadId, codes};

use super::{AccountRow, ChainFacts, Judged, Link, Make};
use crate::ledger::Entry;
use crate::refusal::Result;

/// Where that is kept. As with all of a [`Store`](super::Store).
pub trait CardStore {
    /// Books an event that closes no load, as `judge` decides.
    fn book_event(
        &self,
        event: EventRow,
        now: u64,
        judge: Make<EventFacts, Judged>,
    ) -> Result<Judged>;

    /// Closes an account by its card's last word, as `judge` decides.
    fn close_account(
        &self,
        closing: ClosingRow,
        now: u64,
        judge: Make<ClosingFacts, Judged>,
    ) -> Result<Judged>;

    /// At most `limit` accounts after the `after`th, oldest first, each with its place.
    fn accounts(&self, after: u64, limit: u32) -> Result<Vec<(u64, AccountRow)>>;

    /// The accounts, two at most, whose id or card's id begins with `hex`, lower-case hex.
    fn accounts_named(&self, hex: &str) -> Result<Vec<AccountRow>>;

    /// Notes what is decided about an account's card, and does it. Freezing a frozen card changes
    /// nothing, nor does thawing one that is not frozen.
    fn note_card(&self, account: AccountId, note: Note) -> Result<()>;

    /// What was decided about a card, oldest first.
    fn notes(&self, account: AccountId) -> Result<Vec<Note>>;

    /// Revokes cards for good, registered here or not; returns how many were not revoked before.
    fn revoke_cards(&self, cards: Vec<Revocation>) -> Result<u32>;

    /// Why a card is revoked, if it is.
    fn revocation(&self, card: CardId) -> Result<Option<String>>;

    /// What is known of a card's chain and purses, read at one moment, which is `now`.
    fn standing(&self, account: AccountId, now: u64) -> Result<Standing>;
}

/// An event to be booked.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// The event as a link.
    pub link: Link,
    /// What it moves in the ledger, if anything.
    pub entry: Option<Entry>,
}

/// What the store finds when an event is to be booked.
#[derive(Debug, Clone, Copy)]
pub struct EventFacts {
    /// The chain around it.
    pub chain: ChainFacts,
    /// What the card can still have in this purse, credits on the way included.
    pub spendable: i64,
}

/// A card's last word on its account.
#[derive(Debug, Clone)]
pub struct ClosingRow {
    /// The account.
    pub account: AccountId,
    /// The number of the chain's last link.
    pub counter: u64,
    /// The identity of the chain's last link.
    pub previous: Digest,
    /// Its own identity: the evidence of what it voids.
    pub identity: Digest,
    /// The whole of it, signature included.
    pub signed: Vec<u8>,
    /// The loads whose credit the card will never take.
    pub voided: Vec<LoadId>,
}

/// What the store finds when an account is to be closed.
#[derive(Debug, Clone, Default)]
pub struct ClosingFacts {
    /// The Closing that is kept, if there is one.
    pub kept: Option<Vec<u8>>,
    /// The identity of the link that is booked under the Closing's number.
    pub same: Option<Digest>,
    /// The highest number that is booked.
    pub top: u64,
}

codes! {
    /// What can be decided about a card.
    pub enum NoteKind {
        /// It begins nothing new, until it is thawed.
        Frozen = 1,
        /// It may begin new things again.
        Thawed = 2,
        /// It begins nothing new any more.
        Revoked = 3,
        /// Its holder gets another in its place.
        Replaced = 4,
        /// It takes the place of another.
        Replaces = 5,
        /// A payment of it is given back.
        Refunded = 6,
    }
}

/// What was decided about a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What.
    pub what: NoteKind,
    /// Why.
    pub reason: String,
    /// When.
    pub noted: u64,
}

/// A card that is revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// The card.
    pub card: CardId,
    /// Why.
    pub reason: String,
    /// When.
    pub revoked: u64,
}

/// What is known of a card's chain and purses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// The highest number of its chain that is booked.
    pub top: u64,
    /// How many links below that were not sent in yet.
    pub gaps: u64,
    /// How many orders are open: not paid, and still waited for.
    pub open_orders: u64,
    /// How many pieces of evidence are kept against it.
    pub evidence: u64,
    /// How many of them are forks.
    pub forks: u64,
    /// Its purses, as far as anything was booked of them.
    pub purses: Vec<PurseStanding>,
}

/// What is known of a purse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurseStanding {
    /// The purse.
    pub purse: u32,
    /// What the card has, by the ledger: below zero where more came back than it was given.
    pub on_card: i64,
    /// What is on its way to the card.
    pub unapplied: i64,
    /// What the card said last that it has, if it said anything.
    pub said: Option<i64>,
    /// What it paid that turned up only after its value was credited to the card that replaces it:
    /// the ledger is below zero by it.
    pub set_off: u64,
}
