//! What is seen of each request: counted for `/metrics`, traced as W3C Trace Context has it, and
//! told in the request log where its operator wants one.
//!
//! A line holds time, method, route, status, duration, trace and the beginning of an account that
//! the path names. It never holds a body, a token, a code or an address.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use serde::Serialize;

use super::request_log::RequestLog;
use crate::center::Center;
use crate::clock::{Clock, SystemClock, rfc3339};
use crate::crypto::random;
use crate::http::{Class, traced};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// What observes.
#[derive(Clone)]
pub(super) struct Observer {
    pub(super) center: Arc<Center>,
    pub(super) log: Option<RequestLog>,
}

/// A request that was answered, as the request log has it.
#[derive(Debug, Serialize)]
pub(super) struct Seen {
    pub(super) time: String,
    pub(super) method: String,
    pub(super) route: String,
    pub(super) status: u16,
    pub(super) ms: u64,
    pub(super) trace: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<String>,
}

/// Passes a request on and notes what became of it.
pub(super) async fn observed(
    State(observer): State<Observer>,
    request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let (route, method) = (route.to_owned(), request.method().clone());
    let account = account(&route, request.uri().path());
    let trace = Trace::of(request.headers());
    let mut response = traced(trace.id.clone(), next.run(request)).await;
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    let metrics = observer.center.metrics();
    metrics.request(&route, method.as_str(), status, took);
    if let Some(class) = response.extensions().get::<Class>() {
        metrics.limited(class.name());
    }
    if status >= 500 {
        metrics.own_failures.add(1);
    }
    if let Ok(value) = HeaderValue::from_str(&trace.text()) {
        response.headers_mut().insert(TRACEPARENT, value);
    }
    if let Some(log) = &observer.log {
        log.tell(&Seen {
            time: rfc3339(SystemClock.now()),
            method: method.as_str().chars().take(16).collect(),
            route: if route.is_empty() { "(none)".into() } else { route },
            status,
            ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            trace: trace.id,
            account,
        });
    }
    response
}

/// The beginning of the account that the path names.
fn account(route: &str, path: &str) -> Option<String> {
    let begins = route.starts_with("/v1/accounts/{account}");
    let account = path.strip_prefix("/v1/accounts/").filter(|_| begins)?;
    let digits = account.chars().take(8).filter(char::is_ascii_hexdigit).collect();
    Some(digits)
}

/// A trace and this request's own place in it.
struct Trace {
    id: String,
    span: String,
    flags: String,
}

impl Trace {
    /// The trace that a request belongs to; a new one where it names none.
    fn of(headers: &HeaderMap) -> Self {
        let named = headers.get(TRACEPARENT).and_then(|value| parse(value.to_str().ok()?));
        let (id, flags) = named.unwrap_or_else(|| (drawn::<16>(), "00".into()));
        Self { id, span: drawn::<8>(), flags }
    }

    fn text(&self) -> String {
        format!("00-{}-{}-{}", self.id, self.span, self.flags)
    }
}

/// Trace and flags of a `traceparent` of any version, which begins as version 00 does.
fn parse(text: &str) -> Option<(String, String)> {
    let mut parts = text.split('-');
    let mut next = |digits: usize| {
        let part = parts.next().filter(|part| part.len() == digits)?;
        let is_hex = part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        is_hex.then_some(part)
    };
    let (version, id, span, flags) = (next(2)?, next(32)?, next(16)?, next(2)?);
    let zero = |text: &str| text.bytes().all(|byte| byte == b'0');
    let extended = parts.next().is_some();
    let wrong = version == "ff" || version == "00" && extended || zero(id) || zero(span);
    (!wrong).then(|| (id.to_owned(), flags.to_owned()))
}

/// Random hex; where there is no randomness, a trace that nobody can follow.
fn drawn<const N: usize>() -> String {
    hex::encode(random::array::<N>().unwrap_or([1; N]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_trace_is_taken_over_as_w3c_has_it_and_nothing_else_is() {
        let parent =
            |version: &str, more: &str| format!("{version}-{ID}-00f067aa0ba902b7-01{more}");
        for good in [parent("00", ""), parent("cc", ""), parent("cc", "-what")] {
            assert_eq!(parse(&good), Some((ID.to_owned(), "01".to_owned())), "{good}");
        }
        for wrong in [
            String::new(),
            parent("ff", ""),
            parent("00", "-what"),
            parent("00", "").to_uppercase(),
            parent("00", "").replace(ID, &"0".repeat(32)),
            parent("00", "").replace("00f067aa0ba902b7", &"0".repeat(16)),
            parent("00", "").replace("-01", "-1"),
        ] {
            assert_eq!(parse(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_the_beginning_of_an_account_is_told() {
        let path = format!("/v1/accounts/{}/loads", "ab".repeat(16));
        let told = account("/v1/accounts/{account}/loads", &path);
        assert_eq!(told.as_deref(), Some("abababab"));
        assert_eq!(account("/v1/accounts", "/v1/accounts"), None);
        assert_eq!(account("", &path), None, "a path without a route is a stranger's text");
    }
}
