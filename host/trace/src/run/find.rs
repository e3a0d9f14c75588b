//! Finding traces: files and folders.

use super::limits::MAX_FILES;
use crate::syntax::ast::Trace;
use crate::syntax::{self, LoadError, includes_root, is_part, traces_in};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What stands for standard input.
const STDIN: &str = "-";

/// Why there is nothing to run.
#[derive(Debug, thiserror::Error)]
pub enum NoTraces {
    /// The system.
    #[error("{}: {error}", path.display())]
    System {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A folder without traces.
    #[error("{}: no file in it is named NAME.apdu", .0.display())]
    None(PathBuf),
    /// Too many.
    #[error("there are more than {MAX_FILES} traces; run a part of them")]
    TooMany,
}

/// A trace that is to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The file, as it was named or found.
    pub path: PathBuf,
    /// The folder that what it includes must be in.
    pub root: PathBuf,
}

impl Found {
    /// Reads it, and what it includes.
    pub(super) fn load(&self) -> Result<Trace, LoadError> {
        let source = match self.path == Path::new(STDIN) {
            true => syntax::read_from(&self.path, io::stdin().lock()),
            false => syntax::read(&self.path),
        };
        syntax::load_source(source?, &self.root)
    }
}

/// Finds traces: a file is one, whatever its name; `-` is standard input; of a folder, every
/// `NAME.apdu` in it and below it, in the order of their paths, but for files and folders whose
/// name begins with `_`: they are there to be included. What a file includes must be in `root`,
/// else in [`includes_root`] of what was named.
///
/// # Errors
/// [`NoTraces`].
pub fn find(paths: &[PathBuf], root: Option<&Path>) -> Result<Vec<Found>, NoTraces> {
    let mut all = Vec::new();
    for path in paths {
        let system = |error| NoTraces::System { path: path.clone(), error };
        let is_stdin = path == Path::new(STDIN);
        let root = root.map_or_else(|| includes_root(path), Path::to_owned);
        if is_stdin || !fs::metadata(path).map_err(system)?.is_dir() {
            all.push(Found { path: path.clone(), root });
            continue;
        }
        let mut files = traces_in(path).map_err(system)?;
        files.retain(|file| !is_part(file, path));
        if files.is_empty() {
            return Err(NoTraces::None(path.clone()));
        }
        all.extend(files.into_iter().map(|path| Found { path, root: root.clone() }));
        if all.len() > MAX_FILES {
            return Err(NoTraces::TooMany);
        }
    }
    Ok(all)
}
