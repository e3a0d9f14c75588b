//! How much value the center gives out, and who may pay for it.

use serde::{Deserialize, Serialize};

/// The limits of what the center gives out. Amounts are minor units of any kind and unit; 0 is
/// none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FundingConfig {
    /// The most that one credit of an operator gives.
    pub max_credit: u64,
    /// The most that is given out on a day (UTC) of each kind and unit, over all sources that
    /// make value. What is over it waits for the next day.
    pub max_per_day: u64,
}
