//! What operators ask under `/v1/admin/`, and what watches over a center.

use serde::{Deserialize, Serialize};

/// Who a center is, and where the value is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminStatus {
    /// The center's id.
    pub id: String,
    /// What it calls itself.
    pub name: String,
    /// Whether all value is play money.
    pub test_mode: bool,
    /// Accounts.
    pub accounts: u64,
    /// Those whose card is frozen.
    pub frozen: u64,
    /// Pieces of evidence against cards.
    pub evidence: u64,
    /// Links of cards' chains that are missing.
    pub links_missing: u64,
    /// Where the value is, for each kind and unit.
    pub value: Vec<AdminValue>,
}

/// Where the value of one kind and unit is, in minor units: all that is issued is on its way, on
/// cards, settled, in suspense, expired or redeemed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminValue {
    /// The kind.
    pub kind: String,
    /// The unit.
    pub unit: String,
    /// Given out.
    pub issued: i64,
    /// On its way to cards.
    pub unapplied: i64,
    /// On cards.
    pub cards: i64,
    /// Settled.
    pub settled: i64,
    /// In suspense.
    pub suspense: i64,
    /// Ended with the limited purses it was in.
    pub expired: i64,
    /// Paid out of the scheme.
    pub redeemed: i64,
}

/// A page of sales, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminSales {
    /// The sales.
    pub sales: Vec<AdminSale>,
    /// What to ask for as `after`; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// A booked payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminSale {
    /// The number of its ledger entry.
    pub entry: u64,
    /// When it was booked.
    pub booked: String,
    /// `settled` or `suspense`.
    pub outcome: String,
    /// Why not settled; empty where it is.
    pub reason: String,
    /// The order.
    pub order: String,
    /// The account that paid.
    pub account: String,
    /// The shop; absent for the center itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop: Option<String>,
    /// The work's title; empty where the order is not known.
    pub title: String,
    /// The kind of value.
    pub kind: String,
    /// The unit.
    pub unit: String,
    /// The amount, in minor units.
    pub amount: u64,
}

/// What cards have proved against themselves, forks first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminEvidence {
    /// At most 200 proofs.
    pub evidence: Vec<AdminProof>,
    /// How many there are.
    pub all: u64,
}

/// A piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminProof {
    /// `fork`, `contradiction`, `overspent` and the like.
    pub kind: String,
    /// The account.
    pub account: String,
    /// The number in its card's chain; absent where it cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter: Option<u64>,
    /// What is wrong, in words.
    pub detail: String,
    /// When it was found.
    pub found: String,
}

/// A page of the audit log, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminLog {
    /// The entries.
    pub entries: Vec<AdminAction>,
    /// What to ask for as `after`; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// What an operator did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminAction {
    /// Its number.
    pub n: u64,
    /// When.
    pub time: String,
    /// Who: `token:` and its id, or `user:` and the number of a user of the machine.
    pub who: String,
    /// The command or route.
    pub what: String,
    /// What it was done to.
    pub on: String,
    /// `done`, a problem's code or a status.
    pub outcome: String,
    /// The hash that chains it to all before it.
    pub hash: String,
}

/// Whether a center can serve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// Whether all checks are good.
    pub ready: bool,
    /// Each check.
    pub checks: Vec<Check>,
}

/// One thing that serving needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Check {
    /// `store`, `keys`, `disk`; `answer` where no other came in time.
    pub name: String,
    /// Whether it is good.
    pub ok: bool,
}
