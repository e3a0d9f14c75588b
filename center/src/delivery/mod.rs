//! Delivery: a work, encrypted under a key of its own for one card, and the licence for it.
//!
//! [`DeliveryKey`] is `Ke`, drawn for each delivery; [`issue_licence`] wraps it for the card.

mod key;
mod licence;

pub use key::DeliveryKey;
pub use licence::{LicenceError, Terms, issue_licence};
