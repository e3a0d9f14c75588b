//! Conditions and ranges of RFC 9110, sections 13 and 14: which part of a body is wanted.
//!
//! One range is served as a part; several, and whatever is none, as the whole.

use std::ops::Range;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use saifu_center_api::ProblemCode;

use super::answer::{Answer, Failure};
use crate::refusal::Refusal;

/// A body that can be had in parts.
#[derive(Debug, Clone)]
pub(super) struct Whole {
    /// Its media type.
    pub(super) media_type: String,
    /// Its bytes.
    pub(super) length: u64,
    /// Its strong ETag, without the quotes.
    pub(super) etag: String,
}

/// What is wanted of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    All,
    /// These bytes.
    Part(Range<u64>),
    /// Nothing: the caller has it.
    Nothing,
    /// Bytes that it has not.
    Beyond,
}

impl Whole {
    /// What a request with these headers wants.
    pub(super) fn wanted(&self, method: &Method, headers: &HeaderMap) -> Wanted {
        if headers.get_all(header::IF_NONE_MATCH).iter().any(|tags| self.is_among(tags)) {
            return Wanted::Nothing;
        }
        let one = |name| {
            let mut values = headers.get_all(name).iter();
            values.next().filter(|_| values.next().is_none())
        };
        let same = match headers.contains_key(header::IF_RANGE) {
            true => {
                one(header::IF_RANGE).is_some_and(|tag| tag.as_bytes() == self.tag().as_bytes())
            }
            false => true,
        };
        match one(header::RANGE).and_then(|range| range.to_str().ok()) {
            Some(range) if method == Method::GET && same => parse(range, self.length),
            _ => Wanted::All,
        }
    }

    /// The answer: `read` gives the bytes of a range.
    pub(super) fn answer(
        &self,
        method: &Method,
        wanted: Wanted,
        read: impl FnOnce(Range<u64>) -> Answer<Body>,
    ) -> Answer<Response> {
        let all = 0..self.length;
        let (status, range) = match wanted {
            Wanted::All => (StatusCode::OK, all),
            Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
            Wanted::Nothing => return Ok(self.headed(StatusCode::NOT_MODIFIED.into_response())),
            Wanted::Beyond => return Ok(self.beyond()),
        };
        let length = range.end - range.start;
        let part = format!("bytes {}-{}/{}", range.start, range.end.saturating_sub(1), self.length);
        let body = if method == Method::HEAD { Body::empty() } else { read(range)? };
        let fields = [
            (header::CONTENT_TYPE, self.media_type.clone()),
            (header::CONTENT_LENGTH, length.to_string()),
        ];
        let mut response = self.headed((status, fields, body).into_response());
        if status == StatusCode::PARTIAL_CONTENT {
            set(&mut response, header::CONTENT_RANGE, &part);
        }
        Ok(response)
    }

    fn beyond(&self) -> Response {
        let detail = format!("it has {} bytes: ask for some of these, or all", self.length);
        let refusal = Refusal::new(ProblemCode::RangeNotSatisfiable, detail);
        let mut response = Failure::from(refusal).into_response();
        set(&mut response, header::CONTENT_RANGE, &format!("bytes */{}", self.length));
        set(&mut response, header::ACCEPT_RANGES, "bytes");
        response
    }

    fn headed(&self, mut response: Response) -> Response {
        set(&mut response, header::ETAG, &self.tag());
        set(&mut response, header::ACCEPT_RANGES, "bytes");
        response
    }

    fn tag(&self) -> String {
        format!("\"{}\"", self.etag)
    }

    /// Whether its tag is in this list, by the weak comparison that If-None-Match asks for.
    fn is_among(&self, tags: &HeaderValue) -> bool {
        let tag = self.tag();
        let is_it = |text: &str| text == "*" || text.strip_prefix("W/").unwrap_or(text) == tag;
        tags.to_str().is_ok_and(|tags| tags.split(',').any(|one| is_it(one.trim())))
    }
}

fn set(response: &mut Response, name: header::HeaderName, value: &str) {
    // Digits, hex and media types of our own are all that comes here.
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// Reads `bytes=FIRST-LAST`, `bytes=FIRST-` or `bytes=-COUNT`.
fn parse(range: &str, length: u64) -> Wanted {
    let unit = range.split_once('=').filter(|(unit, _)| unit.eq_ignore_ascii_case("bytes"));
    let ends = unit.and_then(|(_, spec)| spec.trim().split_once('-'));
    let Some((first, last)) = ends else { return Wanted::All };
    let range = match (number(first), number(last)) {
        (Some(first), None) if last.is_empty() => first..length,
        (Some(first), Some(last)) if first <= last => first..length.min(last.saturating_add(1)),
        (None, Some(count)) if first.is_empty() => length.saturating_sub(count)..length,
        _ => return Wanted::All,
    };
    if range.start < range.end { Wanted::Part(range) } else { Wanted::Beyond }
}

/// A number of the largest size there is, where it is larger than any length.
fn number(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(method: &Method, fields: &[(header::HeaderName, &str)]) -> Wanted {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        let whole = Whole { media_type: "a/b".into(), length: 100, etag: "ab".into() };
        whole.wanted(method, &headers)
    }

    #[test]
    fn a_range_is_one_part_and_whatever_is_none_the_whole() {
        let get = |range: &str| wanted(&Method::GET, &[(header::RANGE, range)]);
        for (range, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=10-19", 10..20),
            ("Bytes=10-", 10..100),
            ("bytes=-1", 99..100),
            ("bytes=-500", 0..100),
            ("bytes=90-18446744073709551615", 90..100),
            ("bytes=99-99999999999999999999999", 99..100),
        ] {
            assert_eq!(get(range), Wanted::Part(part), "{range}");
        }
        for beyond in ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999-"] {
            assert_eq!(get(beyond), Wanted::Beyond, "{beyond}");
        }
        for whole in [
            "bytes=0-1,5-6",
            "bytes=5-4",
            "bytes=-",
            "bytes=a-",
            "bytes",
            "lines=1-2",
            "bytes=+1-2",
        ] {
            assert_eq!(get(whole), Wanted::All, "{whole}");
        }
    }

    #[test]
    fn a_range_of_something_else_is_the_whole_of_this() {
        let range = (header::RANGE, "bytes=5-9");
        let if_range = |tag| wanted(&Method::GET, &[range.clone(), (header::IF_RANGE, tag)]);
        assert_eq!(if_range("\"ab\""), Wanted::Part(5..10));
        for other in ["\"ac\"", "W/\"ab\"", "ab", "Sun, 22 Nov 2026 00:00:00 GMT"] {
            assert_eq!(if_range(other), Wanted::All, "{other}");
        }
        assert_eq!(wanted(&Method::HEAD, std::slice::from_ref(&range)), Wanted::All);
        assert_eq!(wanted(&Method::GET, &[range.clone(), range]), Wanted::All);
    }

    #[test]
    fn what_the_caller_has_is_not_sent_again() {
        let none_match = |tags| wanted(&Method::GET, &[(header::IF_NONE_MATCH, tags)]);
        for same in ["\"ab\"", "W/\"ab\"", "*", "\"x\", \"ab\""] {
            assert_eq!(none_match(same), Wanted::Nothing, "{same}");
        }
        for other in ["\"ac\"", "ab", ""] {
            assert_eq!(none_match(other), Wanted::All, "{other}");
        }
    }
}
