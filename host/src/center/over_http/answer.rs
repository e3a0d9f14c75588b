//! A body as it comes over the network.

use super::words;
use std::io::{self, ErrorKind, Read};
use std::time::Duration;
use ureq::BodyReader;

/// A body of any length. Whoever lets it go before its end ends the connection with it.
///
/// One that breaks off is an error and never a short body, and stays broken: no later read
/// makes an end of it. Where the reader is slow, so is the center, with what the system
/// buffers in between.
pub(super) struct Answer {
    body: BodyReader<'static>,
    place: String,
    within: Duration,
    broken: Option<(ErrorKind, String)>,
}

impl Answer {
    /// The body of an answer from `place`; each next part of it must come `within` that time.
    pub(super) fn new(body: ureq::Body, place: String, within: Duration) -> Self {
        Self { body: body.into_reader(), place, within, broken: None }
    }

    fn said(&self, why: io::Error) -> (ErrorKind, String) {
        let why = ureq::Error::from(why);
        // `UnexpectedEof` would be taken for an end.
        let kind = match why {
            ureq::Error::Timeout(_) => ErrorKind::TimedOut,
            _ => ErrorKind::ConnectionAborted,
        };
        (kind, words::of(&why, &self.place, self.within))
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
