//! The center's part in a replay, as the model tells it: two desks can play it.

use saifu_model::{OrderTerms, Token};
use saifu_wire::signed::PaymentOrder;
use saifu_wire::{CenterId, LoadId, Nonce};

/// What one unit of the model is, in minor units.
pub(super) const UNIT: u64 = 100;

/// When everything happens.
pub(super) const NOW: u64 = crate::fixture::TIME;

/// The last second of purses and licences with a date.
pub(super) const DATE: u64 = NOW + 86_400;

/// A time after the date.
pub(super) const LATE: u64 = DATE + 86_400;

/// The work that both desks sell.
pub(super) const CONTENT: &[u8] = b"A work that is sold again and again, on many ways, and each \
    time it is the same: what leaves the card of it was paid for, and what was paid for leaves it.";

/// In which order paying and decrypting come.
pub(super) fn payment(terms: &OrderTerms) -> PaymentOrder {
    if terms.decrypt_first { PaymentOrder::DecryptFirst } else { PaymentOrder::PayFirst }
}

/// Why a desk does not do what it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum No {
    /// It refuses, for this reason.
    Refused(String),
    /// It has no such function: another desk has to play the whole way.
    NotOffered(&'static str),
}

pub(super) type Answer<T> = Result<T, No>;

/// What a center sends for an order.
#[derive(Debug, Clone)]
pub(super) struct Delivered {
    /// The signed licence.
    pub(super) licence: Vec<u8>,
    /// The stream's header.
    pub(super) header: Vec<u8>,
    /// All of its segments.
    pub(super) segments: Vec<u8>,
}

/// A load, as its center names it to a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) id: LoadId,
    pub(super) nonce: Nonce,
}

/// What a desk has on its books, in the model's units.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stand {
    /// Card and order of each token settled, in order.
    pub(super) settled: Vec<(u8, u8)>,
    /// And of each in suspense.
    pub(super) suspense: Vec<(u8, u8)>,
    /// Credits given out that no card is known to have taken or voided, by kind.
    pub(super) unapplied: [u64; 2],
    /// What was written off on a card's event, by card and purse; none where nothing is.
    pub(super) expired: Option<[[u64; 2]; 2]>,
    /// What the books find wrong with themselves.
    pub(super) findings: Vec<String>,
}

/// A center, asked as a terminal asks it. Cards, purses and orders have the model's numbers.
pub(super) trait Desk {
    /// Its id.
    fn id(&self) -> CenterId;

    /// Takes an order and licenses it to a card; again, the same.
    fn order(&mut self, order: u8, card: u8) -> Answer<Delivered>;

    /// Lets an order's time run out.
    fn end_order(&mut self, order: u8) -> Answer<()>;

    /// Opens a load of one unit.
    fn open_load(&mut self, card: u8, purse: u8) -> Answer<Opened>;

    /// Opens a refund of a settled token.
    fn open_refund(&mut self, token: Token) -> Answer<Opened>;

    /// Answers a card's challenge with a load's credit.
    fn issue_credit(&mut self, load: LoadId, challenge: &[u8]) -> Answer<Vec<u8>>;

    /// Books the event by which a card ended a load.
    fn close_load(&mut self, load: LoadId, event: &[u8]) -> Answer<()>;

    /// Books the event that a challenge carries.
    fn close_by_challenge(&mut self, load: LoadId, challenge: &[u8]) -> Answer<()>;

    /// Gives a load back without a card's word.
    fn withdraw(&mut self, load: LoadId) -> Answer<()>;

    /// Books a token for the licence of this card and order; the receipt.
    fn settle(&mut self, of: Token, token: &[u8]) -> Answer<Vec<u8>>;

    /// The same token, said to be another card's: account and signature do not go together.
    fn settle_as(&mut self, of: Token, token: &[u8], card: u8) -> Answer<Vec<u8>>;

    /// Books a card's Expired event.
    fn book_expiry(&mut self, card: u8, purse: u8, event: &[u8]) -> Answer<()>;

    /// Signs the time for a card's session.
    fn sign_time(&mut self, card: u8, challenge: &[u8], late: bool) -> Answer<Vec<u8>>;

    /// What is on its books.
    fn stand(&self) -> Stand;
}

/// Refuses, with the reason in words.
pub(super) fn refuse<T>(why: impl Into<String>) -> Answer<T> {
    Err(No::Refused(why.into()))
}
