//! How much one card of each assurance class may hold, load and pay.

use saifu_wire::certificate::Assurance;
use serde::{Deserialize, Serialize};

/// The limits of each assurance class.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Of test cards.
    pub test: ClassLimits,
    /// Of cards whose keys are in software.
    pub software: ClassLimits,
    /// Of cards whose keys are in a secure element.
    pub hardware: ClassLimits,
}

/// The limits of one assurance class, in minor units of any kind and unit; 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClassLimits {
    /// The most that one load brings, where it makes value.
    pub max_load: u64,
    /// The most that a purse holds: a purse's own largest balance is lowered to it when an account
    /// is opened.
    pub max_balance: u64,
    /// The most that one order may cost, in each of its prices.
    pub max_price: u64,
}

impl LimitsConfig {
    /// The limits of a class.
    pub fn of(&self, class: Assurance) -> ClassLimits {
        match class {
            Assurance::Test => self.test,
            Assurance::Software => self.software,
            Assurance::Hardware => self.hardware,
        }
    }
}

/// Whether `amount` is over `limit`, where 0 is none.
pub(crate) fn is_over(amount: u64, limit: u64) -> bool {
    limit != 0 && amount > limit
}

/// The smaller of an amount and a limit, where 0 is none.
pub(crate) fn within(amount: u64, limit: u64) -> u64 {
    if is_over(amount, limit) { limit } else { amount }
}
