//! An account's orders, and works licensed again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use saifu_center_api as api;
use saifu_wire::{AccountId, OrderId};

use super::answer::{Answer, json, waiting};
use super::openapi::Refused;
use super::orders::{idempotency_key, shape};
use super::page::Page;
use super::request::{Named, id};
use crate::center::Center;
use crate::refusal::Result;

#[utoipa::path(
    post,
    path = "/v1/orders/{order}/again",
    tag = "orders",
    params(
        ("order" = String, Path, pattern = "^[0-9a-f]{32}$"),
        ("Idempotency-Key" = String, Header, pattern = "^[!-~]{1,255}$", description = "Drawn for each new request of its kind; the same again with the same request gives the same answer."),
    ),
    responses((status = 200, body = api::Order), Refused),
)]
pub(super) async fn again(
    State(center): State<Arc<Center>>,
    headers: HeaderMap,
    Named(order): Named,
) -> Answer<Json<api::Order>> {
    let order = id(&order, "order", OrderId::from_hex)?;
    let key = idempotency_key(&headers)?;
    json(center, move |center| shape(center, center.order_again(order, &key)?)).await
}

#[utoipa::path(
    get,
    path = "/v1/accounts/{account}/orders",
    tag = "orders",
    params(
        ("account" = String, Path, pattern = "^[0-9a-f]{32}$"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, pattern = "^[0-7][0-9a-f]{15}$"),
    ),
    responses((status = 200, body = api::Orders), Refused),
)]
pub(super) async fn list(
    State(center): State<Arc<Center>>,
    Named(account): Named,
    page: Page,
) -> Answer<Response> {
    let path = format!("/v1/accounts/{account:.32}/orders");
    let account = id(&account, "account", AccountId::from_hex)?;
    let page_of = move |center: &Center| {
        let rows = center.orders(account, page.after, page.limit + 1)?;
        let mut rows = rows.into_iter().map(|row| (row.number, row)).collect();
        let next = page.cut(&mut rows);
        let orders = rows.into_iter().map(|(_, row)| shape(center, row)).collect::<Result<_>>()?;
        Ok(page.answer(&path, api::Orders { orders, next: next.clone() }, next.as_deref()))
    };
    waiting(center, page_of).await
}
