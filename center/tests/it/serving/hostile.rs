//! Callers that are slow, broken, or unusual.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::thread;
use std::time::{Duration, Instant};

use saifu_center::serve::{Limits, MAX_HEAD_BYTES};
use saifu_center_api::{Problem, ProblemCode};

use super::{PATIENCE, Serving, rest};
use crate::desk::Desk;

const GET: &[u8] = b"GET /v1/center HTTP/1.1\r\nHost: a\r\n\r\n";

const GET_AND_CLOSE: &[u8] = b"GET /v1/center HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

fn impatient() -> Limits {
    let short = Duration::from_millis(800);
    Limits { head: short, body: short, ..Limits::default() }
}

#[test]
fn ap6_a_head_that_comes_slowly_or_not_at_all_is_cut_off() {
    let desk = Desk::open();
    let serving = Serving::limited(&desk, impatient());
    let mut silent = serving.connect();
    let mut stuck = serving.sent(b"GET /v1/cen");
    let mut dripping = serving.sent(b"GET /v1/center HTTP/1.1\r\n");
    let begun = Instant::now();
    while dripping.write_all(b"X: y\r\n").is_ok() {
        assert!(begun.elapsed() < PATIENCE, "each line must not begin the time anew");
        thread::sleep(Duration::from_millis(30));
    }
    for stream in [&mut silent, &mut stuck] {
        assert_eq!(rest(stream), "");
    }
    assert!(serving.is_well());
}

#[test]
fn an_idle_connection_is_closed_after_its_answer() {
    let desk = Desk::open();
    let serving = Serving::limited(&desk, impatient());
    let mut stream = serving.sent(GET);
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(!answer.contains("connection: close"), "it was kept for a while: {answer}");
}

#[test]
fn ap4_a_body_that_does_not_come_is_told_so() {
    let desk = Desk::open();
    let serving = Serving::limited(&desk, impatient());
    let head = "POST /v1/orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
    for body in
        ["Content-Length: 100\r\n\r\n{\"acc", "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"acc"]
    {
        let answer = rest(&mut serving.sent(format!("{head}{body}").as_bytes()));
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("application/problem+json"), "{head}");
        let problem: Problem = serde_json::from_str(body).unwrap();
        assert_eq!(problem.code(), Some(ProblemCode::Unavailable));
        assert!(problem.detail.contains("send it again"), "{}", problem.detail);
    }
    assert!(serving.is_well());
}

#[test]
fn a_body_that_nobody_reads_leaves_the_connection_as_it_was() {
    let desk = Desk::open();
    let serving = Serving::limited(&desk, impatient());
    for path in ["/v1/works", "/v1/nothing", "/v1/admin/status"] {
        let head = format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n");
        let mut stream = serving.sent(head.as_bytes());
        thread::sleep(Duration::from_millis(100));
        stream.write_all(b"{}").unwrap();
        stream.write_all(GET_AND_CLOSE).unwrap();
        let answers = rest(&mut stream);
        assert!(answers.starts_with("HTTP/1.1 40"), "{answers}");
        assert!(answers.contains("HTTP/1.1 200 OK\r\n"), "{path}: {answers}");
    }
}

#[test]
fn a_body_that_is_too_long_to_be_read_for_nobody_closes_the_connection_and_says_so() {
    let desk = Desk::open();
    let serving = Serving::limited(&desk, impatient());
    for body in ["Content-Length: 99999999\r\n\r\n", "Content-Length: 9\r\n\r\n"] {
        let head = format!("POST /v1/nothing HTTP/1.1\r\nHost: a\r\n{body}");
        let answer = rest(&mut serving.sent(head.as_bytes()));
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    }
    assert!(serving.is_well());
}

#[test]
fn ap8_a_head_that_is_too_long_is_refused() {
    let desk = Desk::open();
    let serving = Serving::plain(&desk);
    let long_path = format!("GET /{} HTTP/1.1\r\n", "a".repeat(2 * MAX_HEAD_BYTES));
    let long_field = format!("GET / HTTP/1.1\r\nX: {}\r\n", "a".repeat(2 * MAX_HEAD_BYTES));
    let many_fields = format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(200));
    for head in [long_path, long_field, many_fields] {
        let mut stream = serving.connect();
        // It may be cut off while it still sends.
        let _ = stream.write_all(head.as_bytes());
        let answer = rest(&mut stream);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    assert!(serving.is_well());
}

