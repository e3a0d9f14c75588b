//! The section `[issuer]`: what the center's issuer has to say.

use serde::{Deserialize, Serialize};

/// What the center takes from its issuer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IssuerConfig {
    /// The file with its list of revoked cards in hex, relative to the center's folder; empty for
    /// none.
    pub revocations: String,
}
