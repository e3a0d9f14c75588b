//! A body that is read on a thread of its own, a little ahead of the network.

use std::io::Read;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use http_body_util::channel::{Channel, Sender};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::answer::{Answer, Failure};
use crate::metrics::Counter;
use crate::refusal::Refusal;

/// The bytes of a chunk: sixteen segments and their tags nearly fill it.
const CHUNK_BYTES: usize = 64 * 1024;

/// How many chunks wait for a slow reader; then the thread waits, too.
const CHUNKS_AHEAD: usize = 2;

/// The most deliveries that are read at once. Each holds a thread for as long as its reader takes,
/// and the threads left over are those that settle.
const MAX_DELIVERIES: usize = 128;

/// The most previews that are read at once: places of their own, so that those who only look take
/// none from those who have paid.
const MAX_PREVIEWS: usize = 64;

/// The bodies that may be read at once; its clone counts the same ones.
#[derive(Clone)]
pub(super) struct Streams {
    deliveries: Arc<Semaphore>,
    previews: Arc<Semaphore>,
}

impl Streams {
    pub(super) fn new() -> Self {
        let places = |most| Arc::new(Semaphore::new(most));
        Self { deliveries: places(MAX_DELIVERIES), previews: places(MAX_PREVIEWS) }
    }

    /// Takes the place of a delivery, for as long as the permit lives.
    ///
    /// # Errors
    /// `unavailable`: all are taken.
    pub(super) fn delivery(&self) -> Answer<OwnedSemaphorePermit> {
        take(&self.deliveries, "deliveries")
    }

    /// Takes the place of a preview, for as long as the permit lives.
    ///
    /// # Errors
    /// `unavailable`: all are taken.
    pub(super) fn preview(&self) -> Answer<OwnedSemaphorePermit> {
        take(&self.previews, "previews")
    }
}

fn take(places: &Arc<Semaphore>, what: &str) -> Answer<OwnedSemaphorePermit> {
    Arc::clone(places).try_acquire_owned().map_err(|_| {
        let detail = format!("as many {what} as can be are under way: ask again later");
        Failure::busy(Refusal::unavailable(detail))
    })
}

/// A source whose bytes are counted as they are read.
pub(super) struct Counted<S> {
    pub(super) source: S,
    pub(super) counter: Counter,
}

impl<S: Read> Read for Counted<S> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.source.read(out)?;
        self.counter.add(count as u64);
        Ok(count)
    }
}

/// The body that `source` reads, in bounded memory. If reading fails the body breaks off, so
/// that it never looks complete; if nobody wants the body any more, reading ends.
pub(super) fn streamed(source: impl Read + Send + 'static, permit: OwnedSemaphorePermit) -> Body {
    let (sender, body) = Channel::<Bytes, std::io::Error>::new(CHUNKS_AHEAD);
    let handle = Handle::current();
    tokio::task::spawn_blocking(move || {
        send_all(source, sender, &handle);
        drop(permit);
    });
    Body::new(body)
}

fn send_all(mut source: impl Read, mut sender: Sender<Bytes, std::io::Error>, handle: &Handle) {
    loop {
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        match source.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut chunk) {
            Ok(0) => return,
            Ok(_) if handle.block_on(sender.send_data(chunk.into())).is_ok() => {}
            Ok(_) => return,
            Err(error) => return sender.abort(error),
        }
    }
}
