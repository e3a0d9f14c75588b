//! `/v1/admin/cards`: what is known of cards, and what is decided about them.
//!
//! What was decided before, in the same words, is answered as it stands: nothing is noted twice.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use saifu_center_api as api;

use super::super::answer::{Answer, json, waiting};
use super::super::openapi::Refused;
use super::super::request::{Body, Named};
use super::noted::{On, noted};
use super::page::{Asked, Bounds, Page, linked};
use crate::cards_told::{card_line, told_left};
use crate::center::Center;
use crate::clock::rfc3339;
use crate::refusal::Result;
use crate::replacement::Replace;
use crate::store::{AccountRow, NoteKind};

const SECONDS_PER_DAY: u64 = 86_400;

#[utoipa::path(
    get,
    path = "/v1/admin/cards",
    tag = "admin",
    params(Asked),
    security(("operator" = [])),
    responses((status = 200, body = api::AdminCards), Refused),
)]
pub(super) async fn list(State(center): State<Arc<Center>>, page: Page) -> Answer<Response> {
    let Bounds { after, limit } = page.bounds()?;
    waiting(center, move |center| {
        let rows = center.cards(after, limit)?;
        let next = rows.last().filter(|_| rows.len() == limit as usize).map(|(place, _)| *place);
        let cards = rows.iter().map(|(_, account)| card_line(account)).collect();
        Ok(linked("/v1/admin/cards", &[], limit, next, api::AdminCards { cards, next }))
    })
    .await
}

#[utoipa::path(
    get,
    path = "/v1/admin/cards/{card}",
    tag = "admin",
    params(("card" = String, Path, pattern = "^[0-9a-f]{4,32}$")),
    security(("operator" = [])),
    responses((status = 200, body = api::AdminCard), Refused),
)]
pub(super) async fn show(
    State(center): State<Arc<Center>>,
    Named(card): Named,
) -> Answer<Json<api::AdminCard>> {
    json(center, move |center| center.told_card(&center.card_named(&card)?)).await
}

#[utoipa::path(
    post,
    path = "/v1/admin/cards/{card}/freeze",
    tag = "admin",
    params(("card" = String, Path, pattern = "^[0-9a-f]{4,32}$")),
    request_body = api::ReasonRequest,
    security(("operator" = [])),
    responses((status = 200, body = api::AdminCard), Refused),
)]
pub(super) async fn freeze(
    State(center): State<Arc<Center>>,
    Named(card): Named,
    Body(request): Body<api::ReasonRequest>,
) -> Response {
    let on = On::default().said("reason", &request.reason);
    let told = json(center, move |center| {
        let account = center.card_named(&card)?;
        if !was_last(center, &account, NoteKind::Frozen, &request.reason)? {
            center.freeze_card(account.id, &request.reason)?;
        }
        center.told_card(&center.account(account.id)?)
    })
    .await;
    noted(on, told, account)
}

#[utoipa::path(
    post,
    path = "/v1/admin/cards/{card}/thaw",
    tag = "admin",
    params(("card" = String, Path, pattern = "^[0-9a-f]{4,32}$")),
    request_body = api::ThawRequest,
    security(("operator" = [])),
    responses((status = 200, body = api::AdminCard), Refused),
)]
pub(super) async fn thaw(
    State(center): State<Arc<Center>>,
    Named(card): Named,
    Body(request): Body<api::ThawRequest>,
) -> Response {
    let on = On::default()
        .said("reason", &request.reason)
        .with("despite_evidence", request.despite_evidence);
    let told = json(center, move |center| {
        let account = center.card_named(&card)?;
        if !was_last(center, &account, NoteKind::Thawed, &request.reason)? {
            center.thaw_card(account.id, &request.reason, request.despite_evidence)?;
        }
        center.told_card(&center.account(account.id)?)
    })
    .await;
    noted(on, told, account)
}

#[utoipa::path(
    post,
    path = "/v1/admin/cards/{card}/revoke",
    tag = "admin",
    params(("card" = String, Path, pattern = "^[0-9a-f]{4,32}$")),
    request_body = api::ReasonRequest,
    security(("operator" = [])),
    responses((status = 200, body = api::AdminCard), Refused),
)]
pub(super) async fn revoke(
    State(center): State<Arc<Center>>,
    Named(card): Named,
    Body(request): Body<api::ReasonRequest>,
) -> Response {
    let on = On::default().said("reason", &request.reason);
    let told = json(center, move |center| {
        let account = center.card_named(&card)?;
        center.revoke_cards(&[account.card], &request.reason)?;
        center.told_card(&center.account(account.id)?)
    })
    .await;
    noted(on, told, account)
}

/// Whose card it is: the path may have no more than the beginning.
fn account(on: On, card: &api::AdminCard) -> On {
    on.with("account", &card.card.account)
}

/// Whether this was the last that was decided about the card, for this reason, and still holds.
fn was_last(center: &Center, account: &AccountRow, what: NoteKind, reason: &str) -> Result<bool> {
    let decided = center.card_notes(account.id)?;
    let decided = decided.iter().rev().find(|note| DECIDES.contains(&note.what));
    let is_frozen = account.frozen.is_some() == (what == NoteKind::Frozen);
    Ok(is_frozen && decided.is_some_and(|note| note.what == what && note.reason == reason.trim()))
}

/// What decides whether a card begins new things.
const DECIDES: [NoteKind; 4] =
    [NoteKind::Frozen, NoteKind::Thawed, NoteKind::Revoked, NoteKind::Replaced];

#[utoipa::path(
    post,
    path = "/v1/admin/cards/{card}/replace",
    tag = "admin",
    params(("card" = String, Path, pattern = "^[0-9a-f]{4,32}$")),
    request_body = api::ReplaceRequest,
    security(("operator" = [])),
    responses((status = 200, body = api::Replaced), Refused),
)]
pub(super) async fn replace(
    State(center): State<Arc<Center>>,
    Named(card): Named,
    Body(request): Body<api::ReplaceRequest>,
) -> Response {
    let on = On::default().said("by", &request.by).said("reason", &request.reason);
    let on = on.with("with_limited", request.with_limited);
    let on = on.maybe("waiting_days", request.waiting_days);
    let replaced = json(center, move |center| {
        let days = request.waiting_days.unwrap_or(center.config().replacement_days);
        let (replacement, moved) = center.replace_card(&Replace {
            old: center.card_named(&card)?.id,
            new: center.card_named(&request.by)?.id,
            reason: request.reason,
            waiting: u64::from(days) * SECONDS_PER_DAY,
            with_limited: request.with_limited,
        })?;
        Ok(api::Replaced {
            old: replacement.old.to_string(),
            new: replacement.new.to_string(),
            due: rfc3339(replacement.due),
            works: moved.works,
            limited: moved.limited,
            left: moved.left.iter().map(told_left).collect(),
        })
    })
    .await;
    noted(on, replaced, |on, done: &api::Replaced| on.with("old", &done.old).with("new", &done.new))
}
