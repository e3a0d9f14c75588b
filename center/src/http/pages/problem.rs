//! Refusals as pages, for those who ask for pages.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use maud::html;
use saifu_center_api::Problem;

use super::layout::{self, Frame};
use crate::center::Center;

/// The most bytes of a problem.
const MAX_PROBLEM_BYTES: usize = 64 * 1024;

/// Answers a problem as a page where a page was asked for.
pub(in crate::http) async fn as_page(
    State(center): State<Arc<Center>>,
    request: Request,
    next: Next,
) -> Response {
    let wants_page = wants_page(request.headers());
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE);
    if !wants_page || kind.is_none_or(|kind| kind != "application/problem+json") {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let problem = to_bytes(body, MAX_PROBLEM_BYTES).await.unwrap_or_default();
    let problem = serde_json::from_slice::<Problem>(&problem);
    let problem = problem.map_or_else(|_| String::new(), |problem| problem.detail);
    let status = parts.status;
    let content = html! {
        h1 { (status.canonical_reason().unwrap_or("Refused")) }
        p { (problem) }
        p { a href="/" { "All works" } }
    };
    let frame = Frame { config: center.config(), title: "Not done", search: "" };
    let (page, body) = layout::html(status, layout::page(&frame, &content)).into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(page.headers);
    parts.headers.insert(header::VARY, HeaderValue::from_static("accept"));
    Response::from_parts(parts, body)
}

/// Whether a browser asks, which names HTML among what it takes.
fn wants_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/html"))
}
