//! The terminal: joins card and center and is trusted by neither.
//!
//! A purchase, file by file: [`session`] brings card and center together and verifies who
//! they are; [`sale`] is the purchase, step by step, over a journal on disk. Below them lie
//! [`card`] (the card's commands, its states as types) over [`transport`], [`center`] (the
//! center's calls) over an [`center::Exchange`], and [`trust`], which verifies whatever
//! either says. [`account`] registers a user; [`cli`] is the program. The feature
//! `embedded` plugs in a virtual card and a test center, for use without either.
//! [`trace_targets`] are the cards that traces run on, [`trace_record`] makes a trace of what a
//! program and a card say, and plays the card of one.
//!
//! Section numbers (§) are those of `apdu-spec.md`.

pub mod account;
pub mod card;
pub mod center;
pub mod cli;
#[cfg(feature = "embedded")]
pub mod embedded;
pub mod money;
pub mod sale;
pub mod session;
#[cfg(test)]
mod testing;
#[cfg(all(feature = "embedded", target_os = "linux"))]
pub mod trace_record;
pub mod trace_targets;
pub mod transport;
pub mod trust;
