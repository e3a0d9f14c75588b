//! Pages of a list: how long one is, where it begins, and the way to the next (RFC 8288).

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use axum::http::header::LINK;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use saifu_center_api as api;
use serde::{Deserialize, Serialize};

use super::answer::Failure;
use crate::refusal::{Refusal, Result};

/// The entries of a page where the request does not say.
const DEFAULT_PAGE: u32 = 50;

/// The most characters that are searched for.
const MAX_SEARCH_CHARS: usize = 100;

/// What a request for a list may say.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// How many to list at most, 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(pattern = "^[0-7][0-9a-f]{15}$")]
    cursor: Option<String>,
    /// Those of this shop alone: its slug or its id.
    shop: Option<String>,
    /// Those whose title or creator contains this.
    #[param(max_length = 100)]
    q: Option<String>,
}

/// Which page of which list.
#[derive(Debug)]
pub(super) struct Page {
    /// The place after which it begins.
    pub(super) after: u64,
    /// The most entries it has.
    pub(super) limit: u32,
    /// Of this shop alone.
    pub(super) shop: Option<String>,
    /// What is searched for, as it was written.
    pub(super) text: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> std::result::Result<Self, Failure> {
        let asked: std::result::Result<Query<Asked>, QueryRejection> =
            Query::from_request_parts(parts, state).await;
        let Query(asked) = asked.map_err(|rejection| {
            let wrong = rejection.body_text();
            Refusal::malformed(format!("{wrong}: ask for limit=, cursor=, shop= and q="))
        })?;
        Ok(Self::new(asked)?)
    }
}

impl Page {
    fn new(asked: Asked) -> Result<Self> {
        let limit = asked.limit.unwrap_or(DEFAULT_PAGE);
        if !(1..=api::MAX_PAGE).contains(&limit) {
            let most = api::MAX_PAGE;
            return Err(Refusal::malformed(format!(
                "a page has 1 to {most} entries: ask for as many"
            )));
        }
        let after = asked.cursor.as_deref().map_or(Ok(0), place)?;
        let text = asked.q.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        if text.as_ref().is_some_and(|text| text.chars().count() > MAX_SEARCH_CHARS) {
            return Err(Refusal::malformed(format!(
                "at most {MAX_SEARCH_CHARS} characters are searched for: shorten q="
            )));
        }
        let shop = asked.shop.filter(|shop| !shop.is_empty());
        Ok(Self { after, limit, shop, text })
    }

    /// Cuts `rows`, of which one more than the limit was asked for, to the page, and returns the
    /// cursor of the next.
    pub(super) fn cut<T>(&self, rows: &mut Vec<(u64, T)>) -> Option<String> {
        let more = rows.len() > self.limit as usize;
        rows.truncate(self.limit as usize);
        rows.last().filter(|_| more).map(|(place, _)| cursor(*place))
    }

    /// The query of the page that `cursor` begins.
    pub(super) fn query(&self, cursor: &str) -> String {
        self.query_at(&format!("&cursor={cursor}"))
    }

    /// The query of the first page of the same list.
    pub(super) fn first(&self) -> String {
        self.query_at("")
    }

    fn query_at(&self, cursor: &str) -> String {
        let mut query = format!("?limit={}{cursor}", self.limit);
        for (name, value) in [("shop", &self.shop), ("q", &self.text)] {
            if let Some(value) = value {
                query.push_str(&format!("&{name}={}", escaped(value)));
            }
        }
        query
    }

    /// A page in JSON, with the way to the next in its head.
    pub(super) fn answer(&self, path: &str, page: impl Serialize, next: Option<&str>) -> Response {
        let mut response = Json(page).into_response();
        let link = next.map(|next| format!("<{path}{}>; rel=\"next\"", self.query(next)));
        if let Some(link) = link.and_then(|link| link.parse().ok()) {
            response.headers_mut().insert(LINK, link);
        }
        response
    }
}

/// A place as it travels: opaque to all but this center.
fn cursor(place: u64) -> String {
    format!("{place:016x}")
}

fn place(cursor: &str) -> Result<u64> {
    let digits = cursor.len() == 16 && cursor.bytes().all(|byte| byte.is_ascii_hexdigit());
    let place = u64::from_str_radix(cursor, 16).ok().filter(|_| digits);
    place.filter(|place| i64::try_from(*place).is_ok()).ok_or_else(|| {
        Refusal::malformed("the cursor is none of this center's: use `next` as it came")
    })
}

/// Percent-encodes all but letters, digits and `-_.~`.
pub(super) fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let each = text.bytes().map(|byte| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_a_place_of_this_center_and_nothing_else() {
        assert_eq!(place(&cursor(77)), Ok(77));
        for bad in ["", "4d", "zz", "ffffffffffffffff", "+000000000000004d", "00000000000000004d"] {
            assert!(place(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_next_page_is_one_of_the_same_list() {
        let text = Some("Ä & b".to_owned());
        let page = Page { after: 0, limit: 2, shop: Some("books".into()), text };
        assert_eq!(page.query("0a"), "?limit=2&cursor=0a&shop=books&q=%C3%84%20%26%20b");
        let mut rows = vec![(1, ()), (5, ()), (6, ())];
        assert_eq!(page.cut(&mut rows).as_deref(), Some("0000000000000005"));
        assert_eq!((rows.len(), page.cut(&mut rows)), (2, None));
    }
}
