use super::*;
use crate::sale::SaleError;
use crate::testing::{PlayCenter, world};
use http::{Request, Response};
use saifu_center_api::{Payment, ProblemCode};
use std::io::{self, Cursor};

/// Answers every request with the same status, media type and body.
struct Always(u16, &'static str, &'static [u8]);

impl Exchange for Always {
    fn exchange(&self, _: Request<Vec<u8>>) -> Result<Response<Body>, NoAnswer> {
        let Self(status, media_type, body) = *self;
        let response = Response::builder().status(status).header("Content-Type", media_type);
        Ok(response.body(Box::new(Cursor::new(body)) as Body).unwrap())
    }
}

fn always(status: u16, media_type: &'static str, body: &'static [u8]) -> Client {
    Client::new(Box::new(Always(status, media_type, body)))
}

#[test]
fn a_refusal_is_told_in_the_center_s_words() {
    let center = PlayCenter::default();
    center.kept.borrow_mut().refuses = Some(("/v1/center", ProblemCode::Unavailable));
    let error = Client::new(Box::new(center)).center().unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::Unavailable));
    assert!(error.is_passing());
    assert!(error.to_string().contains("Said the test."), "{error}");
}

#[test]
fn a_refusal_for_good_is_not_passing() {
    let error = Client::new(Box::new(PlayCenter::default())).work(world::WORK).unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::NotFound));
    assert!(!error.is_passing());
}

/// Demands that a sale goes on after an answer with this status, type and title.
#[track_caller]
fn passes(status: u16, body: &'static [u8]) {
    let error = always(status, "application/problem+json", body).settle(&payment()).unwrap_err();
    assert!(matches!(error, CenterError::Unreachable(NoAnswer::Lost(_))), "{error}");
    assert!(error.is_passing() && error.to_string().contains(&status.to_string()), "{error}");
    assert!(!SaleError::from(error).is_final());
}

fn payment() -> Payment {
    Payment { token: vec![1].into(), licence: Some(vec![2].into()) }
}

