//! The traces that a command line names, and what is wrong with them as text and as JSON.

use crate::cli::{ExitCode, Failure};
use saifu_trace::syntax::{self, Diagnostic, LoadError, Source};
use serde_json::{Value, json};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What stands for standard input.
pub(super) const STDIN: &str = "-";

/// The files that are named, and of the folders the traces in them.
pub(super) fn named(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let found = syntax::traces_in(path).map_err(|why| Failure::file(path, &why))?;
        if found.is_empty() {
            let what = format!("{}: no file in it is named NAME.apdu", path.display());
            return Err(Failure::new(
                ExitCode::Usage,
                what,
                "name a folder with traces, or a file",
            ));
        }
        files.extend(found);
    }
    Ok(files)
}

/// Reads a file, or standard input.
pub(super) fn read(path: &Path) -> Result<Arc<Source>, LoadError> {
    match path == Path::new(STDIN) {
        true => syntax::read_from(path, io::stdin().lock()),
        false => syntax::read(path),
    }
}

/// A file that cannot be read.
pub(super) fn unreadable(path: &Path, why: &io::Error) -> Failure {
    let next = "check the path and its permissions; `-` is standard input";
    Failure::new(ExitCode::Failed, format!("{}: {why}", path.display()), next)
}

/// A mistake for programs. Columns count characters from 1, the end is the one behind.
pub(super) fn object(wrong: &Diagnostic) -> Value {
    let column = wrong.span.column();
    let line = wrong.span.source.line(wrong.span.line);
    let marked = line.get(wrong.span.from as usize..wrong.span.to as usize);
    json!({
        "file": wrong.span.source.path,
        "line": wrong.span.line,
        "column": column,
        "end": column + marked.map_or(1, |marked| marked.chars().count().max(1)),
        "found": wrong.found,
        "expected": wrong.expected,
        "help": wrong.help,
        "text": wrong.to_string(),
    })
}

/// `1 mistake`, `2 mistakes`.
pub(super) fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
