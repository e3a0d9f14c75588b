//! What a command has to say, for people and for programs.

use super::{ExitCode, Failure, text::plain};
use serde_json::{Value, json};
use std::io::{self, Write};

/// A command's result, text or JSON, and what failed.
#[derive(Debug)]
pub struct Report {
    text: String,
    json: Value,
    failures: Vec<Failure>,
    /// The number of the signal that cut it short.
    signal: Option<u8>,
}

impl Report {
    /// A result that says the same twice.
    pub fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, failures: Vec::new(), signal: None }
    }

    /// A result that is text in any case.
    pub(super) fn text_only(text: String) -> Self {
        Self::new(text, Value::Null)
    }

    /// Nothing but a failure.
    pub(super) fn failed(failure: Failure) -> Self {
        Self::text_only(String::new()).with(vec![failure])
    }

    /// The same, and these failed.
    pub(super) fn with(self, failures: Vec<Failure>) -> Self {
        Self { failures, ..self }
    }

    /// The same, cut short by a signal of this number, if there was one.
    pub(super) fn cut_short(self, signal: Option<u8>) -> Self {
        Self { signal, ..self }
    }

    /// How the process ends: as the first failure says, or with 128 and the signal's number.
    pub(super) fn process_code(&self) -> std::process::ExitCode {
        self.signal.map_or(self.code().into(), |signal| signal.saturating_add(128).into())
    }

    /// How the program ends: as the first failure says.
    pub(super) fn code(&self) -> ExitCode {
        self.failures.first().map_or(ExitCode::Done, |failure| failure.code)
    }

    /// Prints the result to standard output, and as text the failures to standard error.
    ///
    /// As JSON, `error` is the first failure and `errors` are all.
    pub(super) fn print(mut self, json: bool) -> io::Result<()> {
        let mut out = anstream::stdout().lock();
        if !json || (self.json.is_null() && self.failures.is_empty()) {
            out.write_all(self.text.as_bytes())?;
            out.flush()?;
            return self.failures.iter().try_for_each(print);
        }
        let errors: Vec<_> = self.failures.iter().map(object).collect();
        if let Some(first) = errors.first() {
            self.json["error"] = first.clone();
            self.json["errors"] = errors.into();
        }
        writeln!(out, "{:#}", self.json)?;
        out.flush()
    }
}

/// Says something on standard error; where that cannot be written, nobody is there to be told.
pub(super) fn tell(text: &str) {
    let mut err = anstream::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

fn object(failure: &Failure) -> Value {
    let Failure { code, what, next } = failure;
    json!({ "exit": *code as u8, "what": what, "next": next })
}

fn print(failure: &Failure) -> io::Result<()> {
    let Failure { what, next, .. } = failure;
    let bold = anstyle::AnsiColor::Red.on_default().bold();
    let mut err = anstream::stderr().lock();
    writeln!(err, "{bold}saifu:{bold:#} {}", plain(what))?;
    if !next.is_empty() {
        writeln!(err, "       {}", plain(next))?;
    }
    Ok(())
}
