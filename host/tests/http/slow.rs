//! Centers and proxies that drip, so that something always comes and never all of it.

use crate::server::{listen, read_request};
use crate::shop::Shop;
use crate::wrong::{SLACK, WITHIN, at_within, read, stream};
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::thread::sleep;
use std::time::Instant;

/// Answers with `start`, then with `drop` again and again.
fn dripping(start: &'static [u8], drop: &'static [u8]) -> SocketAddr {
    listen(move |mut stream| {
        read_request(&mut stream);
        let begun = Instant::now();
        let _ = stream.write_all(start);
        while stream.write_all(drop).is_ok() && begun.elapsed() < 4 * SLACK {
            sleep(WITHIN / 10);
        }
    })
}

/// Demands that an answer is left in time though it drips.
#[track_caller]
fn left_in_time(place: SocketAddr) {
    let begun = Instant::now();
    let broken = read(&at_within(place, WITHIN)).unwrap_err();
    assert_eq!(broken.kind(), ErrorKind::TimedOut);
    assert_eq!(broken.to_string(), format!("the answer from {place} was not whole within 0.4 s"));
    assert!(begun.elapsed() >= WITHIN && begun.elapsed() < WITHIN + SLACK);
}

#[test]
fn an_answer_must_be_whole_in_time_however_steadily_it_drips() {
    left_in_time(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{", b" "));
}

#[test]
fn fields_after_an_answer_do_not_keep_it_open() {
    let start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n";
    left_in_time(dripping(start, b"X: y\r\n"));
}

#[test]
fn a_stream_is_read_for_as_long_as_it_goes_on() {
    let place = dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n", b"a");
    let begun = Instant::now();
    let mut bytes = Vec::new();
    stream(&at_within(place, WITHIN)).read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, [b'a'; 30]);
    assert!(begun.elapsed() > 2 * WITHIN);
}

#[test]
fn a_proxy_must_open_the_way_in_time_however_steadily_it_drips() {
    let shop = Shop::new(1_000);
    let proxy = dripping(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a");
    let environment = [("ALL_PROXY", &*format!("http://{proxy}")), ("NO_PROXY", "")];
    let asked = ["browse", "--center", "https://shop.example", "--center-timeout", "1"];
    let begun = Instant::now();
    let ran = shop.run(&asked, &environment);
    assert!(begun.elapsed() < 2 * SLACK);
    let words = format!("the proxy {proxy} opened no way to shop.example within 1 s");
    ran.failed(11, &[&words, "check the proxy"]);
}
