//! What nobody has read of a request's body when its answer is ready.
//!
//! The next request comes behind it on the same connection (RFC 9112 section 9.3), and a caller
//! who is still sending may lose an answer that is followed by a close (section 9.6). So a little
//! is read to its end before the answer goes out; where there is more, the answer says that the
//! connection closes.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::time::timeout;

/// The most bytes that are read for no one.
const MAX_UNREAD_BYTES: u64 = 128 * 1024;

/// How long they are waited for.
const UNREAD_WITHIN: Duration = Duration::from_secs(1);

/// Passes a request on, and leaves nothing of its body on a connection that goes on.
pub(super) async fn read_to_its_end(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    if body.is_end_stream() {
        return next.run(Request::from_parts(head, body)).await;
    }
    let mut rest = Shared(Arc::new(Mutex::new(body)));
    let mut response = next.run(Request::from_parts(head, Body::new(rest.clone()))).await;
    if !matches!(timeout(UNREAD_WITHIN, rest.discard()).await, Ok(true)) {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// A body whose rest is still there when its reader is gone.
#[derive(Clone)]
struct Shared(Arc<Mutex<Body>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Body> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what is left of it; whether that was its end.
    async fn discard(&mut self) -> bool {
        let mut left = MAX_UNREAD_BYTES;
        while !self.is_end_stream() {
            if self.size_hint().lower() > left {
                return false;
            }
            match self.frame().await {
                None => return true,
                Some(Ok(frame)) => {
                    let read = frame.data_ref().map_or(0, Bytes::len) as u64;
                    let Some(less) = left.checked_sub(read) else { return false };
                    left = less;
                }
                Some(Err(_)) => return false,
            }
        }
        true
    }
}

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut *self.lock()).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.lock().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.lock().size_hint()
    }
}
