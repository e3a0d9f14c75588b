//! `POST /v1/events` and `POST /v1/closings`: what cards have signed.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use saifu_center_api::{HexBytes, SignedBytes};

use super::answer::{Answer, json};
use super::openapi::Refused;
use super::request::Body;
use crate::center::Center;

#[utoipa::path(
    post,
    path = "/v1/events",
    tag = "cards",
    request_body = SignedBytes,
    responses((status = 200, body = SignedBytes), Refused),
)]
pub(super) async fn event(
    State(center): State<Arc<Center>>,
    Body(event): Body<SignedBytes>,
) -> Answer<Json<SignedBytes>> {
    json(center, move |center| {
        let signed = center.take_event(&event.signed.0)?;
        Ok(SignedBytes { signed: HexBytes(signed) })
    })
    .await
}

#[utoipa::path(
    post,
    path = "/v1/closings",
    tag = "cards",
    request_body = SignedBytes,
    responses((status = 200, body = SignedBytes), Refused),
)]
pub(super) async fn closing(
    State(center): State<Arc<Center>>,
    Body(closing): Body<SignedBytes>,
) -> Answer<Json<SignedBytes>> {
    json(center, move |center| {
        let signed = center.take_closing(&closing.signed.0)?;
        Ok(SignedBytes { signed: HexBytes(signed) })
    })
    .await
}
