//! The center as the terminal sees it: typed calls over whatever carries HTTP.
//!
//! Every call may be made again in the same words: the center gives the same answer and
//! does nothing twice.

mod afterwards;
mod client;
mod delivery;
mod error;
mod over_http;
mod resumed;
#[cfg(test)]
mod tests;
pub mod words;

pub use client::{Client, Filter, MAX_PREVIEW_BYTES, Preview};
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

/// What a request has among its extensions if its answer is long and read as it comes: only
/// each wait for more of it has a deadline, where that of any other answer is for the whole.
#[derive(Debug, Clone, Copy)]
pub struct Streamed;

/// Why no answer came, in words; whether the request was carried out is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// Nobody was there, or what was there fell silent or broke off.
    #[error("{0}")]
    Lost(String),
    /// Whoever was there did not show with a certificate to be the center; it was sent nothing.
    #[error("{0}")]
    NotProven(String),
    /// The proxy between here and the center failed.
    #[error("{0}")]
    Proxy(String),
}
