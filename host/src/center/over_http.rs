//! The way to a center over HTTP/1.1: with TLS, or to this very machine without.
//!
//! ```text
//! address     the URL, judged before anything is sent
//! authority   whose TLS certificates are trusted
//! pace        what must be there by when
//! answer      the body as it streams in
//! proxy       what the environment says of proxies
//! certificate why a certificate is not taken
//! words       what failed, as a customer reads it
//! ```
//!
//! TLS keeps what is bought from other eyes. Nothing the sale relies on rests on it: card and
//! terminal verify what the center signed.

mod address;
mod answer;
mod authority;
mod certificate;
mod pace;
mod proxy;
#[cfg(test)]
mod tests;
mod words;

pub use address::AddressError;
pub use authority::{AuthorityError, MAX_AUTHORITY_BYTES};

use self::address::Address;
use self::answer::Answer;
use self::pace::{Names, Paced};
use self::words::Peer;
use super::{Body, Exchange, NoAnswer, Streamed};
use http::{Method, Request, Response, StatusCode, Version, header};
use rustls::crypto::aws_lc_rs;
use std::sync::Arc;
use std::time::Duration;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, AsSendBody};

/// The most bytes of an answer's head.
const MAX_HEAD_BYTES: usize = 32 << 10;

/// How long a connection is kept for the next call; servers keep theirs longer.
const KEPT_FOR: Duration = Duration::from_secs(5);

/// A center at a URL. Many threads may call it.
#[derive(Debug)]
pub struct Http {
    agent: Agent,
    address: Address,
    peer: Peer,
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
    /// An authority is named, and the URL has no TLS.
    #[error("an authority for TLS certificates has no use with http://, which has no TLS")]
    NoTls,
    /// The environment names a proxy that speaks something else than HTTP.
    #[error("the environment names a SOCKS proxy, which this terminal cannot use")]
    Socks,
    /// What this variable of the environment says is no proxy's address.
    #[error("what {0} says in the environment is no proxy's address")]
    Proxy(&'static str),
}

impl Http {
    /// A way to the center at `url`. Nothing is sent yet.
    ///
    /// Trusted are the TLS certificates that the public authorities signed or, where
    /// `authority` holds certificates as PEM, those alone that these signed. Each of finding
    /// the name, connecting with TLS, sending, the answer's head and its body must be done
    /// `within` that time; of a body that is [`Streamed`], each next part.
    pub fn new(url: &str, authority: Option<&[u8]>, within: Duration) -> Result<Self, HttpError> {
        let address = Address::parse(url)?;
        if authority.is_some() && !address.is_tls() {
            return Err(HttpError::NoTls);
        }
        let roots = match authority {
            Some(pem) => RootCerts::new_with_certs(&authority::parse(pem)?),
            None => RootCerts::WebPki,
        };
        let proxy = proxy::of(&address)?;
        let peer = Peer {
            place: address.place().to_owned(),
            host: address.host().to_owned(),
            is_tls: address.is_tls(),
            proxy: proxy.as_ref().map(proxy::names),
            within,
        };
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
            .timeout_recv_body(Some(within))
            .build();
        let agent = Agent::with_parts(config, Paced::new(within), Names::default());
        Ok(Self { agent, address, peer })
    }

    fn run(&self, request: Request<Vec<u8>>) -> Result<Response<ureq::Body>, ureq::Error> {
        // A length of zero would announce a body where none may be.
        if request.method() == Method::GET && request.body().is_empty() {
            return self.run_with(request.map(drop));
        }
        self.run_with(request)
    }

    fn run_with(
        &self,
        request: Request<impl AsSendBody>,
    ) -> Result<Response<ureq::Body>, ureq::Error> {
        if request.extensions().get::<Streamed>().is_none() {
            return self.agent.run(request);
        }
        let request = self.agent.configure_request(request).timeout_recv_body(None).build();
        self.agent.run(request)
    }
}

impl Exchange for Http {
    fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response<Body>, NoAnswer> {
        let (mut parts, body) = request.into_parts();
        parts.uri = self.address.uri(&parts.uri)?;
        let response = self.run(Request::from_parts(parts, body));
        let response = response.map_err(|why| self.peer.no_answer(&why))?;
        if response.status().is_success() && !says_its_end(&response) {
            let place = &self.peer.place;
            return Err(NoAnswer::Lost(format!("{place} does not say where its answer ends")));
        }
        Ok(response.map(|body| Box::new(Answer::new(body, self.peer.clone())) as Body))
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
