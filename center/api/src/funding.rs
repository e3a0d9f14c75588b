//! Vouchers and payments: value for a purse, which a load then brings to the card.

use serde::{Deserialize, Serialize};

/// Redeems a voucher's code; the same account again gets the same answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VoucherRequest {
    /// The code, as it is typed: case, hyphens and spaces do not matter.
    pub code: String,
    /// The purse that it is for; absent: the first that takes it.
    #[serde(
        default,
        deserialize_with = "crate::whole::maybe",
        skip_serializing_if = "Option::is_none"
    )]
    pub purse: Option<u32>,
}

impl std::fmt::Debug for VoucherRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VoucherRequest").field("purse", &self.purse).finish_non_exhaustive()
    }
}

/// Value that waits for a purse, or was loaded: ask for a load of the purse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Funding {
    /// Its id.
    pub id: String,
    /// The purse.
    pub purse: u32,
    /// Minor units.
    pub amount: u64,
    /// Their unit.
    pub unit: String,
    /// Where it comes from, as of a load.
    pub source: String,
    /// `ready`, `loading`, `loaded` or `returned`.
    pub state: String,
}

/// Begins a payment; under the same `Idempotency-Key` and body again, the same one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentRequest {
    /// The purse that it is for.
    #[serde(deserialize_with = "crate::whole::whole")]
    pub purse: u32,
    /// Minor units of the purse's unit.
    #[serde(deserialize_with = "crate::whole::whole")]
    pub amount: u64,
}

/// A payment to the center's provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FundingPayment {
    /// Its id.
    pub id: String,
    /// The purse.
    pub purse: u32,
    /// Minor units.
    pub amount: u64,
    /// Their unit.
    pub unit: String,
    /// The provider's name.
    pub provider: String,
    /// Where to pay: a URL, or in words.
    pub pay_at: String,
    /// `begun`, `paid`, `repayment-due` or `repaid`.
    pub state: String,
}

/// What became of a provider's message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Received {
    /// `funded`, `kept` or `known`.
    pub outcome: String,
}
