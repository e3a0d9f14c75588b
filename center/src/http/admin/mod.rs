//! `/v1/admin/`: what operators ask with a token.
//!
//! One gate before all of it: whose token it is, whether the table of
//! [`roles`](crate::operators::roles) lets that role through, and, where something is to be
//! changed or was forbidden, a line in the audit log.

mod cards;
mod funding;
mod noted;
mod page;
mod shops;

use std::sync::Arc;

use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use saifu_center_api as api;
use saifu_center_api::ProblemCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::noted::On;
use self::page::{Bounds, Page, linked};
use super::answer::{Answer, Failure, json, waiting};
use super::openapi::Refused;
use crate::center::Center;
use crate::clock::rfc3339;
use crate::ledger::reconcile;
use crate::money;
use crate::operators::audit_log::{self, Action, AuditLog};
use crate::operators::roles::may;
use crate::operators::{Operator, unauthorized};
use crate::refusal::Refusal;

/// The routes, which stand behind the [`gate`].
pub(super) fn routes() -> OpenApiRouter<Arc<Center>> {
    OpenApiRouter::new()
        .routes(routes!(status))
        .routes(routes!(shops::sales))
        .routes(routes!(shops::list, shops::add))
        .routes(routes!(shops::show, shops::change))
        .routes(routes!(shops::statement))
        .routes(routes!(funding::batches, funding::make))
        .routes(routes!(funding::batch))
        .routes(routes!(funding::sell))
        .routes(routes!(funding::void))
        .routes(routes!(funding::credits, funding::give))
        .routes(routes!(cards::list))
        .routes(routes!(cards::show))
        .routes(routes!(cards::freeze))
        .routes(routes!(cards::thaw))
        .routes(routes!(cards::revoke))
        .routes(routes!(cards::replace))
        .routes(routes!(evidence))
        .routes(routes!(log))
}

/// Lets through whoever shows a token of a role that may ask this.
pub(super) async fn gate(
    State(center): State<Arc<Center>>,
    path: MatchedPath,
    mut request: Request,
    next: Next,
) -> Response {
    let operator = match operator(Arc::clone(&center), request.headers()).await {
        Ok(operator) => operator,
        Err(failure) => return failure.into_response(),
    };
    let method = request.method().clone();
    let allowed = may(operator.role, method.as_str(), path.as_str());
    if allowed && [Method::GET, Method::HEAD].contains(&method) {
        request.extensions_mut().insert(operator);
        return next.run(request).await;
    }
    let what = format!("{method} {}", path.as_str());
    let mut on = request.uri().path().to_owned();
    let who = format!("token:{}", operator.id);
    let folder = center.folder().to_owned();
    let opened = waiting(Arc::clone(&center), move |_| AuditLog::open(&folder)).await;
    let log = match opened {
        Ok(log) => log,
        Err(failure) => return failure.into_response(),
    };
    let answer = match allowed {
        true => {
            request.extensions_mut().insert(operator);
            next.run(request).await
        }
        false => forbidden(&operator).into_response(),
    };
    if let Some(On(named)) = answer.extensions().get() {
        on = format!("{on} {named}");
    }
    let outcome = match answer.status() {
        status if status.is_success() => "done".to_owned(),
        status => status.as_u16().to_string(),
    };
    let action = Action { time: center.now(), who, what, on, outcome };
    match waiting(center, move |_| log.write(&action)).await {
        Ok(()) => answer,
        Err(failure) => failure.into_response(),
    }
}

fn forbidden(operator: &Operator) -> Failure {
    let role = operator.role.name();
    let detail = format!("tokens of role {role} may not ask this: use one of another role");
    Failure::from(Refusal::new(ProblemCode::Forbidden, detail))
}

/// Whose token a request shows.
pub(super) async fn operator(center: Arc<Center>, headers: &HeaderMap) -> Answer<Operator> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.split_once(' '));
    let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let none = || unauthorized("send an operator's token as `Authorization: Bearer saifu_...`");
    let token = zeroize::Zeroizing::new(token.ok_or_else(none)?.1.trim().to_owned());
    waiting(center, move |center| center.operator(&token)).await
}

#[utoipa::path(
    get,
    path = "/v1/admin/status",
    tag = "admin",
    security(("operator" = [])),
    responses((status = 200, body = api::AdminStatus), Refused),
)]
async fn status(State(center): State<Arc<Center>>) -> Answer<Json<api::AdminStatus>> {
    json(center, |center| {
        let books = center.books()?;
        let value = reconcile(&books).kinds.into_iter().map(|sums| api::AdminValue {
            kind: money::kind_name(sums.kind).into(),
            unit: sums.unit.to_string(),
            issued: sums.issued,
            unapplied: sums.unapplied,
            cards: sums.cards,
            settled: sums.settled,
            suspense: sums.suspense,
            expired: sums.expired,
            redeemed: sums.redeemed,
        });
        Ok(api::AdminStatus {
            id: center.id().to_string(),
            name: center.config().name.clone(),
            test_mode: center.config().test_mode,
            accounts: books.accounts,
            frozen: books.frozen,
            evidence: books.evidence,
            links_missing: books.gaps,
            value: value.collect(),
        })
    })
    .await
}

#[utoipa::path(
    get,
    path = "/v1/admin/evidence",
    tag = "admin",
    security(("operator" = [])),
    responses((status = 200, body = api::AdminEvidence), Refused),
)]
async fn evidence(State(center): State<Arc<Center>>) -> Answer<Json<api::AdminEvidence>> {
    json(center, |center| {
        let all = center.books()?.evidence;
        let rows = center.evidence(api::MAX_PAGE)?.into_iter();
        let evidence = rows.map(|row| api::AdminProof {
            kind: row.kind.name().into(),
            account: row.account.to_string(),
            counter: row.counter,
            detail: row.detail,
            found: rfc3339(row.found),
        });
        Ok(api::AdminEvidence { evidence: evidence.collect(), all })
    })
    .await
}

#[utoipa::path(
    get,
    path = "/v1/admin/audit-log",
    tag = "admin",
    params(page::Asked),
    security(("operator" = [])),
    responses((status = 200, body = api::AdminLog), Refused),
)]
async fn log(State(center): State<Arc<Center>>, page: Page) -> Answer<Response> {
    let Bounds { after, limit } = page.bounds()?;
    waiting(center, move |center| {
        let entries = audit_log::list(center.folder(), after, limit)?.into_iter();
        let entries: Vec<_> = entries
            .map(|entry| api::AdminAction {
                n: entry.n,
                time: entry.time,
                who: entry.who,
                what: entry.what,
                on: entry.on,
                outcome: entry.outcome,
                hash: entry.hash,
            })
            .collect();
        let next = entries.last().filter(|_| entries.len() == limit as usize).map(|last| last.n);
        Ok(linked("/v1/admin/audit-log", &[], limit, next, api::AdminLog { entries, next }))
    })
    .await
}
