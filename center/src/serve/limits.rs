//! What strangers may take up.

use std::time::Duration;

/// The most bytes of a request's line and headers; a longer head is answered with 431.
pub const MAX_HEAD_BYTES: usize = 16 * 1024;

/// The limits of a server, each for one connection but the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once; a further one is closed. 512: with a file for each of 128
    /// deliveries and 64 previews, and the store, that stays below the 1,024 files a process may usually open.
    pub connections: usize,
    /// For the handshake of TLS: 10 s.
    pub handshake: Duration,
    /// For a request's head, from the first moment or from the answer before: 30 s. An idle
    /// connection ends then, too.
    pub head: Duration,
    /// For a request's body, from the head on: 30 s; whoever takes longer is told.
    pub body: Duration,
    /// How long a caller may take nothing of what it is sent: 60 s.
    pub stall: Duration,
    /// For requests under way when the server is stopped: 10 s.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(30),
            body: Duration::from_secs(30),
            stall: Duration::from_secs(60),
            grace: Duration::from_secs(10),
        }
    }
}
