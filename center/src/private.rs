//! Files and folders that nobody but the center's user may look into.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// Makes a folder, and those above it, for its owner alone (mode 0700); one that is there is
/// closed to others.
///
/// # Errors
/// It cannot be made, or is somebody else's.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o700))
}

/// Makes an empty file for its owner alone (mode 0600); one that is there keeps its content and
/// is closed to others.
///
/// # Errors
/// It cannot be made, or is somebody else's.
pub(crate) fn file(path: &Path) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    file_if_there(path)
}

/// Closes a file to others, if there is one.
///
/// # Errors
/// It is somebody else's.
pub(crate) fn file_if_there(path: &Path) -> io::Result<()> {
    match fs::set_permissions(path, Permissions::from_mode(0o600)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
