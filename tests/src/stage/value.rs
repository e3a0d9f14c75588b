//! Where the value is, by the card's word and by the center's.

use serde_json::Value;

use super::Stage;
use crate::shop::Anything;

/// What card and center say of the value, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accounts {
    /// The balance of the card's first purse.
    pub balance: u64,
    /// Tokens that the card keeps because it has seen no receipt for them.
    pub outbox: u64,
    /// Licences on the card.
    pub licences: u64,
    /// What the center has given out.
    pub issued: u64,
    /// What is settled.
    pub settled: u64,
    /// What is in suspense.
    pub suspense: u64,
    /// How many payments are booked.
    pub sales: u64,
}

impl Accounts {
    /// Asks both, through their programs; the center's books must have no fault.
    ///
    /// # Errors
    /// A program fails, or the center finds a fault.
    pub fn ask(stage: &Stage) -> Result<Self, Anything> {
        let balance = stage.saifu_json(&["balance"])?;
        let card = stage.saifu_json(&["card"])?;
        let sales = stage.owner_json(&["sales", "--check"])?;
        let value = &sales["value"][0];
        Ok(Self {
            balance: number(&balance["purses"][0]["balance"])?,
            outbox: number(&card["outbox"])?,
            licences: number(&card["licences"])?,
            issued: number(&value["issued"])?,
            settled: number(&value["settled"])?,
            suspense: number(&value["suspense"])?,
            sales: sales["sales"].as_array().map_or(0, Vec::len) as u64,
        })
    }

    /// Whether every unit that was given out is on the card or settled.
    pub fn is_whole(&self) -> bool {
        let Self { balance, settled, issued, .. } = *self;
        balance.checked_add(settled) == Some(issued) && (self.suspense, self.outbox) == (0, 0)
    }
}

fn number(value: &Value) -> Result<u64, Anything> {
    value.as_u64().ok_or_else(|| format!("{value} is no number of units").into())
}
