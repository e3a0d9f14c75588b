//! The HTTP interface, version 1: the router, the same for TCP and in process.
//!
//! One file per noun. A handler reads the request into the types of `saifu-center-api`,
//! calls the [`Center`] on a thread where it may wait for the disk, and answers; whatever is
//! refused, by a handler or by the router itself, is a problem of the one table.

mod accounts;
mod admin;
mod answer;
mod body;
mod catalogue;
mod evidence;
mod funding;
mod health;
mod orders;
mod rates;
mod request;
mod times;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::middleware::map_response;
use axum::routing::{get, post, put};
use axum::{Extension, Router};

pub(crate) use self::answer::{OwnFailure, refused};
pub(crate) use self::health::{Local, Networked};
pub(crate) use self::rates::{Class, Rates, too_many};
pub(crate) use self::request::BodyDeadline;

use self::body::Streams;
use crate::center::Center;

/// The most bytes of a request's body: a token and a licence in hex, and room.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// Makes the router.
pub fn router(center: Arc<Center>) -> Router {
    let shown = Router::new()
        .route("/v1/center", get(catalogue::center))
        .route("/v1/works", get(catalogue::works))
        .route("/v1/works/{work}", get(catalogue::work))
        .route("/v1/works/{work}/preview", get(catalogue::preview))
        .layer(map_response(answer::no_cache));
    Router::new()
        .merge(shown)
        .merge(admin::routes(Arc::clone(&center)))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/v1/accounts", post(accounts::register))
        .route("/v1/accounts/{account}/loads", post(accounts::open_load))
        .route("/v1/accounts/{account}/vouchers", post(funding::redeem))
        .route("/v1/accounts/{account}/payments", post(funding::begin))
        .route("/v1/payments/{payment}", get(funding::show))
        .route("/v1/webhooks/{provider}", post(funding::provider_said))
        .route("/v1/loads/{load}/challenge", put(accounts::answer_challenge))
        .route("/v1/loads/{load}/receipt", put(accounts::close_load))
        .route("/v1/orders", post(orders::place))
        .route("/v1/orders/{order}", get(orders::show))
        .route("/v1/orders/{order}/delivery", get(orders::deliver))
        .route("/v1/times", post(times::sign))
        .route("/v1/settlements", post(orders::settle))
        .route("/v1/events", post(evidence::event))
        .route("/v1/closings", post(evidence::closing))
        .fallback(answer::unknown_path)
        .method_not_allowed_fallback(answer::unknown_method)
        .layer(map_response(answer::no_store))
        .layer(Extension(Streams::new()))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(center)
}
