//! Deadlines that count from the start of what they are for, so that nothing that drips in
//! prolongs them.
//!
//! Setting up a connection (TCP, a proxy's tunnel, TLS) has one deadline for all of it. After
//! that each wait for more of an answer has one, within which something of the answer itself
//! must come: parts of TLS's records or of HTTP's framing are not enough.

use std::time::{Duration, Instant};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport, time,
};
use ureq::{Error, Timeout};

/// Connects as ureq does, and keeps these deadlines on every connection.
#[derive(Debug)]
pub(super) struct Paced {
    connector: DefaultConnector,
    within: Duration,
}

impl Paced {
    /// Where each deadline is `within` that time.
    pub(super) fn new(within: Duration) -> Self {
        Self { connector: DefaultConnector::new(), within }
    }
}

impl Connector for Paced {
    type Out = PacedTransport;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<Self::Out>, Error> {
        // A tunnel begins with a connection to its proxy, under the same details.
        let begun = match details.now {
            time::Instant::Exact(begun) => begun,
            _ => Instant::now(),
        };
        let transport = self.connector.connect(details, chained)?;
        let within = self.within;
        Ok(transport.map(|transport| PacedTransport { transport, begun, within }))
    }
}

/// A connection, to a proxy or to a center.
#[derive(Debug)]
pub(super) struct PacedTransport {
    transport: Box<dyn Transport>,
    begun: Instant,
    within: Duration,
}

impl PacedTransport {
    fn paced(&self, mut timeout: NextTimeout) -> NextTimeout {
        let limit = match timeout.reason {
            Timeout::Connect => self.within.saturating_sub(self.begun.elapsed()),
            _ => self.within,
        };
        if limit < *timeout.after {
            timeout.after = limit.into();
        }
        timeout
    }
}

impl Transport for PacedTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.transport.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.transport.transmit_output(amount, self.paced(timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.transport.await_input(self.paced(timeout))
    }

    fn is_open(&mut self) -> bool {
        self.transport.is_open()
    }

    fn is_tls(&self) -> bool {
        self.transport.is_tls()
    }
}

/// Asks the system for addresses; whatever it says of a name it does not know means that
/// there is no such machine.
#[derive(Debug, Default)]
pub(super) struct Names(DefaultResolver);

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        self.0.resolve(uri, config, timeout).map_err(|why| match why {
            Error::Io(_) => Error::HostNotFound,
            other => other,
        })
    }
}
