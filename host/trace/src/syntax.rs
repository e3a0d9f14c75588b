//! The language: its shape in memory, from text and to text.

pub mod ast;
pub mod source;

pub use ast::Trace;
pub use source::{Source, Span};
