//! A download that goes on where it broke off (RFC 9110 section 14).
//!
//! A delivery's bytes never change, and its strong ETag names them. So whatever is missing after
//! a break is asked for with `Range` and `If-Range`; a center that answers with the whole again
//! is read up to the place, and one that answers with something else leaves the break as it is.

use super::{Body, Exchange, Streamed};
use http::{Request, Response, StatusCode, header};
use std::io::{self, ErrorKind, Read};
use std::rc::Rc;
use std::thread;
use std::time::Duration;

/// How often it is tried to go on before another byte must come.
const MAX_TRIES: u32 = 4;

/// How long the first try waits; each further one twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// Where the same bytes are to be had again.
pub(super) struct Source {
    pub(super) exchange: Rc<dyn Exchange>,
    pub(super) path: String,
    /// The strong ETag of the bytes, quotes included.
    pub(super) etag: String,
    /// How many bytes there are.
    pub(super) length: u64,
}

/// A body that goes on after a break, where its source is known.
pub(super) struct Resumed {
    body: Body,
    source: Option<Source>,
    /// How many bytes were given out.
    at: u64,
    /// How often it was tried to go on since the last byte came.
    tries: u32,
}

impl Source {
    /// Where the body of `response` to a request for `path` can be had again; nowhere if it does
    /// not say what its bytes are.
    pub(super) fn of(
        exchange: &Rc<dyn Exchange>,
        path: &str,
        response: &Response<Body>,
    ) -> Option<Self> {
        let etag = field(response, header::ETAG).filter(|etag| etag.starts_with('"'))?.to_owned();
        let length = field(response, header::CONTENT_LENGTH)?.parse().ok()?;
        Some(Self { exchange: Rc::clone(exchange), path: path.to_owned(), etag, length })
    }

    /// The bytes from `at` on, if they can be had now.
    fn from(&self, at: u64) -> Option<Body> {
        let request = Request::get(&self.path)
            .header(header::RANGE, format!("bytes={at}-"))
            .header(header::IF_RANGE, &self.etag)
            .extension(Streamed)
            .body(Vec::new())
            .ok()?;
        let response = self.exchange.exchange(request).ok()?;
        if field(&response, header::ETAG) != Some(&self.etag) {
            return None;
        }
        let part = format!("bytes {at}-{}/{}", self.length.checked_sub(1)?, self.length);
        match response.status() {
            StatusCode::PARTIAL_CONTENT => {
                let it = field(&response, header::CONTENT_RANGE) == Some(&part);
                it.then(|| response.into_body())
            }
            StatusCode::OK => after(response.into_body(), at),
            _ => None,
        }
    }
}

/// What is left of a body that begins at the first byte.
fn after(mut body: Body, at: u64) -> Option<Body> {
    let skipped = io::copy(&mut body.by_ref().take(at), &mut io::sink()).ok()?;
    (skipped == at).then_some(body)
}

fn field(response: &Response<Body>, name: header::HeaderName) -> Option<&str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

impl Resumed {
    /// Over `body`, its first byte next.
    pub(super) fn new(body: Body, source: Option<Source>) -> Self {
        Self { body, source, at: 0, tries: 0 }
    }

    /// Goes on where it broke off, if that can be.
    fn go_on(&mut self) -> bool {
        let Some(source) = &self.source else { return false };
        while self.tries < MAX_TRIES && self.at < source.length {
            thread::sleep(FIRST_WAIT * 2_u32.pow(self.tries));
            self.tries += 1;
            if let Some(body) = source.from(self.at) {
                self.body = body;
                return true;
            }
        }
        false
    }
}

