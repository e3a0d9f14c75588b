//! Files: a trace with the lines of those that it includes in their places (LANGUAGE.md §7).

use super::ast::{Line, Statement, Trace};
use super::diagnostic::Diagnostic;
use super::parser::{DIAGNOSTICS_MAX, FILE_MAX_BYTES, LINES_MAX, parse};
use super::source::{At, Source, Span};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files that include files are no deeper.
pub const INCLUDES_MAX: usize = 16;

/// Why a trace cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("{}: {why}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// The trace, or one that it includes, is wrong.
    #[error("{}", told(.0))]
    Wrong(Vec<Diagnostic>),
}

/// Reads a file as it is.
///
/// # Errors
/// [`LoadError`]; a file that is too large or not UTF-8 is wrong at a line.
pub fn read(path: &Path) -> Result<Arc<Source>, LoadError> {
    let failed = |why| LoadError::File { path: path.to_owned(), why };
    // Before it is opened: a pipe would wait for who writes into it.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(failed(io::Error::other("it is no regular file")));
    }
    read_from(path, File::open(path).map_err(failed)?)
}

/// Reads what comes, up to the largest file, and calls it as the path says.
///
/// # Errors
/// As [`read`].
pub fn read_from(path: &Path, from: impl Read) -> Result<Arc<Source>, LoadError> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(FILE_MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let read = from.take(limit).read_to_end(&mut bytes);
    read.map_err(|why| LoadError::File { path: path.to_owned(), why })?;
    let path = path.to_owned();
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Arc::new(Source { path, text })),
        Err(wrong) => {
            let good = wrong.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(wrong.as_bytes()).into_owned();
            let source = Arc::new(Source { path, text });
            Err(LoadError::Wrong(vec![not_utf8(&source, good)]))
        }
    }
}

/// Reads a trace and what it includes, all of it inside this folder.
///
/// The trace has no [`Statement::Include`] any more: the lines of the other file stand there,
/// with their own places.
///
/// # Errors
/// [`LoadError`]: every mistake of every file.
pub fn load(path: &Path, root: &Path) -> Result<Trace, LoadError> {
    load_source(read(path)?, root)
}

/// As [`load`], of what was read.
///
/// # Errors
/// [`LoadError`].
pub fn load_source(source: Arc<Source>, root: &Path) -> Result<Trace, LoadError> {
    let root = root.canonicalize();
    let root = root.map_err(|why| LoadError::File { path: source.path.clone(), why })?;
    let mut trace = parse(source).map_err(LoadError::Wrong)?;
    let open = trace.source.path.canonicalize().into_iter().collect();
    let bytes = trace.source.text.len();
    let mut loader = Loader { root, open, lines: 0, bytes, is_full: false, wrong: Vec::new() };
    trace.lines = loader.resolve(trace.lines, false);
    match loader.wrong.is_empty() {
        true => Ok(trace),
        false => Err(LoadError::Wrong(loader.wrong)),
    }
}

struct Loader {
    root: PathBuf,
    /// The files that are being read, from the first to the one in hand.
    open: Vec<PathBuf>,
    lines: usize,
    bytes: usize,
    /// Whether that they are too many was told.
    is_full: bool,
    wrong: Vec<Diagnostic>,
}

impl Loader {
    fn resolve(&mut self, lines: Vec<Line>, in_loop: bool) -> Vec<Line> {
        if !lines.iter().any(holds_files) {
            self.lines = self.lines.saturating_add(lines.len());
            return lines;
        }
        let mut resolved = Vec::with_capacity(lines.len());
        for mut line in lines {
            self.lines = self.lines.saturating_add(1);
            match line.statement.as_mut().map(|at| &mut at.it) {
                Some(Statement::For { body, .. } | Statement::Repeat { body, .. }) => {
                    *body = self.resolve(std::mem::take(body), true);
                }
                Some(Statement::Include(name)) => {
                    let name = name.clone();
                    resolved.extend(self.include(&name, in_loop));
                    continue;
                }
                _ => {}
            }
            resolved.push(line);
        }
        resolved
    }

