//! `/works/{work}`: a work with its preview, its terms, and how to buy it.

use std::io::Read;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use saifu_wire::ContentId;

use super::layout::{self, Frame};
use super::words::{payment, priced, size};
use crate::center::Center;
use crate::clock::rfc3339;
use crate::http::answer::{Answer, waiting};
use crate::http::request::{Named, id};
use crate::refusal::{Refusal, Result};
use crate::store::{NewVersion, VersionRow};

/// The most bytes of a text's preview that are shown.
const MAX_EXCERPT_BYTES: u64 = 4_000;

/// The digits of an id that name a work well enough.
const SHOWN_DIGITS: usize = 8;

pub(in crate::http) async fn show(
    State(center): State<Arc<Center>>,
    Named(work): Named,
) -> Answer<Response> {
    let work = id(&work, "work", ContentId::from_hex)?;
    waiting(center, move |center| {
        let row = center.work(work)?;
        let excerpt = excerpt(center, &row)?;
        let content = content(&row, excerpt.as_deref());
        let frame = Frame { config: center.config(), title: &row.added.title, search: "" };
        Ok(layout::html(StatusCode::OK, layout::page(&frame, &content)))
    })
    .await
}

fn content(row: &VersionRow, excerpt: Option<&str>) -> Markup {
    let work = &row.added;
    let named = work.work.to_string();
    let shown = named.get(..SHOWN_DIGITS).unwrap_or(&named);
    html! {
        article {
            h1 { (work.title) }
            p.soft { "by " (work.creator) ", sold by "
                a href={ "/shops/" (row.shop_slug) } { (row.shop_name) } }
            @if !work.description.is_empty() { p { (work.description) } }
            section.preview aria-labelledby="preview" {
                h2 id="preview" { "Preview" }
                (preview(work, excerpt))
            }
            h2 { "Terms" }
            (terms(row))
            h2 { "Buy" }
            p { "With a card, and the address of this page's center in "
                code { "SAIFU_CENTER" } " or " code { "--center" } ":" }
            pre tabindex="0" { "saifu buy " (shown) }
        }
    }
}

fn preview(work: &NewVersion, excerpt: Option<&str>) -> Markup {
    let source = format!("/v1/works/{}/preview", work.work);
    let kind = &work.preview_media_type[..];
    html! {
        @if let Some(excerpt) = excerpt {
            pre tabindex="0" { (excerpt) }
        } @else if kind.starts_with("image/") {
            img src=(source) alt={ "Preview of " (work.title) };
        } @else if kind.starts_with("audio/") {
            audio controls preload="none" src=(source) aria-label={ "Preview of " (work.title) } {}
        } @else {
            p { a href=(source) { "The preview, " (size(work.preview.length)) } }
        }
    }
}

fn terms(row: &VersionRow) -> Markup {
    let work = &row.added;
    let (from, until) = (work.validity.not_before, work.validity.not_after);
    let opened = match work.uses {
        0 => "any number of times".to_owned(),
        uses => format!("{uses} times"),
    };
    html! {
        dl {
            dt { "Price" } dd { (priced(work)) }
            dt { "Payment" } dd { (payment(work.payment)) }
            dt { "Opens" } dd { (opened) }
            @if from != 0 { dt { "Not before" } dd { (rfc3339(from)) } }
            @if until != 0 { dt { "Not after" } dd { (rfc3339(until)) } }
            @if work.validity.needs_time { dt { "Time" } dd { "told to the card at each opening" } }
            dt { "Format" } dd { (work.media_type) ", " (size(work.content.length)) }
            dt { "Edition" } dd { (row.version) }
            dt { "Published" } dd { (row.published.map(rfc3339).unwrap_or_default()) }
            dt { "Id" } dd { code { (work.work) } }
        }
    }
}

/// The beginning of a preview that is text; none of any other.
fn excerpt(center: &Center, row: &VersionRow) -> Result<Option<String>> {
    if !row.added.preview_media_type.starts_with("text/") {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let blob = center.open_preview(row)?;
    blob.take(MAX_EXCERPT_BYTES).read_to_end(&mut bytes).map_err(|error| {
        Refusal::internal(format!("the preview of {} cannot be read: {error}", row.added.work))
    })?;
    Ok(Some(String::from_utf8_lossy(&bytes).trim_end_matches('\u{FFFD}').to_owned()))
}
