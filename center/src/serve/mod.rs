//! The interface over a network: the same router as in process, behind TCP or TLS.
//!
//! ```text
//! address  ->  connection  ->  tls  ->  HTTP/1.1  ->  http::router
//! ```
//!
//! [`Server::bind`] takes an address, [`Server::run`] serves there until a [`Stop`] ends it.
//! Whoever connects is a stranger: all that one of them can hold on to, connections, memory
//! and time, is bounded by [`Limits`]. What fails inside is told on standard error, and no
//! stranger. Plain HTTP is served to this machine only.

mod address;
mod caller;
mod certificate;
mod connection;
mod failures;
mod host;
mod limits;
mod log;
mod observe;
mod request_log;
mod tls;
mod unread;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, middleware};
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use tokio::runtime;

pub use self::limits::{Limits, MAX_HEAD_BYTES};
pub use self::request_log::LogFormat;
pub use self::tls::{MAX_PEM_BYTES, Tls};

pub(crate) use self::caller::this_machine;

use self::caller::{Gatekeeper, Proxies, not_too_often};
use self::connection::Gate;
use self::log::Log;
use self::observe::{Observer, observed};
use self::request_log::RequestLog;
use crate::center::Center;
use crate::http::{BodyDeadline, Networked, Rates, router};
use crate::refusal::{Refusal, Result};

/// Where a center listens if nobody says where: this machine only.
pub const DEFAULT_ADDRESS: &str = "127.0.0.1:8440";

/// How long threads that still read the disk may take when all connections have ended.
const LAST_READS: Duration = Duration::from_secs(5);

/// Where and how a server listens.
#[derive(Debug, Clone)]
pub struct Listen {
    /// Host and port, an IPv6 address in brackets; port 0 takes a free one.
    pub address: String,
    /// The certificate and key for TLS; without, plain HTTP on this machine.
    pub tls: Option<Tls>,
    /// What its callers may take up.
    pub limits: Limits,
    /// How requests are told on standard error; none where they are not.
    pub log: Option<LogFormat>,
}

impl Default for Listen {
    fn default() -> Self {
        Self { address: DEFAULT_ADDRESS.into(), tls: None, limits: Limits::default(), log: None }
    }
}

/// A center on an address. From [`Server::bind`] on callers can connect; they are served while
/// it runs.
pub struct Server {
    center: Arc<Center>,
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    files: Option<Tls>,
    warnings: Vec<String>,
    url: String,
    limits: Limits,
    log: Option<LogFormat>,
    gatekeeper: Gatekeeper,
    stop: Stop,
}

impl Server {
    /// Takes the address and reads the certificate.
    ///
    /// # Errors
    /// `malformed`: the address is none, is not this machine's alone and there is no TLS, or
    /// certificate and key cannot be read or do not belong together. `unavailable`: the
    /// address cannot be had.
    pub fn bind(center: Arc<Center>, listen: Listen) -> Result<Self> {
        let Listen { address, tls, limits, log } = listen;
        let config = center.config();
        let proxies = Proxies::read(&config.server.trusted_proxies)?;
        let gatekeeper = Gatekeeper { rates: Rates::new(&config.rates), proxies };
        let files = tls;
        let (tls, warnings) = files.as_ref().map(Tls::load).transpose()?.unzip();
        let tls = tls.map(RustlsConfig::from_config);
        let (listener, url) = address::bind(&address, tls.is_some())?;
        let stop = Stop::new(limits.grace);
        let warnings = warnings.unwrap_or_default();
        Ok(Self { center, listener, tls, files, warnings, url, limits, log, gatekeeper, stop })
    }

    /// Where it serves, such as `http://127.0.0.1:8440`: the port that it has, and with TLS the
    /// host as it was named.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What keeps terminals from taking its certificate, to be told to its operator.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// A handle that reads its certificate and key again; none without TLS.
    pub fn renewal(&self) -> Option<Renewal> {
        let (files, tls) = (self.files.clone()?, self.tls.clone()?);
        Some(Renewal { files, tls })
    }

    /// A handle that ends it.
    pub fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Serves until it is stopped. It blocks, so it is not to be called from within an
    /// asynchronous runtime.
    ///
    /// # Errors
    /// `unavailable`: the system gives no threads or takes the address away.
    pub fn run(self) -> Result<()> {
        let failed = |error: io::Error| {
            Refusal::unavailable(format!("the center cannot serve ({error}): try again"))
        };
        let runtime = runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
        let log = Log::new().map_err(failed)?;
        let served = runtime.block_on(self.serve(log.clone()));
        runtime.shutdown_timeout(LAST_READS);
        served.map_err(failed)
    }

    async fn serve(self, log: Log) -> io::Result<()> {
        let Self { center, listener, tls, limits, stop, gatekeeper, .. } = self;
        let requests = self.log.map(RequestLog::new).transpose()?;
        let observer = Observer { center: Arc::clone(&center), log: requests };
        let router = router(center)
            .layer(Extension(Networked))
            .layer(Extension(BodyDeadline(limits.body)))
            .layer(middleware::from_fn(host::named))
            .layer(middleware::from_fn_with_state(gatekeeper, not_too_often))
            .layer(middleware::from_fn(unread::read_to_its_end))
            .layer(middleware::from_fn_with_state(log.clone(), failures::kept_inside))
            .layer(middleware::from_fn_with_state(observer, observed));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let gate = Gate::new(&limits);
        let mut server = axum_server::from_tcp(listener)?.handle(stop.handle).http1_only();
        server = server.accept_error_handler(move |from, error| {
            // What goes wrong with one caller, who is known by then, is that caller's affair.
            if from.is_none() {
                log.tell(&format!("no connection can be taken now: {error}"));
            }
        });
        server
            .http_builder()
            .http1()
            .half_close(true)
            .header_read_timeout(limits.head)
            .max_buf_size(MAX_HEAD_BYTES);
        let Some(config) = tls else {
            return server.acceptor(gate).serve(service).await;
        };
        let tls = RustlsAcceptor::new(config);
        let tls = tls.handshake_timeout(limits.handshake).acceptor(gate);
        server.acceptor(tls).serve(service).await
    }
}

/// Checks networks of proxies, as the configuration has them.
///
/// # Errors
/// `malformed`: one is no address and no network.
pub(crate) fn check_proxies(networks: &[String]) -> Result<()> {
    Proxies::read(networks).map(drop)
}

/// Renews the certificate of a [`Server`], from any thread.
pub struct Renewal {
    files: Tls,
    tls: RustlsConfig,
}

impl Renewal {
    /// Reads certificate and key again, for all connections from now on, and returns warnings as
    /// [`Server::warnings`] does.
    ///
    /// # Errors
    /// As [`Server::bind`] on certificate and key; those it has are kept then.
    pub fn renew(&self) -> Result<Vec<String>> {
        let (config, warnings) = self.files.load()?;
        self.tls.reload_from_config(config);
        Ok(warnings)
    }
}

/// Ends a [`Server`], from any thread.
#[derive(Clone)]
pub struct Stop {
    handle: Handle<SocketAddr>,
    grace: Duration,
}

impl Stop {
    fn new(grace: Duration) -> Self {
        Self { handle: Handle::new(), grace }
    }

    /// Takes no more connections, and gives requests under way the time of
    /// [`Limits::grace`].
    pub fn stop(&self) {
        self.handle.graceful_shutdown(Some(self.grace));
    }
}
