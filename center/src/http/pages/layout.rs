//! What all pages have: head, banner, search, foot; and how they are sent.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use crate::config::Config;

/// The one style sheet, at `/style.css`.
const STYLE: &str = include_str!("style.css");

/// What a page may load and do: nothing but pictures, sounds and the style sheet of this center.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What is said of a page around its content.
pub(super) struct Frame<'a> {
    /// The center.
    pub(super) config: &'a Config,
    /// The page's own title.
    pub(super) title: &'a str,
    /// What was searched for.
    pub(super) search: &'a str,
}

/// Puts `content` into the frame that all pages have.
pub(super) fn page(frame: &Frame<'_>, content: &Markup) -> Markup {
    let Frame { config, title, search } = frame;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) @if *title != config.name { " · " (config.name) } }
                link rel="stylesheet" href="/style.css";
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                @if config.test_mode {
                    p.test role="note" {
                        strong { "Test mode." } " All value here is play money: nothing that is \
                        sold here is worth anything."
                    }
                }
                header {
                    a.name href="/" { (config.name) }
                    form action="/" method="get" role="search" {
                        input type="search" name="q" value=(search) maxlength="100"
                            aria-label="Title or creator" placeholder="Title or creator";
                        button type="submit" { "Search" }
                    }
                }
                main id="main" { (content) }
                footer {
                    "Works are bought with a card and " code { "saifu" } ": this page shows them, \
                    and sells nothing itself."
                }
            }
        }
    }
}

/// A page as it is sent.
pub(super) fn html(status: StatusCode, page: Markup) -> Response {
    let fields = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    send(status, fields, page.into_string())
}

pub(in crate::http) async fn style() -> Response {
    let fields = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    send(StatusCode::OK, fields, STYLE.to_owned())
}

fn send(status: StatusCode, fields: [(HeaderName, &'static str); 4], body: String) -> Response {
    let mut response = (status, body).into_response();
    for (name, value) in fields {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
