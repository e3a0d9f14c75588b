//! `/` and `/shops/{shop}`: works for sale, as cards.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::layout::{self, Frame};
use super::words::{priced, size};
use crate::center::Center;
use crate::http::answer::{Answer, waiting};
use crate::http::catalogue::{for_sale, open_shop, open_shops};
use crate::http::page::Page;
use crate::http::request::Named;
use crate::refusal::Result;
use crate::store::{ShopRow, VersionRow};

/// The most shops that the first page names.
const MAX_SHOPS: u32 = 100;

pub(in crate::http) async fn mall(
    State(center): State<Arc<Center>>,
    page: Page,
) -> Answer<Response> {
    waiting(center, move |center| mall_page(center, &page)).await
}

fn mall_page(center: &Center, page: &Page) -> Result<Response> {
    let shops = open_shops(center, 0, MAX_SHOPS)?;
    let (works, next) = for_sale(center, page)?;
    let config = center.config();
    let search = page.text.as_deref().unwrap_or_default();
    let content = html! {
        h1 { @if search.is_empty() { "For sale" } @else { "Works with “" (search) "”" } }
        @if shops.len() > 1 {
            nav aria-label="Shops" {
                ul.shops { @for (_, shop) in &shops {
                    li { a href={ "/shops/" (shop.slug) } { (shop.name) } }
                } }
            }
        }
        (list(&works, page, next.as_deref(), "/"))
    };
    let title = if search.is_empty() { &config.name[..] } else { search };
    let frame = Frame { config, title, search };
    Ok(layout::html(StatusCode::OK, layout::page(&frame, &content)))
}

pub(in crate::http) async fn shop(
    State(center): State<Arc<Center>>,
    Named(shop): Named,
    page: Page,
) -> Answer<Response> {
    waiting(center, move |center| {
        let row = open_shop(center, &shop)?;
        shop_page(center, &row, Page { shop: Some(row.slug.clone()), ..page })
    })
    .await
}

fn shop_page(center: &Center, shop: &ShopRow, page: Page) -> Result<Response> {
    let (works, next) = for_sale(center, &page)?;
    let path = format!("/shops/{}", shop.slug);
    let content = html! {
        h1 { (shop.name) }
        (list(&works, &page, next.as_deref(), &path))
        @if !shop.terms.is_empty() {
            h2 { "Terms" }
            pre tabindex="0" { (shop.terms) }
        }
    };
    let frame = Frame { config: center.config(), title: &shop.name, search: "" };
    Ok(layout::html(StatusCode::OK, layout::page(&frame, &content)))
}

fn list(works: &[VersionRow], page: &Page, next: Option<&str>, path: &str) -> Markup {
    html! {
        @if works.is_empty() { (none(page)) } @else {
            ul.works { @for work in works { (card(work)) } }
        }
        @if page.after > 0 || next.is_some() {
            nav aria-label="Pages" {
                @if page.after > 0 { p { a href={ (path) (page.first()) } { "First page" } } }
                @if let Some(next) = next {
                    p { a rel="next" href={ (path) (page.query(next)) } { "Next page" } }
                }
            }
        }
    }
}

fn none(page: &Page) -> Markup {
    if page.text.is_some() {
        return html! { p { "Nothing for sale has this in its title or its creator's name. "
        a href="/" { "Show all works." } } };
    }
    html! {
        p { "Nothing is for sale here yet. Whoever runs this center adds a work and publishes it \
            with:" }
        pre tabindex="0" { "saifu-center work add FILE --title TITLE --creator NAME --price jpy:300 --publish" }
    }
}

fn card(work: &VersionRow) -> Markup {
    let added = &work.added;
    let is_picture = added.preview_media_type.starts_with("image/");
    html! {
        li {
            @if is_picture {
                img src={ "/v1/works/" (added.work) "/preview" } alt="" loading="lazy";
            }
            a.title href={ "/works/" (added.work) } { (added.title) }
            p.soft { (added.creator) }
            p.soft { (added.media_type) ", " (size(added.content.length)) }
            p.price { (priced(added)) }
        }
    }
}
