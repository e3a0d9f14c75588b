//! `/v1/admin/voucher-batches` and `/v1/admin/credits`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use saifu_center_api as api;

use super::super::answer::{Answer, json};
use super::super::openapi::Refused;
use super::super::orders::idempotency_key;
use super::super::request::{Body, Named};
use super::noted::{On, noted};
use crate::center::Center;
use crate::clock::second;
use crate::funding::{Gift, NewBatch, told_batch, told_credit};
use crate::money;
use crate::refusal::{Refusal, Result};
use crate::store::BatchId;

#[utoipa::path(
    get,
    path = "/v1/admin/voucher-batches",
    tag = "admin",
    security(("operator" = [])),
    responses((status = 200, body = api::VoucherBatches), Refused),
)]
pub(super) async fn batches(
    State(center): State<Arc<Center>>,
) -> Answer<Json<api::VoucherBatches>> {
    json(center, |center| {
        let now = center.now();
        let batches = center.voucher_batches(api::MAX_PAGE)?;
        let batches = batches.iter().map(|batch| told_batch(batch, now)).collect();
        Ok(api::VoucherBatches { batches })
    })
    .await
}

#[utoipa::path(
    post,
    path = "/v1/admin/voucher-batches",
    tag = "admin",
    params(("Idempotency-Key" = String, Header, pattern = "^[!-~]{1,255}$", description = "Drawn for each new batch: codes are told once, and the same key makes no other batch.")),
    request_body = api::NewVouchers,
    security(("operator" = [])),
    responses((status = 200, body = api::VouchersMade), Refused),
)]
pub(super) async fn make(
    State(center): State<Arc<Center>>,
    headers: HeaderMap,
    Body(request): Body<api::NewVouchers>,
) -> Answer<Response> {
    let key = idempotency_key(&headers)?;
    let on = on_batch(&request);
    let made = json(center, move |center| {
        let (row, codes) = center.make_vouchers_once(&new_batch(center, &request)?, &key)?;
        let batch = center.voucher_batch(row.id)?;
        Ok(api::VouchersMade {
            batch: told_batch(&batch, center.now()),
            codes: codes.iter().map(|code| code.expose().to_string()).collect(),
        })
    })
    .await;
    Ok(noted(on, made, |on, made: &api::VouchersMade| on.with("batch", &made.batch.batch)))
}

fn on_batch(asked: &api::NewVouchers) -> On {
    let on = On::default().with("count", asked.count).with("amount", asked.amount);
    let on = on.said("unit", &asked.unit).with("sold", asked.sold);
    let texts = [("kind", &asked.kind), ("shop", &asked.shop), ("expires", &asked.expires)];
    let texts = texts.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?)));
    texts.fold(on, |on, (name, text)| on.said(name, text))
}

fn new_batch(center: &Center, asked: &api::NewVouchers) -> Result<NewBatch> {
    let shop = asked.shop.as_deref().map(|shop| center.shop(shop)).transpose()?;
    let expires = asked.expires.as_deref().map(second).transpose();
    let wrong = |why| Refusal::malformed(format!("the vouchers' last time is none: {why}"));
    Ok(NewBatch {
        count: asked.count,
        kind: money::kind(asked.kind.as_deref().unwrap_or("bit-cash"))?,
        unit: money::unit(&asked.unit.to_ascii_uppercase())?,
        amount: asked.amount,
        shop: shop.map(|shop| shop.id).unwrap_or_default(),
        expires: expires.map_err(wrong)?.unwrap_or(0),
        sold: asked.sold,
    })
}

#[utoipa::path(
    get,
    path = "/v1/admin/voucher-batches/{batch}",
    tag = "admin",
    params(("batch" = String, Path, pattern = "^[0-9a-f]{32}$")),
    security(("operator" = [])),
    responses((status = 200, body = api::VoucherBatch), Refused),
)]
pub(super) async fn batch(
    State(center): State<Arc<Center>>,
    Named(batch): Named,
) -> Answer<Json<api::VoucherBatch>> {
    json(center, move |center| told(center, id(&batch)?)).await
}

#[utoipa::path(
    post,
    path = "/v1/admin/voucher-batches/{batch}/sell",
    tag = "admin",
    params(("batch" = String, Path, pattern = "^[0-9a-f]{32}$")),
    security(("operator" = [])),
    responses((status = 200, body = api::VoucherBatch), Refused),
)]
pub(super) async fn sell(
    State(center): State<Arc<Center>>,
    Named(batch): Named,
) -> Answer<Json<api::VoucherBatch>> {
    json(center, move |center| {
        let batch = center.sell_vouchers(id(&batch)?)?;
        Ok(told_batch(&batch, center.now()))
    })
    .await
}

#[utoipa::path(
    post,
    path = "/v1/admin/voucher-batches/{batch}/void",
    tag = "admin",
    params(("batch" = String, Path, pattern = "^[0-9a-f]{32}$")),
    security(("operator" = [])),
    responses((status = 200, body = api::VoucherBatch), Refused),
)]
pub(super) async fn void(
    State(center): State<Arc<Center>>,
    Named(batch): Named,
) -> Answer<Json<api::VoucherBatch>> {
    json(center, move |center| {
        let batch = id(&batch)?;
        center.void_vouchers(batch)?;
        told(center, batch)
    })
    .await
}

fn told(center: &Center, batch: BatchId) -> Result<api::VoucherBatch> {
    Ok(told_batch(&center.voucher_batch(batch)?, center.now()))
}

fn id(text: &str) -> Result<BatchId> {
    let id = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    let none = || Refusal::not_found(format!("\"{text:.64}\" names no batch: list the batches"));
    id.ok_or_else(none)
}

#[utoipa::path(
    get,
    path = "/v1/admin/credits",
    tag = "admin",
    security(("operator" = [])),
    responses((status = 200, body = api::Credits), Refused),
)]
pub(super) async fn credits(State(center): State<Arc<Center>>) -> Answer<Json<api::Credits>> {
    json(center, |center| {
        let given = center.gifts(api::MAX_PAGE)?.into_iter();
        Ok(api::Credits { credits: given.map(|(row, reason)| told_credit(row, reason)).collect() })
    })
    .await
}

#[utoipa::path(
    post,
    path = "/v1/admin/credits",
    tag = "admin",
    request_body = api::CreditRequest,
    security(("operator" = [])),
    responses((status = 200, body = api::Credit), Refused),
)]
pub(super) async fn give(
    State(center): State<Arc<Center>>,
    Body(request): Body<api::CreditRequest>,
) -> Response {
    let on = On::default().said("to", &request.to).with("purse", request.purse);
    let on = on.with("amount", request.amount).said("reference", &request.reference);
    let on = on.said("reason", &request.reason);
    let given = json(center, move |center| {
        let api::CreditRequest { to, purse, amount, reason, reference } = request;
        let account = center.card_named(&to)?.id;
        let gift = Gift { account, purse, amount, reference, reason };
        center.give(&gift).map(|row| told_credit(row, gift.reason))
    })
    .await;
    noted(on, given, |on, given: &api::Credit| {
        on.with("unit", &given.unit).with("account", &given.account)
    })
}
