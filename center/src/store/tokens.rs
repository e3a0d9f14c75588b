//! Tokens: payments of cards, each booked once.

use std::sync::Arc;

use saifu_wire::signed::Outcome;
use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, Digest, OrderId, ShopId};

use super::{ChainFacts, EvidenceKind, Link, LinkName, Make};
use crate::refusal::Result;

/// Where payments are kept. As with all of a [`Store`](super::Store).
pub trait TokenStore {
    /// The receipt of a token that is booked already.
    fn receipt(&self, token: LinkName) -> Result<Option<Vec<u8>>>;

    /// Books a token, as `judge` decides.
    fn settle(
        &self,
        token: Arc<TokenRow>,
        now: u64,
        judge: Make<SettleFacts, Verdict>,
    ) -> Result<Verdict>;

    /// At most `limit` booked tokens after entry `after` of the ledger, oldest first.
    fn sales(&self, after: u64, limit: u32) -> Result<Vec<Sale>>;
}

/// A token to be booked: what its payload says, and its evidence.
#[derive(Debug, Clone)]
pub struct TokenRow {
    /// The token as a link.
    pub link: Link,
    /// Its payload, opened: what its commitment commits to.
    pub payload: Vec<u8>,
    /// The licence it pays, signature included.
    pub licence: Vec<u8>,
    /// That licence's identity.
    pub licence_identity: Digest,
    /// That licence's number.
    pub licence_number: u64,
    /// The second after which its order is not waited for, where the licence alone says so.
    pub order_expires: u64,
    /// The order.
    pub order: OrderId,
    /// The shop.
    pub shop: ShopId,
    /// The kind of value.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// The amount paid.
    pub amount: u64,
}

/// What the store knows of an order that a token pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFacts {
    /// The account that placed it.
    pub account: AccountId,
    /// The signed licence.
    pub licence: Vec<u8>,
    /// The second after which it is not waited for.
    pub expires: u64,
    /// Whether another token settled it.
    pub settled: bool,
}

/// What the store finds when a token is to be booked.
#[derive(Debug, Clone)]
pub struct SettleFacts {
    /// The number that its ledger entry will have.
    pub entry: u64,
    /// The chain around it.
    pub chain: ChainFacts,
    /// The stored receipt, where this very token is booked.
    pub receipt: Option<Vec<u8>>,
    /// Its order; none where it is not known here.
    pub order: Option<OrderFacts>,
    /// Whether another token settled the order that it names, known here or not.
    pub settled: bool,
    /// Whether its card is frozen.
    pub frozen: bool,
    /// What the card can still have in this purse, credits on the way included.
    pub spendable: i64,
}

/// What was decided of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is booked now.
    Booked {
        /// How.
        outcome: Outcome,
        /// Why not settled; empty where it is.
        reason: &'static str,
        /// The signed receipt.
        receipt: Vec<u8>,
        /// What it proves against its card: kept as evidence.
        proves: Option<EvidenceKind>,
    },
    /// It was booked before: its receipt.
    Known(Vec<u8>),
    /// Its licence is not to the byte the one that its order has: nothing is done before its
    /// signature is verified.
    Unproven,
    /// It breaks the chain, thus: kept as evidence, the card frozen.
    Fork(String),
}

/// A booked token, as the owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// The number of its ledger entry.
    pub entry: u64,
    /// When it was booked.
    pub booked: u64,
    /// How.
    pub outcome: Outcome,
    /// Why not settled; empty where it is.
    pub reason: String,
    /// The token's identity.
    pub token: Digest,
    /// The entry that settled it after it had been in suspense; none where there is none.
    pub resolved: Option<u64>,
    /// The order.
    pub order: OrderId,
    /// The account that paid.
    pub account: AccountId,
    /// The shop.
    pub shop: ShopId,
    /// The work's title; empty where the order is not known here.
    pub title: String,
    /// The kind of value.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// The amount.
    pub amount: u64,
}
