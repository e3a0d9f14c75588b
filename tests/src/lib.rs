//! Tests that see every room: what they share.
//!
//! - [`fixture`]: a card and a center that say the same bytes each time

pub mod fixture;
