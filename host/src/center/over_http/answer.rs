//! A body as it comes over the network.

use super::words::Peer;
use std::io::{self, ErrorKind, Read};
use ureq::BodyReader;

/// A body of any length. Whoever lets it go before its end ends the connection with it.
///
/// One that breaks off is an error and never a short body, and stays broken: no later read
/// makes an end of it. Where the reader is slow, so is the center, with what the system
/// buffers in between.
pub(super) struct Answer {
    body: BodyReader<'static>,
    peer: Peer,
    broken: Option<(ErrorKind, String)>,
}

impl Answer {
    /// The body of an answer from `peer`.
    pub(super) fn new(body: ureq::Body, peer: Peer) -> Self {
        Self { body: body.into_reader(), peer, broken: None }
    }

    fn said(&self, why: io::Error) -> (ErrorKind, String) {
        let why = ureq::Error::from(why);
        // `UnexpectedEof` would be taken for an end.
        let kind = match why {
            ureq::Error::Timeout(_) => ErrorKind::TimedOut,
            _ => ErrorKind::ConnectionAborted,
        };
        (kind, self.peer.no_answer(&why).to_string())
    }
}

impl Read for Answer {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        if let Some((kind, why)) = &self.broken {
            return Err(io::Error::new(*kind, why.clone()));
        }
        self.body.read(out).map_err(|why| {
            let (kind, why) = self.said(why);
            self.broken = Some((kind, why.clone()));
            io::Error::new(kind, why)
        })
    }
}
