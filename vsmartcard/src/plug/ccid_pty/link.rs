//! The path where a driver finds the line, whose own name changes with each start.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Where the system keeps lines like this.
const LINES: &str = "/dev/pts/";

/// A link to a line; dropped, it is removed, if it is still this one.
#[derive(Debug)]
pub(super) struct Link {
    target: PathBuf,
    path: PathBuf,
}

impl Link {
    /// Makes `path` a link to `target`, also where a reader that was killed left one.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] when something else is there; as of the system.
    pub(super) fn make(target: &Path, path: &Path) -> io::Result<Self> {
        match fs::symlink_metadata(path) {
            Ok(_) if !is_left_over(path) => return Err(io::ErrorKind::AlreadyExists.into()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut name = OsString::from(path);
        name.push(format!(".{}", std::process::id()));
        let new = PathBuf::from(name);
        // One of a process that had the same number and was killed is in the way.
        let _ = fs::remove_file(&new);
        symlink(target, &new)?;
        fs::rename(&new, path)?;
        Ok(Self { target: target.to_owned(), path: path.to_owned() })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if fs::read_link(&self.path).is_ok_and(|target| target == self.target) {
            // A folder that nobody can write to any more keeps it; nothing depends on it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn is_left_over(path: &Path) -> bool {
    fs::read_link(path).is_ok_and(|target| target.starts_with(LINES))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: &str = "/dev/pts/4294967295";

    #[test]
    fn a_link_is_there_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reader");
        let link = Link::make(TARGET.as_ref(), &path).unwrap();
        assert_eq!(fs::read_link(link.path()).unwrap(), Path::new(TARGET));
        drop(link);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_link_that_was_left_is_replaced_and_anothers_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reader");
        symlink("/dev/pts/1", &path).unwrap();
        let first = Link::make(TARGET.as_ref(), &path).unwrap();
        let second = Link::make("/dev/pts/2".as_ref(), &path).unwrap();
        drop(first);
        assert_eq!(fs::read_link(&path).unwrap(), Path::new("/dev/pts/2"));
        drop(second);
    }

    #[test]
    fn what_is_no_readers_link_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reader");
        fs::write(&path, "kept").unwrap();
        let error = Link::make(TARGET.as_ref(), &path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "kept");
        let other = folder.path().join("other");
        symlink(&path, &other).unwrap();
        assert!(Link::make(TARGET.as_ref(), &other).is_err());
        assert!(Link::make(TARGET.as_ref(), &folder.path().join("no/folder")).is_err());
    }
}
