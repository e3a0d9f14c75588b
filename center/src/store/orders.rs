//! Orders, and what their deliveries are made of.

use saifu_wire::{AccountId, ContentId, OrderId};

use super::Make;
use crate::blobs::BlobRef;
use crate::delivery::DeliveryKey;
use crate::refusal::Result;

/// Where orders are kept. As with all of a [`Store`](super::Store).
pub trait OrderStore {
    /// Places an order: `make` gets the licence's number and signs. The same account and
    /// idempotency key give the order that is there.
    fn place_order(&self, order: NewOrder, make: Make<u64, Vec<u8>>) -> Result<OrderRow>;

    /// The order that an account placed under this idempotency key.
    fn order_by_key(&self, account: AccountId, key: &str) -> Result<Option<OrderRow>>;

    /// An order.
    fn order(&self, id: OrderId) -> Result<Option<OrderRow>>;

    /// At most `limit` orders of an account after its `after`th licence, oldest first.
    fn orders(&self, account: AccountId, after: u64, limit: u32) -> Result<Vec<OrderRow>>;

    /// An order's content key, and the blob that it encrypts.
    fn content(&self, order: OrderId) -> Result<Option<ContentRow>>;
}

/// An order to be placed.
pub struct NewOrder {
    /// Its id.
    pub id: OrderId,
    /// The account.
    pub account: AccountId,
    /// The caller's key: the same again is the same order.
    pub idempotency_key: String,
    /// The work.
    pub work: ContentId,
    /// Its version.
    pub version: u32,
    /// Whether the caller named the version: the same key must ask for the same.
    pub asked_version: Option<u32>,
    /// The order that paid for the work, where this one licenses it again.
    pub again_of: Option<OrderId>,
    /// The encoded stream header.
    pub header: Vec<u8>,
    /// The content key of the delivery.
    pub key: DeliveryKey,
    /// When it is placed.
    pub placed: u64,
    /// The second after which it is not waited for.
    pub expires: u64,
    /// The most orders that the account may have open, this one with them; none where there is
    /// nothing to pay: such an order is never open.
    pub most_open: Option<u32>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// Its id.
    pub id: OrderId,
    /// The account.
    pub account: AccountId,
    /// The work.
    pub work: ContentId,
    /// Its version.
    pub version: u32,
    /// The version that the caller named.
    pub asked_version: Option<u32>,
    /// The order that paid for the work, where this one licenses it again.
    pub again_of: Option<OrderId>,
    /// The number of its licence.
    pub number: u64,
    /// The signed licence.
    pub licence: Vec<u8>,
    /// The encoded stream header.
    pub header: Vec<u8>,
    /// The second after which it is not waited for.
    pub expires: u64,
    /// Whether a token settled it.
    pub settled: bool,
}

/// What a delivery is made of.
pub struct ContentRow {
    /// The content key.
    pub key: DeliveryKey,
    /// The encoded stream header.
    pub header: Vec<u8>,
    /// M.
    pub content: BlobRef,
}
