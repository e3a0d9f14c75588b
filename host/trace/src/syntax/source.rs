//! Where something stands in a file.

use std::path::PathBuf;
use std::sync::Arc;

/// A file of a trace, or text from somewhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What messages call it; `-` for standard input.
    pub path: PathBuf,
    /// All of it.
    pub text: String,
}

/// A place in a [`Source`]: part of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The file.
    pub source: Arc<Source>,
    /// The line, from 1.
    pub line: u32,
    /// The first byte of the place in its line, from 0.
    pub from: u32,
    /// The byte after the place.
    pub to: u32,
}

/// Something, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// The thing.
    pub it: T,
    /// Its place.
    pub span: Span,
}
