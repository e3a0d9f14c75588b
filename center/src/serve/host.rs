//! The `Host` field, which RFC 9112 §3.2 wants in every request of HTTP/1.1, once.

use axum::extract::Request;
use axum::http::{Version, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::http::refused;
use crate::refusal::Refusal;

/// Passes on a request that names its host, and refuses every other.
pub(super) async fn named(request: Request, next: Next) -> Response {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if hosts > 1 || hosts == 0 && request.version() == Version::HTTP_11 {
        return refused(Refusal::malformed("a request of HTTP/1.1 has one Host: send it once"));
    }
    next.run(request).await
}
