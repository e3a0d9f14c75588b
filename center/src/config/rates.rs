//! The section `[rates]`: how often callers may ask.

use serde::{Deserialize, Serialize};

/// Requests a minute in the long run, and how many at once, for each class of routes and each
/// caller's address (of IPv6, its /64); and for each account, wherever it is named.
///
/// Whoever asks more often is told when to ask again (429), and refused nothing for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RatesConfig {
    /// Catalogue, works and previews.
    pub browse_per_minute: u32,
    /// At once.
    pub browse_burst: u32,
    /// New accounts.
    pub register_per_minute: u32,
    /// At once.
    pub register_burst: u32,
    /// Orders, deliveries, times and loads.
    pub order_per_minute: u32,
    /// At once.
    pub order_burst: u32,
    /// Payments, and what else a card has signed.
    pub settle_per_minute: u32,
    /// At once.
    pub settle_burst: u32,
    /// Voucher codes.
    pub voucher_per_minute: u32,
    /// At once.
    pub voucher_burst: u32,
    /// What operators ask, and wrong tokens.
    pub admin_per_minute: u32,
    /// At once.
    pub admin_burst: u32,
    /// What names one account, from wherever.
    pub account_per_minute: u32,
    /// At once.
    pub account_burst: u32,
}

impl Default for RatesConfig {
    fn default() -> Self {
        Self {
            browse_per_minute: 1_200,
            browse_burst: 600,
            register_per_minute: 60,
            register_burst: 60,
            order_per_minute: 600,
            order_burst: 300,
            settle_per_minute: 1_200,
            settle_burst: 600,
            voucher_per_minute: 30,
            voucher_burst: 30,
            admin_per_minute: 600,
            admin_burst: 300,
            account_per_minute: 600,
            account_burst: 300,
        }
    }
}

impl RatesConfig {
    /// What is wrong with it.
    pub(super) fn wrong(&self) -> Option<String> {
        let all = [
            ("browse", self.browse_per_minute, self.browse_burst),
            ("register", self.register_per_minute, self.register_burst),
            ("order", self.order_per_minute, self.order_burst),
            ("settle", self.settle_per_minute, self.settle_burst),
            ("voucher", self.voucher_per_minute, self.voucher_burst),
            ("admin", self.admin_per_minute, self.admin_burst),
            ("account", self.account_per_minute, self.account_burst),
        ];
        let none = all.iter().find(|(_, per_minute, burst)| *per_minute == 0 || *burst == 0)?;
        Some(format!(
            "[rates] lets nobody ask: {0}_per_minute and {0}_burst are at least 1",
            none.0
        ))
    }
}
