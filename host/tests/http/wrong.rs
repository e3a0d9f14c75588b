//! Servers that are down, silent, slow or no center, as the library sees them.

use crate::server::{PATIENCE, answering, closing, listen, nobody, read_request};
use http::{Method, Request, Response};
use saifu_center_api::ProblemCode;
use saifu_host::center::{Body, Client, Exchange, Http, NoAnswer, Streamed};
use std::fmt::Display;
use std::io::{ErrorKind, Read, Write};
use std::sync::mpsc::channel;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The deadline where one is to pass.
pub(crate) const WITHIN: Duration = Duration::from_millis(400);

/// What a deadline may take longer on a machine that is busy.
pub(crate) const SLACK: Duration = Duration::from_secs(5);

fn at(place: impl Display) -> Http {
    at_within(place, PATIENCE)
}

pub(crate) fn at_within(place: impl Display, within: Duration) -> Http {
    Http::new(&format!("http://{place}"), None, within).unwrap()
}

fn get(center: &Http) -> Result<Response<Body>, NoAnswer> {
    center.exchange(Request::get("/v1/center").body(Vec::new()).unwrap())
}

/// Asks for an answer that is read as it comes.
pub(crate) fn stream(center: &Http) -> Body {
    let request = Request::get("/v1/center").extension(Streamed).body(Vec::new());
    center.exchange(request.unwrap()).unwrap().into_body()
}

#[track_caller]
fn refused(place: impl Display) -> String {
    refused_within(place, PATIENCE)
}

#[track_caller]
fn refused_within(place: impl Display, within: Duration) -> String {
    get(&at_within(place, within)).map(|answer| answer.status()).unwrap_err().to_string()
}

pub(crate) fn read(center: &Http) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    get(center).unwrap().into_body().read_to_end(&mut bytes).map(|_| bytes)
}

#[test]
fn what_is_asked_arrives_as_it_was_asked() {
    let (sender, requests) = channel();
    let place = listen(move |mut stream| {
        while let Some(asked) = read_request(&mut stream) {
            sender.send(asked).unwrap();
            let head = "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\n{}";
            stream.write_all(head.as_bytes()).unwrap();
        }
    });
    let center = at(format_args!("{place}/shop"));
    let order = Request::post("/v1/orders?a=b").header("Idempotency-Key", "1");
    let order = order.header("Content-Type", "application/json").body(b"{\"a\":1}".to_vec());
    let mut answer = center.exchange(order.unwrap()).unwrap().into_body();
    answer.read_to_end(&mut Vec::new()).unwrap();
    let asked = requests.recv().unwrap();
    assert_eq!(asked.head[0], "POST /shop/v1/orders?a=b HTTP/1.1");
    assert_eq!(asked.header("host"), Some(place.to_string().as_str()));
    assert_eq!(asked.header("idempotency-key"), Some("1"));
    assert_eq!(asked.header("content-type"), Some("application/json"));
    assert!(asked.header("user-agent").unwrap().starts_with("saifu/"));
    assert_eq!(asked.body, b"{\"a\":1}");

    assert_eq!(read(&center).unwrap(), b"{}");
    let asked = requests.recv().unwrap();
    assert_eq!(asked.head[0], "GET /shop/v1/center HTTP/1.1");
    for field in ["cookie", "content-length", "transfer-encoding", "accept-encoding"] {
        assert_eq!(asked.header(field), None, "{field}");
    }
}

#[test]
fn nothing_listens() {
    let place = nobody();
    assert_eq!(refused(place), format!("nothing listens at {place}"));
}

#[test]
fn a_server_that_accepts_and_says_nothing_is_left_in_time() {
    let place = listen(|mut stream| while read_request(&mut stream).is_some() {});
    let begun = Instant::now();
    assert_eq!(refused_within(place, WITHIN), format!("nothing came from {place} for 0.4 s"));
    assert!(begun.elapsed() >= WITHIN && begun.elapsed() < WITHIN + SLACK);
}

#[test]
fn a_head_must_be_there_in_time_however_steadily_it_drips() {
    let (sender, written) = channel();
    let place = listen(move |mut stream| {
        read_request(&mut stream);
        let begun = Instant::now();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX-Slow: ");
        while stream.write_all(b"a").is_ok() && begun.elapsed() < 2 * SLACK {
            sleep(WITHIN / 10);
        }
        sender.send(begun.elapsed()).unwrap();
    });
    assert!(refused_within(place, WITHIN).starts_with("nothing came from"));
    assert!(written.recv().unwrap() < WITHIN + SLACK);
}

#[test]
fn what_is_not_http_is_told() {
    let place = closing(b"SSH-2.0-OpenSSH_9.2\r\n\r\n");
    let told = refused(place);
    assert!(told.starts_with(&format!("what {place} answers is not HTTP")), "{told}");
    let place = closing(b"");
    assert_eq!(refused(place), format!("{place} broke the connection off"));
    let place = closing(b"HTTP/1.1 200 OK\r\nContent-Le");
    assert_eq!(refused(place), format!("{place} broke the connection off"));
}

