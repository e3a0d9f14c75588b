//! The way to a center over HTTP/1.1: with TLS, or to this very machine without.
//!
//! ```text
//! address     the URL, judged before anything is sent
//! authority   whose TLS certificates are trusted
//! answer      the body as it streams in, each wait with a deadline
//! words       what failed, as a customer reads it
//! ```
//!
//! TLS keeps what is bought from other eyes. Nothing the sale relies on rests on it: card and
//! terminal verify what the center signed.

mod address;
mod answer;
mod authority;
#[cfg(test)]
mod tests;
mod words;

pub use address::AddressError;
pub use authority::{AuthorityError, MAX_AUTHORITY_BYTES};

use self::address::Address;
use self::answer::Answer;
use super::{Body, Exchange, NoAnswer};
use http::{Method, Request, Response, StatusCode, Version, header};
use rustls::crypto::aws_lc_rs;
use std::sync::Arc;
use std::time::Duration;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Proxy, ProxyProtocol};

/// The most bytes of an answer's head.
const MAX_HEAD_BYTES: usize = 32 << 10;

/// How long a connection is kept for the next call; servers keep theirs longer.
const KEPT_FOR: Duration = Duration::from_secs(5);

/// A center at a URL. Many threads may call it.
#[derive(Debug)]
pub struct Http {
    agent: Agent,
    address: Address,
    within: Duration,
    /// What is said of the proxy where an answer fails; empty where there is none.
    through: String,
}

/// Why there is no way to the center that was named.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The URL.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The file of the authority.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The environment names a proxy that speaks something else than HTTP.
    #[error("the environment names a SOCKS proxy, which this terminal cannot use")]
    Proxy,
}

impl Http {
    /// A way to the center at `url`. Nothing is sent yet.
    ///
    /// Trusted are the TLS certificates that the public authorities signed or, where
    /// `authority` holds certificates as PEM, those alone that these signed. Each of finding
    /// the name, connecting with TLS, sending and the answer's head must be done `within` that
    /// time; of a body, so must each next part of it.
    pub fn new(url: &str, authority: Option<&[u8]>, within: Duration) -> Result<Self, HttpError> {
        let address = Address::parse(url)?;
        let roots = match authority {
            Some(pem) => RootCerts::new_with_certs(&authority::parse(pem)?),
            None => RootCerts::WebPki,
        };
        let proxy = proxy(&address)?;
        let through = proxy.as_ref().map_or(String::new(), |proxy| {
            format!(" (asked through the proxy {}:{})", proxy.host(), proxy.port())
        });
        let config = Agent::config_builder()
            .tls_config(tls(roots))
            .proxy(proxy)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("saifu/", env!("CARGO_PKG_VERSION")))
            .max_response_header_size(MAX_HEAD_BYTES)
            .max_idle_age(KEPT_FOR)
            .timeout_resolve(Some(within))
            .timeout_connect(Some(within))
            .timeout_send_request(Some(within))
            .timeout_send_body(Some(within))
            .timeout_recv_response(Some(within))
            .timeout_per_read(Some(within))
            .build();
        Ok(Self { agent: config.into(), address, within, through })
    }

    fn run(&self, request: Request<Vec<u8>>) -> Result<Response<ureq::Body>, ureq::Error> {
        // A length of zero would announce a body where none may be.
        if request.method() == Method::GET && request.body().is_empty() {
            return self.agent.run(request.map(drop));
        }
        self.agent.run(request)
    }
}

impl Exchange for Http {
    fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response<Body>, NoAnswer> {
        let (mut parts, body) = request.into_parts();
        parts.uri = self.address.uri(&parts.uri)?;
        let response = self.run(Request::from_parts(parts, body));
        let place = self.address.place();
        let response = response
            .map_err(|why| NoAnswer(words::of(&why, place, self.within) + &self.through))?;
        if response.status().is_success() && !says_its_end(&response) {
            return Err(NoAnswer(format!("{place} does not say where its answer ends")));
        }
        let answer = |body| Box::new(Answer::new(body, place.to_owned(), self.within)) as Body;
        Ok(response.map(answer))
    }
}

/// Whether the end of a body can be told from a connection that broke.
fn says_its_end(response: &Response<ureq::Body>) -> bool {
    let coding = response.headers().get(header::TRANSFER_ENCODING);
    let is_chunked = coding
        .is_some_and(|coding| coding.as_bytes().eq_ignore_ascii_case(b"chunked"))
        && response.version() == Version::HTTP_11;
    let has_no_body = response.status() == StatusCode::NO_CONTENT;
    is_chunked || has_no_body || response.body().content_length().is_some()
}

fn tls(roots: RootCerts) -> TlsConfig {
    TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .root_certs(roots)
        .build()
}

/// The proxy that the environment names for an address; none to this very machine.
fn proxy(address: &Address) -> Result<Option<Proxy>, HttpError> {
    let is_for = |proxy: &Proxy| !address.is_loopback() && !proxy.is_no_proxy(address.base());
    match Proxy::try_from_env().filter(is_for) {
        Some(proxy) if !matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https) => {
            Err(HttpError::Proxy)
        }
        proxy => Ok(proxy),
    }
}
