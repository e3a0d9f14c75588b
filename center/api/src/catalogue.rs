//! Who the center is, and what it sells.

use serde::{Deserialize, Serialize};

use crate::HexBytes;

/// Who the center is, and the certificates of its keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Center {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{32}$"))]
    pub id: String,
    /// What it calls itself.
    pub name: String,
    /// Whether it serves test cards: nothing it sells is worth anything then.
    pub test_mode: bool,
    /// Its certificates, tag 7F21 included: licence, credit, receipt and payment keys.
    pub certificates: Vec<HexBytes>,
}

/// A page of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Works {
    /// The works, newest last.
    pub works: Vec<Work>,
    /// The cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A published work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Work {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{32}$"))]
    pub id: String,
    /// Its version (edition), from 1.
    pub version: u32,
    /// The shop's id; absent where the center itself sells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop: Option<String>,
    /// What the shop calls itself.
    #[serde(default)]
    pub shop_name: String,
    /// Title.
    pub title: String,
    /// Author, artist or publisher.
    pub creator: String,
    /// A sentence or two.
    pub description: String,
    /// The media type of M.
    pub media_type: String,
    /// The bytes of M.
    pub length: u64,
    /// The preview M'.
    pub preview: Preview,
    /// What it costs: one of these.
    pub prices: Vec<Price>,
    /// In which order paying and decrypting come: `pay-first`, `decrypt-first` or
    /// `already-paid`.
    pub payment: String,
    /// How many sessions may decrypt it; 0 for any number.
    pub uses: u32,
    /// When it begins to open; absent where it opens at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// When it opens for the last time; absent for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<String>,
    /// Whether the card must be told the center's time each time it opens it.
    #[serde(default)]
    pub needs_time: bool,
    /// When it was published.
    pub published: String,
}

/// A preview M'.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preview {
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub length: u64,
}

/// A price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Price {
    /// `bit-cash`, `cyber-coin`, `coupon`, `ticket`, `cheque` or `credit-card`.
    pub kind: String,
    /// The unit: an ISO 4217 code or the center's own.
    pub unit: String,
    /// Minor units.
    pub amount: u64,
    /// `shop` or `work`, where only a purse that is bound so can pay it; absent for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}
