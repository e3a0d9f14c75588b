//! A way to the center that sends a request again, word for word, until it is answered.

use std::io::{Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use http::{Request, Response, StatusCode};
use saifu_host::center::{Body, Client, Exchange, Http, NoAnswer};

use crate::shop::Anything;

/// Each part of an answer is there within this.
const WITHIN: Duration = Duration::from_secs(30);

/// How long no answer may come at all.
const GIVE_UP_AFTER: Duration = Duration::from_secs(120);

/// The pause before a request is sent again.
const PAUSE: Duration = Duration::from_millis(10);

/// The most bytes of an answer.
const MAX_ANSWER_BYTES: u64 = 1 << 20;

/// Counts the answers that were lost.
#[derive(Debug, Clone, Default)]
pub(super) struct Patience(Arc<AtomicU64>);

impl Patience {
    /// How many were lost, and asked for again.
    pub(super) fn lost_answers(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Makes a way to the center at `url`.
    pub(super) fn way(&self, url: &str) -> Result<Way, Anything> {
        Ok(Way { http: Arc::new(Http::new(url, None, WITHIN)?), patience: self.clone() })
    }
}

/// A way to the center; its clone goes the same way.
#[derive(Clone)]
pub(super) struct Way {
    http: Arc<Http>,
    patience: Patience,
}

impl Way {
    /// A client that goes this way.
    pub(super) fn client(&self) -> Client {
        Client::new(Box::new(self.clone()))
    }

    fn once(&self, request: Request<Vec<u8>>) -> Result<Response<Body>, NoAnswer> {
        let (head, body) = self.http.exchange(request)?.into_parts();
        let mut bytes = Vec::new();
        let read = body.take(MAX_ANSWER_BYTES).read_to_end(&mut bytes);
        read.map_err(|error| NoAnswer::Lost(error.to_string()))?;
        Ok(Response::from_parts(head, Box::new(Cursor::new(bytes))))
    }
}

impl Exchange for Way {
    fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response<Body>, NoAnswer> {
        let begun = Instant::now();
        loop {
            match self.once(request.clone()) {
                Ok(answer) if answer.status() != StatusCode::SERVICE_UNAVAILABLE => {
                    return Ok(answer);
                }
                answer if begun.elapsed() > GIVE_UP_AFTER => return answer,
                _ => {}
            }
            self.patience.0.fetch_add(1, Ordering::Relaxed);
            sleep(PAUSE);
        }
    }
}
