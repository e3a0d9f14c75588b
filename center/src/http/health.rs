//! `/livez`, `/readyz` and `/metrics`, for whoever watches over the center.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use saifu_center_api as api;
use saifu_center_api::ProblemCode;
use tokio::time::timeout;

use super::admin::operator;
use super::answer::{Answer, Failure, waiting};
use super::openapi::Refused;
use crate::center::Center;
use crate::refusal::Refusal;
use crate::store::Role;

/// How long the checks may take before the center counts as not ready.
const MOST: Duration = Duration::from_secs(5);

/// Marks a request of this machine itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Local;

/// Marks a router that is served to a network, where not everybody is this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Networked;

/// The process answers.
#[utoipa::path(
    get,
    path = "/livez",
    tag = "center",
    responses((status = 200, body = api::Health), Refused),
)]
pub(super) async fn live() -> Json<api::Health> {
    Json(api::Health { ready: true, checks: Vec::new() })
}

/// Each thing that serving needs, looked at now.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "center",
    responses(
        (status = 200, body = api::Health),
        (status = 503, body = api::Health, description = "Something is amiss: each check is named."),
        Refused,
    ),
)]
pub(super) async fn ready(State(center): State<Arc<Center>>) -> Response {
    let checked = timeout(MOST, waiting(center, |center| Ok(center.checks()))).await;
    let checks = match checked {
        Ok(Ok(checks)) => checks,
        _ => vec![api::Check { name: "answer".into(), ok: false }],
    };
    let ready = checks.iter().all(|check| check.ok);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(api::Health { ready, checks })).into_response()
}

/// What the center has counted: for this machine, and for whoever has a token for it.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "center",
    security((), ("operator" = [])),
    responses((status = 200, body = String, content_type = "text/plain; version=0.0.4; charset=utf-8"), Refused),
)]
pub(super) async fn metrics(
    State(center): State<Arc<Center>>,
    local: Option<Extension<Local>>,
    networked: Option<Extension<Networked>>,
    headers: HeaderMap,
) -> Answer<Response> {
    if networked.is_some() && local.is_none() {
        let operator = operator(Arc::clone(&center), &headers).await?;
        if ![Role::Metrics, Role::Owner].contains(&operator.role) {
            let detail = "metrics are for tokens of role metrics or owner: use one of those";
            return Err(Failure::from(Refusal::new(ProblemCode::Forbidden, detail)));
        }
    }
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((kind, center.metrics().text(center.writer_counts())).into_response())
}
