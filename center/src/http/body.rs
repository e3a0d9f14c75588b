//! A body that is read on a thread of its own, a little ahead of the network.

use std::io::Read;

use axum::body::{Body, Bytes};
use http_body_util::channel::{Channel, Sender};
use tokio::runtime::Handle;

/// The bytes of a chunk: sixteen segments and their tags nearly fill it.
const CHUNK_BYTES: usize = 64 * 1024;

/// How many chunks wait for a slow reader; then the thread waits, too.
const CHUNKS_AHEAD: usize = 2;

/// The body that `source` reads, in bounded memory. If reading fails the body breaks off, so
/// that it never looks complete; if nobody wants the body any more, reading ends.
pub(super) fn streamed(source: impl Read + Send + 'static) -> Body {
    let (sender, body) = Channel::<Bytes, std::io::Error>::new(CHUNKS_AHEAD);
    let handle = Handle::current();
    tokio::task::spawn_blocking(move || send_all(source, sender, &handle));
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
