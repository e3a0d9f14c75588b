//! The types of the center's HTTP interface, version 1 (all paths under `/v1`).
//!
//! Binary structures of `apdu-spec.md` travel as lower-case hex ([`HexBytes`]); identifiers
//! are their hex; times are RFC 3339 UTC; money is integer minor units with a unit code.
//! A refusal is `application/problem+json` (RFC 9457): see [`Problem`]. Whatever was not
//! answered is asked for again in the same words: every `POST` and `PUT` here then gives the
//! same answer, and does nothing twice.
//!
//! | method and path | body | answer |
//! |---|---|---|
//! | `GET /v1/center` | | [`Center`] |
//! | `GET /v1/works?limit=&cursor=` | | [`Works`] |
//! | `GET /v1/works/{work}` | | [`Work`] |
//! | `GET /v1/works/{work}/preview` | | the preview M' itself |
//! | `POST /v1/accounts` | [`Registration`] | [`Account`] |
//! | `POST /v1/accounts/{account}/loads` | [`LoadRequest`] | [`Load`] |
//! | `PUT /v1/loads/{load}/challenge` | [`SignedBytes`] | [`SignedBytes`]: the credit |
//! | `PUT /v1/loads/{load}/receipt` | [`SignedBytes`] | [`SignedBytes`]: the same receipt |
//! | `POST /v1/orders` | [`OrderRequest`] | [`Order`] |
//! | `GET /v1/orders/{order}` | | [`Order`] |
//! | `GET /v1/orders/{order}/delivery` | | stream header and segments |
//! | `POST /v1/times` | [`TimeRequest`] | [`SignedBytes`]: the time |
//! | `POST /v1/settlements` | [`Payment`] | [`SignedBytes`]: the receipt |

mod hex_bytes;
mod problem;

pub use hex_bytes::HexBytes;
pub use problem::{PROBLEMS, Problem, ProblemCode};

use serde::{Deserialize, Serialize};

/// The media type of a delivery: `header ‖ segments` of the stream format (§13).
pub const DELIVERY_MEDIA_TYPE: &str = "application/vnd.saifu.stream";

/// The most works one page of the catalogue has.
pub const MAX_PAGE: u32 = 200;

/// Who the center is, and the certificates of its keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Center {
    /// Its id.
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
pub struct Works {
    /// The works, newest last.
    pub works: Vec<Work>,
    /// The cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A published work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Its id.
    pub id: String,
    /// Its version (edition), from 1.
    pub version: u32,
    /// The shop's id; absent where the center itself sells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop: Option<String>,
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
pub struct Preview {
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub length: u64,
}

/// A price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// Registers a card's user; again gives the same account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The certificate of `Ksig`, tag 7F21 included.
    pub signature_certificate: HexBytes,
    /// The certificate of `Kup`, tag 7F21 included.
    pub encryption_certificate: HexBytes,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// The signed account opening, for OPEN ACCOUNT.
    pub opening: HexBytes,
    /// The purses that still wait for their initial value: ask for a load of each.
    pub loads_due: Vec<u32>,
}

/// Asks for a load of value; while one is open, the answer is that one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadRequest {
    /// The purse.
    pub purse: u32,
}

/// A load under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Its id.
    pub id: String,
    /// The center's nonce, for GET CREDIT CHALLENGE.
    pub nonce: HexBytes,
    /// Minor units that it will bring.
    pub amount: u64,
    /// Their unit.
    pub unit: String,
}

/// One signed structure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedBytes {
    /// The structure, signature included.
    pub signed: HexBytes,
}

/// Orders one work for one card. Sent with an `Idempotency-Key`: the same key and body
/// give the same order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRequest {
    /// The account.
    pub account: String,
    /// The work.
    pub work: String,
    /// The version; the newest where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
}

/// An order and its licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its id.
    pub id: String,
    /// The work.
    pub work: String,
    /// Its version.
    pub version: u32,
    /// The signed licence, for LOAD LICENCE.
    pub licence: HexBytes,
    /// The bytes of the delivery: header and segments.
    pub delivery_length: u64,
    /// `open`, `settled` or `expired`.
    pub state: OrderState,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderState {
    /// Not paid yet.
    Open,
    /// Its payment is settled.
    Settled,
    /// Nobody paid in time; a late token goes to suspense.
    Expired,
}

/// Asks for the center's time, signed for one session of an account's card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeRequest {
    /// The account.
    pub account: String,
    /// What the card answered to GET CHALLENGE.
    pub challenge: HexBytes,
}

/// A payment to be settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The token, as the card gave it.
    pub token: HexBytes,
    /// The licence it pays, as the center gave it; where there is none, the center takes that
    /// of the order which the token names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<HexBytes>,
}
