//! What `apdu-spec.md` names, and how much of it traces have shown.
//!
//! - [`spec`]: lists read out of the text: commands, P1 and P2, status words, tags, and which
//!   section names which status word
//! - [`measure`]: those lists beside what a run has shown
//! - [`exceptions`]: what no trace can show, and why

pub mod exceptions;
pub mod measure;

pub mod spec;
mod text;
