//! A large work is added and delivered in little memory, and what breaks off is noticed.

use std::fs;
use std::io::Read;

use http::Request;
use saifu_center::catalogue::{NewWork, PreviewSource};

use crate::desk::Desk;

pub(crate) const MIB: u64 = 1 << 20;

/// What the process has held at most, in bytes (Linux).
fn peak_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1_024
}

/// Sells `bytes` bytes for 300 JPY.
pub(crate) fn large_work(desk: &Desk, bytes: u64) -> String {
    let media_type = "text/plain".parse().unwrap();
    let preview = PreviewSource::Brought { media_type, bytes: b"large".to_vec() };
    let media_type = "application/octet-stream".parse().unwrap();
    let work = NewWork { preview, media_type, ..Desk::new_work("Large", "jpy:300") };
    let added = desk.center().add_work(&mut std::io::repeat(7).take(bytes), work).unwrap();
    desk.center().publish(added.added.work, 1).unwrap();
    added.added.work.to_string()
}

#[test]
fn a_large_work_is_added_and_delivered_in_little_memory() {
    let desk = Desk::open();
    let card = desk.customer();
    let before = peak_bytes();
    let work = large_work(&desk, 192 * MIB);
    let order = desk.order(&card, &work, "key").unwrap();
    let path = format!("/v1/orders/{}/delivery", order.id);
    let response = desk.call(Request::get(path).body(vec![]).unwrap());
    assert_eq!(response.headers()["content-length"], order.delivery_length.to_string());
    let read = std::io::copy(&mut response.into_body(), &mut std::io::sink()).unwrap();
    assert_eq!(read, order.delivery_length);
    // Other tests run at the same time; a copy of the work would still stand out. The system counts
    // in passing, and may tell a little less than before.
    let grown = peak_bytes().saturating_sub(before);
    assert!(grown < 96 * MIB, "{grown} bytes");
}

#[test]
fn st7_a_reader_that_goes_away_leaves_the_center_alive() {
    let desk = Desk::open();
    let card = desk.customer();
    let work = large_work(&desk, 4 * MIB);
    let order = desk.order(&card, &work, "key").unwrap();
    let path = format!("/v1/orders/{}/delivery", order.id);
    for _ in 0..20 {
        let response = desk.call(Request::get(&path).body(vec![]).unwrap());
        let mut first = [0; 100];
        response.into_body().read_exact(&mut first).unwrap();
        assert!(first.starts_with(b"SSTR"));
    }
    assert_eq!(desk.delivery(&order).len() as u64, order.delivery_length);
}

#[test]
fn nv9_a_work_damaged_on_the_disk_breaks_the_delivery_off() {
    let desk = Desk::open();
    let card = desk.customer();
    let work = large_work(&desk, 4 * MIB);
    let order = desk.order(&card, &work, "key").unwrap();
    let path = format!("/v1/orders/{}/delivery", order.id);
    let response = desk.call(Request::get(&path).body(vec![]).unwrap());
    for blob in fs::read_dir(desk.folder.path().join("works/blobs")).unwrap() {
        let blob = fs::File::options().write(true).open(blob.unwrap().path()).unwrap();
        if blob.metadata().unwrap().len() == 4 * MIB {
            blob.set_len(2 * MIB).unwrap();
        }
    }
    let mut body = Vec::new();
    assert!(response.into_body().read_to_end(&mut body).is_err(), "it must not look complete");
    let problem = desk.get::<saifu_center_api::Order>(&path).unwrap_err();
    assert_eq!(problem.status, 500);
    assert!(problem.detail.contains("damaged"), "{}", problem.detail);
}

#[test]
fn an_empty_work_is_delivered_as_one_empty_segment() {
    let desk = Desk::open();
    let card = desk.customer();
    let order = desk.order(&card, &large_work(&desk, 0), "key").unwrap();
    assert_eq!(desk.delivery(&order).len(), 70 + 16);
    assert_eq!(order.delivery_length, 70 + 16);
}
