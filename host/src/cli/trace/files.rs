//! The traces that a command line names, and what is wrong with them as text and as JSON.

use crate::cli::{ExitCode, Failure};
use saifu_trace::syntax::{self, Diagnostic, LoadError, Source};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{self, Write};
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

/// Puts a text into a file's place in one step, with the permissions that it had; what is no
/// file, such as a pipe, is written to.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let there = match fs::metadata(path) {
        Ok(there) if !there.is_file() => return fs::write(path, text),
        Ok(there) => Some(there),
        Err(why) if why.kind() == io::ErrorKind::NotFound => None,
        Err(why) => return Err(why),
    };
    let real = if there.is_some() { path.canonicalize()? } else { path.to_owned() };
    let name = real.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = real.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let write = || {
        let mut new = File::options().write(true).create_new(true).open(&beside)?;
        if let Some(there) = &there {
            new.set_permissions(there.permissions())?;
        }
        new.write_all(text.as_bytes())?;
        new.sync_all()?;
        fs::rename(&beside, &real)
    };
    let done = write();
    if done.is_err() {
        // What went wrong before says more than that the rest could not be removed.
        let _ = fs::remove_file(&beside);
    }
    done
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
    saifu_trace::report::counted(number as u64, what)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_file_is_replaced_where_it_really_is_and_keeps_its_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link, new] = ["a", "link", "new"].map(|name| folder.path().join(name));
        fs::write(&file, "before").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&file, &link).unwrap();
        replace(&link, "after").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "after");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(link.is_symlink());
        replace(&new, "made").unwrap();
        assert_eq!(fs::read_to_string(&new).unwrap(), "made");
        replace(Path::new("/dev/null"), "nowhere").unwrap();
        assert!(replace(&folder.path().join("none/a"), "").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing is left behind");
    }
}
