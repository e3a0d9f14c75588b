//! `GET /v1/center`, `/v1/shops`, `/v1/works`, `/v1/works/{work}` and its preview.

use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Method, header};
use axum::response::Response;
use axum::{Extension, Json};
use saifu_center_api as api;
use saifu_wire::ContentId;
use saifu_wire::value::Price;

use super::answer::{Answer, json, waiting};
use super::body::{Streams, streamed};
use super::openapi::Refused;
use super::page::{Asked, Page};
use super::range::Whole;
use super::request::{Named, id};
use crate::center::Center;
use crate::clock::rfc3339;
use crate::money;
use crate::refusal::{Refusal, Result};
use crate::store::{ShopRow, VersionRow, WorkFilter};

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

#[utoipa::path(
    get,
    path = "/v1/shops",
    tag = "catalogue",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, pattern = "^[0-7][0-9a-f]{15}$"),
    ),
    responses((status = 200, body = api::Shops), Refused),
)]
pub(super) async fn shops(State(center): State<Arc<Center>>, page: Page) -> Answer<Response> {
    let page_of = move |center: &Center| {
        let mut rows = open_shops(center, page.after, page.limit + 1)?;
        let next = page.cut(&mut rows);
        let shops = rows.into_iter().map(|(_, row)| shop_shape(row)).collect();
        Ok(page.answer("/v1/shops", api::Shops { shops, next: next.clone() }, next.as_deref()))
    };
    waiting(center, page_of).await
}

/// At most `limit` open shops after place `after`, each with its place.
pub(super) fn open_shops(
    center: &Center,
    mut after: u64,
    limit: u32,
) -> Result<Vec<(u64, ShopRow)>> {
    let mut open = Vec::new();
    loop {
        let rows = center.shops(after, limit)?;
        let Some((last, _)) = rows.last() else { return Ok(open) };
        after = *last;
        open.extend(rows.into_iter().filter(|(_, row)| row.closed.is_none()));
        if open.len() >= limit as usize {
            open.truncate(limit as usize);
            return Ok(open);
        }
    }
}

#[utoipa::path(
    get,
    path = "/v1/shops/{shop}",
    tag = "catalogue",
    params(("shop" = String, Path, pattern = "^[0-9a-z][0-9a-z-]{0,39}$")),
    responses((status = 200, body = api::Shop), Refused),
)]
pub(super) async fn shop(
    State(center): State<Arc<Center>>,
    Named(shop): Named,
) -> Answer<Json<api::Shop>> {
    json(center, move |center| open_shop(center, &shop).map(shop_shape)).await
}

/// The open shop that `text` names.
pub(super) fn open_shop(center: &Center, text: &str) -> Result<ShopRow> {
    let row = center.shop(text)?;
    if row.closed.is_some() {
        return Err(Refusal::not_found(format!("the shop {} is closed: list the shops", row.slug)));
    }
    Ok(row)
}

#[utoipa::path(
    get,
    path = "/v1/works",
    tag = "catalogue",
    params(Asked),
    responses((status = 200, body = api::Works), Refused),
)]
pub(super) async fn works(State(center): State<Arc<Center>>, page: Page) -> Answer<Response> {
    let page_of = move |center: &Center| {
        let (rows, next) = for_sale(center, &page)?;
        let works = rows.into_iter().map(shape).collect();
        Ok(page.answer("/v1/works", api::Works { works, next: next.clone() }, next.as_deref()))
    };
    waiting(center, page_of).await
}

/// The works for sale of a page, and the cursor of the next.
pub(super) fn for_sale(center: &Center, page: &Page) -> Result<(Vec<VersionRow>, Option<String>)> {
    let shop = page.shop.as_deref().map(|shop| open_shop(center, shop)).transpose()?;
    let filter = WorkFilter {
        shop: shop.map(|shop| shop.id),
        text: page.text.as_ref().map(|text| text.to_lowercase()),
        ..WorkFilter::for_sale()
    };
    // One more than asked for tells whether there is a next page.
    let mut rows = center.works(&filter, page.after, page.limit + 1)?;
    let next = page.cut(&mut rows);
    Ok((rows.into_iter().map(|(_, row)| row).collect(), next))
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
    responses(
        (status = 200, body = [u8], content_type = "*/*"),
        (status = 206, body = [u8], content_type = "*/*"),
        (status = 304),
        Refused,
    ),
)]
pub(super) async fn preview(
    State(center): State<Arc<Center>>,
    Extension(streams): Extension<Streams>,
    method: Method,
    headers: HeaderMap,
    Named(work): Named,
) -> Answer<Response> {
    let work = id(&work, "work", ContentId::from_hex)?;
    let permit = streams.preview()?;
    let (row, mut blob) = waiting(center, move |center| {
        let row = center.work(work)?;
        let blob = center.open_preview(&row)?;
        Ok((row, blob))
    })
    .await?;
    let preview = row.added.preview;
    let whole = Whole {
        media_type: row.added.preview_media_type,
        length: preview.length,
        etag: preview.sha256.to_string(),
    };
    let wanted = whole.wanted(&method, &headers);
    let mut response = whole.answer(&method, wanted, |range| {
        blob.seek(SeekFrom::Start(range.start))
            .map_err(|error| Refusal::internal(format!("blob {}: {error}", preview.sha256)))?;
        Ok(streamed(blob.take(range.end - range.start), permit))
    })?;
    // The preview is somebody's file: a browser shall take it for nothing else.
    let nosniff = header::HeaderValue::from_static("nosniff");
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    Ok(response)
}

fn shop_shape(row: ShopRow) -> api::Shop {
    api::Shop { id: row.id.to_string(), slug: row.slug, name: row.name, terms: row.terms }
}

/// A version of a work as it travels.
pub(super) fn shape(row: VersionRow) -> api::Work {
    let added = row.added;
    api::Work {
        id: added.work.to_string(),
        version: row.version,
        shop: (!added.shop.is_zero()).then(|| added.shop.to_string()),
        shop_name: row.shop_name,
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
