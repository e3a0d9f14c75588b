//! Deliveries: other segments, other headers, other parts, and two at once (NV3, ST2
//! to ST4, ST8 to ST10).

use std::io::Read;

use http::{Request, Response};
use saifu_center::catalogue::NewWork;
use saifu_center::crypto::{Secret, kdf, sha256};
use saifu_center_api::Order;
use saifu_wire::codec::Wire as _;
use saifu_wire::signed::Licence;
use saifu_wire::stream::{HEADER_BYTES, Header, LABEL_COMMITMENT};

use super::{Stored, message, sales};
use crate::desk::{Desk, TEXT};

/// Asks for a part of an order's delivery.
fn part(desk: &Desk, order: &Order, range: &str, more: &[(&str, &str)]) -> Response<Vec<u8>> {
    let path = format!("/v1/orders/{}/delivery", order.id);
    let mut request = Request::get(path).header("range", range);
    for (name, value) in more {
        request = request.header(*name, *value);
    }
    let (head, mut body) = desk.call(request.body(vec![]).unwrap()).into_parts();
    let mut bytes = Vec::new();
    body.read_to_end(&mut bytes).unwrap();
    Response::from_parts(head, bytes)
}

fn etag(desk: &Desk, order: &Order) -> String {
    part(desk, order, "bytes=0-0", &[]).headers()["etag"].to_str().unwrap().to_owned()
}

#[test]
fn st2_two_deliveries_of_one_work_share_no_key_salt_or_block() {
    let (desk, card, orders) = sales::<8>();
    let licences = orders.each_ref().map(|order| message::<Licence>(&order.licence.0));
    let deliveries = orders.each_ref().map(|order| desk.delivery(order));
    for (at, one) in orders.iter().enumerate() {
        for other in 0..at {
            assert_ne!(card.unwrap(&one.licence.0), card.unwrap(&orders[other].licence.0));
            assert_ne!(licences[at].commitment, licences[other].commitment);
            assert_ne!(licences[at].header, licences[other].header);
            assert_ne!(etag(&desk, one), etag(&desk, &orders[other]));
            let blocks = |of: usize| deliveries[of][HEADER_BYTES..].chunks(16);
            assert!(blocks(at).zip(blocks(other)).all(|(a, b)| a != b));
        }
    }
}

#[test]
fn st2_the_rest_of_one_delivery_is_never_given_for_the_rest_of_another() {
    let (desk, _, [one, other]) = sales();
    let (whole, tag) = (desk.delivery(&other), etag(&desk, &one));
    let rest = part(&desk, &other, "bytes=5000-", &[("if-range", &tag)]);
    assert_eq!(rest.status(), 200, "all of it, from its beginning");
    assert!(rest.into_body() == whole);
    let own = etag(&desk, &other);
    let rest = part(&desk, &other, "bytes=5000-", &[("if-range", &own)]);
    assert_eq!(rest.status(), 206);
    assert!(rest.into_body() == whole[5_000..]);
}

#[test]
fn st2_a_delivery_is_the_same_bytes_whatever_becomes_of_its_work() {
    let mut desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let (order, _) = desk.buy(&mut card, &work, "key");
    let whole = desk.delivery(&order);
    let later = TEXT.repeat(400);
    let edition_of = Some(saifu_wire::ContentId::from_hex(&work).unwrap());
    desk.publish(&later, NewWork { edition_of, ..Desk::new_work(&later, "jpy:300") });
    assert!(desk.delivery(&order) == whole, "after a new edition");
    desk.clock.advance(365 * 86_400);
    desk.reopen();
    assert!(desk.delivery(&order) == whole, "a year later, started again");
}

#[test]
fn st4_a_licence_names_the_header_of_its_own_delivery_alone() {
    let (desk, _, orders) = sales::<3>();
    let text = TEXT.repeat(300);
    for order in &orders {
        let (licence, delivery) = (message::<Licence>(&order.licence.0), desk.delivery(order));
        assert_eq!(sha256(&[&delivery[..HEADER_BYTES]]), licence.header.0);
        let header = Header::from_bytes(&delivery[..HEADER_BYTES]).unwrap();
        assert_eq!(header.content, licence.content);
        assert_eq!(header.content_version, licence.content_version);
        assert_eq!(header.total_bytes, text.len() as u64);
        assert_eq!(order.delivery_length, delivery.len() as u64);
    }
}