#[test]
fn ap1_what_is_not_http_is_refused() {
    let desk = Desk::open();
    let serving = Serving::plain(&desk);
    // Each is a request that would be answered with 200, but for one thing.
    let not_http: [&[u8]; 9] = [
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /v1/center HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n",
        b"GET /v1/center HTTP/9.9\r\nHost: a\r\n\r\n",
        b"GET /v1/center HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        b"GET /v1/center HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n{}",
        b"GET /v1/center HTTP/1.1\r\n\r\n",
        b"GET /v1/center HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    ];
    for bytes in not_http {
        let shown = bytes.escape_ascii();
        let mut stream = serving.sent(bytes);
        stream.shutdown(Shutdown::Write).unwrap();
        let answer = rest(&mut stream);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{shown}: {answer}");
        assert!(!answer.contains(" 200 "), "{shown}: {answer}");
    }
    assert!(serving.is_well());
}

#[test]
fn ap4_two_lengths_of_one_body_are_refused_before_it_is_looked_at() {
    let desk = Desk::open();
    let serving = Serving::plain(&desk);
    let head = "POST /v1/orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
    for length in ["Content-Length: 2\r\nContent-Length: 3", "Content-Length: x"] {
        let answer = rest(&mut serving.sent(format!("{head}{length}\r\n\r\n{{}}").as_bytes()));
        assert!(answer.starts_with("HTTP/1.1 400 "), "{length}: {answer}");
        assert!(!answer.contains("problem+json"), "the parser refuses, without a body: {answer}");
    }
}

#[test]
fn a_caller_that_has_closed_its_half_is_answered() {
    let desk = Desk::open();
    let serving = Serving::plain(&desk);
    let mut stream = serving.sent(GET);
    stream.shutdown(Shutdown::Write).unwrap();
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with('}'), "{answer}");
}

#[test]
fn http_1_0_is_answered_and_its_connection_closed() {
    let desk = Desk::open();
    let serving = Serving::plain(&desk);
    let answer = rest(&mut serving.sent(b"GET /v1/center HTTP/1.0\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n") && answer.ends_with('}'), "{answer}");
}

#[test]
fn head_has_a_length_and_no_body() {
    let desk = Desk::open();
    let serving = Serving::plain(&desk);
    let head = b"HEAD /v1/center HTTP/1.1\r\nHost: a\r\n\r\n";
    let answer = rest(&mut serving.sent(&[head, GET_AND_CLOSE].concat()));
    let (head, second) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-length: ") && second.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn requests_that_come_together_are_answered_in_their_order() {
    let desk = Desk::open();
    let serving = Serving::plain(&desk);
    let missing = b"GET /v1/nothing HTTP/1.1\r\nHost: a\r\n\r\n";
    let answer = rest(&mut serving.sent(&[missing, GET, missing, GET_AND_CLOSE].concat()));
    let statuses: Vec<_> =
        answer.match_indices("HTTP/1.1 ").map(|(at, _)| &answer[at + 9..at + 12]).collect();
    assert_eq!(statuses, ["404", "200", "404", "200"], "{answer}");
}

#[test]
fn a_caller_that_asks_first_is_told_to_go_on() {
    let desk = Desk::open();
    let serving = Serving::plain(&desk);
    let mut stream = serving.sent(
        b"POST /v1/orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
          Content-Length: 2\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n",
    );
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"{}").unwrap();
    assert!(rest(&mut stream).starts_with("HTTP/1.1 400 "));
    let unwanted = b"POST /v1/nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\
                     Expect: 100-continue\r\n\r\n";
    assert!(rest(&mut serving.sent(unwanted)).starts_with("HTTP/1.1 404 "));
}

#[test]
fn ap8_a_body_without_an_end_is_refused_in_time() {
    let desk = Desk::open();
    let serving = Serving::plain(&desk);
    let mut stream = serving.sent(
        b"POST /v1/orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
          Transfer-Encoding: chunked\r\n\r\n",
    );
    let chunk = [b"1000\r\n", &[b' '; 4_096][..], b"\r\n"].concat();
    let begun = Instant::now();
    while stream.write_all(&chunk).is_ok() {
        assert!(begun.elapsed() < PATIENCE, "it is read for ever");
    }
    assert!(serving.is_well());
}
