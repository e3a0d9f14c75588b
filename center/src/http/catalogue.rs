//! `GET /v1/center`, `/v1/works`, `/v1/works/{work}` and its preview.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use saifu_center_api as api;
use saifu_wire::ContentId;
use saifu_wire::value::Price;
use serde::Deserialize;

use super::answer::{Answer, json, waiting};
use super::body::{Streams, streamed};
use super::openapi::Refused;
use super::request::{Named, id};
use crate::center::Center;
use crate::clock::rfc3339;
use crate::money;
use crate::refusal::{Refusal, Result};
use crate::store::{VersionRow, WorkFilter};

/// The works of a page where the request does not say.
const DEFAULT_PAGE: u32 = 50;

#[utoipa::path(
    get,
    path = "/v1/center",
    tag = "catalogue",
    responses((status = 200, body = api::Center), Refused),
)]
pub(super) async fn center(State(center): State<Arc<Center>>) -> Json<api::Center> {
    let certificates = center.certificates().into_iter().map(api::HexBytes).collect();
    let config = center.config();
    Json(api::Center {
        id: center.id().to_string(),
        name: config.name.clone(),
        test_mode: config.test_mode,
        certificates,
    })
}

/// Where a page begins and how long it is.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// How many to list at most, 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(pattern = "^[0-9a-f]{1,15}$")]
    cursor: Option<String>,
}

#[utoipa::path(
    get,
    path = "/v1/works",
    tag = "catalogue",
    params(Page),
    responses((status = 200, body = api::Works), Refused),
)]
pub(super) async fn works(
    State(center): State<Arc<Center>>,
    page: std::result::Result<Query<Page>, QueryRejection>,
) -> Answer<Json<api::Works>> {
    let page = page.map_err(|rejection| {
        Refusal::malformed(format!("{}: ask for limit= and cursor=", rejection.body_text()))
    });
    let (after, limit) = page.and_then(|Query(page)| bounds(&page))?;
    json(center, move |center| page_of_works(center, after, limit)).await
}

fn bounds(page: &Page) -> Result<(u64, u32)> {
    let limit = page.limit.unwrap_or(DEFAULT_PAGE);
    if !(1..=api::MAX_PAGE).contains(&limit) {
        let most = api::MAX_PAGE;
        return Err(Refusal::malformed(format!("a page has 1 to {most} works: ask for as many")));
    }
    let after = page.cursor.as_deref().map_or(Ok(0), |cursor| {
        u64::from_str_radix(cursor, 16).ok().filter(|at| i64::try_from(*at).is_ok()).ok_or_else(
            || Refusal::malformed("the cursor is none of this center's: use `next` as it came"),
        )
    })?;
    Ok((after, limit))
}

fn page_of_works(center: &Center, after: u64, limit: u32) -> Result<api::Works> {
    // One more than asked for tells whether there is a next page.
    let mut rows = center.works(&WorkFilter::for_sale(), after, limit + 1)?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|(place, _)| format!("{place:x}"));
    Ok(api::Works { works: rows.into_iter().map(|(_, row)| shape(row)).collect(), next })
}

#[utoipa::path(
    get,
    path = "/v1/works/{work}",
    tag = "catalogue",
    params(("work" = String, Path, pattern = "^[0-9a-f]{32}$")),
    responses((status = 200, body = api::Work), Refused),
)]
pub(super) async fn work(
    State(center): State<Arc<Center>>,
    Named(work): Named,
) -> Answer<Json<api::Work>> {
    let work = id(&work, "work", ContentId::from_hex)?;
    json(center, move |center| center.work(work).map(shape)).await
}

#[utoipa::path(
    get,
    path = "/v1/works/{work}/preview",
    tag = "catalogue",
    params(("work" = String, Path, pattern = "^[0-9a-f]{32}$")),
    responses((status = 200, body = [u8], content_type = "*/*"), Refused),
)]
pub(super) async fn preview(
    State(center): State<Arc<Center>>,
    Extension(streams): Extension<Streams>,
    Named(work): Named,
) -> Answer<Response> {
    let work = id(&work, "work", ContentId::from_hex)?;
    let permit = streams.preview()?;
    let (row, blob) = waiting(center, move |center| {
        let row = center.work(work)?;
        let blob = center.open_preview(&row)?;
        Ok((row, blob))
    })
    .await?;
    let headers = [
        (header::CONTENT_TYPE, row.added.preview_media_type),
        (header::CONTENT_LENGTH, row.added.preview.length.to_string()),
        (header::ETAG, format!("\"{}\"", row.added.preview.sha256)),
        // The preview is somebody's file: a browser shall take it for nothing else.
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".into()),
    ];
    Ok((headers, streamed(blob, permit)).into_response())
}

/// A version of a work as it travels.
fn shape(row: VersionRow) -> api::Work {
    let added = row.added;
    api::Work {
        id: added.work.to_string(),
        version: row.version,
        shop: (!added.shop.is_zero()).then(|| added.shop.to_string()),
        title: added.title,
        creator: added.creator,
        description: added.description,
        media_type: added.media_type,
        length: added.content.length,
        preview: api::Preview {
            media_type: added.preview_media_type,
            length: added.preview.length,
        },
        prices: added.prices.iter().map(price).collect(),
        payment: money::payment_name(added.payment).into(),
        uses: added.uses,
        not_before: time(added.validity.not_before),
        not_after: time(added.validity.not_after),
        needs_time: added.validity.needs_time,
        published: row.published.map(rfc3339).unwrap_or_default(),
    }
}

fn price(price: &Price) -> api::Price {
    api::Price {
        kind: money::kind_name(price.kind).into(),
        unit: price.unit.to_string(),
        amount: price.amount,
        scope: money::scope_name(price.scope).map(str::to_owned),
    }
}

/// A second as it travels; 0 is none.
fn time(second: u64) -> Option<String> {
    (second != 0).then(|| rfc3339(second))
}
