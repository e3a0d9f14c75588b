//! Pages for people: the mall, its shops, a work. They need no script, and sell nothing.
//!
//! Whatever a publisher wrote is escaped where it is put in; what a page may load is told to the
//! browser ([`layout`]).

mod layout;
mod problem;
mod words;
mod work;
mod works;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

pub(super) use self::problem::as_page;
use crate::center::Center;

/// The routes of the pages.
pub(super) fn router() -> Router<Arc<Center>> {
    Router::new()
        .route("/", get(works::mall))
        .route("/shops/{shop}", get(works::shop))
        .route("/works/{work}", get(work::show))
        .route("/style.css", get(layout::style))
}
