//! What callers take up is bounded, and given back.

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use saifu_center::serve::Limits;

use super::{PATIENCE, Serving, agent, rest};
use crate::desk::Desk;
use crate::large::{MIB, large_work};

/// The request for a delivery of `bytes` bytes and more, and its whole length.
fn delivery(desk: &Desk, bytes: u64) -> (String, u64) {
    let card = desk.customer();
    let order = desk.order(&card, &large_work(desk, bytes), "key").unwrap();
    (format!("/v1/orders/{}/delivery", order.id), order.delivery_length)
}

fn request(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").into_bytes()
}

/// Reads past the head and returns how much of the body came with it.
fn head(stream: &mut TcpStream) -> u64 {
    let mut read = Vec::new();
    loop {
        let mut some = [0; 512];
        let count = stream.read(&mut some).unwrap();
        read.extend_from_slice(&some[..count]);
        let end = read.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            assert!(read.starts_with(b"HTTP/1.1 200 OK\r\n"));
            return (read.len() - end - 4) as u64;
        }
        assert!(count > 0 && read.len() < 4_096, "no head");
    }
}

/// Whether it ends before `whole` bytes have come.
fn is_cut(stream: &mut TcpStream, whole: u64) -> bool {
    let read = std::io::copy(stream, &mut std::io::sink());
    read.map_or_else(|error| error.kind() != ErrorKind::WouldBlock, |read| read < whole)
}

#[test]
fn a_connection_too_many_is_closed_and_one_that_ends_makes_room() {
    let desk = Desk::open();
    let serving = Serving::limited(&desk, Limits { connections: 2, ..Limits::default() });
    // Connections are let in side by side: one that was answered is in.
    let let_in = || {
        let mut stream = serving.sent(b"GET /v1/center HTTP/1.1\r\nHost: a\r\n\r\n");
        head(&mut stream);
        stream
    };
    let mut held = vec![let_in(), let_in()];
    assert_eq!(rest(&mut serving.connect()), "", "closed at once, not after the 30 s of a head");
    drop(held.pop());
    let begun = Instant::now();
    let url = format!("{}/v1/center", serving.url);
    while agent(None).get(&url).call().is_err() {
        assert!(begun.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn deliveries_that_nobody_takes_are_given_up_and_make_room() {
    let desk = Desk::open();
    let (path, _) = delivery(&desk, 2 * MIB);
    let stall = Duration::from_secs(4);
    let serving = Serving::limited(&desk, Limits { stall, ..Limits::default() });
    let mut held: Vec<_> = (0..128).map(|_| serving.sent(&request(&path))).collect();
    assert!(held.iter_mut().all(|stream| head(stream) < 2 * MIB));
    let url = format!("{}{path}", serving.url);
    let status = || agent(None).get(&url).call().unwrap().status();
    assert_eq!(status(), 503);
    let begun = Instant::now();
    while status() == 503 {
        assert!(begun.elapsed() < PATIENCE, "they are held for ever");
        thread::sleep(Duration::from_millis(50));
    }
    assert!(held.iter_mut().any(|stream| is_cut(stream, 2 * MIB)), "one has made room");
}

#[test]
fn whoever_only_asks_how_long_a_delivery_is_holds_none_up() {
    let desk = Desk::open();
    let (path, length) = delivery(&desk, 2 * MIB);
    let serving = Serving::plain(&desk);
    let (url, agent) = (format!("{}{path}", serving.url), agent(None));
    for _ in 0..300 {
        let answer = agent.head(&url).call().unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-length"], length.to_string());
    }
}

#[test]
fn a_slow_reader_is_not_taken_for_one_that_takes_nothing() {
    let desk = Desk::open();
    let (path, length) = delivery(&desk, 16 * MIB);
    let stall = Duration::from_millis(1_500);
    let serving = Serving::limited(&desk, Limits { stall, ..Limits::default() });
    let mut stream = serving.sent(&request(&path));
    let (mut read, begun) = (head(&mut stream), Instant::now());
    let mut piece = [0; 16 * 1_024];
    while begun.elapsed() < 3 * stall {
        thread::sleep(Duration::from_millis(100));
        stream.read_exact(&mut piece).unwrap();
        read += piece.len() as u64;
    }
    read += std::io::copy(&mut stream, &mut std::io::sink()).unwrap();
    assert_eq!(read, length);
}

#[test]
fn a_stop_lets_a_delivery_under_way_finish_and_takes_no_more() {
    let desk = Desk::open();
    let (path, length) = delivery(&desk, 8 * MIB);
    let serving = Serving::plain(&desk);
    let mut stream = serving.sent(&request(&path));
    let begun = head(&mut stream);
    serving.stop.stop();
    let waited = Instant::now();
    while TcpStream::connect(serving.address()).is_ok() {
        assert!(waited.elapsed() < PATIENCE, "it still takes connections");
        thread::sleep(Duration::from_millis(5));
    }
    let rest = std::io::copy(&mut stream, &mut std::io::sink()).unwrap();
    assert_eq!(begun + rest, length);
    assert!(serving.end() < Duration::from_secs(5));
}

#[test]
fn a_stop_waits_neither_for_idle_callers_nor_for_ever() {
    let desk = Desk::open();
    let serving = Serving::plain(&desk);
    let idle = agent(None);
    idle.get(format!("{}/v1/center", serving.url))
        .call()
        .unwrap()
        .body_mut()
        .read_to_vec()
        .unwrap();
    assert!(serving.end() < Duration::from_secs(5), "a connection that is kept holds nothing up");
    let grace = Duration::from_millis(300);
    let serving = Serving::limited(&desk, Limits { grace, ..Limits::default() });
    let mut half = serving.sent(b"GET /v1/center HTTP/1.1\r\n");
    let took = serving.end();
    assert!(took < Duration::from_secs(5), "half a head is waited for no longer: {took:?}");
    assert_eq!(rest(&mut half), "");
    let (path, _) = delivery(&desk, 8 * MIB);
    let grace = Duration::from_millis(300);
    let serving = Serving::limited(&desk, Limits { grace, ..Limits::default() });
    let mut stream = serving.sent(&request(&path));
    head(&mut stream);
    let took = serving.end();
    assert!(took >= grace && took < Duration::from_secs(8), "{took:?}");
    assert!(is_cut(&mut stream, 8 * MIB));
}
