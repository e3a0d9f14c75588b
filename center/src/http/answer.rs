//! Answers: JSON, problems, and calls that may wait for the disk.

use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use saifu_center_api::{Problem, ProblemCode};
use serde::Serialize;

use super::trace;
use crate::center::Center;
use crate::refusal::{Refusal, Result};

/// What a handler answers.
pub(super) type Answer<T> = std::result::Result<T, Failure>;

/// A refusal as an answer.
#[derive(Debug)]
pub(super) struct Failure {
    refusal: Refusal,
    why: Why,
}

/// Why there is no other answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// What the caller asked for.
    Caller,
    /// There is no place now: after how many seconds there may be one.
    Busy(u64),
    /// A failure of the center's own.
    Inside,
}

/// A refusal before the router is reached, as an answer.
pub(crate) fn refused(refusal: Refusal) -> Response {
    cached(Failure::from(refusal).into_response(), NO_STORE)
}

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// After how many seconds a place may be free again.
const RETRY_AFTER: u64 = 5;

/// How whoever has no token may show one.
const BEARER: HeaderValue = HeaderValue::from_static("Bearer");

impl Failure {
    /// All places are taken: the answer says when to ask again.
    pub(super) fn busy(refusal: Refusal) -> Self {
        Self::later(refusal, RETRY_AFTER)
    }

    /// The answer says to ask again after so many seconds.
    pub(super) fn later(refusal: Refusal, seconds: u64) -> Self {
        Self { refusal, why: Why::Busy(seconds) }
    }
}

/// Marks an answer that tells of a failure of the center's own, in words for its operator.
#[derive(Debug, Clone)]
pub(crate) struct OwnFailure(Refusal);

impl OwnFailure {
    /// What failed.
    pub(crate) fn inside(&self) -> String {
        self.0.to_string()
    }

    /// The answer for those whom it does not concern what failed.
    pub(crate) fn for_strangers(&self) -> Response {
        let code = self.0.code();
        let detail = match code {
            ProblemCode::Internal => "the center failed at this; its operator is told",
            _ => "the center cannot do this now; its operator is told",
        };
        refused(Refusal::new(code, format!("{detail}: ask again later, in the same words")))
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, why: Why::Caller }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let problem = Problem { trace: trace::now(), ..self.refusal.problem() };
        let status = StatusCode::from_u16(problem.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(problem)).into_response();
        let json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        if self.refusal.code() == ProblemCode::Unauthorized {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, BEARER);
        }
        match self.why {
            Why::Caller => {}
            Why::Busy(seconds) => {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            Why::Inside => {
                response.extensions_mut().insert(OwnFailure(self.refusal));
            }
        }
        response
    }
}

/// Runs `work` where it may wait, and answers its result as JSON.
pub(super) async fn json<T: Serialize + Send + 'static>(
    center: Arc<Center>,
    work: impl FnOnce(&Center) -> Result<T> + Send + 'static,
) -> Answer<Json<T>> {
    waiting(center, work).await.map(Json)
}

/// Runs `work` where it may wait.
pub(super) async fn waiting<T: Send + 'static>(
    center: Arc<Center>,
    work: impl FnOnce(&Center) -> Result<T> + Send + 'static,
) -> Answer<T> {
    let done = tokio::task::spawn_blocking(move || work(&center)).await;
    // A panic in there must not take the connection with it: whoever asked is answered.
    let done = done.unwrap_or_else(|_| Err(Refusal::internal("the center broke down on this")));
    done.map_err(|refusal| {
        let inside = refusal.code().status() >= 500;
        Failure { refusal, why: if inside { Why::Inside } else { Why::Caller } }
    })
}

/// Has a cache ask again each time: what is sold may change.
pub(super) async fn no_cache(response: Response) -> Response {
    cached(response, HeaderValue::from_static("no-cache"))
}

/// Keeps whatever says nothing else out of caches: it is one customer's, or a refusal.
pub(super) async fn no_store(response: Response) -> Response {
    cached(response, NO_STORE)
}

fn cached(mut response: Response, how: HeaderValue) -> Response {
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(how);
    response
}

/// Answers whatever has no route.
pub(super) async fn unknown_path(uri: Uri) -> Failure {
    Failure::from(Refusal::not_found(format!("there is nothing at {:.200}", uri.path())))
}

/// Answers a method that a path does not take.
pub(super) async fn unknown_method(method: Method, uri: Uri) -> Failure {
    let detail = format!("{:.200} does not take {:.20}", uri.path(), method.as_str());
    Failure::from(Refusal::new(ProblemCode::MethodNotAllowed, detail))
}
