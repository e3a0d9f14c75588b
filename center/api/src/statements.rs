//! Statements of shops.

use serde::{Deserialize, Serialize};

/// A shop's accounts over a period, one for each kind and unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Statements {
    /// The accounts; none where nothing was ever paid to the shop.
    pub accounts: Vec<Statement>,
}

/// A shop's account in one kind and unit over a period, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Statement {
    /// The shop's id; all zeros for the center itself.
    pub shop: String,
    /// Its name in addresses.
    pub slug: String,
    /// The kind of value.
    pub kind: String,
    /// The unit.
    pub unit: String,
    /// The period's first second; none for the beginning.
    pub from: Option<String>,
    /// The first second after the period; none for now.
    pub to: Option<String>,
    /// What the account had before the period.
    pub opening: i64,
    /// Payments settled as they came.
    pub sales: u64,
    /// How many.
    pub sales_count: u64,
    /// Payments settled after they had been in suspense.
    pub resolved: u64,
    /// What is on its way back to cards.
    pub refunds: u64,
    /// Refunds that a card gave up.
    pub returned: u64,
    /// What the shop was paid out.
    pub payouts: u64,
    /// What the account has at the period's end.
    pub closing: i64,
    /// What the shop earned in the period.
    pub gross: i64,
    /// The rate of the center's fee at the period's end, in hundredths of a percent.
    pub fee_basis_points: u32,
    /// What the center keeps of it: the fee of all up to the period's end, less that of all up to
    /// its beginning, so that periods add up.
    pub fee: i64,
    /// What is left of it.
    pub net: i64,
    /// What the center keeps of all that the shop earned up to the period's end: rounded down, on
    /// the whole that was earned at each rate.
    pub fee_of_all: i64,
    /// What the shop could be paid out at the period's end: `closing` less `fee_of_all`; below 0
    /// where it has had too much.
    pub payable: i64,
    /// Payments booked to suspense: they are not the shop's yet.
    pub to_suspense: u64,
    /// How many.
    pub to_suspense_count: u64,
    /// A page of the period's lines, oldest first.
    pub lines: Vec<StatementLine>,
    /// The cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// A line of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatementLine {
    /// The number of its ledger entry.
    pub entry: u64,
    /// When it was booked.
    pub booked: String,
    /// `sale`, `settled from suspense`, `refund`, `refund returned`, `payout` or `in suspense`.
    pub what: String,
    /// What it adds to the account, or takes from it.
    pub amount: i64,
    /// The account that paid or is paid back; zeros for a payout.
    pub account: String,
    /// The order that was paid; none where there is none.
    pub order: Option<String>,
    /// The work's title, why a payment is in suspense, or a payout's reference.
    pub note: String,
    /// The identity of the signed thing that proves the entry.
    pub evidence: String,
}
