//! `POST /v1/accounts` and the loads of value.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use saifu_center_api as api;
use saifu_center_api::{HexBytes, SignedBytes};
use saifu_wire::{AccountId, LoadId};

use super::answer::{Answer, json};
use super::openapi::Refused;
use super::rates::{Rates, not_too_often};
use super::request::{Body, Named, id};
use crate::center::Center;

#[utoipa::path(
    post,
    path = "/v1/accounts",
    tag = "accounts",
    request_body = api::Registration,
    responses((status = 200, body = api::Account), Refused),
)]
pub(super) async fn register(
    State(center): State<Arc<Center>>,
    Body(registration): Body<api::Registration>,
) -> Answer<Json<api::Account>> {
    json(center, move |center| {
        let api::Registration { signature_certificate, encryption_certificate } = registration;
        let account = center.register(&signature_certificate.0, &encryption_certificate.0)?;
        Ok(api::Account {
            id: account.id.to_string(),
            loads_due: center.loads_due(&account)?,
            opening: HexBytes(account.opening),
        })
    })
    .await
}

#[utoipa::path(
    post,
    path = "/v1/accounts/{account}/loads",
    tag = "loads",
    params(("account" = String, Path, pattern = "^[0-9a-f]{32}$")),
    request_body = api::LoadRequest,
    responses((status = 200, body = api::Load), Refused),
)]
pub(super) async fn open_load(
    State(center): State<Arc<Center>>,
    Named(account): Named,
    rates: Option<Extension<Rates>>,
    Body(request): Body<api::LoadRequest>,
) -> Answer<Json<api::Load>> {
    let account = id(&account, "account", AccountId::from_hex)?;
    not_too_often(rates, account)?;
    json(center, move |center| {
        let load = center.open_load(account, request.purse)?;
        let source = center.funding(load.funding)?.what.source;
        Ok(api::Load {
            source: source.name().into(),
            id: load.id.to_string(),
            nonce: HexBytes(load.nonce.0.to_vec()),
            amount: load.amount,
            unit: load.unit.to_string(),
        })
    })
    .await
}

#[utoipa::path(
    put,
    path = "/v1/loads/{load}/challenge",
    tag = "loads",
    params(("load" = String, Path, pattern = "^[0-9a-f]{32}$")),
    request_body = SignedBytes,
    responses((status = 200, body = SignedBytes), Refused),
)]
pub(super) async fn answer_challenge(
    State(center): State<Arc<Center>>,
    Named(load): Named,
    Body(challenge): Body<SignedBytes>,
) -> Answer<Json<SignedBytes>> {
    let load = id(&load, "load", LoadId::from_hex)?;
    json(center, move |center| {
        let credit = center.answer_challenge(load, &challenge.signed.0)?;
        Ok(SignedBytes { signed: HexBytes(credit) })
    })
    .await
}

#[utoipa::path(
    put,
    path = "/v1/loads/{load}/receipt",
    tag = "loads",
    params(("load" = String, Path, pattern = "^[0-9a-f]{32}$")),
    request_body = SignedBytes,
    responses((status = 200, body = SignedBytes), Refused),
)]
pub(super) async fn close_load(
    State(center): State<Arc<Center>>,
    Named(load): Named,
    Body(receipt): Body<SignedBytes>,
) -> Answer<Json<SignedBytes>> {
    let load = id(&load, "load", LoadId::from_hex)?;
    json(center, move |center| {
        let receipt = center.close_load(load, &receipt.signed.0)?;
        Ok(SignedBytes { signed: HexBytes(receipt) })
    })
    .await
}
