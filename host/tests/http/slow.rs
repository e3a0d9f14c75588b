//! Centers and proxies that drip, so that something always comes and never all of it.

use crate::server::{listen, read_request};
use crate::shop::Shop;
use crate::tls::Authority;
use crate::wrong::{SLACK, WITHIN, at_within, read, stream};
use rustls::{ServerConnection, StreamOwned};
use saifu_host::center::Http;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
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

/// A connection on which, once it drips, each byte comes alone.
struct Tap {
    stream: TcpStream,
    drips: bool,
}

impl Read for Tap {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.stream.read(out)
    }
}

impl Write for Tap {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.drips {
            return self.stream.write(bytes);
        }
        sleep(WITHIN / 10);
        self.stream.write(&bytes[..1])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[test]
fn bytes_of_a_tls_record_that_is_never_whole_do_not_keep_a_stream_open() {
    let authority = Authority::new();
    let config = authority.server("localhost", |_| {});
    let place = listen(move |stream| {
        let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = StreamOwned::new(tls, Tap { stream, drips: false });
        read_request(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n").unwrap();
        stream.sock.drips = true;
        // Until the terminal leaves.
        let _ = stream.write_all(&[b'a'; 10_000]);
    });
    let url = format!("https://localhost:{}", place.port());
    let center = Http::new(&url, Some(authority.pem.as_bytes()), 2 * WITHIN).unwrap();
    let mut body = stream(&center);
    let begun = Instant::now();
    let broken = body.read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(broken.kind(), ErrorKind::TimedOut, "{broken}");
    assert!(begun.elapsed() < WITHIN + SLACK);
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
