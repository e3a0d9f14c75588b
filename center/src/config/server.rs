//! The section `[server]`: the center on the network.

use serde::{Deserialize, Serialize};

use crate::serve::DEFAULT_ADDRESS;

/// How the center is served where the command line does not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Host and port, an IPv6 address in brackets; port 0 takes a free one.
    pub listen: String,
    /// The chain of certificates for TLS in PEM, seen from the center's folder; empty for none.
    pub tls_certificate: String,
    /// The private key of the server's certificate in PEM, seen from the center's folder.
    pub tls_key: String,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: DEFAULT_ADDRESS.into(),
            tls_certificate: String::new(),
            tls_key: String::new(),
        }
    }
}

impl ServerConfig {
    /// What is wrong with it.
    pub(super) fn wrong(&self) -> Option<String> {
        (self.tls_certificate.is_empty() != self.tls_key.is_empty())
            .then(|| "[server] gives tls_certificate and tls_key together, or neither".into())
    }
}
