//! The center over real sockets: the same answers as in process, and nobody is hurt by callers
//! who are slow, greedy or broken.

mod bounds;
mod certificates;
mod failing;
mod hostile;
pub(crate) mod program;
mod same;
mod tls;
mod watched;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustls::crypto::aws_lc_rs;
use saifu_center::Result;
use saifu_center::serve::{Limits, Listen, Server, Stop, Tls};
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::desk::Desk;

/// How long a test waits for what should come soon.
const PATIENCE: Duration = Duration::from_secs(20);

/// A desk's center, served on a free port until it is dropped.
struct Serving {
    url: String,
    stop: Stop,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Serving {
    fn plain(desk: &Desk) -> Self {
        Self::with(desk, None, Limits::default())
    }

    fn limited(desk: &Desk, limits: Limits) -> Self {
        Self::with(desk, None, limits)
    }

    fn with(desk: &Desk, tls: Option<Tls>, limits: Limits) -> Self {
        let listen = Listen { address: "127.0.0.1:0".into(), tls, limits, ..Listen::default() };
        let server = Server::bind(desk.shared(), listen).unwrap();
        let (url, stop) = (server.url().to_owned(), server.stop());
        Self { url, stop, thread: Some(thread::spawn(|| server.run())) }
    }

    fn address(&self) -> &str {
        self.url.split_once("://").unwrap().1
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// A connection that has sent `bytes`.
    fn sent(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        stream
    }

    /// Whether somebody who keeps to the rules is served.
    fn is_well(&self) -> bool {
        agent(None).get(format!("{}/v1/center", self.url)).call().unwrap().status() == 200
    }

    /// Stops it, and says how long that took.
    fn end(mut self) -> Duration {
        let begun = Instant::now();
        self.stop.stop();
        self.thread.take().unwrap().join().unwrap().unwrap();
        begun.elapsed()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(thread::panicking() || ended.is_ok());
        }
    }
}

/// A client that trusts this authority, or nobody.
pub(crate) fn agent(authority: Option<&[u8]>) -> Agent {
    let roots: Vec<_> =
        authority.map(|der| Certificate::from_der(der).to_owned()).into_iter().collect();
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .root_certs(RootCerts::from(roots))
        .build();
    let config = Agent::config_builder().tls_config(tls).http_status_as_error(false);
    config.proxy(None).timeout_global(Some(PATIENCE)).build().into()
}

/// Everything that still comes, until the other end closes.
fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A connection that was cut off has an end, too.
    let read = stream.read_to_end(&mut bytes);
    assert!(read.err().is_none_or(|error| error.kind() != ErrorKind::WouldBlock));
    String::from_utf8_lossy(&bytes).into_owned()
}
