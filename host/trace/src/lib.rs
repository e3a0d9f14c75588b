//! APDU traces: a language that a card person reads, and what reads and writes it.
//!
//! - [`syntax`]: text to [`syntax::Trace`] and back; a mistake with line, caret and what was expected
//! - [`commands`]: names of commands, with their headers
//! - [`convert`]: other tools' scripts, dumps and logs, into the language and back
//! - [`explain`]: bytes to words
//! - [`helpers`]: what a line can compute, from a hash to a secure channel
//! - [`run`]: carries traces out on a target; what came of it as a tree
//! - [`report`]: what came of a run, for people and for programs
//! - [`target`]: the cards a trace runs on
//!
//! `LANGUAGE.md` beside this crate is the language.

pub mod commands;
pub mod convert;
pub mod explain;
pub mod helpers;
pub mod report;
pub mod run;
pub mod syntax;
pub mod target;
