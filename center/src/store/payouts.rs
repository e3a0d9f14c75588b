//! What the center decides about value: payouts, and payments taken out of suspense.

use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, Digest, OrderId, ShopId};

use super::{Make, Sale};
use crate::ledger::{Instruction, Payable};
use crate::refusal::Result;

/// Where instructions and what follows from them are kept. As with all of a
/// [`Store`](super::Store).
pub trait PayoutStore {
    /// Pays a shop out, once for a reference: `make` gets what is settled for the shop and
    /// the center's fee of it, and signs. The same reference again gives what is there.
    fn pay_out(
        &self,
        payout: NewPayout,
        now: u64,
        make: Make<Payable, Signature>,
    ) -> Result<PayoutRow>;

    /// Settles a payment that is in suspense, once: `make` gets what is known of it, and signs.
    /// Again gives what is there.
    fn resolve(
        &self,
        token: TokenName,
        now: u64,
        make: Make<ResolveFacts, Resolution>,
    ) -> Result<Resolved>;

    /// At most `limit` payments after entry `after` that are in suspense still, oldest first.
    fn suspended(&self, after: u64, limit: u32) -> Result<Vec<Sale>>;
}

/// A signed instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// What it says.
    pub instruction: Instruction,
    /// Its identity.
    pub identity: Digest,
    /// The whole of it.
    pub signed: Vec<u8>,
}

/// A payout to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayout {
    /// The shop.
    pub shop: ShopId,
    /// The kind of value.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// The amount, above 0.
    pub amount: u64,
    /// What the owner calls it: the same again is the same payout.
    pub reference: String,
}

/// A payout that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutRow {
    /// What was paid.
    pub payout: NewPayout,
    /// The entry of the ledger.
    pub entry: u64,
    /// When it was booked.
    pub booked: u64,
}

/// How a token is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenName {
    /// By the entry that booked it.
    Entry(u64),
    /// By its identity.
    Identity(Digest),
}

/// What the store finds of a payment in suspense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveFacts {
    /// The token's identity.
    pub token: Digest,
    /// Its number in its card's chain.
    pub counter: u64,
    /// The account that paid.
    pub account: AccountId,
    /// The purse that paid.
    pub purse: u32,
    /// The order.
    pub order: OrderId,
    /// The shop.
    pub shop: ShopId,
    /// The kind of value.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// The amount.
    pub amount: u64,
    /// Whether it was settled as it came.
    pub settled: bool,
    /// Whether another token settled its order.
    pub order_settled: bool,
    /// Whether it is given back, or is to be with the card's next load.
    pub given_back: bool,
    /// What the card can still have in its purse, this payment already taken off, and what is
    /// promised to the card that replaces it.
    pub spendable: i64,
    /// The number that the ledger's next entry has.
    pub entry: u64,
}

/// What was decided of a payment in suspense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The instruction to settle it.
    pub instruction: Signature,
    /// The second receipt of the token.
    pub receipt: Vec<u8>,
}

/// A payment that was taken out of suspense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The token's identity.
    pub token: Digest,
    /// The entry that settled it.
    pub entry: u64,
    /// The second signed receipt.
    pub receipt: Vec<u8>,
}
