//! Which traces there are.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// A folder has no more traces.
pub const FILES_MAX: usize = 10_000;

/// Folders stand in each other no deeper.
const FOLDERS_DEEP_MAX: usize = 32;

/// Whether the file is there for others to include, and no trace by itself: its name begins with
/// `_`, or that of a folder between it and this one does.
#[must_use]
pub fn is_part(path: &Path, folder: &Path) -> bool {
    let below = path.strip_prefix(folder).ok();
    let below = below.filter(|below| !below.as_os_str().is_empty());
    let below = below.or(path.file_name().map(Path::new)).unwrap_or(path);
    below.iter().any(|name| name.to_string_lossy().starts_with('_'))
}

/// The folder that what a trace includes must be in, where the user says none: the one where the
/// program runs, if what was named lies in it; else the folder that was named, or the file's own.
#[must_use]
pub fn includes_root(named: &Path) -> PathBuf {
    root_from(named, std::env::current_dir().and_then(|here| here.canonicalize()).ok())
}

fn root_from(named: &Path, here: Option<PathBuf>) -> PathBuf {
    let real = named.canonicalize().ok();
    let here = here.filter(|here| real.is_some_and(|real| real.starts_with(here)));
    let beside = named.parent().filter(|beside| !beside.as_os_str().is_empty());
    let own = if named.is_dir() { Some(named) } else { beside };
    here.unwrap_or_else(|| own.unwrap_or(Path::new(".")).to_owned())
}

/// Every file `NAME.apdu` in the folder and below it, hidden ones apart, in the order of their
/// paths; [parts](is_part), too.
///
/// # Errors
/// Where the system fails, or there are more than [`FILES_MAX`].
pub fn traces_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    walk(folder, 0, &mut files)?;
    files.sort();
    Ok(files)
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            // A folder that a link leads back to ends here.
            if depth < FOLDERS_DEEP_MAX && !path.is_symlink() {
                walk(&path, depth + 1, files)?;
            }
        } else if name.ends_with(".apdu") {
            files.push(path);
        }
        if files.len() > FILES_MAX {
            return Err(io::Error::other(format!("more than {FILES_MAX} traces: name a part")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_traces_of_a_folder_are_found_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("sub/.hidden")).unwrap();
        for name in ["b.apdu", "a.apdu", "sub/_c.apdu", "sub/.hidden/d.apdu", ".e.apdu", "f.txt"] {
            fs::write(path(name), "").unwrap();
        }
        let found = traces_in(folder.path()).unwrap();
        assert_eq!(found, ["a.apdu", "b.apdu", "sub/_c.apdu"].map(path));
        assert!(is_part(&found[2], folder.path()) && !is_part(&found[0], folder.path()));
        assert!(is_part(Path::new("a/_b/c.apdu"), Path::new("a")));
        assert!(!is_part(Path::new("_a/b/c.apdu"), Path::new("_a/b")));
        assert!(is_part(Path::new("_c.apdu"), Path::new("_c.apdu")));
        assert!(traces_in(&path("no such folder")).is_err());
    }

    #[test]
    fn what_lies_where_the_program_runs_may_include_all_of_that() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().canonicalize().unwrap();
        let (below, file) = (here.join("suite/6.1"), here.join("suite/6.1/a.apdu"));
        std::fs::create_dir_all(&below).unwrap();
        std::fs::write(&file, "").unwrap();
        for named in [&here, &below, &file] {
            assert_eq!(root_from(named, Some(here.clone())), here, "{}", named.display());
        }
        for here in [Some(here.join("elsewhere")), Some(below.join("deeper")), None] {
            assert_eq!(root_from(&below, here.clone()), below);
            assert_eq!(root_from(&file, here), below, "a file's own folder");
        }
        assert_eq!(root_from(&here.join("missing.apdu"), Some(here.clone())), here);
    }
}
