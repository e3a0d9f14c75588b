//! The language: its shape in memory, from text and to text.

pub mod ast;
mod check;
pub mod diagnostic;
mod files;
mod fmt;
mod lexer;
mod load;
mod parser;
pub mod source;

pub use ast::Trace;
pub use check::{Outside, check};
pub use diagnostic::Diagnostic;
pub use files::{FILES_MAX, includes_root, is_part, traces_in};
pub use fmt::format;
pub use load::{INCLUDES_MAX, LoadError, load, load_source, read, read_from};
pub use parser::{DEPTH_MAX, DIAGNOSTICS_MAX, FILE_MAX_BYTES, LINES_MAX, parse};
pub use source::{At, Source, Span};
