//! Orders and their payments.

use serde::{Deserialize, Serialize};

use crate::HexBytes;

/// Orders one work for one card. Sent with an `Idempotency-Key`: the same key and body
/// give the same order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderRequest {
    /// The account.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{32}$"))]
    pub account: String,
    /// The work.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{32}$"))]
    pub work: String,
    /// The version; the newest where absent.
    #[serde(
        default,
        deserialize_with = "crate::whole::maybe",
        skip_serializing_if = "Option::is_none"
    )]
    pub version: Option<u32>,
}

/// An order and its licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Order {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{32}$"))]
    pub id: String,
    /// The work.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{32}$"))]
    pub work: String,
    /// Its version.
    pub version: u32,
    /// The order that paid for the work, where this one licenses it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{32}$"))]
    pub again_of: Option<String>,
    /// The signed licence, for LOAD LICENCE.
    pub licence: HexBytes,
    /// The bytes of the delivery: header and segments.
    pub delivery_length: u64,
    /// `open`, `settled`, `expired` or `refunded`.
    pub state: OrderState,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OrderState {
    /// Not paid yet.
    Open,
    /// Its payment is settled.
    Settled,
    /// Nobody paid in time; a late token goes to suspense.
    Expired,
    /// Its payment was given back, and the card took the licence back.
    Refunded,
}

/// A page of an account's orders, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Orders {
    /// The orders.
    pub orders: Vec<Order>,
    /// The cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A payment to be settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Payment {
    /// The token, as the card gave it.
    pub token: HexBytes,
    /// The licence it pays, as the center gave it; where there is none, the center takes that
    /// of the order which the token names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<HexBytes>,
}
