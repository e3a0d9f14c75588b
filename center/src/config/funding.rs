//! How much value the center gives out, and who may take payments for it.

use std::env;
use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::ZeroizeOnDrop;

/// The limits of what the center gives out, in minor units of any kind and unit; 0 is none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FundingConfig {
    /// The most that one credit of an operator gives.
    pub max_credit: u64,
    /// The most that is given out on a day (UTC) of each kind and unit, over all sources that
    /// make value. What is over it waits for the next day.
    pub max_per_day: u64,
}

/// A provider of payments that signs its messages (Standard Webhooks).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// Its name: its messages come to `/v1/webhooks/{name}`.
    pub name: String,
    /// Where the payer pays: a URL in which `{payment}`, `{amount}` and `{unit}` are filled in.
    pub pay_at: String,
    /// The secrets that its messages may be signed with, `whsec_` and base 64: more than one
    /// while one takes the place of another. The environment adds to them:
    /// `SAIFU_WEBHOOK_SECRETS_NAME`, separated by spaces.
    #[serde(default)]
    pub secrets: Vec<WebhookSecret>,
}

impl ProviderConfig {
    /// The secrets of the configuration and of the environment.
    pub(crate) fn all_secrets(&self) -> Vec<WebhookSecret> {
        let name = self.name.to_ascii_uppercase().replace('-', "_");
        let added = env::var(format!("SAIFU_WEBHOOK_SECRETS_{name}")).unwrap_or_default();
        let added = added.split_whitespace().map(WebhookSecret::from);
        self.secrets.iter().cloned().chain(added).collect()
    }
}

/// A secret of a provider; it does not print itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ZeroizeOnDrop)]
#[serde(transparent)]
pub struct WebhookSecret(String);

impl WebhookSecret {
    /// The secret, `whsec_` included.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for WebhookSecret {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret")
    }
}