impl Read for Resumed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.body.read(out) {
                Ok(count) => {
                    self.at = self.at.saturating_add(count as u64);
                    self.tries = if count > 0 { 0 } else { self.tries };
                    return Ok(count);
                }
                Err(why) if why.kind() == ErrorKind::Interrupted => return Err(why),
                // A silence has had its deadline: waiting again would be another.
                Err(why) if why.kind() == ErrorKind::TimedOut => return Err(why),
                Err(why) if !self.go_on() => return Err(why),
                Err(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::center::{Client, NoAnswer};
    use crate::testing::world;
    use saifu_center_api::DELIVERY_MEDIA_TYPE;
    use std::cell::Cell;

    const LENGTH: usize = 10_000;

    fn bytes() -> Vec<u8> {
        (0..LENGTH).map(|at| (at ^ (at >> 8)) as u8).collect()
    }

    /// A center that cuts each answer, in its own way.
    #[derive(Clone, Copy, PartialEq)]
    enum Way {
        Ranges,
        WholeAgain,
        OtherBytes,
        OtherPlace,
        Gone,
    }

    struct Cutting {
        way: Way,
        /// How many bytes the next answer has before it breaks.
        pieces: Box<dyn Fn(u32) -> usize>,
        calls: Rc<Cell<u32>>,
    }

    /// Bytes, and then a break; an end if they are all.
    struct Cut(io::Cursor<Vec<u8>>, bool);

    impl Read for Cut {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            match self.0.read(out)? {
                0 if self.1 && !out.is_empty() => Err(ErrorKind::ConnectionAborted.into()),
                count => Ok(count),
            }
        }
    }

    impl Exchange for Cutting {
        fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response<Body>, NoAnswer> {
            let call = self.calls.replace(self.calls.get() + 1);
            if call > 0 && self.way == Way::Gone {
                return Err(NoAnswer::Lost("gone".into()));
            }
            let asked = request.headers().get(header::RANGE).map(|range| {
                assert_eq!(request.headers()[header::IF_RANGE], "\"one\"");
                let range = range.to_str().unwrap();
                range.trim_start_matches("bytes=").trim_end_matches('-').parse::<usize>().unwrap()
            });
            let etag = if call > 0 && self.way == Way::OtherBytes { "\"two\"" } else { "\"one\"" };
            let from = asked.filter(|_| self.way != Way::WholeAgain).unwrap_or(0);
            let left = bytes().split_off(from);
            let piece = (self.pieces)(call).min(left.len());
            let cut = Cut(io::Cursor::new(left[..piece].to_vec()), piece < left.len());
            let mut response = Response::builder()
                .header(header::CONTENT_TYPE, DELIVERY_MEDIA_TYPE)
                .header(header::CONTENT_LENGTH, left.len())
                .header(header::ETAG, etag);
            if asked.is_some() && self.way != Way::WholeAgain {
                let told = if self.way == Way::OtherPlace { from + 1 } else { from };
                let range = format!("bytes {told}-{}/{LENGTH}", LENGTH - 1);
                response = response.status(206).header(header::CONTENT_RANGE, range);
            }
            Ok(response.body(Box::new(cut) as Body).unwrap())
        }
    }

    fn read(way: Way, pieces: impl Fn(u32) -> usize + 'static) -> (io::Result<Vec<u8>>, u32) {
        let calls = Rc::new(Cell::new(0));
        let center = Cutting { way, pieces: Box::new(pieces), calls: Rc::clone(&calls) };
        let mut delivery = Client::new(Box::new(center)).delivery(world::ORDER).unwrap();
        let mut out = Vec::new();
        let read = delivery.body().read_to_end(&mut out).map(|_| out);
        (read, calls.get())
    }

    #[test]
    fn a_download_that_breaks_off_anywhere_goes_on_there() {
        for seed in 0..40_u32 {
            let random = move |call: u32| {
                let mixed = (seed + 1).wrapping_mul(2_654_435_761).wrapping_add(call * 40_503);
                (mixed >> 7) as usize % 4_000 + 1
            };
            let (read, calls) = read(Way::Ranges, random);
            assert!(read.unwrap() == bytes() && calls > 1, "seed {seed}");
        }
    }

    #[test]
    fn a_center_that_ignores_ranges_is_read_up_to_the_place() {
        let (read, calls) = read(Way::WholeAgain, |call| 3_000 * (call as usize + 1));
        assert!(read.unwrap() == bytes());
        assert_eq!(calls, 4);
    }

    #[test]
    fn other_bytes_and_another_place_are_not_taken_for_the_rest() {
        for way in [Way::OtherBytes, Way::OtherPlace, Way::Gone] {
            let (read, calls) = read(way, |_| 3_000);
            assert_eq!(read.unwrap_err().kind(), ErrorKind::ConnectionAborted);
            assert_eq!(calls, 1 + MAX_TRIES);
        }
    }

    #[test]
    fn a_download_that_gets_no_further_ends() {
        let (read, calls) = read(Way::WholeAgain, |_| 3_000);
        assert_eq!(read.unwrap_err().kind(), ErrorKind::ConnectionAborted);
        assert_eq!(calls, 1 + MAX_TRIES);
    }
}
