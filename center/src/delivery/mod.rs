//! Delivery: a work, encrypted under a key of its own for one card, and the licence for it.
//!
//! A delivery begins with a fresh [`DeliveryKey`] (`Ke`) and a [`new_header`] with a fresh
//! salt. [`issue_licence`] wraps the key for the card. [`StreamSealer`] makes the stream: its
//! bytes are a pure function of key, header and content, so that any part of it can be made
//! again at any time, by anyone who has the three.

mod key;
mod lanes;
mod licence;
mod sealer;
mod stream;

pub use key::DeliveryKey;
pub use licence::{LicenceError, Terms, issue_licence};
pub use sealer::{StreamError, StreamSealer, new_header};
pub use stream::SealedStream;
