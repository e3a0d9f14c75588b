//! The proxy that the environment names.

use super::HttpError;
use super::address::{Address, has_host_and_port};
use std::env;
use ureq::{Proxy, ProxyProtocol};

/// Where a proxy may be named; the first that says something holds.
const VARIABLES: [&str; 6] =
    ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

/// The proxy that the environment names for an address; none to this very machine.
pub(super) fn of(address: &Address) -> Result<Option<Proxy>, HttpError> {
    if address.is_loopback() {
        return Ok(None);
    }
    let is_named = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
    if let Some(name) = VARIABLES.into_iter().find(is_named) {
        let value = env::var(name).map_err(|_| HttpError::Proxy(name))?;
        let proxy = Proxy::new(&value).map_err(|_| HttpError::Proxy(name))?;
        if !proxy.uri().authority().is_some_and(has_host_and_port) {
            return Err(HttpError::Proxy(name));
        }
    }
    match Proxy::try_from_env().filter(|proxy| !proxy.is_no_proxy(address.base())) {
        Some(proxy) if !matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https) => {
            Err(HttpError::Socks)
        }
        proxy => Ok(proxy),
    }
}

/// The host of a proxy, and host and port.
pub(super) fn names(proxy: &Proxy) -> (String, String) {
    (proxy.host().to_owned(), format!("{}:{}", proxy.host(), proxy.port()))
}
