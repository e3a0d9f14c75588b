//! What a command has to say, for people and for programs.

use serde_json::Value;
use std::io::{self, Write};

/// A command's result: text, or JSON.
#[derive(Debug)]
pub struct Report {
    text: String,
    json: Value,
}

impl Report {
    /// A result that says the same twice.
    pub fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json }
    }

    /// A result that is JSON in any case.
    pub(super) fn json_only(json: Value) -> Self {
        Self { text: String::new(), json }
    }

    /// A result that is text in any case.
    pub(super) fn text_only(text: String) -> Self {
        Self { text, json: Value::Null }
    }

    pub(super) fn print(&self, json: bool) -> io::Result<()> {
        let mut out = anstream::stdout().lock();
        match (json, &self.json) {
            (true, Value::Null) | (false, _) => out.write_all(self.text.as_bytes())?,
            (true, json) => writeln!(out, "{json:#}")?,
        }
        out.flush()
    }
}
