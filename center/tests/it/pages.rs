//! The pages: they tell what there is, escape what was written, and load nothing from elsewhere.

use std::io::{Cursor, Read};

use http::Request;
use saifu_center::catalogue::NewWork;
use saifu_center::shops::NewShop;

use crate::desk::{Desk, TEXT};

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The page at `path`, with the status it has.
fn page(desk: &Desk, path: &str) -> (u16, String) {
    let request = Request::get(path).header("accept", "text/html,*/*;q=0.8");
    let response = desk.call(request.body(vec![]).unwrap());
    let headers = response.headers();
    assert_eq!(headers["content-type"], "text/html; charset=utf-8", "{path}");
    assert_eq!(headers["content-security-policy"], POLICY);
    assert_eq!(headers["x-content-type-options"], "nosniff");
    let (status, mut text) = (response.status().as_u16(), String::new());
    response.into_body().read_to_string(&mut text).unwrap();
    assert!(text.contains("<html lang=\"en\">") && text.contains("Test mode."), "{text}");
    assert!(!text.contains("<script") && !text.contains("style=\""), "{text}");
    (status, text)
}

#[test]
fn an_empty_mall_says_that_it_is_a_test_and_how_to_add_a_work() {
    let desk = Desk::open();
    let (status, text) = page(&desk, "/");
    assert_eq!(status, 200);
    assert!(text.contains("play money") && text.contains("saifu-center work add"), "{text}");
    assert!(!text.contains("Next page") && !text.contains("aria-label=\"Shops\""));
}

#[test]
fn a_work_is_found_shown_and_told_how_to_buy() {
    let desk = Desk::open();
    let work = desk.sell("jpy:300");
    let (_, mall) = page(&desk, "/");
    assert!(mall.contains(&format!("/works/{work}")) && mall.contains("300 JPY"), "{mall}");
    let (_, shown) = page(&desk, &format!("/works/{work}"));
    assert!(shown.contains(&TEXT[..20]), "the excerpt: {shown}");
    assert!(shown.contains(&format!("saifu buy {}", &work[..8])), "{shown}");
    assert!(shown.contains("paid, then decrypted") && shown.contains("any number of times"));
    assert!(page(&desk, "/?q=BRIGHT").1.contains(&work));
    assert!(page(&desk, "/?q=nothing+such").1.contains("Nothing for sale has this"));
}

#[test]
fn what_a_publisher_writes_is_text_and_never_markup() {
    let desk = Desk::open();
    let evil = "<b onclick='x'>\"&amp;</b>";
    let shop = NewShop {
        name: evil.into(),
        slug: Some("evil".into()),
        terms: evil.into(),
        fee_basis_points: 0,
    };
    let shop = desk.center().add_shop(shop).unwrap().id;
    let work = NewWork {
        shop: Some(shop),
        title: evil.into(),
        creator: evil.into(),
        description: evil.into(),
        ..Desk::new_work(TEXT, "jpy:300")
    };
    let text = evil.repeat(900);
    let row = desk.center().add_work(&mut Cursor::new(text), work).unwrap();
    desk.center().publish(row.added.work, 1).unwrap();
    let search = "/?q=%3Cb%20onclick";
    for path in ["/", "/shops/evil", &format!("/works/{}", row.added.work), search] {
        let (status, text) = page(&desk, path);
        assert_eq!(status, 200, "{path}");
        assert!(text.contains("&lt;b onclick") && !text.contains("<b "), "{path}: {text}");
    }
}

#[test]
fn a_shop_has_its_own_page_with_its_terms() {
    let desk = Desk::open();
    desk.sell("jpy:300");
    let terms = "All sales are final.".to_owned();
    let shop = NewShop { name: "Books".into(), terms, ..NewShop::default() };
    desk.center().add_shop(shop).unwrap();
    let (_, mall) = page(&desk, "/");
    assert!(mall.contains("href=\"/shops/books\""), "{mall}");
    let (_, shop) = page(&desk, "/shops/books");
    assert!(shop.contains("All sales are final.") && shop.contains("Nothing is for sale here"));
    let (_, own) = page(&desk, "/shops/center");
    assert!(own.contains("300 JPY"), "{own}");
}

#[test]
fn long_catalogues_have_pages_that_keep_the_search() {
    let desk = Desk::open();
    for amount in 1..=3 {
        desk.sell(&format!("jpy:{amount}"));
    }
    let (_, first) = page(&desk, "/?limit=2&q=nobody");
    let next = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let (_, second) = page(&desk, &next.replace("&amp;", "&"));
    assert!(second.contains("3 JPY") && !second.contains("2 JPY"), "{second}");
    assert!(second.contains("First page") && second.contains("value=\"nobody\""), "{second}");
    assert!(second.contains("href=\"/?limit=2&amp;q=nobody\""), "{second}");
    assert!(!page(&desk, "/?q=nobody").1.contains("aria-label=\"Pages\""), "it is one page");
}

#[test]
fn what_is_refused_is_a_page_for_browsers_and_a_problem_for_programs() {
    let desk = Desk::open();
    let (status, text) = page(&desk, "/works/nothing");
    assert!(status == 404 && text.contains("names no work"), "{text}");
    assert_eq!(page(&desk, "/nowhere").0, 404);
    assert_eq!(page(&desk, "/?limit=0").0, 400);
    let response = desk.call(Request::get("/nowhere").body(vec![]).unwrap());
    assert_eq!(response.headers()["content-type"], "application/problem+json");
}

#[test]
fn pages_and_the_style_sheet_answer_head() {
    let desk = Desk::open();
    for path in ["/", "/style.css", "/shops/center"] {
        let response = desk.call(Request::head(path).body(vec![]).unwrap());
        assert_eq!(response.status(), 200, "{path}");
        let mut body = Vec::new();
        response.into_body().read_to_end(&mut body).unwrap();
        assert!(body.is_empty(), "{path}");
    }
    assert!(String::from_utf8(desk.bytes("/style.css")).unwrap().contains(":focus-visible"));
}
