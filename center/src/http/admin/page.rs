//! Pages of operators' lists: the number after which one begins, and the way to the next.

use axum::Json;
use axum::extract::{FromRequestParts, Query};
use axum::http::header::LINK;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use saifu_center_api as api;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::super::answer::Failure;
use super::super::page::escaped;
use crate::refusal::{Refusal, Result};

/// The rows of a page where the request does not say.
const DEFAULT_PAGE: u32 = 50;

/// Where a page begins and how long it is.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Only what comes after this number.
    #[param(maximum = 9223372036854775807u64)]
    after: Option<u64>,
    /// How many to list at most, 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// What the query of a request says.
pub(super) struct Queried<T>(pub(super) T);

/// A request for a page that says no more.
pub(super) type Page = Queried<Asked>;

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Queried<T> {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> std::result::Result<Self, Failure> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(asked)| Self(asked)).map_err(|rejection| {
            let wrong = rejection.body_text();
            Refusal::malformed(format!("{wrong}: ask as the interface is described")).into()
        })
    }
}

impl Page {
    pub(super) fn bounds(&self) -> Result<Bounds> {
        bounds(self.0.after, self.0.limit)
    }
}

/// Where a page begins, and how many rows it has at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) after: u64,
    pub(super) limit: u32,
}

/// Checks where a page is to begin and how long it is to be.
///
/// # Errors
/// `malformed`.
pub(super) fn bounds(after: Option<u64>, limit: Option<u32>) -> Result<Bounds> {
    let (after, limit) = (after.unwrap_or(0), limit.unwrap_or(DEFAULT_PAGE));
    if !(1..=api::MAX_PAGE).contains(&limit) || i64::try_from(after).is_err() {
        let most = api::MAX_PAGE;
        return Err(Refusal::malformed(format!(
            "a page has 1 to {most} rows, after the `next` of the page before: ask for after= and \
             limit="
        )));
    }
    Ok(Bounds { after, limit })
}

/// A page in JSON, with the way to the next in its head (RFC 8288): the same question, `said` and
/// all, after `next`.
pub(super) fn linked(
    path: &str,
    said: &[(&str, &str)],
    limit: u32,
    next: Option<u64>,
    page: impl Serialize,
) -> Response {
    let mut response = Json(page).into_response();
    let said: String =
        said.iter().map(|(name, value)| format!("{name}={}&", escaped(value))).collect();
    let link = |next| format!("<{path}?{said}after={next}&limit={limit}>; rel=\"next\"");
    if let Some(link) = next.map(link).and_then(|link| link.parse().ok()) {
        response.headers_mut().insert(LINK, link);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_asked_for_in_the_same_words() {
        let page = linked("/v1/admin/sales", &[("shop", "a b")], 2, Some(7), ());
        let link = "</v1/admin/sales?shop=a%20b&after=7&limit=2>; rel=\"next\"";
        assert_eq!(page.headers()[LINK], link);
        assert!(!linked("/v1/admin/sales", &[], 2, None, ()).headers().contains_key(LINK));
    }

    #[test]
    fn a_page_has_bounds() {
        assert!(bounds(None, None).is_ok_and(|of| (of.after, of.limit) == (0, DEFAULT_PAGE)));
        for (after, limit) in [(0, 0), (0, 201), (u64::MAX, 1)] {
            assert!(bounds(Some(after), Some(limit)).is_err());
        }
    }
}
