//! Vouchers, payments, and what their providers say.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use saifu_center_api as api;
use saifu_wire::AccountId;

use super::answer::{Answer, json};
use super::openapi::Refused;
use super::orders::idempotency_key;
use super::request::{Body, Named, Raw, id};
use crate::center::Center;
use crate::funding::Webhook;
use crate::store::{FundingRow, FundingState, PaymentId, PaymentRow, PaymentState, Said};

#[utoipa::path(
    post,
    path = "/v1/accounts/{account}/vouchers",
    tag = "loads",
    params(("account" = String, Path, pattern = "^[0-9a-f]{32}$")),
    request_body = api::VoucherRequest,
    responses((status = 200, body = api::Funding), Refused),
)]
pub(super) async fn redeem(
    State(center): State<Arc<Center>>,
    Named(account): Named,
    Body(request): Body<api::VoucherRequest>,
) -> Answer<Json<api::Funding>> {
    let account = id(&account, "account", AccountId::from_hex)?;
    json(center, move |center| Ok(funding(center.redeem(account, &request.code, request.purse)?)))
        .await
}

#[utoipa::path(
    post,
    path = "/v1/accounts/{account}/payments",
    tag = "loads",
    params(("account" = String, Path, pattern = "^[0-9a-f]{32}$"), ("Idempotency-Key" = String, Header, pattern = "^[!-~]{1,255}$", description = "Drawn for each new request of its kind; the same again with the same request gives the same answer.")),
    request_body = api::PaymentRequest,
    responses((status = 200, body = api::FundingPayment), Refused),
)]
pub(super) async fn begin(
    State(center): State<Arc<Center>>,
    Named(account): Named,
    headers: HeaderMap,
    Body(request): Body<api::PaymentRequest>,
) -> Answer<Json<api::FundingPayment>> {
    let account = id(&account, "account", AccountId::from_hex)?;
    let key = idempotency_key(&headers)?;
    json(center, move |center| {
        let asked = (request.purse, request.amount);
        Ok(payment(center.begin_payment(account, &key, asked)?))
    })
    .await
}

#[utoipa::path(
    get,
    path = "/v1/payments/{payment}",
    tag = "loads",
    params(("payment" = String, Path, pattern = "^[0-9a-f]{32}$")),
    responses((status = 200, body = api::FundingPayment), Refused),
)]
pub(super) async fn show(
    State(center): State<Arc<Center>>,
    Named(named): Named,
) -> Answer<Json<api::FundingPayment>> {
    let named = id(&named, "payment", payment_id)?;
    json(center, move |center| Ok(payment(center.payment(named)?))).await
}

#[utoipa::path(
    post,
    path = "/v1/webhooks/{provider}",
    tag = "loads",
    params(("provider" = String, Path), ("webhook-id" = String, Header), ("webhook-timestamp" = String, Header), ("webhook-signature" = String, Header, description = "As Standard Webhooks: `v1,` and the base64 of an HMAC-SHA-256.")),
    request_body(content = String, content_type = "application/json", description = "What the provider says, as it signed it."),
    responses((status = 200, body = api::Received), Refused),
)]
pub(super) async fn provider_said(
    State(center): State<Arc<Center>>,
    Named(provider): Named,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Answer<Json<api::Received>> {
    let header = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let [message, timestamp, signature] =
        ["webhook-id", "webhook-timestamp", "webhook-signature"].map(header);
    json(center, move |center| {
        let (id, timestamp, signature) = (&message[..], &timestamp[..], &signature[..]);
        let said = Webhook { id, timestamp, signature, body: &body };
        let outcome = match center.provider_said(&provider, &said)? {
            Said::Funded => "funded",
            Said::Kept => "kept",
            Said::Known => "known",
        };
        Ok(api::Received { outcome: outcome.into() })
    })
    .await
}

fn payment_id(text: &str) -> Option<PaymentId> {
    hex::decode(text).ok()?.try_into().ok()
}

fn funding(row: FundingRow) -> api::Funding {
    let state = match row.state {
        FundingState::Ready => "ready",
        FundingState::Loading => "loading",
        FundingState::Loaded => "loaded",
        FundingState::Returned => "returned",
    };
    api::Funding {
        id: row.id.to_string(),
        purse: row.what.purse,
        amount: row.what.amount,
        unit: row.what.unit.to_string(),
        source: row.what.source.name().into(),
        state: state.into(),
    }
}

fn payment(row: PaymentRow) -> api::FundingPayment {
    let state = match row.state {
        PaymentState::Begun => "begun",
        PaymentState::Paid => "paid",
        PaymentState::RepaymentDue => "repayment-due",
        PaymentState::Repaid => "repaid",
    };
    api::FundingPayment {
        id: hex::encode(row.id),
        purse: row.purse,
        amount: row.amount,
        unit: row.unit.to_string(),
        provider: row.provider,
        pay_at: row.pay_at,
        state: state.into(),
    }
}
