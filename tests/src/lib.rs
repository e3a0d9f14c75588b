//! Tests that see every room: what they share.
//!
//! - [`shop`]: a center with three real works, and a terminal with a test card
//! - [`demo`]: the demonstration, `make demo`
//! - [`fixture`]: a card and a center that say the same bytes each time

pub mod demo;
pub mod fixture;
pub mod shop;
