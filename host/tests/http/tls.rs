//! Whose TLS certificate is trusted.

use crate::server::{PATIENCE, listen, read_request};
use http::Request;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use saifu_host::center::{Exchange, Http};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const WITHIN: Duration = Duration::from_secs(2);

/// An authority of one's own.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A certificate for `name`, changed by `change`, and its private key; both PEM.
    pub(crate) fn certify(&self, name: &str, change: fn(&mut CertificateParams)) -> [String; 2] {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        [certificate.pem(), key.serialize_pem()]
    }

    /// A server's side of TLS with such a certificate.
    pub(crate) fn server(
        &self,
        name: &str,
        change: fn(&mut CertificateParams),
    ) -> Arc<ServerConfig> {
        let [certificate, key] = self.certify(name, change);
        let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let config = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into());
        let config = config.with_safe_default_protocol_versions().unwrap();
        Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap())
    }
}

/// A TLS server that answers with fixed bytes, and counts the requests it was sent.
struct Server {
    place: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Server {
    fn new(config: Arc<ServerConfig>, answer: &'static [u8]) -> Self {
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        let place = listen(move |stream| {
            let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream: StreamOwned<_, TcpStream> = StreamOwned::new(tls, stream);
            if read_request(&mut stream).is_some() {
                counted.fetch_add(1, Ordering::SeqCst);
                stream.write_all(answer).unwrap();
            }
        });
        Self { place, requests }
    }

    fn url(&self, host: &str) -> String {
        format!("https://{host}:{}", self.place.port())
    }
}

const GOOD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

fn get(url: &str, authority: Option<&Authority>) -> Result<String, String> {
    let pem = authority.map(|authority| authority.pem.as_bytes());
    let center = Http::new(url, pem, WITHIN).unwrap();
    let answer = center.exchange(Request::get("/v1/center").body(Vec::new()).unwrap());
    let mut text = String::new();
    let read = answer.map_err(|why| why.to_string())?.into_body().read_to_string(&mut text);
    read.map(|_| text).map_err(|why| why.to_string())
}

#[test]
fn a_center_of_one_s_own_authority_is_trusted_if_the_authority_is_named() {
    let authority = Authority::new();
    for (host, name) in [("localhost", "localhost"), ("127.0.0.1", "127.0.0.1")] {
        let server = Server::new(authority.server(name, |_| {}), GOOD);
        assert_eq!(get(&server.url(host), Some(&authority)).unwrap(), "{}", "{host}");
    }
}

/// Demands that a server is refused in words with `expected` in them, and was sent nothing.
#[track_caller]
fn refused(config: Arc<ServerConfig>, authority: Option<&Authority>, expected: &str) {
    let server = Server::new(config, GOOD);
    let told = get(&server.url("localhost"), authority).unwrap_err();
    assert!(told.contains(expected), "{told}");
    assert!(told.starts_with(&format!("localhost:{} ", server.place.port())), "{told}");
    assert_eq!(server.requests.load(Ordering::SeqCst), 0);
}

#[test]
fn a_center_that_no_trusted_authority_signed_is_sent_nothing() {
    let (own, other) = (Authority::new(), Authority::new());
    refused(own.server("localhost", |_| {}), None, "--center-ca FILE");
    refused(own.server("localhost", |_| {}), Some(&other), "--center-ca FILE");
}

#[test]
fn a_certificate_for_another_name_or_another_time_is_refused() {
    let own = Authority::new();
    let refused = |name, change: fn(&mut CertificateParams), expected| {
        refused(own.server(name, change), Some(&own), expected);
    };
    refused("shop.example", |_| {}, "for another name");
    refused("localhost", |params| params.not_after = date_time_ymd(2020, 1, 1), "has expired");
    refused("localhost", |params| params.not_before = date_time_ymd(4000, 1, 1), "not valid yet");
}

#[test]
fn a_certificate_of_an_authority_is_no_server_s() {
    let own = Authority::new();
    let config = own.server("localhost", |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    });
    refused(config, Some(&own), "makes one with basicConstraints=CA:FALSE");
}

#[test]
fn a_server_under_tls_that_is_asked_without_is_told_as_one() {
    let own = Authority::new();
    let server = Server::new(own.server("localhost", |_| {}), GOOD);
    let told = get(&format!("http://{}", server.place), None).unwrap_err();
    assert!(told.ends_with("is not HTTP: is it an https:// address?"), "{told}");
}

#[test]
fn a_server_without_tls_is_told_as_one() {
    let place = listen(|mut stream| {
        let _ = stream.read(&mut [0; 1 << 14]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    });
    let told = get(&format!("https://{place}"), None).unwrap_err();
    assert!(told.contains("does not speak TLS"), "{told}");
}

#[test]
fn a_server_that_never_shakes_hands_is_left_in_time() {
    let place = listen(|mut stream| {
        let _ = stream.read(&mut [0; 1 << 14]);
        let _ = stream.read(&mut [0]);
    });
    let begun = Instant::now();
    let told = get(&format!("https://{place}"), None).unwrap_err();
    assert_eq!(told, format!("no connection to {place} came about within 2 s"));
    assert!(begun.elapsed() >= WITHIN && begun.elapsed() < PATIENCE / 2);
}

#[test]
fn an_answer_that_somebody_cuts_off_under_tls_is_an_error() {
    let authority = Authority::new();
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345";
    let server = Server::new(authority.server("localhost", |_| {}), cut);
    let pem = authority.pem.as_bytes();
    let center = Http::new(&server.url("localhost"), Some(pem), WITHIN).unwrap();
    let request = Request::get("/v1/center").body(Vec::new()).unwrap();
    let mut body = center.exchange(request).unwrap().into_body();
    let broken = body.read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(broken.kind(), ErrorKind::ConnectionAborted, "{broken}");
}
