//! The interface without a network: the same router, called by whoever waits.

use std::io::{self, ErrorKind, Read};
use std::sync::Arc;
use std::sync::mpsc as blocking;
use std::thread::{Builder, JoinHandle};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use http::header::CONTENT_LENGTH;
use http::response::Parts;
use http::{Method, Request, Response};
use http_body_util::BodyExt;
use tokio::runtime;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tower::ServiceExt;

use crate::center::Center;
use crate::http::router;
use crate::refusal::{Refusal, Result};

/// How many calls wait before the next caller waits.
const MAX_CALLS: usize = 64;

/// How many chunks of a body wait for a slow reader; then the center waits, too.
const CHUNKS_AHEAD: usize = 2;

/// What comes back: head at once, body as it is read.
pub type Answer = Response<Box<dyn Read + Send>>;

struct Call {
    request: Request<Vec<u8>>,
    answer: blocking::Sender<Answer>,
}

/// A center in this process. Many threads may call it; dropped, it ends.
pub struct InProcess {
    calls: Option<Sender<Call>>,
    thread: Option<JoinHandle<()>>,
}

impl InProcess {
    /// Starts the router on a thread of its own.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn new(center: Arc<Center>) -> Result<Self> {
        let failed = |error: io::Error| {
            Refusal::unavailable(format!("no thread for the center ({error}): try again"))
        };
        let runtime =
            runtime::Builder::new_current_thread().enable_time().build().map_err(failed)?;
        let (calls, queue) = mpsc::channel(MAX_CALLS);
        let serve = move || runtime.block_on(serve(router(center), queue));
        let thread = Builder::new().name("center".into()).spawn(serve).map_err(failed)?;
        Ok(Self { calls: Some(calls), thread: Some(thread) })
    }

    /// Sends a request and waits for the head of its answer. Not to be called from within an
    /// asynchronous runtime: it blocks.
    ///
    /// # Errors
    /// The center has ended.
    pub fn call(&self, request: Request<Vec<u8>>) -> Result<Answer> {
        let ended = || Refusal::unavailable("the center in this process has ended: start again");
        let (answer, head) = blocking::channel();
        let calls = self.calls.as_ref().ok_or_else(ended)?;
        calls.blocking_send(Call { request, answer }).map_err(|_| ended())?;
        head.recv().map_err(|_| ended())
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        drop(self.calls.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so; there is nobody left to tell here.
            let _ = thread.join();
        }
    }
}

async fn serve(router: Router, mut queue: Receiver<Call>) {
    while let Some(call) = queue.recv().await {
        tokio::spawn(carry_out(router.clone(), call));
    }
}

async fn carry_out(router: Router, call: Call) {
    // The answer to HEAD announces a body that it has not.
    let bodiless = call.request.method() == Method::HEAD;
    let Ok(response) = router.oneshot(call.request.map(Body::from)).await;
    let (head, body) = response.into_parts();
    let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
    let left = if bodiless { None } else { announced(&head, &body) };
    let reader = Chunks { chunks, chunk: Bytes::new(), left };
    // A caller that has gone wants neither head nor body.
    if call.answer.send(Response::from_parts(head, Box::new(reader))).is_ok() {
        forward(body, sender).await;
    }
}

/// The bytes that the answer says it has.
fn announced(head: &Parts, body: &Body) -> Option<u64> {
    let length = head.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).or_else(|| body.size_hint().exact())
}

async fn forward(mut body: Body, sender: Sender<io::Result<Bytes>>) {
    while let Some(frame) = body.frame().await {
        let chunk = match frame.map(|frame| frame.into_data()) {
            Ok(Ok(data)) => Ok(data),
            Ok(Err(_)) => continue,
            Err(error) => Err(io::Error::other(error)),
        };
        let broken = chunk.is_err();
        if sender.send(chunk).await.is_err() || broken {
            return;
        }
    }
}

/// A body that is read as it comes. One that breaks off is an error, never a short body.
struct Chunks {
    chunks: Receiver<io::Result<Bytes>>,
    chunk: Bytes,
    /// Bytes that are still announced.
    left: Option<u64>,
}

impl Read for Chunks {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.chunk.is_empty() && !out.is_empty() {
            match self.chunks.blocking_recv() {
                Some(next) => self.chunk = next?,
                None if self.left.is_some_and(|left| left > 0) => {
                    return Err(io::Error::new(ErrorKind::UnexpectedEof, "the answer broke off"));
                }
                None => return Ok(0),
            }
        }
        let count = out.len().min(self.chunk.len());
        out[..count].copy_from_slice(&self.chunk.split_to(count));
        self.left = self.left.map(|left| left.saturating_sub(count as u64));
        Ok(count)
    }
}
