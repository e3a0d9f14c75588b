//! What a changing request was about, for the audit log: its path does not say all of it.
//!
//! A handler puts it into its answer's extensions, where the [`gate`](super::gate) finds it;
//! what was refused is told like what was done.

use std::fmt::{Display, Write};

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::super::answer::Answer;

/// The object of a request, as `name=value`; never a secret.
#[derive(Debug, Clone, Default)]
pub(super) struct On(pub(super) String);

impl On {
    /// With a value that was asked for or made.
    pub(super) fn with(mut self, name: &str, value: impl Display) -> Self {
        let space = if self.0.is_empty() { "" } else { " " };
        // A text takes whatever is written.
        let _ = write!(self.0, "{space}{name}={value}");
        self
    }

    /// With words of the caller's own, quoted so that they are no other value.
    pub(super) fn said(self, name: &str, words: &str) -> Self {
        let words: String = words.chars().take(MAX_WORDS).collect();
        self.with(name, format_args!("{words:?}"))
    }

    /// With what was to become different.
    pub(super) fn maybe(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

/// The most characters of the caller's own words, so that there is place for the rest.
const MAX_WORDS: usize = 100;

/// An answer that says what it is about; `made` adds what is known only when it is done.
pub(super) fn noted<T: Serialize>(
    on: On,
    answer: Answer<Json<T>>,
    made: impl FnOnce(On, &T) -> On,
) -> Response {
    let on = match &answer {
        Ok(Json(done)) => made(on, done),
        Err(_) => on,
    };
    let mut answer = answer.into_response();
    answer.extensions_mut().insert(on);
    answer
}
