//! Payments that are given back.

use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, Digest, OrderId, ShopId};

use super::{FundingRow, FundingState, NewFunding, Note};
use crate::refusal::Result;

/// Where refunds are kept. As with all of a [`Store`](super::Store).
pub trait RefundStore {
    /// The payment that settled an order; where none did, one that is in suspense.
    fn payment_of(&self, order: OrderId) -> Result<Option<PaidRow>>;

    /// Adds the funding that gives an order's payment back, once, and the note that says why.
    /// `conflict` where its work was licensed again.
    fn add_refund(
        &self,
        funding: NewFunding,
        order: OrderId,
        note: Note,
        now: u64,
    ) -> Result<FundingRow>;

    /// Where the refund of an order stands, if there is one.
    fn refund_state(&self, order: OrderId) -> Result<Option<FundingState>>;
}

/// A payment as it was booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidRow {
    /// The token's identity.
    pub token: Digest,
    /// Whether it is settled: as it came, or out of suspense.
    pub settled: bool,
    /// The account that paid.
    pub account: AccountId,
    /// The purse that paid.
    pub purse: u32,
    /// The shop.
    pub shop: ShopId,
    /// The kind of value.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// The amount.
    pub amount: u64,
    /// The licence that was paid, signature included.
    pub licence: Vec<u8>,
}
