//! What handlers take out of a request.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use saifu_center_api::ProblemCode;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use tokio::time::timeout;

use super::answer::Failure;
use crate::refusal::{Refusal, Result};

/// How long a request's body may take to come; 30 s where the request carries no other.
#[derive(Clone, Copy)]
pub(crate) struct BodyDeadline(pub(crate) Duration);

impl Default for BodyDeadline {
    fn default() -> Self {
        Self(Duration::from_secs(30))
    }
}

/// A JSON body; what is none, or does not come in time, is a problem of the table.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> std::result::Result<Self, Failure> {
        let deadline = request.extensions().get().copied().unwrap_or_default();
        let BodyDeadline(most) = deadline;
        let body = timeout(most, Json::<Object<T>>::from_request(request, state)).await;
        let body = body.map_err(|_| Failure::from(late(most)))?;
        body.map(|Json(Object(body))| Self(body)).map_err(|rejection| refuse(&rejection).into())
    }
}

/// What is an object in JSON: its fields in their order, as an array, are none.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        from.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> std::result::Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields))
    }
}

/// A body as it came, byte for byte, because it is signed so.
pub(super) struct Raw(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> std::result::Result<Self, Failure> {
        let deadline = request.extensions().get().copied().unwrap_or_default();
        let BodyDeadline(most) = deadline;
        let body = timeout(most, Bytes::from_request(request, state)).await;
        let body = body.map_err(|_| Failure::from(late(most)))?;
        body.map(Self).map_err(|rejection| {
            let code = match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::TooLarge,
                _ => ProblemCode::Malformed,
            };
            Refusal::new(code, format!("{}: send it whole", rejection.body_text())).into()
        })
    }
}

/// The one identifier of a path, as it was written.
pub(super) struct Named(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> std::result::Result<Self, Failure> {
        let named = Path::<String>::from_request_parts(parts, state).await;
        named.map(|Path(text)| Self(text)).map_err(|rejection| {
            let detail = format!("{}: ids are 32 hex digits", rejection.body_text());
            Failure::from(Refusal::not_found(detail))
        })
    }
}

/// Not `malformed`: the same request may be whole the next time.
fn late(most: Duration) -> Refusal {
    let seconds = most.as_secs_f32();
    Refusal::unavailable(format!(
        "the body has not come whole within {seconds} seconds; nothing is done: send it again"
    ))
}

fn refuse(rejection: &JsonRejection) -> Refusal {
    let (code, next) = match (rejection, rejection.status()) {
        (JsonRejection::MissingJsonContentType(_), _) => {
            (ProblemCode::MediaType, "send JSON as application/json")
        }
        (_, StatusCode::PAYLOAD_TOO_LARGE) => {
            (ProblemCode::TooLarge, "no request of this interface is as long")
        }
        _ => (ProblemCode::Malformed, "send the fields that the interface names"),
    };
    Refusal::new(code, format!("{}: {next}", rejection.body_text()))
}

/// Reads an identifier of a path or body; what is none names nothing here.
pub(super) fn id<T>(text: &str, what: &str, from_hex: fn(&str) -> Option<T>) -> Result<T> {
    from_hex(text).ok_or_else(|| {
        Refusal::not_found(format!("\"{text:.64}\" names no {what}: ids are 32 hex digits"))
    })
}
