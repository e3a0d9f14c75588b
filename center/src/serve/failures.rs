//! The server's own failures: its operator is told what failed, its caller what helps a caller.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, Uri};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt;

use super::log::Log;
use crate::http::OwnFailure;

/// Passes a request on, and keeps what failed inside from whoever asked.
pub(super) async fn kept_inside(State(log): State<Log>, request: Request, next: Next) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let mut response = next.run(request).await;
    if let Some(failure) = response.extensions_mut().remove::<OwnFailure>() {
        log.tell(&format!("{}: {}", shown(&method, &uri), failure.inside()));
        return failure.for_strangers();
    }
    // A body may fail when its head is long gone; that it breaks off is all its reader learns.
    response.map(|body| {
        Body::new(body.map_err(move |error| {
            log.tell(&format!("{}: its answer broke off: {error}", shown(&method, &uri)));
            error
        }))
    })
}

fn shown(method: &Method, uri: &Uri) -> String {
    format!("{:.20} {:.200}", method.as_str(), uri.path())
}
