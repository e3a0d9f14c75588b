//! Orders, their deliveries, and settlements.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use axum::{Extension, Json};
use saifu_center_api as api;
use saifu_center_api::{HexBytes, SignedBytes};
use saifu_wire::{AccountId, ContentId, OrderId};

use super::answer::{Answer, json, waiting};
use super::body::{Counted, Streams, streamed};
use super::openapi::Refused;
use super::range::Whole;
use super::rates::{Rates, not_too_often};
use super::request::{Body, Named, id};
use crate::center::Center;
use crate::orders::delivery_bytes;
use crate::refusal::{Refusal, Result};
use crate::store::OrderRow;

const IDEMPOTENCY_KEY: &str = "idempotency-key";

#[utoipa::path(
    post,
    path = "/v1/orders",
    tag = "orders",
    params(("Idempotency-Key" = String, Header, pattern = "^[!-~]{1,255}$", description = "Drawn for each new request of its kind; the same again with the same request gives the same answer.")),
    request_body = api::OrderRequest,
    responses((status = 200, body = api::Order), Refused),
)]
pub(super) async fn place(
    State(center): State<Arc<Center>>,
    headers: HeaderMap,
    rates: Option<Extension<Rates>>,
    Body(request): Body<api::OrderRequest>,
) -> Answer<Json<api::Order>> {
    let account = id(&request.account, "account", AccountId::from_hex)?;
    not_too_often(rates, account)?;
    let work = id(&request.work, "work", ContentId::from_hex)?;
    let key = idempotency_key(&headers)?;
    json(center, move |center| {
        let order = center.place_order(account, &key, work, request.version)?;
        shape(center, order)
    })
    .await
}

/// The key of an order; one that is absent or no text is empty, which no order takes.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<String> {
    let mut keys = headers.get_all(IDEMPOTENCY_KEY).iter();
    let key = keys.next().and_then(|key| key.to_str().ok()).unwrap_or_default();
    match keys.next() {
        None => Ok(key.to_owned()),
        Some(_) => Err(Refusal::malformed("there are two Idempotency-Keys: send one")),
    }
}

#[utoipa::path(
    get,
    path = "/v1/orders/{order}",
    tag = "orders",
    params(("order" = String, Path, pattern = "^[0-9a-f]{32}$")),
    responses((status = 200, body = api::Order), Refused),
)]
pub(super) async fn show(
    State(center): State<Arc<Center>>,
    Named(order): Named,
) -> Answer<Json<api::Order>> {
    let order = id(&order, "order", OrderId::from_hex)?;
    json(center, move |center| shape(center, center.order(order)?)).await
}

#[utoipa::path(
    get,
    path = "/v1/orders/{order}/delivery",
    tag = "orders",
    params(("order" = String, Path, pattern = "^[0-9a-f]{32}$")),
    responses(
        (status = 200, body = [u8], content_type = "application/vnd.saifu.stream"),
        (status = 206, body = [u8], content_type = "application/vnd.saifu.stream"),
        (status = 304),
        Refused,
    ),
)]
pub(super) async fn deliver(
    State(center): State<Arc<Center>>,
    Extension(streams): Extension<Streams>,
    method: Method,
    headers: HeaderMap,
    Named(order): Named,
) -> Answer<Response> {
    let order = id(&order, "order", OrderId::from_hex)?;
    let permit = streams.delivery()?;
    let delivered = center.metrics().delivered_bytes.clone();
    let delivery = waiting(center, move |center| center.delivery(order)).await?;
    let whole = Whole {
        media_type: api::DELIVERY_MEDIA_TYPE.to_owned(),
        length: delivery.length,
        etag: delivery.header.to_string(),
    };
    let wanted = whole.wanted(&method, &headers);
    whole.answer(&method, wanted, |range| {
        let source = delivery.range(range)?;
        Ok(streamed(Counted { source, counter: delivered }, permit))
    })
}

#[utoipa::path(
    post,
    path = "/v1/settlements",
    tag = "orders",
    request_body = api::Payment,
    responses((status = 200, body = SignedBytes), Refused),
)]
pub(super) async fn settle(
    State(center): State<Arc<Center>>,
    Body(payment): Body<api::Payment>,
) -> Answer<Json<SignedBytes>> {
    json(center, move |center| {
        let api::Payment { token, licence } = &payment;
        let licence = licence.as_ref().map(|licence| licence.0.as_slice());
        let receipt = center.settle(&token.0, licence)?;
        Ok(SignedBytes { signed: HexBytes(receipt) })
    })
    .await
}

/// An order as it travels.
pub(super) fn shape(center: &Center, order: OrderRow) -> Result<api::Order> {
    Ok(api::Order {
        id: order.id.to_string(),
        work: order.work.to_string(),
        version: order.version,
        delivery_length: delivery_bytes(&order)?,
        again_of: order.again_of.map(|root| root.to_string()),
        state: center.order_state(&order)?,
        licence: HexBytes(order.licence),
    })
}
