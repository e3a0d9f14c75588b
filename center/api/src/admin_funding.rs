//! What operators ask about vouchers and credits.

use serde::{Deserialize, Serialize};

/// Makes a batch of vouchers; under an `Idempotency-Key`, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewVouchers {
    /// How many codes, 1 to 10,000.
    #[serde(deserialize_with = "crate::whole::whole")]
    pub count: u32,
    /// The kind of the purses that they are for; `bit-cash` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The unit of their amount.
    pub unit: String,
    /// What each brings, in minor units.
    #[serde(deserialize_with = "crate::whole::whole")]
    pub amount: u64,
    /// Only for purses that are bound to this shop: its slug or its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop: Option<String>,
    /// The time after which they are not redeemed; never where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Whether they are sold already: until they are, none redeems.
    #[serde(default)]
    pub sold: bool,
}

/// A batch that was made, with its codes, which are told this once and kept nowhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VouchersMade {
    /// The batch.
    pub batch: VoucherBatch,
    /// Its codes.
    pub codes: Vec<String>,
}

impl std::fmt::Debug for VouchersMade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VouchersMade").field("batch", &self.batch).finish_non_exhaustive()
    }
}

/// The newest batches of vouchers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VoucherBatches {
    /// At most 200, newest first.
    pub batches: Vec<VoucherBatch>,
}

/// A batch of vouchers, and where its codes are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VoucherBatch {
    /// Its id.
    pub batch: String,
    /// The kind of the purses that it is for.
    pub kind: String,
    /// The unit.
    pub unit: String,
    /// What each code brings, in minor units.
    pub amount: u64,
    /// `not sold`, `sold` or `expired`.
    pub state: String,
    /// Codes that redeem, once the batch is sold.
    pub unused: u64,
    /// What they bring together.
    pub unused_amount: u64,
    /// Codes that were redeemed.
    pub redeemed: u64,
    /// What they brought together.
    pub redeemed_amount: u64,
    /// Codes that were taken back.
    pub voided: u64,
    /// Codes whose time was over before anybody redeemed them.
    pub expired: u64,
    /// When it was made.
    pub made: String,
    /// The time after which it is not redeemed; none for never.
    pub expires: Option<String>,
}

/// Gives value to a purse; of one reference there is one credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreditRequest {
    /// The account, or its card: the id or the beginning of it.
    pub to: String,
    /// The purse.
    #[serde(deserialize_with = "crate::whole::whole")]
    pub purse: u32,
    /// Minor units of the purse's unit.
    #[serde(deserialize_with = "crate::whole::whole")]
    pub amount: u64,
    /// Why, in words.
    pub reason: String,
    /// The operator's own name for it: the same one again gives nothing more.
    pub reference: String,
}

/// The newest credits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Credits {
    /// At most 200, newest first.
    pub credits: Vec<Credit>,
}

/// A credit that an operator gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Credit {
    /// The id of its funding.
    pub funding: String,
    /// To whom.
    pub account: String,
    /// Into which purse.
    pub purse: u32,
    /// Minor units.
    pub amount: u64,
    /// Their unit.
    pub unit: String,
    /// `ready`, `loading`, `loaded` or `withdrawn`.
    pub state: String,
    /// The operator's own name for it.
    pub reference: String,
    /// Why.
    pub reason: String,
    /// When.
    pub given: String,
}
