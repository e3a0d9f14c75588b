//! A body that is read on a thread of its own, a little ahead of the network.

use std::io::Read;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use http_body_util::channel::{Channel, Sender};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::refusal::{Refusal, Result};

/// The bytes of a chunk: sixteen segments and their tags nearly fill it.
const CHUNK_BYTES: usize = 64 * 1024;

/// How many chunks wait for a slow reader; then the thread waits, too.
const CHUNKS_AHEAD: usize = 2;

/// The most bodies that are read at once. Each holds a thread for as long as its reader takes, and
/// the threads left over are those that settle.
pub(super) const MAX_STREAMS: usize = 128;

/// The bodies that may be read at once; its clone counts the same ones.
#[derive(Clone)]
pub(super) struct Streams(Arc<Semaphore>);

impl Streams {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(MAX_STREAMS)))
    }

    /// Takes one of them, for as long as the permit lives.
    ///
    /// # Errors
    /// `unavailable`: all are taken.
    pub(super) fn take(&self) -> Result<OwnedSemaphorePermit> {
        Arc::clone(&self.0).try_acquire_owned().map_err(|_| {
            Refusal::unavailable("as many deliveries as can be are under way: ask again later")
        })
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