#[test]
fn a_head_has_a_limit() {
    let (sender, sent) = channel();
    let place = listen(move |mut stream| {
        read_request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX-Long: ");
        let line = [b'a'; 1 << 16];
        let lines = (0..1_000).take_while(|_| stream.write_all(&line).is_ok());
        sender.send(lines.count()).unwrap();
    });
    let told = refused(place);
    assert_eq!(told, format!("the head of the answer from {place} is longer than 32768 bytes"));
    assert!(sent.recv().unwrap() < 1_000);
}

/// Demands that a body of these bytes, then the end of the connection, is an error and stays
/// one.
#[track_caller]
fn breaks_off(answer: &'static [u8]) {
    let center = at(closing(answer));
    let mut body = get(&center).unwrap().into_body();
    let broken = body.read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(broken.kind(), ErrorKind::ConnectionAborted);
    assert!(broken.to_string().ends_with("broke the connection off"), "{broken}");
    assert!(body.read(&mut [0]).is_err());
}

#[test]
fn a_body_that_breaks_off_is_an_error_and_never_a_short_body() {
    breaks_off(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123456789");
    breaks_off(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    breaks_off(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n");
    breaks_off(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123");
}

#[test]
fn a_body_that_only_the_connection_s_end_would_end_is_refused() {
    for answer in [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n{}".as_slice(),
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n{}",
    ] {
        let place = closing(answer);
        assert_eq!(refused(place), format!("{place} does not say where its answer ends"));
    }
}

#[test]
fn a_whole_body_is_read_whole() {
    for answer in [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345".as_slice(),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n123\r\n2\r\n45\r\n0\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345",
    ] {
        let center = at(answering(answer));
        assert_eq!(read(&center).unwrap(), b"12345");
        assert_eq!(read(&center).unwrap(), b"12345", "again");
    }
    assert_eq!(read(&at(answering(b"HTTP/1.1 204 No Content\r\n\r\n"))).unwrap(), b"");
}

#[test]
fn a_body_that_stalls_is_left_in_time() {
    let place = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
    let mut body = stream(&at_within(place, WITHIN));
    let mut part = [0; 5];
    body.read_exact(&mut part).unwrap();
    let begun = Instant::now();
    let stalled = body.read(&mut part).unwrap_err();
    assert_eq!(stalled.kind(), ErrorKind::TimedOut);
    assert_eq!(stalled.to_string(), format!("nothing came from {place} for 0.4 s"));
    assert!(begun.elapsed() >= WITHIN && begun.elapsed() < WITHIN + SLACK);
}

#[test]
fn a_slow_body_may_take_longer_than_the_deadline_if_it_is_steady() {
    let within = 3 * WITHIN;
    let place = listen(move |mut stream| {
        read_request(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n").unwrap();
        for _ in 0..20 {
            sleep(within / 15);
            stream.write_all(b"a").unwrap();
        }
    });
    let begun = Instant::now();
    let mut bytes = Vec::new();
    stream(&at_within(place, within)).read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, [b'a'; 20]);
    assert!(begun.elapsed() > within);
}

#[test]
fn whoever_lets_a_body_go_lets_the_connection_go() {
    let (sender, ended) = channel();
    let place = listen(move |mut stream| {
        read_request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
        let chunk = [0; 1 << 16];
        let chunks = (0..10_000).take_while(|_| stream.write_all(&chunk).is_ok());
        sender.send(chunks.count()).unwrap();
    });
    let mut body = get(&at(place)).unwrap().into_body();
    body.read_exact(&mut [0; 1_000]).unwrap();
    let begun = Instant::now();
    drop(body);
    assert!(ended.recv_timeout(SLACK).unwrap() < 10_000);
    assert!(begun.elapsed() < SLACK);
}

#[test]
fn a_connection_that_was_closed_meanwhile_is_made_anew() {
    let (sender, closed) = channel();
    let place = listen(move |mut stream| {
        read_request(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1").unwrap();
        drop(stream);
        sender.send(()).unwrap();
    });
    let center = at(place);
    for _ in 0..3 {
        assert_eq!(read(&center).unwrap(), b"1");
        closed.recv().unwrap();
    }
}

#[test]
fn a_redirect_is_an_answer_and_is_not_followed() {
    let (sender, reached) = channel();
    let elsewhere = listen(move |_| sender.send(()).unwrap());
    let place = listen(move |mut stream| {
        while read_request(&mut stream).is_some() {
            let head = format!(
                "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://{elsewhere}/\r\n\
                 Content-Length: 0\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).unwrap();
        }
    });
    for method in [Method::GET, Method::POST] {
        let request = Request::builder().method(method).uri("/v1/orders").body(Vec::new());
        assert_eq!(at(place).exchange(request.unwrap()).unwrap().status(), 307);
    }
    assert!(reached.try_recv().is_err());
}

#[test]
fn a_refusal_is_an_answer() {
    let place = answering(
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n\
          Content-Length: 96\r\n\r\n{\"type\":\"urn:saifu:problem:unavailable\",\
          \"title\":\"Busy.\",\"status\":503,\"detail\":\"Ask in a while.\"}",
    );
    let error = Client::new(Box::new(at(place))).center().unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::Unavailable), "{error}");
    assert!(error.is_passing() && error.to_string().contains("Ask in a while"), "{error}");
}
