//! Accounts of cards, loads of value, and the time.

use serde::{Deserialize, Serialize};

use crate::HexBytes;

/// Registers a card's user; again gives the same account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Registration {
    /// The certificate of `Ksig`, tag 7F21 included.
    pub signature_certificate: HexBytes,
    /// The certificate of `Kup`, tag 7F21 included.
    pub encryption_certificate: HexBytes,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{32}$"))]
    pub id: String,
    /// The signed account opening, for OPEN ACCOUNT.
    pub opening: HexBytes,
    /// The purses for which value waits, or whose load is open: ask for a load of each.
    pub loads_due: Vec<u32>,
}

/// Asks for a load of value; while one is open, the answer is that one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoadRequest {
    /// The purse.
    #[serde(deserialize_with = "crate::whole::whole")]
    pub purse: u32,
}

/// A load under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Load {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{32}$"))]
    pub id: String,
    /// The center's nonce, for GET CREDIT CHALLENGE.
    pub nonce: HexBytes,
    /// Minor units that it will bring.
    pub amount: u64,
    /// Their unit.
    pub unit: String,
    /// Where they come from: `initial`, `voucher`, `payment`, `operator`, `refund` or
    /// `replacement`.
    pub source: String,
}

/// One signed structure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedBytes {
    /// The structure, signature included.
    pub signed: HexBytes,
}

/// Asks for the center's time, signed for one session of an account's card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimeRequest {
    /// The account.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{32}$"))]
    pub account: String,
    /// What the card answered to GET CHALLENGE.
    pub challenge: HexBytes,
}
