//! Vouchers: codes made in batches, sold, and redeemed once.

use saifu_wire::value::{Kind, Unit};
use saifu_wire::{Digest, ShopId, codes};

use super::{FundingRow, Make, NewFunding};
use crate::refusal::Result;

/// Where vouchers are kept. As with all of a [`Store`](super::Store).
pub trait VoucherStore {
    /// Adds a batch with the hashes of its codes.
    fn add_batch(&self, batch: BatchRow, codes: Vec<Digest>) -> Result<()>;

    /// At most `limit` batches, newest first.
    fn batches(&self, limit: u32) -> Result<Vec<Batch>>;

    /// A batch.
    fn batch(&self, id: BatchId) -> Result<Option<Batch>>;

    /// Notes that a batch is sold, from when on its codes redeem; one that is sold stays so.
    /// Whether there is such a batch.
    fn sell_batch(&self, id: BatchId, now: u64) -> Result<bool>;

    /// Voids the unused codes of a batch; how many.
    fn void_batch(&self, id: BatchId) -> Result<u64>;

    /// Voids one unused code; whether it was one.
    fn void_code(&self, code: Digest) -> Result<bool>;

    /// Redeems a code, as `make` decides; the funding that it makes is added in the same step.
    /// Whoever may ask for one that is redeemed gets its funding again.
    fn redeem(
        &self,
        code: Digest,
        now: u64,
        make: Make<RedeemFacts, Redeemed>,
    ) -> Result<FundingRow>;
}

/// Names a batch of vouchers.
pub type BatchId = [u8; 16];

codes! {
    /// Where a voucher stands.
    pub enum VoucherState {
        /// It can be redeemed.
        Unused = 1,
        /// It was redeemed.
        Redeemed = 2,
        /// It was taken back before it was redeemed.
        Voided = 3,
    }
}

/// A batch of vouchers: codes that bring one amount each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    /// Its id.
    pub id: BatchId,
    /// The kind of the purses that it is for.
    pub kind: Kind,
    /// Their unit.
    pub unit: Unit,
    /// What each code brings, in minor units.
    pub amount: u64,
    /// The shop that the purse must be bound to; zero for any purse.
    pub shop: ShopId,
    /// The second after which its codes are not redeemed; 0 for never.
    pub expires: u64,
    /// When it was made.
    pub made: u64,
    /// When it was sold, if it is.
    pub sold: Option<u64>,
}

/// A batch and how many of its codes are where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The batch.
    pub row: BatchRow,
    /// Codes that can be redeemed, or could if the batch were sold and not expired.
    pub unused: u64,
    /// Codes that were redeemed.
    pub redeemed: u64,
    /// Codes that were voided.
    pub voided: u64,
}

/// What the store finds of a code.
#[derive(Debug, Clone)]
pub struct RedeemFacts {
    /// Its batch, state, and how often it was redeemed; none where there is no such code.
    pub known: Option<(BatchRow, VoucherState, u32)>,
    /// What it made when it was redeemed.
    pub funding: Option<FundingRow>,
}

/// What was decided of a code.
#[derive(Debug, Clone)]
pub enum Redeemed {
    /// It is redeemed now, and makes this.
    Now(NewFunding),
    /// It was redeemed before, by the same account.
    Before(FundingRow),
}
