//! What operators ask about cards.

use serde::{Deserialize, Serialize};

/// A page of the cards, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminCards {
    /// The cards.
    pub cards: Vec<CardLine>,
    /// What to ask for as `after`; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// A card and its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CardLine {
    /// The card.
    pub card: String,
    /// Its account.
    pub account: String,
    /// Its assurance class: `hardware` or `test`.
    pub class: String,
    /// When it was registered.
    pub registered: String,
    /// `good`, `frozen`, `revoked` or `closed`.
    pub state: String,
    /// Why; empty where there is nothing to say.
    pub reason: String,
}

/// All that is known of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminCard {
    /// The card and its state.
    #[serde(flatten)]
    pub card: CardLine,
    /// The number of its chain's last link.
    pub links: u64,
    /// Links that were not sent in.
    pub links_missing: u64,
    /// Orders that can be paid.
    pub open_orders: u64,
    /// Pieces of evidence against it.
    pub evidence: u64,
    /// Those that prove that it was copied.
    pub forks: u64,
    /// Its purses.
    pub purses: Vec<CardPurse>,
    /// What was decided about it, oldest first.
    pub notes: Vec<CardNote>,
}

/// What ledger and card say of a purse, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CardPurse {
    /// Its number.
    pub purse: u32,
    /// The kind.
    pub kind: String,
    /// The unit.
    pub unit: String,
    /// What is on the card by the ledger.
    pub on_card: i64,
    /// Credits on their way.
    pub unapplied: i64,
    /// What the card itself last said; none where it said nothing.
    pub said: Option<i64>,
    /// Late payments set off against what was credited to the card that replaces this one.
    pub set_off: u64,
    /// What is owed to the holder by the card's Closing; none where it is not closed.
    pub owed: Option<u64>,
    /// Value that waits for the purse to load it.
    pub waits: u64,
    /// Whether the purse's date is past: it takes nothing any more.
    pub ended: bool,
}

/// What was decided about a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CardNote {
    /// When.
    pub noted: String,
    /// `frozen`, `thawed`, `revoked`, `replaced`, `replaces another` or `refunded`.
    pub what: String,
    /// Why.
    pub reason: String,
}

/// Why something is decided; it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReasonRequest {
    /// 1 to 500 bytes.
    pub reason: String,
}

/// Lets a frozen card begin new things again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ThawRequest {
    /// Why; it is kept.
    pub reason: String,
    /// Also where a fork proves that the card was copied.
    #[serde(default)]
    pub despite_evidence: bool,
}

/// Puts another card in the place of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplaceRequest {
    /// The card that takes its place, or its account: the id or the beginning of it.
    pub by: String,
    /// Why; it is kept.
    pub reason: String,
    /// The days that the value waits for late payments; the configuration's where absent.
    #[serde(
        default,
        deserialize_with = "crate::whole::maybe",
        skip_serializing_if = "Option::is_none"
    )]
    pub waiting_days: Option<u32>,
    /// Whether works that were bought for a number of uses are licensed for all of them anew.
    #[serde(default)]
    pub with_limited: bool,
}

/// A card that was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Replaced {
    /// The account of the card that is replaced.
    pub old: String,
    /// The account of the card that takes its place.
    pub new: String,
    /// When its value is credited to the new card.
    pub due: String,
    /// How many works the new card has licences of.
    pub works: u32,
    /// How many were bought for a number of uses, and were left.
    pub limited: u32,
    /// What of its value the new card has no purse for: its holder is to be paid out.
    #[serde(default)]
    pub left: Vec<LeftBehind>,
}

/// What a card that takes another's place has no purse for, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeftBehind {
    /// The purse of the card that is replaced.
    pub purse: u32,
    /// The kind of value.
    pub kind: String,
    /// The unit.
    pub unit: String,
    /// How much.
    pub amount: u64,
}
