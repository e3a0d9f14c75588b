//! Deliveries and previews in parts: the same bytes as the whole, whatever the part.

use std::io::Read;

use http::{Request, Response};
use saifu_center_api::{Order, Problem, ProblemCode, Work};

use crate::desk::Desk;

/// A stream's header, and a segment with its tag.
const MARKS: [usize; 2] = [70, 4_096 + 16];

fn get(desk: &Desk, path: &str, fields: &[(&str, &str)]) -> Response<Vec<u8>> {
    ask(desk, "GET", path, fields)
}

fn ask(desk: &Desk, method: &str, path: &str, fields: &[(&str, &str)]) -> Response<Vec<u8>> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let (head, mut body) = desk.call(request.body(vec![]).unwrap()).into_parts();
    let mut bytes = Vec::new();
    body.read_to_end(&mut bytes).unwrap();
    Response::from_parts(head, bytes)
}

fn ordered(desk: &Desk) -> (Order, String) {
    let text: String = (0..9_000).map(|n| format!("{n:05} ")).collect();
    let (work, card) = (desk.sell_text("jpy:300", &text), desk.customer());
    let order = desk.order(&card, &work, "key").unwrap();
    let path = format!("/v1/orders/{}/delivery", order.id);
    (order, path)
}

#[test]
fn any_part_of_a_delivery_is_that_part_of_the_whole() {
    let desk = Desk::open();
    let (_, path) = ordered(&desk);
    let whole = get(&desk, &path, &[]);
    assert_eq!(
        (whole.status().as_u16(), &whole.headers()["accept-ranges"]),
        (200, &"bytes".parse().unwrap())
    );
    let (etag, whole) = (whole.headers()["etag"].clone(), whole.into_body());
    let end = whole.len();
    let [header, segment] = MARKS;
    let borders = (0..4).map(|count| header + count * segment).chain([0, end]);
    let near = borders.flat_map(|at| [at.saturating_sub(1), at, at + 1]);
    let random = (0..60_usize).map(|n| n.wrapping_mul(2_654_435_761) % end);
    let starts: Vec<usize> = near.chain(random).filter(|at| *at < end).collect();
    for (nth, first) in starts.iter().copied().enumerate() {
        let last = first + (nth * 977) % 9_000;
        let range = format!("bytes={first}-{last}");
        let part = get(&desk, &path, &[("range", &range)]);
        let to = end.min(last + 1);
        assert_eq!(part.status(), 206, "{range}");
        assert_eq!(part.headers()["content-range"], format!("bytes {first}-{}/{end}", to - 1));
        assert_eq!(part.headers()["content-length"], (to - first).to_string());
        assert_eq!(part.headers()["etag"], etag);
        assert!(part.body()[..] == whole[first..to], "{range}");
    }
    let last = get(&desk, &path, &[("range", "bytes=-300")]);
    assert!(last.body()[..] == whole[end - 300..]);
    let rest = get(&desk, &path, &[("range", &format!("bytes={}-", end - 5))]);
    assert!(rest.body()[..] == whole[end - 5..]);
}

#[test]
fn st8_a_part_that_is_not_there_or_is_of_other_bytes_is_told_apart() {
    let desk = Desk::open();
    let (order, path) = ordered(&desk);
    let (length, all) = (order.delivery_length, order.delivery_length as usize);
    let beyond = get(&desk, &path, &[("range", &format!("bytes={length}-"))]);
    assert_eq!(beyond.status(), 416);
    assert_eq!(beyond.headers()["content-range"], format!("bytes */{length}"));
    let problem: Problem = serde_json::from_slice(beyond.body()).unwrap();
    assert_eq!(problem.code(), Some(ProblemCode::RangeNotSatisfiable));
    let several = get(&desk, &path, &[("range", "bytes=0-1,5-9")]);
    assert_eq!((several.status().as_u16(), several.body().len()), (200, all));
    let etag = several.headers()["etag"].to_str().unwrap().to_owned();
    let part = |tag: &str| get(&desk, &path, &[("range", "bytes=0-1"), ("if-range", tag)]);
    assert_eq!(part(&etag).status(), 206);
    assert_eq!((part("\"other\"").status().as_u16(), part("\"other\"").body().len()), (200, all));
    let same = get(&desk, &path, &[("if-none-match", &etag)]);
    assert_eq!((same.status().as_u16(), same.body().len()), (304, 0));
    assert_eq!(same.headers()["etag"], etag);
}

#[test]
fn the_head_alone_tells_what_the_whole_has() {
    let desk = Desk::open();
    let (order, path) = ordered(&desk);
    let head = ask(&desk, "HEAD", &path, &[("range", "bytes=0-1")]);
    assert_eq!((head.status().as_u16(), head.body().len()), (200, 0));
    assert_eq!(head.headers()["content-length"], order.delivery_length.to_string());
    assert_eq!(head.headers()["accept-ranges"], "bytes");
}

#[test]
fn a_preview_comes_in_parts_too() {
    let desk = Desk::open();
    let work = desk.sell("jpy:300");
    let shown: Work = desk.get(&format!("/v1/works/{work}")).unwrap();
    let path = format!("/v1/works/{work}/preview");
    let whole = desk.bytes(&path);
    let part = get(&desk, &path, &[("range", "bytes=10-19")]);
    assert_eq!((part.status().as_u16(), &part.body()[..]), (206, &whole[10..20]));
    let told = format!("bytes 10-19/{}", shown.preview.length);
    assert_eq!(part.headers()["content-range"], told);
    let etag = part.headers()["etag"].to_str().unwrap();
    assert_eq!(get(&desk, &path, &[("if-none-match", etag)]).status(), 304);
    assert_eq!(get(&desk, &path, &[("range", "bytes=99999999-")]).status(), 416);
}