#[test]
fn a_status_that_passes_is_no_refusal_whatever_is_said_with_it() {
    for status in [408, 429, 500, 502, 503, 504, 599, 999] {
        passes(status, b"<html>");
        passes(status, br#"{"type":"about:blank","title":"No","status":400,"detail":""}"#);
        let own = br#"{"type":"urn:saifu:problem:malformed","title":"","status":400,"detail":""}"#;
        passes(status, own);
    }
}

/// Says so often to ask again after so many seconds, then answers.
struct Busy {
    status: u16,
    after: &'static str,
    left: std::cell::Cell<u32>,
}

impl Exchange for Busy {
    fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response<Body>, NoAnswer> {
        assert_eq!(request.uri(), "/v1/settlements", "each time in the same words");
        assert!(request.body().starts_with(b"{"));
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        let (status, body): (u16, &[u8]) = match left {
            0 => (200, br#"{"signed":"07"}"#),
            _ => (self.status, b"{}"),
        };
        let response = Response::builder().status(status).header("Retry-After", self.after);
        Ok(response.body(Box::new(Cursor::new(body)) as Body).unwrap())
    }
}

fn busy(status: u16, after: &'static str, times: u32) -> Result<Vec<u8>, CenterError> {
    let left = std::cell::Cell::new(times);
    Client::new(Box::new(Busy { status, after, left })).settle(&payment())
}

#[test]
fn where_the_center_says_when_to_ask_again_it_is_asked_then_and_not_without_end() {
    let begun = std::time::Instant::now();
    assert_eq!(busy(429, "1", 1).unwrap(), [7]);
    assert_eq!(busy(503, "0", 2).unwrap(), [7]);
    assert!(begun.elapsed().as_secs() >= 2, "it waited as it was told");
    for (status, after) in [(429, "3600"), (503, "soon"), (500, "1"), (429, "-1")] {
        assert!(busy(status, after, 1).unwrap_err().is_passing(), "{status} {after}");
    }
    assert!(begun.elapsed().as_secs() < 15, "and no longer");
}

#[test]
fn only_a_center_can_refuse() {
    let foreign = br#"{"type":"about:blank","title":"Blocked","status":403,"detail":""}"#;
    for body in [foreign.as_slice(), b"<html>"] {
        let error = always(403, "application/problem+json", body).settle(&payment()).unwrap_err();
        assert!(matches!(error, CenterError::NotUnderstood { .. }), "{error}");
        assert!(!SaleError::from(error).is_final());
    }
    let own = br#"{"type":"urn:saifu:problem:new","title":"","status":403,"detail":""}"#;
    let error = always(403, "application/problem+json", own).settle(&payment()).unwrap_err();
    let told = "the center refused: it gives no reason (urn:saifu:problem:new)";
    assert_eq!(error.to_string(), told);
    assert!(SaleError::from(error).is_final());
}

#[test]
fn what_every_center_has_is_no_work_that_this_one_has_not() {
    let not_found =
        br#"{"type":"urn:saifu:problem:not-found","title":"","status":404,"detail":""}"#;
    let center = always(404, "application/problem+json", not_found);
    for error in [center.center().unwrap_err(), center.works().unwrap_err()] {
        assert!(matches!(error, CenterError::NotUnderstood { .. }), "{error}");
    }
    assert_eq!(center.work(world::WORK).unwrap_err().code(), Some(ProblemCode::NotFound));
}

#[test]
fn a_refusal_is_cut_and_cannot_drive_the_terminal() {
    let mut long =
        br#"{"type":"urn:saifu:problem:malformed","title":"a\u001b[31m","status":400,"#.to_vec();
    long.extend(br#""detail":""#);
    long.extend([b'x'; 10_000]);
    long.extend(br#""}"#);
    let error = always(400, "application/problem+json", long.leak()).center().unwrap_err();
    let told = error.to_string();
    assert!(told.starts_with("the center refused: a\u{FFFD}[31m xxx"), "{told}");
    assert!(told.ends_with("x…") && told.chars().count() < 600, "{told}");
}

#[test]
fn a_stream_that_does_not_say_its_length_is_not_understood() {
    let center = always(200, saifu_center_api::DELIVERY_MEDIA_TYPE, b"abc");
    for error in
        [center.delivery(world::ORDER).unwrap_err(), center.preview(world::WORK).unwrap_err()]
    {
        assert!(error.to_string().ends_with("it does not say how long it is"), "{error}");
    }
}

#[test]
fn an_answer_that_is_not_the_interface_s_is_not_understood() {
    let error = always(200, "application/json", b"{}").center().unwrap_err();
    assert!(matches!(error, CenterError::NotUnderstood { .. }), "{error}");
    let error = always(200, "text/html", b"<html>").delivery(world::ORDER).unwrap_err();
    assert!(matches!(error, CenterError::NotUnderstood { .. }), "{error}");
}

#[test]
fn a_catalogue_without_an_end_is_given_up() {
    let page = br#"{"works":[],"next":"a&limit=1"}"#;
    let error = always(200, "application/json", page).works().unwrap_err();
    assert!(error.to_string().contains("no end"), "{error}");
}

#[test]
fn a_catalogue_of_too_many_works_is_given_up() {
    struct Many;
    impl Exchange for Many {
        fn exchange(&self, _: Request<Vec<u8>>) -> Result<Response<Body>, NoAnswer> {
            let works = vec![world::work(); 1_000];
            let page = saifu_center_api::Works { works, next: Some("more".into()) };
            let body = Cursor::new(serde_json::to_vec(&page).unwrap());
            Ok(Response::new(Box::new(body) as Body))
        }
    }
    let error = Client::new(Box::new(Many)).works().unwrap_err();
    assert!(error.to_string().contains("more than 10000 works"), "{error}");
}

#[test]
fn a_made_up_id_names_nothing_but_itself() {
    struct Path;
    impl Exchange for Path {
        fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response<Body>, NoAnswer> {
            Err(NoAnswer::Lost(request.uri().to_string()))
        }
    }
    let error = Client::new(Box::new(Path)).challenge("../orders?a", vec![]).unwrap_err();
    let text = error.to_string();
    assert!(text.ends_with("/v1/loads/%2E%2E%2Forders%3Fa/challenge"), "{text}");
}

#[test]
fn a_delivery_that_ends_early_or_late_says_so() {
    let whole = world::delivery();
    let header = world::header();
    let read = |bytes: Vec<u8>| {
        let mut delivery = Delivery::new(Box::new(Cursor::new(bytes)));
        delivery.header()?;
        delivery.segments(&header, 0, header.segment_count())?;
        delivery.finish()
    };
    assert!(read(whole.clone()).is_ok());
    for length in [0, 69, 70, 5_000, whole.len() - 1] {
        let cut = read(whole[..length].to_vec());
        assert!(matches!(cut, Err(Damaged::Truncated)), "{length}");
    }
    assert!(matches!(read([whole, vec![0]].concat()), Err(Damaged::Trailing)));
}

#[test]
fn a_delivery_that_breaks_off_is_not_one_that_ends() {
    struct Broken;
    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    let broken = Delivery::new(Box::new(Broken)).finish();
    assert!(matches!(broken, Err(Damaged::Broken(_))), "{broken:?}");
}
