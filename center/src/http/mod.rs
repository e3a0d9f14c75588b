//! The HTTP interface, version 1: the router, the same for TCP and in process.
//!
//! One file per noun. A handler reads the request into the types of `saifu-center-api`,
//! calls the [`Center`] on a thread where it may wait for the disk, and answers; whatever is
//! refused, by a handler or by the router itself, is a problem of the one table.

mod accounts;
mod admin;
mod again;
mod answer;
mod body;
mod catalogue;
mod evidence;
mod funding;
mod health;
mod openapi;
mod orders;
mod page;
mod pages;
mod range;
mod rates;
mod request;
mod times;
mod trace;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn_with_state, map_response};
use axum::{Extension, Router};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use self::answer::{OwnFailure, refused};
pub(crate) use self::health::{Local, Networked};
pub use self::openapi::description;
pub(crate) use self::rates::{Class, Rates, too_many};
pub(crate) use self::request::BodyDeadline;
pub(crate) use self::trace::traced;

use self::body::Streams;
use crate::center::Center;

/// The most bytes of a request's body: a token and a licence in hex, and room.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// Makes the router.
pub fn router(center: Arc<Center>) -> Router {
    let gated = admin::routes().route_layer(from_fn_with_state(Arc::clone(&center), admin::gate));
    let (routes, _) = described(gated).split_for_parts();
    routes
        .merge(pages::router().layer(map_response(answer::no_cache)))
        .fallback(answer::unknown_path)
        .method_not_allowed_fallback(answer::unknown_method)
        .layer(map_response(answer::no_store))
        .layer(from_fn_with_state(Arc::clone(&center), pages::as_page))
        .layer(Extension(Streams::new()))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(center)
}

/// Every route with its description: what is described is what is served.
fn described(admin: OpenApiRouter<Arc<Center>>) -> OpenApiRouter<Arc<Center>> {
    let shown = OpenApiRouter::new()
        .routes(routes!(catalogue::center))
        .routes(routes!(catalogue::shops))
        .routes(routes!(catalogue::shop))
        .routes(routes!(catalogue::works))
        .routes(routes!(catalogue::work))
        .routes(routes!(catalogue::preview))
        .routes(routes!(openapi::show))
        .layer(map_response(answer::no_cache));
    OpenApiRouter::with_openapi(openapi::about())
        .merge(shown)
        .merge(admin)
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
        .routes(routes!(accounts::register))
        .routes(routes!(accounts::open_load))
        .routes(routes!(funding::redeem))
        .routes(routes!(funding::begin))
        .routes(routes!(funding::show))
        .routes(routes!(funding::provider_said))
        .routes(routes!(accounts::answer_challenge))
        .routes(routes!(accounts::close_load))
        .routes(routes!(orders::place))
        .routes(routes!(orders::show))
        .routes(routes!(again::again))
        .routes(routes!(again::list))
        .routes(routes!(orders::deliver))
        .routes(routes!(times::sign))
        .routes(routes!(orders::settle))
        .routes(routes!(evidence::event))
        .routes(routes!(evidence::closing))
}
