//! The center as the terminal sees it: typed calls over whatever carries HTTP.
//!
//! Every call may be made again in the same words: the center gives the same answer and
//! does nothing twice.

mod client;
mod delivery;
mod error;
mod over_http;
#[cfg(test)]
mod tests;
pub mod words;

pub use client::{Client, MAX_PREVIEW_BYTES, Preview};
pub use delivery::{Damaged, Delivery};
pub use error::CenterError;
pub use over_http::{AddressError, AuthorityError, Http, HttpError, MAX_AUTHORITY_BYTES};

use std::io::Read;

/// A body as it streams in.
pub type Body = Box<dyn Read + Send>;

/// A way to one center: carries a request there and its answer back.
pub trait Exchange {
    /// Carries one request; its URI has a path and no host.
    ///
    /// An answer that is a refusal is an answer; an error means that none came.
    fn exchange(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Body>, NoAnswer>;
}

/// Why no answer came; whether the request was carried out is not known.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoAnswer(pub String);