    /// The lines of a file; nothing where it is wrong, which is noted.
    fn include(&mut self, name: &At<String>, in_loop: bool) -> Vec<Line> {
        match self.included(name, in_loop) {
            Ok(lines) => lines,
            Err(wrong) => {
                self.wrong.extend(wrong);
                Vec::new()
            }
        }
    }

    fn included(&mut self, name: &At<String>, in_loop: bool) -> Result<Vec<Line>, Vec<Diagnostic>> {
        let wrong = |found: String| vec![Diagnostic::new(name.span.clone(), found)];
        let (path, real) = self.find(name).map_err(wrong)?;
        if self.open.contains(&real) {
            return Err(wrong(format!("{} includes itself", path.display())));
        }
        if self.open.len() > INCLUDES_MAX {
            return Err(wrong(format!("more than {INCLUDES_MAX} files inside each other")));
        }
        if self.lines > LINES_MAX && !self.is_full {
            self.is_full = true;
            return Err(wrong(format!("more than {LINES_MAX} lines with all that is included")));
        }
        if self.bytes > FILE_MAX_BYTES && !self.is_full {
            self.is_full = true;
            return Err(wrong(format!(
                "more than {FILE_MAX_BYTES} bytes with all that is included"
            )));
        }
        if self.is_full || self.wrong.len() >= DIAGNOSTICS_MAX {
            return Ok(Vec::new());
        }
        let trace = read(&path).and_then(|source| parse(source).map_err(LoadError::Wrong));
        let trace = trace.map_err(|error| match error {
            LoadError::Wrong(wrong) => wrong,
            LoadError::File { path, why } => wrong(format!("{}: {why}", path.display())),
        })?;
        if in_loop && trace.lines.iter().any(is_section) {
            return Err(wrong("a file with sections inside a loop".into()));
        }
        self.bytes = self.bytes.saturating_add(trace.source.text.len());
        self.open.push(real);
        let lines = self.resolve(trace.lines, in_loop);
        self.open.pop();
        Ok(lines)
    }

    /// The path of an included file, as messages call it and as it really is.
    fn find(&self, name: &At<String>) -> Result<(PathBuf, PathBuf), String> {
        let beside = name.span.source.path.parent().unwrap_or(Path::new(""));
        let path = beside.join(&name.it);
        let real = path.canonicalize().map_err(|why| format!("{}: {why}", path.display()))?;
        match real.starts_with(&self.root) {
            true => Ok((path, real)),
            false => Err(format!("{} is outside of {}", path.display(), self.root.display())),
        }
    }
}

/// Whether it includes a file, or may hold a line that does.
fn holds_files(line: &Line) -> bool {
    let it = line.statement.as_ref().map(|at| &at.it);
    matches!(it, Some(Statement::Include(_) | Statement::For { .. } | Statement::Repeat { .. }))
}

fn is_section(line: &Line) -> bool {
    matches!(line.statement.as_ref().map(|at| &at.it), Some(Statement::Section { .. }))
}

/// That a text is not UTF-8 from this byte on.
fn not_utf8(source: &Arc<Source>, byte: usize) -> Diagnostic {
    let before = source.text.get(..byte).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let offset = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
    let line = offset(before.matches('\n').count() + 1);
    let from = offset(byte - line_start.min(byte));
    let span = Span { source: source.clone(), line, from, to: from.saturating_add(3) };
    Diagnostic::new(span, "this is not UTF-8")
        .help("save the file as UTF-8; in a text, a byte is written as `\\x` and two digits")
}

fn told(wrong: &[Diagnostic]) -> String {
    let told: Vec<_> = wrong.iter().map(ToString::to_string).collect();
    told.join("\n")
}
