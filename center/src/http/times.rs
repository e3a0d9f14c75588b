//! `POST /v1/times`: the center's time for one session of a card (§12.3).

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use saifu_center_api as api;
use saifu_center_api::{HexBytes, SignedBytes};
use saifu_wire::AccountId;

use super::answer::{Answer, json};
use super::openapi::Refused;
use super::rates::{Rates, not_too_often};
use super::request::{Body, id};
use crate::center::Center;

#[utoipa::path(
    post,
    path = "/v1/times",
    tag = "accounts",
    request_body = api::TimeRequest,
    responses((status = 200, body = SignedBytes), Refused),
)]
pub(super) async fn sign(
    State(center): State<Arc<Center>>,
    rates: Option<Extension<Rates>>,
    Body(request): Body<api::TimeRequest>,
) -> Answer<Json<SignedBytes>> {
    let account = id(&request.account, "account", AccountId::from_hex)?;
    not_too_often(rates, account)?;
    json(center, move |center| {
        let order = center.sign_time(account, &request.challenge.0)?;
        Ok(SignedBytes { signed: HexBytes(order) })
    })
    .await
}
