//! The section `[server]`: the center on the network.

use serde::{Deserialize, Serialize};

use crate::serve::{DEFAULT_ADDRESS, LogFormat, check_proxies, this_machine};

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
    /// Addresses and networks of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<String>,
    /// The request log on standard error: `off`, `text` or `json`.
    pub log: String,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: DEFAULT_ADDRESS.into(),
            tls_certificate: String::new(),
            tls_key: String::new(),
            trusted_proxies: this_machine(),
            log: "off".into(),
        }
    }
}

impl ServerConfig {
    /// What is wrong with it.
    pub(super) fn wrong(&self) -> Option<String> {
        if self.tls_certificate.is_empty() != self.tls_key.is_empty() {
            return Some("[server] gives tls_certificate and tls_key together, or neither".into());
        }
        if let Err(refusal) = check_proxies(&self.trusted_proxies) {
            return Some(format!("[server] {refusal}"));
        }
        let known = self.log == "off" || self.log_format().is_some();
        (!known).then(|| format!("[server] has log \"{}\": give off, text or json", self.log))
    }

    /// How requests are told; none where they are not.
    pub fn log_format(&self) -> Option<LogFormat> {
        LogFormat::from_name(&self.log)
    }
}