#[test]
fn st8_a_part_that_is_not_there_is_refused_and_no_part_is_ever_other_bytes() {
    let (desk, _, [order]) = sales();
    let whole = desk.delivery(&order);
    let end = whole.len();
    let before = Stored::of(&desk);
    for range in [
        format!("bytes={end}-"),
        format!("bytes={}-{}", end + 1, end + 2),
        format!("bytes={}-", u64::MAX),
        format!("bytes={}-{}", u64::MAX - 1, u64::MAX),
        "bytes=-0".into(),
    ] {
        let refused = part(&desk, &order, &range, &[]);
        assert_eq!(refused.status(), 416, "{range}");
        assert_eq!(refused.headers()["content-range"], format!("bytes */{end}"), "{range}");
    }
    for range in [
        "bytes=18446744073709551616-",
        "bytes=0-18446744073709551616",
        "bytes=-18446744073709551616",
        "bytes=5-2",
        "bytes=0-1,3-4",
        "bytes=a-b",
        "bytes=0x10-",
        "bytes=--1",
        "bytes=-",
        "bytes",
        "lines=0-1",
        "",
    ] {
        let answer = part(&desk, &order, range, &[]);
        match answer.status().as_u16() {
            200 => assert!(answer.into_body() == whole, "{range}"),
            206 => assert!(whole.starts_with(answer.body()), "{range}"),
            status => assert!(status == 416 || status == 400, "{range}: {status}"),
        }
    }
    before.has_not_moved(&desk, &[]);
}

#[test]
fn st9_deliveries_that_are_read_in_turns_do_not_mix() {
    let (desk, _, orders) = sales::<4>();
    let wholes = orders.each_ref().map(|order| desk.delivery(order));
    let mut bodies = orders.each_ref().map(|order| {
        let path = format!("/v1/orders/{}/delivery", order.id);
        desk.call(Request::get(path).body(vec![]).unwrap()).into_body()
    });
    let mut read = [const { Vec::new() }; 4];
    for step in 1.. {
        let mut moved = false;
        for (body, into) in bodies.iter_mut().zip(&mut read) {
            let taken = body.by_ref().take(step * 97).read_to_end(into).unwrap();
            moved |= taken > 0;
        }
        if !moved {
            break;
        }
    }
    assert!(read == wholes);
}

#[test]
fn st10_each_licence_commits_to_the_one_key_that_it_wraps() {
    let (desk, card, orders) = sales::<3>();
    for order in &orders {
        let licence = message::<Licence>(&order.licence.0);
        let key = Secret::new(card.unwrap(&order.licence.0));
        assert_eq!(kdf::expand(&key, LABEL_COMMITMENT, &[]).expose(), &licence.commitment.0);
    }
    desk.value();
}

#[test]
fn st3_a_work_that_was_cut_or_grew_on_the_disk_breaks_off_and_never_ends_well() {
    let (desk, mut card, [order]) = sales();
    desk.settle(&card.debit(&order.licence.0), &order.licence.0).unwrap();
    let whole = desk.delivery(&order);
    let text = TEXT.repeat(300);
    let file = stored_work(&desk, &text);
    for other in [&text[..text.len() - 1], &text[..9], "", &format!("{text}!")] {
        std::fs::write(&file, other).unwrap();
        let path = format!("/v1/orders/{}/delivery", order.id);
        let answer = desk.call(Request::get(path).body(vec![]).unwrap());
        let mut bytes = Vec::new();
        let ended = answer.status() == 200 && answer.into_body().read_to_end(&mut bytes).is_ok();
        assert!(!ended, "{} bytes instead of {}", other.len(), text.len());
        assert!(bytes.len() < whole.len());
    }
    std::fs::write(&file, &text).unwrap();
    assert!(desk.delivery(&order) == whole);
}

#[test]
fn nv3_two_works_that_changed_places_on_the_disk_are_never_delivered_one_for_the_other() {
    let desk = Desk::open();
    let texts = ["A", "B"].map(|letter| letter.repeat(40_000));
    let works = texts.each_ref().map(|text| desk.sell_text("jpy:300", text));
    let card = desk.customer();
    let orders = works.each_ref().map(|work| desk.order(&card, work, work).unwrap());
    let wholes = orders.each_ref().map(|order| desk.delivery(order));
    let files = texts.each_ref().map(|text| stored_work(&desk, text));
    std::fs::write(&files[0], &texts[1]).unwrap();
    std::fs::write(&files[1], &texts[0]).unwrap();
    for order in &orders {
        let path = format!("/v1/orders/{}/delivery", order.id);
        let answer = desk.call(Request::get(path).body(vec![]).unwrap());
        let ended =
            answer.status() == 200 && answer.into_body().read_to_end(&mut Vec::new()).is_ok();
        assert!(!ended, "the other work was delivered to its end");
    }
    for (file, text) in files.iter().zip(&texts) {
        std::fs::write(file, text).unwrap();
    }
    assert!(orders.each_ref().map(|order| desk.delivery(order)) == wholes);
}

/// The file in which a work lies.
fn stored_work(desk: &Desk, text: &str) -> std::path::PathBuf {
    let mut folders = vec![desk.folder.path().join("works")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if std::fs::read(&entry).unwrap() == text.as_bytes() {
                return entry;
            }
        }
    }
    panic!("the work lies nowhere")
}
