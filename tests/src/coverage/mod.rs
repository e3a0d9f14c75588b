//! What `apdu-spec.md` names, and how much of it traces have shown.
//!
//! - [`spec`]: lists read out of the text: commands, P1 and P2, status words, tags, and which
//!   section names which status word
//! - [`exceptions`]: what no trace can show, and why

pub mod exceptions;

pub mod spec;
mod text;
